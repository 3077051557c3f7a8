"""The jobs Q8, Q1 and SVAG4, and their exact moments.

SGDM, m' = beta m + (1 - beta) g, x' = x - rate m', from x = 1 and m = 0, with g = h x + sigma z on the diagonal quadratic
h, z normal. SVAG4 draws twice a step, g = h x + sigma (r1 z1 + r2 z2) with r = (1 -+ sqrt(7))/2, at a quarter of the rate
for four times the steps.
"""

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np


@dataclass(frozen=True)
class Job:
    name: str
    curvature: tuple
    steps: int = 1000
    rate: float = 0.01
    beta: float = 0.9
    sigma: float = 10.0
    weights: tuple = (1.0,)
    ell: int = 1

    @property
    def dimension(self):
        return len(self.curvature)

    def scales(self):
        """(1 - beta) sigma r for each draw of a step: what a unit normal adds to m."""
        return [(1 - self.beta) * self.sigma * r for r in self.weights]

    def pulls(self):
        """(1 - beta) h: what x adds to m."""
        return [(1 - self.beta) * h for h in self.curvature]

    def shortened(self, steps):
        return replace(self, steps=steps)

    def moments(self):
        """Mean and variance of each coordinate of x after the last step, by the exact recursion in float64."""
        h = np.array(self.curvature)
        noise = sum(s * s for s in self.scales())
        x, m = np.ones_like(h), np.zeros_like(h)
        xx, xm, mm = np.zeros_like(h), np.zeros_like(h), np.zeros_like(h)
        a, b, e = (1 - self.beta) * h, self.beta, self.rate
        for _ in range(self.steps):
            m = b * m + a * x
            x = x - e * m
            # Cov of (x, m') for m' = b m + a x + noise, then of (x - e m', m').
            mm, xm = b * b * mm + 2 * a * b * xm + a * a * xx + noise, b * xm + a * xx
            xx, xm = xx - 2 * e * xm + e * e * mm, xm - e * mm
        return x, xx


Q8 = Job("Q8", tuple(float(h) for h in np.logspace(-1, 0, 8)))
Q1 = Job("Q1", (1.0,))
_ROOT = sqrt(7.0)
SVAG4 = replace(Q8, name="SVAG4", steps=4000, rate=0.0025, weights=((1 - _ROOT) / 2, (1 + _ROOT) / 2), ell=4)
JOBS = {job.name: job for job in (Q8, Q1, SVAG4)}


def z_scores(job, mean, variance, trajectories):
    """Largest |z| of the coordinates' means and of their variances over an ensemble of normal x."""
    exact_mean, exact_variance = job.moments()
    of_mean = (np.asarray(mean) - exact_mean) / np.sqrt(exact_variance / trajectories)
    of_variance = (np.asarray(variance) / exact_variance - 1) / sqrt(2 / (trajectories - 1))
    return float(np.abs(of_mean).max()), float(np.abs(of_variance).max())
