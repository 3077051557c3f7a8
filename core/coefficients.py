#!/usr/bin/env python3
"""Minimax coefficients of core/src/real/{single,double}.rs.

    pip install mpmath
    python3 core/coefficients.py            # prints the constants as Rust
    python3 core/coefficients.py goldens > tests/goldens/elementary_double.txt

Remez exchange at 60 digits; then the coefficients are rounded one after the
other, the most significant first, and the rest is fitted again to what was
rounded, so that the printed numbers are minimax as they stand and not only
before rounding.
"""
import random
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


def coefficients():
    """Every polynomial of the two files, in their order."""
    third, eighth = mpf(1) / 3, mpf(1) / 64
    r = mp.log(2) / 2 * mpf("1.0001")
    root, tau, near = mp.sqrt, 2 * mp.pi, mpf("0.55") ** 2

    def ln_rest(f):
        return (mp.log(1 + f) - f + f * f / 2) / f**3

    def exp_rest(x):
        return (mp.exp(x) - 1 - x) / x**2

    def sin_rest(z):
        return (mp.sin(tau * root(z)) / root(z) - tau) / z

    def cos_rest(z):
        return (mp.cos(tau * root(z)) - 1) / z

    def tanh_rest(z):
        return (mp.tanh(root(z)) / root(z) - 1) / z

    def artanh_rest(z):
        return (2 * mp.atanh(root(z)) / root(z) - 2) / z

    # Weights make the error relative to the whole function.
    def of_exp(x):
        return x * x / mp.exp(x)

    def of_sin(z):
        return z * root(z) / mp.sin(tau * root(z))

    def of_cos(z):
        return z / mp.cos(tau * root(z))

    def of_tanh(z):
        return z * root(z) / mp.tanh(root(z))

    def of_radius(f):
        # n = 0 where f <= 0, n >= 1 elsewhere.
        return abs(f) / (2 * abs(mp.log(1 + f)) if f < 0 else 2 * mp.log(2) - 2 * mp.log(1 + f))

    fit("LN", ln_rest, lambda f: abs(f**3 / mp.log(1 + f)), -third, third, range(8), single)
    fit("EXP", exp_rest, of_exp, -r, r, range(5), single)
    fit("SIN_TURN", sin_rest, of_sin, 0, eighth, range(3), single)
    fit("COS_TURN", cos_rest, of_cos, 0, eighth, range(4), single)
    fit("TANH", tanh_rest, of_tanh, 0, near, range(5), single)
    fit("MINUS_TWO_LN", lambda f: -2 * mp.log(1 + f) / f, of_radius, -third, third, range(7), single)
    fit("SIN_WORD", lambda z: mp.sin(mp.pi / 2 * root(z)) / root(z), root, 0, 1, range(4), single)
    fit("COS_WORD", lambda z: mp.cos(mp.pi / 2 * root(z)), lambda z: 1, 0, 1, range(5), single)

    s = third / (2 - third)
    fit("LN", artanh_rest, lambda z: z * root(z) / (2 * mp.atanh(root(z))), 0, s * s, range(7), double)
    fit("EXP", exp_rest, of_exp, -r, r, range(11), double)
    fit("SIN_TURN", sin_rest, of_sin, 0, eighth, range(6), double)
    fit("COS_TURN", cos_rest, of_cos, 0, eighth, range(7), double)
    fit("TANH", tanh_rest, of_tanh, 0, near, range(11), double)


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def of_bits(b):
    return struct.unpack("<d", struct.pack("<Q", b))[0]


def golden(name, word, exact):
    """`name input nearest thousandths`: exact = nearest + thousandths of a unit in its last place."""
    nearest = float(exact)
    residue = 0
    if abs(nearest) != float("inf"):
        size = max(abs(nearest), of_bits(1 << 52))
        ulp = mpf(2) ** (mp.frexp(mpf(size))[1] - 53)
        residue = round((exact - mpf(nearest)) / ulp * 1000)
    print(f"{name} {word:016x} {bits(nearest):016x} {residue}")


