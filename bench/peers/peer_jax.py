"""JAX: one jitted fori_loop over the whole batch, threefry normals for each step."""

import jax
import jax.numpy as jnp
import numpy as np

NAME = "JAX, jit, whole batch"
VERSION = jax.__version__


def prepare(job, trajectories, threads):
    pull = jnp.array(job.pulls(), jnp.float32)
    shape = (trajectories, job.dimension)

    @jax.jit
    def run(key):
        def step(k, state):
            x, m = state
            m = job.beta * m + pull * x
            for draw, scale in enumerate(job.scales()):
                key_of_draw = jax.random.fold_in(key, k * len(job.weights) + draw)
                m = m + scale * jax.random.normal(key_of_draw, shape, jnp.float32)
            return x - job.rate * m, m

        start = jnp.ones(shape, jnp.float32), jnp.zeros(shape, jnp.float32)
        return jax.lax.fori_loop(0, job.steps, step, start)[0]

    return lambda: np.asarray(run(jax.random.key(1)))
