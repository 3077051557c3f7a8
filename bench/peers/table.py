"""The table of bench/results/peers.md and of the README, from raw results alone: `table.py peers-DATE.json` makes both again."""

import json
import statistics
import sys
from pathlib import Path

DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def wall_speed(entry):
    """Updates a second by the wall clock, the median of the rounds: of polyak too, which counts its own seconds, without start-up and files."""
    walls = entry.get("wall_seconds")
    if walls is None:
        # A peer's seconds are the wall clock's.
        return entry["median"]
    return statistics.median(rate * own / wall for rate, own, wall in zip(entry["updates_per_second"], entry["seconds"], walls))


def scientific(value):
    """1.8·10⁹."""
    if value is None:
        return "–"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(DIGITS)}"


def table(results, source):
    """Updates a second, fastest first, one column for each job and number of threads."""
    speed, names, columns = {}, {}, []
    for entry in results["results"]:
        column = entry["threads"], entry["job"]
        if column not in columns:
            columns.append(column)
        names[entry["peer"]] = f"{entry['name']} ({entry['version'].split('+')[0]})"
        speed[entry["peer"], column] = wall_speed(entry)
    columns.sort(key=lambda column: (column[0], ["Q8", "Q1", "SVAG4"].index(column[1])))
    peers = sorted(names, key=lambda peer: -speed.get((peer, columns[0]), 0.0))
    ours = speed.get(("polyak-pcg32", columns[0]))
    heads = [f"{job}, {threads} thread{'s' if threads > 1 else ''}" for threads, job in columns]
    lines = ["| program | " + " | ".join(heads) + (" | polyak is faster by |" if ours else " |")]
    lines.append("| --- |" + " ---: |" * (len(columns) + bool(ours)))
    for peer in peers:
        cells = [scientific(speed.get((peer, column))) for column in columns]
        if ours:
            ratio = "" if peer.startswith("polyak") else f"{ours / speed[peer, columns[0]]:.1f}×"
            cells.append(ratio)
        lines.append(f"| {names[peer]} | " + " | ".join(cells) + " |")
    machine = results["machine"]
    lines += [
        "",
        f"Updates a second (one coordinate of one trajectory moved by one step, with its own noise) by the wall clock, median of "
        f"{results['rounds']} interleaved rounds, f32; polyak's with the command's start and its files. {machine['cpu']}, {machine['cores']} cores; {machine['system']}; Python "
        f"{machine['python']}; {results['date']}. The last column is for {heads[0]}. Each program's means and variances "
        f"agreed with the exact ones (|z| < 4) before it was timed. Raw numbers: [{source}]({source}); made by `bench/peers/run`.",
        "",
    ]
    return "\n".join(lines)


def write_readme(readme, results, text):
    """Puts the table between its marks in the README, without what follows it there."""
    begin, end = "<!-- peers: written by bench/peers/table.py -->\n", "<!-- end of peers -->"
    before, rest = readme.read_text().split(begin)
    rows = text.split("\n\n")[0]
    source = f"bench/results/peers-{results['date']}.json"
    machine = f"{results['machine']['cpu']}, {results['machine']['cores']} cores"
    note = f"{machine}; [raw numbers]({source})."
    readme.write_text(before + begin + f"{rows}\n\n{note}\n" + end + rest.split(end, 1)[1])


if __name__ == "__main__":
    path = Path(sys.argv[1])
    results = json.loads(path.read_text())
    text = table(results, path.name)
    print(text)
    write_readme(Path(__file__).parents[2] / "README.md", results, text)
