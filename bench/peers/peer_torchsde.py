"""torchsde: SGDM as Euler's method (the equation of peer_diffrax.py), with its BrownianInterval."""

import torch
import torchsde

NAME = "torchsde, Euler"
VERSION = torchsde.__version__


class Sgdm(torch.nn.Module):
    """y = (p, m) side by side; W is as many normals as a step draws, of which only m sees any."""

    noise_type, sde_type = "general", "ito"

    def __init__(self, job):
        super().__init__()
        self.pull, self.scales = torch.tensor(job.pulls()), job.scales()
        self.rate, self.keep, self.d = job.rate, job.beta - 1, job.dimension

    def f(self, t, y):
        p, m = y[:, : self.d], y[:, self.d :]
        return torch.cat([-self.rate * m, self.keep * m + self.pull * (p - self.rate * m)], dim=1)

    def g(self, t, y):
        """The whole matrix, which torchsde looks at once to check shapes; g_prod is what runs."""
        zero = torch.zeros(self.d, self.d * len(self.scales))
        eye = torch.cat([scale * torch.eye(self.d) for scale in self.scales], dim=1)
        return torch.cat([zero, eye]).expand(len(y), -1, -1)

    def g_prod(self, t, y, v):
        noise = sum(scale * v[:, i * self.d : (i + 1) * self.d] for i, scale in enumerate(self.scales))
        return torch.cat([torch.zeros_like(noise), noise], dim=1)


def prepare(job, trajectories, threads):
    torch.set_num_threads(threads)
    sde = Sgdm(job)
    start = torch.cat([torch.ones(trajectories, job.dimension), torch.zeros(trajectories, job.dimension)], dim=1)
    width = job.dimension * len(job.weights)

    @torch.inference_mode()
    def go():
        path = torchsde.BrownianInterval(0.0, float(job.steps), size=(trajectories, width), entropy=1, dt=1.0)
        times = torch.tensor([0.0, float(job.steps)])
        y = torchsde.sdeint(sde, start, times, bm=path, method="euler", dt=1.0)[-1]
        return (y[:, : job.dimension] - job.rate * y[:, job.dimension :]).numpy()

    return go
