#!/usr/bin/env python3
"""Writes bench/results/claims.json and claims.md from folders of `polyak reproduce ... --out DIR`: bench/claims/table.py DIR...

Adds to what claims.json has; a claim with the same budget and seed is replaced.
"""

import datetime
import json
import pathlib
import sys

RESULTS = pathlib.Path(__file__).resolve().parent.parent / "results"
HEAD = """# What the claims gave

Written by `bench/claims/table.py` from folders of `polyak reproduce --budget BUDGET --seed SEED --out DIR`; every check is in
[`claims.json`](claims.json). *Margin* is that of the check nearest to an end of its region. Where it was sampled: how many standard errors it
lies inside (negative: outside), and how many its confidence interval asks for. Where it was computed without a sampling error (*exact*): how far inside it lies, in
percent of the region's half width, of a region with one end in percent of that end. The nearest of either kind is given. *Seconds* are by the clock,
whatever else the machine did.

A row is the claim as it was on its date: run `polyak reproduce` and this script again for those of today. Seed 0 is the seed that a claim was written with. Seeds 41017, 77003, 88301
and 55001 were new to all that ran under them; what one left undecided or refuted was mended afterwards:
under 77003 `weak-error`, `marginal-value`, `few-shot` and `diagonal-network`, whose rows of that seed are of the mended ones; under 41017 `slow-manifold` (two variances of tangent noise
extrapolated to η = 0 lay 3.9 and 4.2 standard errors from 1.5376, inside their 1 % but too near its end), which got three times the sample at its last rate;
under 88301 `few-shot` and `marginal-value`, of 8 and 4 networks, which got 24 and 12 at B = 480, and 90210 is new to what these became.
`momentum-optimum-models` was written with seed 5, twelve students and half the ε, as its row of that seed is; with those it was undecided under seed 0, so there are twenty,
teachers of other numbers, and ε is twice as large.
61009 was new to all of 2026-11-29; under it `momentum-optimum` was undecided (the exponent of L's relaxation time in 1−β, −1.029 ± 0.005), and is now fitted in −ln β, of which it is the inverse: its row is of that.
70001 was new to all of the evening of that day; under it `momentum-optimum-models` was undecided (steps of matrix sensing at two pairs of γ and ε, 0.893 ± 0.022 of each other over 16 models), and now has 32: its row is of that.

| claim | budget | seed | date | verdict | checks | headline | margin | updates | seconds |
| --- | --- | ---: | --- | --- | ---: | --- | ---: | ---: | ---: |
"""


def inside(check):
    """Distance of the measured number from the nearer end of its region."""
    low, high = check["region"]
    value = check["measured"]
    return min(value - low if low is not None else float("inf"), high - value if high is not None else float("inf"))


def margin(check):
    """Standard errors from the nearer end of the region, and half the confidence interval in them."""
    error = check["error"]
    if check["measured"] is None or not error:
        return None
    return inside(check) / error, (check["interval"][1] - check["interval"][0]) / 2 / error


def exact_margin(check):
    """The distance from the nearer end of the region as a part of its half width, or of its only end, of a number without error."""
    if check["measured"] is None or check["error"] != 0:
        return None
    low, high = check["region"]
    scale = (high - low) / 2 if low is not None and high is not None else abs(low if high is None else high)
    return inside(check) / scale if scale else None


def read(folder):
    for file in sorted(pathlib.Path(folder).glob("*.json")):
        outcome = json.loads(file.read_text())
        outcome = outcome.get("outcome", outcome)
        keys = ["claim", "budget", "seed", "verdict", "updates", "seconds", "devices", "notes"]
        kept = {key: outcome[key] for key in keys}
        kept["date"] = datetime.date.fromtimestamp(file.stat().st_mtime).isoformat()
        fields = ["name", "measured", "error", "region", "interval", "verdict"]
        kept["checks"] = [{field: check[field] for field in fields} for check in outcome["checks"]]
        yield kept


def row(outcome):
    head = outcome["checks"][0]
    name = head["name"].replace("|", "\\|")
    number = f"{head['measured']:.4g}" + (f" ± {head['error']:.1g}" if head["error"] else "")
    margins = [found for found in map(margin, outcome["checks"]) if found]
    least = min(margins, key=lambda found: found[0] / found[1]) if margins else None
    exact = [found for found in map(exact_margin, outcome["checks"]) if found is not None]
    said = [f"{least[0]:.1f} of {least[1]:.1f}"] if least else []
    said += [f"exact: {100 * min(exact):.0f} %"] if exact else []
    said = ", ".join(said)
    seconds = f"{outcome['seconds']:.0f}" if "seconds" in outcome else ""
    return (
        f"| `{outcome['claim']}` | {outcome['budget']} | {outcome['seed']} | {outcome['date']} | {outcome['verdict']} "
        f"| {len(outcome['checks'])} | {name}: {number} | {said} | {outcome['updates']:.1e} | {seconds} |"
    )


def totals(found):
    """What whole runs took: every claim of one budget and seed, on one date and one kind of device, with its seconds."""
    runs = {}
    for outcome in found:
        if "seconds" in outcome:
            key = outcome["budget"], outcome["seed"], outcome["date"], ", ".join(outcome["devices"])
            runs.setdefault(key, []).append(outcome)
    claims = len({outcome["claim"] for outcome in found})
    for (budget, seed, date, device), outcomes in sorted(runs.items()):
        if len(outcomes) == claims:
            seconds, updates = (sum(outcome[key] for outcome in outcomes) for key in ("seconds", "updates"))
            yield f"All {claims} claims, budget {budget}, seed {seed}, {date}, on {device}: {seconds:.0f} s, {updates:.2e} updates."


def main():
    store = RESULTS / "claims.json"
    found = json.loads(store.read_text()) if store.exists() else []
    of = {(outcome["claim"], outcome["budget"], outcome["seed"]): outcome for outcome in found}
    for folder in sys.argv[1:]:
        of.update({(new["claim"], new["budget"], new["seed"]): new for new in read(folder)})
    found = [of[key] for key in sorted(of)]
    lines = ",\n".join(json.dumps(outcome, ensure_ascii=False) for outcome in found)
    store.write_text(f"[\n{lines}\n]\n")
    text = HEAD + "\n".join(map(row, found)) + "\n"
    (RESULTS / "claims.md").write_text(text + "".join(f"\n{total}\n" for total in totals(found)))


main()
