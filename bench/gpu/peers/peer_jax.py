"""JAX on a GPU: a jitted fori_loop with threefry normals for each step."""

import jax
import numpy as np
from jax_steps import ensemble

VERSION = jax.__version__


def name(device):
    return f"JAX, jit, {device}"


def prepare(job, trajectories, device):
    found = jax.default_backend()
    if device == "cuda" and found != "gpu":
        raise RuntimeError(f"JAX finds no GPU, it would run on: {found}")
    run = jax.jit(ensemble(job, (trajectories, job.dimension)))
    return lambda: run(jax.random.key(1)).block_until_ready()


def moments(x):
    x = np.asarray(x, dtype=float)
    return x.mean(axis=0).tolist(), x.var(axis=0, ddof=1).tolist()
