"""Golden values of torch.optim.SGD and torch.optim.lr_scheduler, made by PyTorch itself in float64.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install torch==2.15.0 numpy==2.4.6
    /tmp/goldens/bin/python tests/goldens/pytorch.py

writes pytorch_sgd.json beside itself, the same bytes every time. Every float64 is stored as the 16 hexadecimal digits of
its bits, so that nothing is lost. ../tests/pytorch.rs replays it.
"""

import itertools
import json
import os
import random
import struct
from fractions import Fraction
from pathlib import Path

# One code path on every x86-64 CPU, and no sum whose order depends on threads.
os.environ["ATEN_CPU_CAPABILITY"] = "default"

import torch  # noqa: E402

assert torch.__version__.split("+")[0] == "2.15.0", torch.__version__
torch.set_num_threads(1)
F64 = torch.float64


def bits(value):
    """Bits of a float, or of every float of a tensor or list."""
    if isinstance(value, torch.Tensor):
        return bits(value.detach().tolist())
    if isinstance(value, (list, tuple)):
        return [bits(v) for v in value]
    return f"{int.from_bytes(struct.pack('>d', value), 'big'):016x}"


def combinations(momentum, dampening, weight_decay):
    """Every sensible combination of the options; PyTorch refuses nesterov without momentum or with dampening."""
    signs = list(itertools.product([0.0, weight_decay], [False, True]))
    for tau, (decay, maximize) in itertools.product([0.0, dampening], signs):
        yield dict(momentum=0.0, dampening=tau, nesterov=False, weight_decay=decay, maximize=maximize)
    rules = [(0.0, False), (dampening, False), (momentum, False), (0.0, True)]
    for (tau, nesterov), (decay, maximize) in itertools.product(rules, signs):
        yield dict(momentum=momentum, dampening=tau, nesterov=nesterov, weight_decay=decay, maximize=maximize)


def options(group):
    """The options of a case as the file has them."""
    floats = {name: bits(float(group[name])) for name in ("lr", "momentum", "dampening", "weight_decay")}
    return floats | {name: group[name] for name in ("nesterov", "maximize")}


def replay(start, gradients, **group):
    """Positions and momentum buffers after each step along given gradients (foreach and fused kernels off)."""
    x = torch.tensor(start, dtype=F64, requires_grad=True)
    optimizer = torch.optim.SGD([x], foreach=False, fused=False, **group)
    positions, buffers = [], []
    for gradient in gradients:
        x.grad = torch.tensor(gradient, dtype=F64)
        optimizer.step()
        positions.append(x.detach().tolist())
        buffer = optimizer.state[x].get("momentum_buffer")
        buffers.append([] if buffer is None else buffer.tolist())
    return positions, buffers


def exact(start, gradients, lr, momentum, dampening, nesterov, weight_decay, maximize):
    """PyTorch's documented algorithm in rational arithmetic."""
    lr, momentum, dampening, weight_decay = map(Fraction, (lr, momentum, dampening, weight_decay))
    x, b, path = [Fraction(v) for v in start], None, []
    for gradient in gradients:
        g = [(-1 if maximize else 1) * Fraction(v) + weight_decay * y for v, y in zip(gradient, x)]
        if momentum:
            b = g if b is None else [momentum * v + (1 - dampening) * u for v, u in zip(b, g)]
            g = [u + momentum * v for u, v in zip(g, b)] if nesterov else b
        x = [y - lr * u for y, u in zip(x, g)]
        path.append(x)
    return path


def dyadic_cases():
    """Options and gradients with so few binary digits that nothing is ever rounded: bits must agree."""
    numbers = random.Random(1)
    start = [1.5, -0.75]
    gradients = [[numbers.randint(-8, 8) / 4 for _ in start] for _ in range(4)]
    cases = []
    for group in combinations(0.75, 0.25, 0.0625):
        group |= dict(lr=0.125)
        positions, buffers = replay(start, gradients, **group)
        assert positions == exact(start, gradients, **group), group
        cases.append(options(group) | dict(positions=bits(positions), buffers=bits(buffers)))
    return dict(start=bits(start), gradients=bits(gradients), cases=cases)


def decimal_cases():
    """Ordinary decimal options and random gradients."""
    numbers = random.Random(2)
    start = [numbers.uniform(-2, 2) for _ in range(3)]
    gradients = [[numbers.gauss(0, 1) for _ in start] for _ in range(24)]
    cases = []
    for group in combinations(0.9, 0.3, 0.01):
        group |= dict(lr=0.1)
        positions, buffers = replay(start, gradients, **group)
        cases.append(options(group) | dict(positions=bits(positions), buffers=bits(buffers)))
    return dict(start=bits(start), gradients=bits(gradients), cases=cases)


