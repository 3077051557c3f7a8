"""What both JAX peers compute: the steps of one array of trajectories, with threefry normals for each."""

import jax
import jax.numpy as jnp


def ensemble(job, shape):
    """A function of a key that gives the final points of an array of trajectories."""
    pull = jnp.array(job.pulls(), jnp.float32)

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

    return run
