"""diffrax: SGDM as Euler's method, with an UnsafeBrownianPath, mapped over blocks that stay in cache.

With y = (p, m) and p the x of the step before, SGDM is Euler at step 1 for dp = -rate m dt,
dm = ((beta - 1) m + (1 - beta) h (p - rate m)) dt + (1 - beta) sigma dW; the last x is p - rate m.
"""

import diffrax
import jax
import jax.numpy as jnp
import lineax
import numpy as np

NAME = "diffrax, Euler, unsafe path"
VERSION = diffrax.__version__
BLOCK = 1 << 17  # numbers of one array of a block, for each thread that shares its work


def prepare(job, trajectories, threads):
    pull = jnp.array(job.pulls(), jnp.float32)
    size = max(1, min(BLOCK * threads // job.dimension, trajectories))
    shape = (size, job.dimension)
    scales = job.scales()
    rate, keep = job.rate, job.beta - 1
    noise_shape = tuple(jax.ShapeDtypeStruct(shape, jnp.float32) for _ in scales)

    def drift(t, y, args):
        p, m = y
        return -rate * m, keep * m + pull * (p - rate * m)

    def diffusion(t, y, args):
        def add(dw):
            return jnp.zeros(shape, jnp.float32), sum(s * w for s, w in zip(scales, dw))

        return lineax.FunctionLinearOperator(add, noise_shape)

    def block(key):
        path = diffrax.UnsafeBrownianPath(noise_shape, key)
        terms = diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(diffusion, path))
        start = jnp.ones(shape, jnp.float32), jnp.zeros(shape, jnp.float32)
        solution = diffrax.diffeqsolve(
            terms, diffrax.Euler(), 0.0, float(job.steps), 1.0, start,
            saveat=diffrax.SaveAt(t1=True), max_steps=job.steps + 1, adjoint=diffrax.ForwardMode(),
        )
        p, m = solution.ys
        return (p - rate * m)[0]

    @jax.jit
    def run(key):
        keys = jax.random.split(key, -(-trajectories // size))
        return jax.lax.map(block, keys).reshape(-1, job.dimension)

    return lambda: np.asarray(run(jax.random.key(1)))
