"""Checks every peer against exact moments, times all of them interleaved with polyak, writes raw results and the table."""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from jobs import JOBS, z_scores
from ours import Polyak
from table import table, write_readme

HERE = Path(__file__).resolve().parent
PEERS = ["numpy", "torch", "jax", "numba", "diffrax", "torchsde"]
CHECKED_NUMBERS = 131072  # n d of the check
TIMED_NUMBERS = 131072 * 8  # n d of a timing, more for polyak
Z_LIMIT = 4.0


class Peer:
    """A worker process."""

    def __init__(self, peer, threads):
        self.errors = open(HERE / ".venv" / f"{peer}-{threads}.log", "w+")
        command = [sys.executable, HERE / "worker.py", peer, str(threads)]
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.process = subprocess.Popen(command, **pipes)
        hello = self._answer()
        self.name, self.version, self.threads = hello["name"], hello["version"], threads

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise RuntimeError(f"worker ended: {self.errors.read()[-2000:]}")
        return json.loads(line)

    def ask(self, job, steps, trajectories, warm_up=True):
        request = dict(job=job.name, steps=steps, trajectories=trajectories, warm_up=warm_up)
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return self._answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def machine():
    """What the results were measured on."""
    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines if ":" in line)
        fields = {key.strip(): value.strip() for key, value in fields.items()}
        cpu = f"{fields['model name']}, family {fields['cpu family']} model {fields['model']}"
        cpu += ", AVX-512" if "avx512f" in fields["flags"] else ", AVX2" if "avx2" in fields["flags"] else ""
    except (OSError, KeyError):
        pass
    return dict(cpu=cpu, cores=os.cpu_count(), system=platform.platform(), python=platform.python_version())


def check(peer, job):
    """z-scores of a whole run of the job, and its speed."""
    n = CHECKED_NUMBERS // job.dimension
    answer = peer.ask(job, job.steps, n, warm_up=False)
    n = answer["trajectories"]
    of_mean, of_variance = z_scores(job, answer["mean"], answer["variance"], n)
    return of_mean, of_variance, n * job.dimension * job.steps / answer["seconds"]


def plan(peer, job, speed, seconds):
    """(steps, trajectories) of a timing of about `seconds`, at least a tenth of a run, n at least 131 072 / d."""
    if isinstance(peer, Polyak):
        n = max(TIMED_NUMBERS // job.dimension, int(seconds * speed / job.steps / job.dimension) // 4096 * 4096)
        return job.steps, n
    n = TIMED_NUMBERS // 8 if job.dimension > 1 else TIMED_NUMBERS
    steps = int(seconds * speed / (n * job.dimension))
    return max(job.ell * (steps // job.ell), 8 * job.ell), n


def start(arguments):
    """Every peer at every number of threads that works here."""
    peers = []
    for threads in arguments.threads:
        for rng in ("pcg32", "philox"):
            if "polyak" in arguments.peers:
                peers.append((f"polyak-{rng}", Polyak(arguments.polyak, rng, threads)))
        for name in arguments.peers:
            if name != "polyak":
                peers.append((name, Peer(name, threads)))
    return peers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--polyak", required=True, help="the command polyak")
    parser.add_argument("--peers", nargs="*", default=["polyak", *PEERS], choices=["polyak", *PEERS])
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one measurement, about")
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    if max(arguments.threads) > cores:
        parser.error(f"--threads {max(arguments.threads)}: this process may run on {cores} cores")

    entries = []
    for key, peer in start(arguments):
        for job in (JOBS[name] for name in arguments.jobs):
            of_mean, of_variance, speed = check(peer, job)
            right = of_mean < Z_LIMIT and of_variance < Z_LIMIT
            print(
                f"{'checked' if right else 'WRONG  '} {key:14} {job.name:6} {peer.threads} threads: "
                f"|z| of means {of_mean:.2f}, of variances {of_variance:.2f}", flush=True,
            )
            if not right:
                return 1
            steps, n = plan(peer, job, speed, arguments.seconds)
            entry = dict(
                peer=key, name=peer.name, version=peer.version, job=job.name, threads=peer.threads,
                z_mean=of_mean, z_variance=of_variance, trajectories=n, steps=steps, seconds=[], updates_per_second=[],
            )
            entries.append((peer, job, entry))

    for count in range(arguments.rounds):
        for peer, job, entry in entries:
            answer = peer.ask(job, entry["steps"], entry["trajectories"])
            updates = answer["trajectories"] * job.dimension * entry["steps"]
            entry["seconds"].append(answer["seconds"])
            entry["updates_per_second"].append(updates / answer["seconds"])
            if "wall_seconds" in answer:
                entry.setdefault("wall_seconds", []).append(answer["wall_seconds"])
        print(f"round {count + 1} of {arguments.rounds}", flush=True)
    for peer in {id(peer): peer for peer, _, _ in entries}.values():
        peer.close()

    for _, _, entry in entries:
        entry["median"] = statistics.median(entry["updates_per_second"])
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    date = datetime.date.today().isoformat()
    results = dict(
        date=date, commit=commit, machine=machine(), rounds=arguments.rounds, results=[entry for _, _, entry in entries]
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    raw = arguments.out / f"peers-{date}.json"
    raw.write_text(json.dumps(results, indent=1) + "\n")
    text = table(results, raw.name)
    (arguments.out / "peers.md").write_text(text)
    if arguments.out == HERE.parent / "results":
        write_readme(HERE.parents[1] / "README.md", results, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
