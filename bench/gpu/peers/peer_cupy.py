"""CuPy: cuRAND's host interface, one array operation after another, in place."""

import cupy

VERSION = f"{cupy.__version__}, CUDA {cupy.cuda.runtime.runtimeGetVersion()}"


def name(device):
    return f"CuPy, cuRAND (XORWOW), {device}"


def prepare(job, trajectories, device):
    if device != "cuda" or cupy.cuda.runtime.getDeviceCount() == 0:
        raise RuntimeError("CuPy computes on a CUDA device, and finds none")
    pull = cupy.array(job.pulls(), dtype=cupy.float32)
    step = cupy.ElementwiseKernel(
        "float32 pull, float32 noise, float32 beta, float32 rate", "float32 x, float32 m",
        "m = beta * m + pull * x + noise; x = x - rate * m;", "sgdm_step")
    generator = cupy.random.Generator(cupy.random.XORWOW(1))
    shape = (trajectories, job.dimension)

    def go():
        x, m = cupy.ones(shape, cupy.float32), cupy.zeros(shape, cupy.float32)
        for _ in range(job.steps):
            noise = generator.standard_normal(shape, dtype=cupy.float32)
            noise *= job.scales()[0]
            for scale in job.scales()[1:]:
                noise += cupy.float32(scale) * generator.standard_normal(shape, dtype=cupy.float32)
            step(pull, noise, job.beta, job.rate, x, m)
        cupy.cuda.Device().synchronize()
        return x

    return go


def moments(x):
    x = x.astype(cupy.float64)
    return x.mean(axis=0).tolist(), x.var(axis=0, ddof=1).tolist()
