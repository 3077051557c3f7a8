"""Numba: a parallel loop over trajectories, each with its own xoroshiro128+ and Box-Muller pairs."""

from math import cos, log, sin, sqrt

import numba
import numpy as np
from numba import float32, njit, prange, uint64

NAME = "Numba, xoroshiro128+"
VERSION = numba.__version__


@njit(inline="always")
def _split_mix(z):
    z = uint64(z) * uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@njit(inline="always")
def _rotate(x, k):
    return (x << uint64(k)) | (x >> uint64(64 - k))


@njit(parallel=True, fastmath=True, cache=True)
def _run(x_out, pull, scales, beta, rate, steps):
    n, d = x_out.shape
    draws = len(scales)
    for i in prange(n):
        x, m = np.ones(d, np.float32), np.zeros(d, np.float32)
        s0, s1 = _split_mix(uint64(2 * i + 1)), _split_mix(uint64(2 * i + 2))
        spare, has_spare = float32(0), False
        for _ in range(steps):
            for j in range(d):
                g = pull[j] * x[j]
                for draw in range(draws):
                    if has_spare:
                        z = spare
                    else:
                        word = s0 + s1
                        s1 ^= s0
                        s0, s1 = _rotate(s0, 24) ^ s1 ^ (s1 << uint64(16)), _rotate(s1, 37)
                        u = float32((word >> uint64(40)) + uint64(1)) * float32(2.0**-24)
                        angle = float32((word >> uint64(8)) & uint64(0xFFFFFF)) * float32(6.283185307 * 2.0**-24)
                        radius = sqrt(float32(-2) * log(u))
                        z, spare = radius * cos(angle), radius * sin(angle)
                    has_spare = not has_spare
                    g += scales[draw] * z
                m[j] = beta * m[j] + g
                x[j] -= rate * m[j]
        x_out[i] = x


def prepare(job, trajectories, threads):
    numba.set_num_threads(threads)
    pull, scales = np.array(job.pulls(), np.float32), np.array(job.scales(), np.float32)

    def go():
        x = np.empty((trajectories, job.dimension), np.float32)
        _run(x, pull, scales, np.float32(job.beta), np.float32(job.rate), job.steps)
        return x

    return go
