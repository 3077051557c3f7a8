"""Golden values of networks trained by PyTorch in float64 on the digits of examples/data.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install torch==2.15.0 numpy==2.4.6
    /tmp/goldens/bin/python tests/goldens/pytorch_network.py

writes pytorch_network.json beside itself. Every float64 is stored as the 16 hexadecimal digits of its bits. Weights and batches
are given by formulas, so that ../tests/network.rs can replay them.
"""

import json
import os
import struct
from pathlib import Path

os.environ["ATEN_CPU_CAPABILITY"] = "default"

import torch  # noqa: E402
from torch.nn.utils import parameters_to_vector, vector_to_parameters  # noqa: E402

assert torch.__version__.split("+")[0] == "2.15.0", torch.__version__
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

ROOT = Path(__file__).resolve().parents[2]
BATCH = 32
STEPS = 120


def bits(values):
    return [struct.pack(">d", value).hex() for value in values]


def digits(name):
    lines = (ROOT / "examples/data" / name).read_text().splitlines()
    rows = torch.tensor([[int(v) for v in line.split(",")] for line in lines if not line.startswith("#")])
    return rows[:, :64].double() / 16, rows[:, 64]


def network(widths, activation):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), activation()]
    return torch.nn.Sequential(*layers[:-1])


def start(count):
    return torch.tensor([((i * 7919) % 1000 / 1000 - 0.5) * 0.4 for i in range(count)])


def batch(step, count):
    return torch.tensor([((step * BATCH + i) * 173) % count for i in range(BATCH)])


def cross_entropy(outputs, _, classes):
    return torch.nn.functional.cross_entropy(outputs, classes)


def squared(outputs, _, classes):
    targets = torch.nn.functional.one_hot(classes, outputs.shape[1])
    return 0.5 * ((outputs - targets) ** 2).sum(1).mean()


def reconstruction(outputs, inputs, _):
    return 0.5 * ((outputs - inputs) ** 2).sum(1).mean()


CASES = [
    ("relu", "cross-entropy", [64, 32, 10], dict(lr=0.1, momentum=0.9)),
    ("tanh", "squared", [64, 20, 12, 10], dict(lr=0.05, momentum=0.8, nesterov=True)),
    ("sigmoid", "cross-entropy", [64, 16, 10], dict(lr=0.5, weight_decay=0.001)),
    ("tanh", "reconstruction", [64, 24, 8, 24, 64], dict(lr=0.02, momentum=0.9, dampening=0.3)),
]
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
LOSSES = {"cross-entropy": cross_entropy, "squared": squared, "reconstruction": reconstruction}


def case(activation, loss, widths, options):
    inputs, classes = digits("digits.csv")
    test_inputs, test_classes = digits("digits-test.csv")
    model = network(widths, ACTIVATIONS[activation])
    count = sum(p.numel() for p in model.parameters())
    vector_to_parameters(start(count), model.parameters())
    measure = LOSSES[loss]
    optimizer = torch.optim.SGD(model.parameters(), foreach=False, fused=False, **options)
    losses = []
    for step in range(STEPS):
        chosen = batch(step, len(classes))
        optimizer.zero_grad()
        value = measure(model(inputs[chosen]), inputs[chosen], classes[chosen])
        value.backward()
        losses.append(value.item())
        optimizer.step()
    with torch.no_grad():
        whole = measure(model(inputs), inputs, classes).item()
        hits = (model(test_inputs).argmax(1) == test_classes).sum().item() if widths[-1] == 10 else None
    weights = parameters_to_vector(model.parameters()).tolist()
    plain = dict(momentum=0.0, dampening=0.0, nesterov=False, weight_decay=0.0) | options
    return dict(
        activation=activation, loss=loss, layers=widths, options=plain,
        losses=bits(losses), whole=bits([whole])[0], hits=hits, weights=bits(weights[::7]),
    )  # fmt: skip


def main():
    cases = [case(*each) for each in CASES]
    text = ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases)
    made_by = f"torch {torch.__version__.split('+')[0]} by tests/goldens/pytorch_network.py"
    path = Path(__file__).with_name("pytorch_network.json")
    path.write_text(f'{{"made_by":"{made_by}","batch":{BATCH},"cases":[\n{text}\n]}}\n')


if __name__ == "__main__":
    main()
