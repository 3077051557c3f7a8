#!/usr/bin/env python3
"""Minimax coefficients of core/src/real/{single,double}.rs.

    pip install mpmath
    python3 core/coefficients.py            # prints the constants as Rust

Remez exchange at 60 digits; then the coefficients are rounded one after the
other, the most significant first, and the rest is fitted again to what was
rounded, so that the printed numbers are minimax as they stand and not only
before rounding.
"""
import struct
import sys

from mpmath import mp, mpf

mp.dps = 60
GRID = 1200


def single(x):
    """x rounded to the nearest f32."""
    return mpf(struct.unpack("<f", struct.pack("<f", float(x)))[0])


def double(x):
    """x rounded to the nearest f64."""
    return mpf(float(x))


def remez(target, weight, lo, hi, free, fixed):
    """Coefficients {power: c} of `free` minimising max |weight (target - sum c x^power)|."""
    n = len(free)
    xs = [(lo + hi) / 2 - (hi - lo) / 2 * mp.cos(mp.pi * i / GRID) for i in range(GRID + 1)]
    xs = [x for x in xs if abs(x) > mpf(10) ** -12]
    # Divided by the lowest free power what is fitted is a whole polynomial, and the
    # exchange converges on intervals around 0 too.
    low = min(free)
    rest = [(target(x) - sum(c * x**p for p, c in fixed.items())) / x**low for x in xs]
    ws = [weight(x) * abs(x) ** low for x in xs]
    pick = [round(i * (len(xs) - 1) / n) for i in range(n + 1)]
    best = None
    for _ in range(40):
        a = mp.matrix(n + 1, n + 1)
        b = mp.matrix(n + 1, 1)
        for row, i in enumerate(pick):
            for col, p in enumerate(free):
                a[row, col] = xs[i] ** (p - low)
            a[row, n] = mpf(-1) ** row / ws[i]
            b[row] = rest[i]
        sol = mp.lu_solve(a, b)
        c = [sol[i] for i in range(n)]
        err = [w * (r - sum(ci * x ** (p - low) for ci, p in zip(c, free))) for x, r, w in zip(xs, rest, ws)]
        worst = max(abs(e) for e in err)
        if best is None or worst < best[0]:
            best = (worst, dict(zip(free, c)))
        # One extremum for every run of one sign, then the n + 1 neighbours that keep the largest.
        peaks = []
        for i, e in enumerate(err):
            if peaks and (err[peaks[-1]] > 0) == (e > 0):
                if abs(e) > abs(err[peaks[-1]]):
                    peaks[-1] = i
            else:
                peaks.append(i)
        while len(peaks) > n + 1:
            peaks.pop(0 if abs(err[peaks[0]]) < abs(err[peaks[-1]]) else -1)
        if len(peaks) < n + 1 or peaks == pick:
            break
        pick = peaks
    return best


def fit(name, target, weight, lo, hi, powers, to, given=None):
    """Fits, rounds one coefficient after the other and prints a Rust constant."""
    fixed = {p: to(c) for p, c in (given or {}).items()}
    free = [p for p in powers if p not in fixed]
    ideal = remez(target, weight, mpf(lo), mpf(hi), free, fixed)[0]
    while free:
        coefficient = remez(target, weight, mpf(lo), mpf(hi), free, fixed)[1]
        fixed[free[0]] = to(coefficient[free[0]])
        free = free[1:]
    worst = polish(target, weight, mpf(lo), mpf(hi), fixed, set(given or {}), to)
    kind = "f32" if to is single else "f64"
    print(f"// {name}: minimax {mp.nstr(ideal, 3)}, rounded {mp.nstr(worst, 3)}")
    values = ", ".join(literal(fixed[p], kind) for p in sorted(fixed))
    print(f"const {name}: [{kind}; {len(fixed)}] = [{values}];")
    sys.stdout.flush()


def polish(target, weight, lo, hi, fixed, keep, to):
    """Moves coefficients by units in the last place while that lowers the largest error."""
    xs = [lo + (hi - lo) * i / 999 for i in range(1, 999)]
    error = [weight(x) * (target(x) - sum(c * x**p for p, c in fixed.items())) for x in xs]
    worst = max(map(abs, error))
    moves = sorted(set(fixed) - keep)
    shapes = {p: [weight(x) * x**p for x in xs] for p in moves}
    better = to is single
    while better:
        better = False
        for p in moves:
            for step in (1, -1, 4, -4):
                ulp = mpf(2) ** (mp.frexp(fixed[p])[1] - 24)
                shift = to(fixed[p] + step * ulp) - fixed[p]
                trial = [e - shift * s for e, s in zip(error, shapes[p])]
                if max(map(abs, trial)) < worst:
                    fixed[p] += shift
                    error, worst, better = trial, max(map(abs, trial)), True
    return worst


def literal(x, kind):
    """The shortest decimal that reads back as x."""
    if kind == "f64":
        return repr(float(x))
    for digits in range(1, 12):
        text = f"{float(x):.{digits}e}"
        if single(mpf(text)) == x:
            mantissa, exponent = text.split("e")
            exponent = int(exponent)
            return mantissa if exponent == 0 else f"{mantissa}e{exponent}"
    raise ValueError(x)