SCHEDULERS = [
    ("StepLR", dict(step_size=7, gamma=0.3)),
    ("LinearLR", dict(start_factor=0.25, end_factor=1.0, total_iters=20)),
    ("CosineAnnealingLR", dict(T_max=40, eta_min=0.01)),
    ("ExponentialLR", dict(gamma=0.9)),
]
BASE_LR = 0.1


def scheduler(kind, optimizer):
    """A scheduler of SCHEDULERS on an optimiser."""
    return getattr(torch.optim.lr_scheduler, kind)(optimizer, **dict(SCHEDULERS)[kind])


def schedules():
    """Learning rates of 40 steps: as PyTorch chains them step by step, and from its closed form."""
    cases = []
    for kind, arguments in SCHEDULERS:
        x = torch.zeros(1, dtype=F64, requires_grad=True)
        optimizer = torch.optim.SGD([x], lr=BASE_LR)
        schedule = scheduler(kind, optimizer)
        chained, closed = [], []
        for _ in range(40):
            chained.append(schedule.get_last_lr()[0])
            closed.append(schedule._get_closed_form_lr()[0])
            optimizer.step()
            schedule.step()
        arguments = {k: v if isinstance(v, int) else bits(v) for k, v in arguments.items()}
        cases.append(dict(kind=kind, arguments=arguments, base=bits(BASE_LR), chained=bits(chained), closed=bits(closed)))
    return cases


def quadratic():
    """60 steps on ½x'Hx with the gradient by autograd, with and without a scheduler."""
    numbers = random.Random(3)
    d = 4
    root = [[numbers.gauss(0, 1) for _ in range(d)] for _ in range(d)]
    gram = [[sum(a * b for a, b in zip(u, v)) / d for v in root] for u in root]
    hessian = [[gram[i][j] + (0.1 if i == j else 0.0) for j in range(d)] for i in range(d)]
    assert all(hessian[i][j] == hessian[j][i] for i in range(d) for j in range(d))
    start = [1.0, -0.5, 0.25, 2.0]
    plain = dict(lr=BASE_LR, momentum=0.0, dampening=0.0, nesterov=False, weight_decay=0.0, maximize=False)
    groups = [
        (plain, None),
        (plain | dict(momentum=0.9), None),
        (plain | dict(momentum=0.9, dampening=0.9), None),
        (plain | dict(momentum=0.9, dampening=0.5, weight_decay=0.01), None),
        (plain | dict(momentum=0.8, nesterov=True, weight_decay=0.02), None),
        # Climbing -L is descending L; the decay must still pull towards 0.
        (plain | dict(momentum=0.9, dampening=0.1, weight_decay=0.01, maximize=True), None),
    ] + [(plain | dict(momentum=0.9, dampening=0.9), kind) for kind, _ in SCHEDULERS]
    cases = []
    for group, kind in groups:
        H = torch.tensor(hessian, dtype=F64)
        x = torch.tensor(start, dtype=F64, requires_grad=True)
        optimizer = torch.optim.SGD([x], foreach=False, fused=False, **group)
        schedule = scheduler(kind, optimizer) if kind else None
        positions, losses = [], []
        for _ in range(60 if kind != "CosineAnnealingLR" else 40):
            optimizer.zero_grad()
            loss = 0.5 * (x @ (H @ x))
            (-loss if group["maximize"] else loss).backward()
            losses.append(loss.item())
            optimizer.step()
            if schedule:
                schedule.step()
            positions.append(x.detach().tolist())
        cases.append(options(group) | dict(scheduler=kind, positions=bits(positions), losses=bits(losses)))
    return dict(hessian=bits(hessian), start=bits(start), cases=cases)


def main():
    data = dict(
        made_by=f"torch {torch.__version__.split('+')[0]} by tests/goldens/pytorch.py",
        dyadic=dyadic_cases(),
        decimal=decimal_cases(),
        schedules=schedules(),
        quadratic=quadratic(),
    )
    text = json.dumps(data, indent=None, separators=(",", ":"))
    # One case a line, so that a difference can be read.
    text = text.replace('},{"', '},\n{"').replace('"cases":[', '"cases":[\n').replace('},"', '},\n"')
    Path(__file__).with_name("pytorch_sgd.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
