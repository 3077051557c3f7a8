#!/usr/bin/env python3
"""Criterion's numbers of a run in one file: every sample's iterations and nanoseconds, with the estimates and their intervals.

    CRITERION_HOME=DIR cargo bench -p polyak-bench --bench ensemble
    bench/raw.py DIR > bench/results/ensemble.json
"""

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path


def number(value):
    """Six digits are more than any timing has."""
    return float(f"{value:.6g}")


def interval(estimate):
    bounds = estimate["confidence_interval"]
    return [number(n) for n in (estimate["point_estimate"], bounds["lower_bound"], bounds["upper_bound"])]


def provenance():
    """As `polyak_bench::Provenance`."""
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=Path(__file__).parent, check=True, capture_output=True, text=True).stdout.strip()

    changes = git("status", "--porcelain", "--", ":/", ":(top,exclude)bench/results")
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return {
        "date": str(datetime.datetime.now(datetime.UTC).date()),
        "commit": git("rev-parse", "--short", "HEAD") + ("+" if changes else ""),
        "processor": next(line.split(":")[1].strip() for line in lines if line.startswith("model name")),
        "cores": os.cpu_count(),
    }


def main(folder):
    rows = []
    for path in sorted(Path(folder).rglob("new/benchmark.json")):
        benchmark = json.loads(path.read_text())
        estimates = json.loads((path.parent / "estimates.json").read_text())
        sample = json.loads((path.parent / "sample.json").read_text())
        rows.append({
            "name": benchmark["full_id"],
            "throughput": benchmark["throughput"],
            "median_ns": interval(estimates["median"]),
            "mean_ns": interval(estimates["mean"]),
            "iterations": [int(n) for n in sample["iters"]],
            "times_ns": [number(n) for n in sample["times"]],
        })
    if not rows:
        sys.exit(f"{folder}: no results of criterion (new/benchmark.json)")
    head = json.dumps(provenance())[1:-1]
    print("{" + head + ', "results": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
