"""JAX on a GPU: a jitted fori_loop with threefry normals for each step."""

import jax
import jax.numpy as jnp
import numpy as np

if jax.default_backend() != "gpu":
    raise RuntimeError(f"JAX finds no GPU, it would run on: {jax.default_backend()}")

NAME = "JAX, jit"
VERSION = jax.__version__


def prepare(job, trajectories):
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

    return lambda: run(jax.random.key(1)).block_until_ready()


def moments(x):
    x = np.asarray(x, dtype=float)
    return x.mean(axis=0).tolist(), x.var(axis=0, ddof=1).tolist()
