"""JAX: a jitted fori_loop with threefry normals for each step, mapped over blocks that stay in cache (rbg is slower here)."""

import jax
import numpy as np
from jax_steps import ensemble

NAME = "JAX, jit, in blocks"
VERSION = jax.__version__
BLOCK = 1 << 17  # numbers of one array of a block, for each thread that shares its work


def prepare(job, trajectories, threads):
    size = max(1, min(BLOCK * threads // job.dimension, trajectories))
    block = ensemble(job, (size, job.dimension))

    @jax.jit
    def run(key):
        keys = jax.random.split(key, -(-trajectories // size))
        return jax.lax.map(block, keys).reshape(-1, job.dimension)

    return lambda: np.asarray(run(jax.random.key(1)))
