"""Golden paths of SVAG by its published reference formula, in NumPy and float64.

The code of Li, Malladi and Arora (2021), "On the validity of modelling SGD with SDEs", forms with c = sqrt(2l - 1) the loss

    (1 + c)/2 * L(b1) + (1 - c)/2 * L(b2)

on two independent half-batches and trains at the rate lr/l. Here: least squares on given data with given half-batches,
plain and with the (1 - beta)-weighted momentum of Malladi et al. (2023).

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install numpy==2.4.6
    /tmp/goldens/bin/python tests/goldens/svag.py

writes svag.json beside itself; every float64 is the 16 hexadecimal digits of its bits.
"""

import json
from pathlib import Path

import numpy as np

assert np.__version__ == "2.4.6", np.__version__
N, D, HALF, LR, STEPS = 12, 3, 2, 0.2, 6


def bits(values):
    """Bits of a float64 or of each of an array of them."""
    values = np.asarray(values, dtype=">f8")
    return values.tobytes().hex() if values.ndim == 0 else [bits(v) for v in values]


def gradient(inputs, targets, batch, x):
    """Mean gradient of (<a, x> - y)^2 / 2 over a batch."""
    return sum(inputs[j] * (inputs[j] @ x - targets[j]) for j in batch) / len(batch)


def path(inputs, targets, batches, start, l, beta):
    """Positions after each of the steps at the rate LR/l."""
    c = np.sqrt(2 * l - 1)
    x, m, positions = start.copy(), np.zeros(D), []
    for b1, b2 in batches:
        g1, g2 = gradient(inputs, targets, b1, x), gradient(inputs, targets, b2, x)
        m = beta * m + (1 - beta) * ((1 + c) / 2 * g1 + (1 - c) / 2 * g2)
        x = x - LR / l * m
        positions.append(x)
    return positions


def main():
    random = np.random.Generator(np.random.PCG64(4))
    inputs, targets, start = random.uniform(-1, 1, (N, D)), random.uniform(-1, 1, N), random.uniform(-1, 1, D)
    cases = []
    for l in (0.5, 1.0, 2.5, 4.0, 16.0):
        batches = random.integers(0, N, (int(STEPS * l), 2, HALF))
        for beta in (0.0, 0.9):
            positions = path(inputs, targets, batches, start, l, beta)
            cases.append(dict(l=l, beta=bits(beta), batches=batches.tolist(), positions=bits(positions)))
    data = dict(
        made_by="numpy 2.4.6 by tests/goldens/svag.py", rate=bits(LR), inputs=bits(inputs), targets=bits(targets),
        start=bits(start), cases=cases,
    )
    text = json.dumps(data, separators=(",", ":")).replace('{"l":', '\n{"l":')
    Path(__file__).with_name("svag.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
