"""PyTorch on a GPU: the step compiled by torch.compile where that works, else eager; normals by normal_()."""

import torch

VERSION = f"{torch.__version__}, CUDA {torch.version.cuda}"
compiled = True


def name(device):
    return f"PyTorch, {'torch.compile' if compiled else 'eager'}, {device}"


def stepper(job, pull):
    """The step of one array of trajectories, after its normals were drawn."""

    def step(x, m, noise):
        m = m * job.beta + x * pull
        for scale, z in zip(job.scales(), noise):
            m = m + z * scale
        return x - m * job.rate, m

    return step


def prepare(job, trajectories, device):
    global compiled
    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("PyTorch finds no CUDA device")
    pull = torch.tensor(job.pulls(), device=device)
    shape = (trajectories, job.dimension)
    noise = [torch.empty(shape, device=device) for _ in job.scales()]
    plain = stepper(job, pull)
    step = torch.compile(plain)
    try:
        with torch.inference_mode():
            step(torch.ones(shape, device=device), torch.zeros(shape, device=device), noise)
    except Exception as error:
        print(f"torch.compile does not work here, eager instead: {type(error).__name__}: {error}")
        compiled, step = False, plain

    @torch.inference_mode()
    def go():
        torch.manual_seed(1)
        x = torch.ones(shape, device=device)
        m = torch.zeros_like(x)
        for _ in range(job.steps):
            for z in noise:
                z.normal_()
            x, m = step(x, m, noise)
        if device == "cuda":
            torch.cuda.synchronize()
        return x

    return go


def moments(x):
    x = x.double()
    return x.mean(0).tolist(), x.var(0).tolist()
