"""polyak itself, as a user runs it: a generated experiment file, `polyak run`, and what summary.json says."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np


def experiment(job, rng, trajectories, steps):
    """The job as an experiment file; steps before SVAG multiplies them."""
    svag = f"svag = {job.ell}\n" if job.ell > 1 else ""
    return f"""seed = 1
trajectories = {trajectories}
steps = {steps}
precision = "f32"
rng = "{rng}"

[landscape]
kind = "quadratic"
curvature = {list(job.curvature)}
start = 1.0

[noise]
kind = "gaussian"
scale = {job.sigma}
covariance = "identity"

[observe]
every = {steps}

[output]
plots = false

[[run]]
name = "{job.name}"
optimizer = "sgdm"
learning_rate = {job.rate * job.ell}
momentum = {job.beta}
{svag}"""


class Polyak:
    """A peer whose process ends after every request."""

    def __init__(self, binary, rng, threads):
        self.binary, self.rng, self.threads = binary, rng, threads
        self.name = {"pcg32": "**polyak**", "philox": "**polyak**, Philox"}[rng]
        version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
        self.version = version.stdout.strip().removeprefix("polyak ")
        self.digests = {}

    def ask(self, job, steps, trajectories, warm_up=True):
        """One run of `steps` of the job's own steps (SVAG's counted)."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "job.toml")
            file.write_text(experiment(job, self.rng, trajectories, steps // job.ell))
            out = Path(folder, "out")
            command = [self.binary, "run", file, "--backend", "cpu", "--threads", str(self.threads)]
            cores = sorted(os.sched_getaffinity(0))[: self.threads]
            start = time.perf_counter()
            done = subprocess.run(
                [*command, "--out", out, "--quiet"], capture_output=True, text=True,
                preexec_fn=lambda: os.sched_setaffinity(0, cores),
            )
            wall = time.perf_counter() - start
            if done.returncode != 0:
                raise RuntimeError(f"polyak run: exit {done.returncode}: {done.stderr.strip()}")
            run = json.loads(Path(out, "summary.json").read_text())["runs"][0]
        if run["diverged"] or run["steps"] != steps:
            raise RuntimeError(f"{job.name}: {run['diverged']} diverged, {run['steps']} steps")
        updates = trajectories * job.dimension * steps
        return dict(
            seconds=updates / run["updates_per_second"], wall_seconds=wall, trajectories=trajectories,
            mean=run["final"]["mean"], variance=np.diag(run["final"]["covariance"]).tolist(), digest=run["digest"],
        )

    def close(self):
        """Nothing to end."""