def goldens():
    """Exact values of the f64 functions at fixed and pseudo-random points."""
    draw = random.Random(2307)

    def points(low, high, count):
        return [draw.uniform(low, high) for _ in range(count)]

    def magnitudes(low, high, count):
        return [sign * 2.0 ** draw.uniform(low, high) for sign in (1, -1) for _ in range(count // 2)]

    tiny, least, most = of_bits(1), of_bits(1 << 52), of_bits(0x7FEFFFFFFFFFFFFF)
    positive = [of_bits(draw.randrange(1, 0x7FF << 52)) for _ in range(300)]
    cases = [1.0, tiny, 3 * tiny, least, of_bits((1 << 52) - 1), most, 2 / 3, 4 / 3, of_bits(bits(1.0) - 1), of_bits(bits(1.0) + 1)]
    for x in cases + positive + points(0.5, 2.0, 300) + [1 + d for d in magnitudes(-50, -1, 100)]:
        golden("ln", bits(x), mp.log(mpf(x)))
    edges = [0.0, -0.0, 709.78, 709.79, 745.0, -708.4, -745.1, -745.14, -740.0, 1e-300, 0.34657359, -0.34657359]
    for x in edges + points(-746, 710, 300) + points(-1, 1, 300) + magnitudes(-60, 1, 100):
        golden("exp", bits(x), mp.exp(mpf(x)))
    edges = [0.0, 0.125, 0.25, 0.5, 0.75, 1.0, -0.125, -0.375, 1e15 + 0.125, 4503599627370495.5, 1e300, tiny, 0.0625]
    for x in edges + points(-1, 1, 300) + points(-1e6, 1e6, 100) + magnitudes(-60, 50, 200):
        turn = mpf(x) - mp.nint(mpf(x))
        golden("sin", bits(x), mp.sinpi(2 * turn))
        golden("cos", bits(x), mp.cospi(2 * turn))
    edges = [0.0, 0.55, of_bits(bits(0.55) - 1), -0.55, 18.0, 19.5, 800.0, -800.0, tiny, -1e-310]
    for x in edges + points(-3, 3, 300) + points(-20, 20, 100) + magnitudes(-60, 6, 200):
        golden("tanh", bits(x), mp.tanh(mpf(x)))
    for x in [0.0, 36.0, 40.0, 800.0, -709.5, -740.0, -745.1] + points(-745, 40, 200) + points(-5, 5, 300):
        golden("sigmoid", bits(x), 1 / (1 + mp.exp(-mpf(x))))
    words = [0, 1, (1 << 64) - 1, 1 << 63, 1 << 62, 3 << 62, 0x5555 << 48, 0xAAAA << 48]
    words += [draw.getrandbits(64) for _ in range(300)] + [draw.getrandbits(64) >> draw.randrange(64) for _ in range(100)]
    words += [((1 << 64) - 1) ^ (draw.getrandbits(64) >> draw.randrange(64)) for _ in range(100)]
    for w in words:
        golden("radius", w, -2 * mp.log(((w >> 12) + mpf(1) / 2) / mpf(2) ** 52))
        turn = mpf(w >> 62) / 4 + (mpf((w & ((1 << 62) - 1)) >> 10) / mpf(2) ** 52 - mpf(1) / 2) / 4
        golden("sin_word", w, mp.sinpi(2 * turn))
        golden("cos_word", w, mp.cospi(2 * turn))
    edges = [0.0, tiny, -tiny, 0.34657359, -0.34657359, 709.43, 709.45, 745.0, -37.0, -745.1]
    for x in edges + points(-40, 709, 200) + points(-1, 1, 300) + magnitudes(-60, 1, 200):
        golden("exp_m1", bits(x), mp.expm1(mpf(x)))


if __name__ == "__main__":
    goldens() if sys.argv[1:] == ["goldens"] else coefficients()
