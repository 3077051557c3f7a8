"""NumPy: ufuncs in place over blocks that stay in cache; ziggurat normals in float32; a thread for each part of the blocks."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

NAME = "NumPy, in place, in blocks"
VERSION = np.__version__
BLOCK = 16384  # numbers of one array of a block: 64 kB


def _block(job, size, seed):
    """Final x of `size` trajectories."""
    random = np.random.Generator(np.random.SFC64(seed))
    shape = (size, job.dimension)
    x, m = np.ones(shape, np.float32), np.zeros(shape, np.float32)
    z, t = np.empty(shape, np.float32), np.empty(shape, np.float32)
    pull = np.broadcast_to(np.array(job.pulls(), np.float32), shape).copy()
    scales = [np.float32(s) for s in job.scales()]
    beta, rate = np.float32(job.beta), np.float32(job.rate)
    for _ in range(job.steps):
        np.multiply(m, beta, out=m)
        np.multiply(x, pull, out=t)
        np.add(m, t, out=m)
        for scale in scales:
            random.standard_normal(dtype=np.float32, out=z)
            np.multiply(z, scale, out=z)
            np.add(m, z, out=m)
        np.multiply(m, rate, out=t)
        np.subtract(x, t, out=x)
    return x


def prepare(job, trajectories, threads):
    size = max(1, min(BLOCK // job.dimension, trajectories // threads))
    blocks = [(size, s) for s in np.random.SeedSequence(1).spawn(-(-trajectories // size))]
    pool = ThreadPoolExecutor(threads)

    def go():
        return np.concatenate(list(pool.map(lambda block: _block(job, *block), blocks)))

    return go
