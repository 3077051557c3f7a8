"""JAX: a jitted fori_loop with threefry normals for each step, mapped over blocks that stay in cache (rbg is slower here)."""

import jax
import jax.numpy as jnp
import numpy as np

NAME = "JAX, jit, in blocks"
VERSION = jax.__version__
BLOCK = 1 << 17  # numbers of one array of a block, for each thread that shares its work


def prepare(job, trajectories, threads):
    pull = jnp.array(job.pulls(), jnp.float32)
    size = max(1, min(BLOCK * threads // job.dimension, trajectories))
    shape = (size, job.dimension)

    def block(key):
        def step(k, state):
            x, m = state
            m = job.beta * m + pull * x
            for draw, scale in enumerate(job.scales()):
                key_of_draw = jax.random.fold_in(key, k * len(job.weights) + draw)
                m = m + scale * jax.random.normal(key_of_draw, shape, jnp.float32)
            return x - job.rate * m, m

        start = jnp.ones(shape, jnp.float32), jnp.zeros(shape, jnp.float32)
        return jax.lax.fori_loop(0, job.steps, step, start)[0]

    @jax.jit
    def run(key):
        keys = jax.random.split(key, -(-trajectories // size))
        return jax.lax.map(block, keys).reshape(-1, job.dimension)

    return lambda: np.asarray(run(jax.random.key(1)))
