#!/usr/bin/env python3
"""Writes bench/results/claims.json and claims.md from folders of `polyak reproduce ... --out DIR`: bench/claims/table.py DIR...

Adds to what claims.json has; a claim with the same budget and seed is replaced.
"""

import json
import pathlib
import sys

RESULTS = pathlib.Path(__file__).resolve().parent.parent / "results"
HEAD = """# What the claims gave

Written by `bench/claims/table.py` from folders of `polyak reproduce --budget BUDGET --seed SEED --out DIR`; every check is in
[`claims.json`](claims.json). *Margin* is that of the check nearest to an end of its region: how many standard errors it lies inside (negative:
outside), and how many its confidence interval asks for. Seed 0 is the seed that a claim was written with; no claim was changed after another
seed but where its text says so. `svag-large-batch` had one starting network, which left it undecided under seed 50021; it has eight now, chosen with another seed
(333000), and its rows are of that. A row is the claim as it was when it ran; those of seeds 50021 and 90007 (but of `svag-large-batch`), and of seed 0 with the full budget,
are of 2026-11-21, from before the normal sampler's logarithm in `f32` changed, from which networks' initial weights are drawn, too: their
last bits differ now. `momentum-optimum-models` senses whole matrices since 2026-11-22, and its rows are of that. With the quick budget all
claims take 310 s of processor time together (AMD EPYC, AVX-512): two and a half minutes on two cores.

| claim | budget | seed | verdict | checks | headline | margin |
| --- | --- | ---: | --- | ---: | --- | ---: |
"""


def margin(check):
    """Standard errors from the nearer end of the region, and half the confidence interval in them."""
    value, error = check["measured"], check["error"]
    if value is None or not error:
        return None
    low, high = check["region"]
    inside = min(value - low if low is not None else float("inf"), high - value if high is not None else float("inf"))
    return inside / error, (check["interval"][1] - check["interval"][0]) / 2 / error


def read(folder):
    for file in sorted(pathlib.Path(folder).glob("*.json")):
        outcome = json.loads(file.read_text())
        outcome = outcome.get("outcome", outcome)
        keys = ["claim", "budget", "seed", "verdict", "updates"]
        kept = {key: outcome[key] for key in keys}
        fields = ["name", "measured", "error", "region", "interval", "verdict"]
        kept["checks"] = [{field: check[field] for field in fields} for check in outcome["checks"]]
        yield kept


def row(outcome):
    head = outcome["checks"][0]
    name = head["name"].replace("|", "\\|")
    number = f"{head['measured']:.4g}" + (f" ± {head['error']:.1g}" if head["error"] else "")
    margins = [found for found in map(margin, outcome["checks"]) if found]
    least = min(margins, key=lambda found: found[0] / found[1]) if margins else None
    said = f"{least[0]:.1f} of {least[1]:.1f}" if least else "exact"
    return (
        f"| `{outcome['claim']}` | {outcome['budget']} | {outcome['seed']} | {outcome['verdict']} "
        f"| {len(outcome['checks'])} | {name}: {number} | {said} |"
    )


def main():
    store = RESULTS / "claims.json"
    found = json.loads(store.read_text()) if store.exists() else []
    of = {(outcome["claim"], outcome["budget"], outcome["seed"]): outcome for outcome in found}
    for folder in sys.argv[1:]:
        of.update({(new["claim"], new["budget"], new["seed"]): new for new in read(folder)})
    found = [of[key] for key in sorted(of)]
    lines = ",\n".join(json.dumps(outcome, ensure_ascii=False) for outcome in found)
    store.write_text(f"[\n{lines}\n]\n")
    (RESULTS / "claims.md").write_text(HEAD + "\n".join(map(row, found)) + "\n")


main()
