"""PyTorch on a GPU: the step compiled by torch.compile where that works, normals by normal_()."""

import torch

if not torch.cuda.is_available():
    raise RuntimeError("PyTorch finds no CUDA device")

NAME = "PyTorch, torch.compile"
VERSION = f"{torch.__version__}, CUDA {torch.version.cuda}"


def prepare(job, trajectories):
    device = torch.device("cuda")
    pull = torch.tensor(job.pulls(), device=device)
    scales = job.scales()

    def step(x, m, noise):
        m = m * job.beta + x * pull
        for scale, z in zip(scales, noise):
            m = m + z * scale
        return x - m * job.rate, m

    step = torch.compile(step)
    noise = [torch.empty(trajectories, job.dimension, device=device) for _ in scales]

    @torch.inference_mode()
    def go():
        torch.manual_seed(1)
        x = torch.ones(trajectories, job.dimension, device=device)
        m = torch.zeros_like(x)
        for _ in range(job.steps):
            for z in noise:
                z.normal_()
            x, m = step(x, m, noise)
        torch.cuda.synchronize()
        return x

    return go


def moments(x):
    x = x.double()
    return x.mean(0).tolist(), x.var(0).tolist()
