#!/usr/bin/env python3
"""Writes rules.f64.txt and rules.f32.txt: exact partials of every function of the rule table.

    python3 -m venv venv && venv/bin/pip install mpmath && venv/bin/python rules.py

A line is `name class x … | partial rest | …`: the partial rounded to the format, and what the rounding
left, in units in the last place. Classes: `o` ordinary; `s` near a singularity of the function, or
where an exponential magnifies the rounding of its argument; `a` where the terms of the partial
cancel, so that its error is counted in units in the last place of 1; `k` at a kink, where the partial
is a convention.
"""

import math
import random
from pathlib import Path

from mpmath import mp, mpf

from reference import F32, F64, partial

e, ln, sqrt, inf = mp.exp, mp.log, mp.sqrt, math.inf
PI = math.pi


def sigmoid(x):
    return 1 / (1 + e(-x))


def softplus(x):
    return ln(1 + e(x))


def gelu(x):
    # The constants are those of the tanh form, √(2/π) exact.
    return x * sigmoid(2 * sqrt(2 / mp.pi) * (x + mpf(0.044715) * x**3))


def rem(a, b):
    q = mpf(a) / b
    return a - b * (mp.floor(q) if q > 0 else mp.ceil(q))


def rem_euclid(a, b):
    q = mpf(a) / b
    return a - b * (mp.floor(q) if b > 0 else mp.ceil(q))


def atan2(y, x):
    return mp.atan2(y, x)


# ---- where to look ----

def reals(f, top=30.0):
    """Ordinary reals, of all sizes up to `top`."""
    tiny = [1e-3, 1e-8, 1e-18, 1e-30]
    some = [R.uniform(-4, 4) for _ in range(10)] + [R.uniform(-top, top) for _ in range(5)]
    huge = [x for x in (50.0, 1e3, 1e7, 1e15, 1e30) if x <= top]
    return some + [s * x for x in tiny + huge for s in (1, -1)] + [1.0, -1.0, 2.0]


def positives(f, top=1e30):
    far = [10.0 ** R.uniform(-30, math.log10(top)) for _ in range(10)]
    return [R.uniform(0.01, 4) for _ in range(10)] + far + [1.0, 0.5, 1e-30, top]


def inside(f):
    """Between −1 and 1."""
    return [R.uniform(-0.99, 0.99) for _ in range(14)] + [1e-3, -1e-9, 1e-25, -0.5]


def beyond(f, bound, sign, count=6):
    """Numbers at shrinking distances from `bound`, the last one its neighbour."""
    last = f.next(f.near(bound), sign * inf)
    return [f.near(bound + sign * 10.0 ** R.uniform(-7 if f is F64 else -3, -1)) for _ in range(count)] + [last]


def extremes(f):
    return [1e-300, 1e300, 1e150, 1e-150] if f is F64 else [1e-37, 1e37, 1e18, 1e-18]


def both(points):
    return [s * x for x in points for s in (1, -1)]


def grid(xs, ys, count=14):
    return [(R.choice(xs), R.choice(ys)) for _ in range(count)]


RULES = {}


def rule(name, function, ordinary, singular=None, kinks=None, cancelling=None):
    nowhere = lambda f: []
    RULES[name] = (function, ordinary, singular or nowhere, cancelling or nowhere, kinks or {})


EVERYWHERE = lambda f: reals(f, 1e30)
HALVES = lambda f: [x + 0.25 for x in range(-3, 4)] + [0.1, -0.9, 1e-9, 1e6 + 0.5]

rule("-", lambda x: -x, EVERYWHERE)
rule("+", lambda x, y: x + y, lambda f: grid(reals(f), reals(f)))
rule("- of two", lambda x, y: x - y, lambda f: grid(reals(f), reals(f)))
rule("*", lambda x, y: x * y, lambda f: grid(reals(f, 1e15), reals(f, 1e15)), lambda f: [(0.0, 2.0), (3.0, 0.0)])
rule("square", lambda x: x * x, EVERYWHERE, lambda f: [0.0])
rule("/", lambda x, y: x / y, lambda f: grid(reals(f), reals(f), 24), lambda f: [(0.0, 2.0)] + grid(reals(f), extremes(f), 6))
rule("%", rem, lambda f: [(R.uniform(-9, 9), R.choice([-1, 1]) * R.uniform(0.3, 3)) for _ in range(14)] + [(1.0, f.near(0.1)), (1e6, f.near(0.7))],
     None, {(6.0, 2.0): (1.0, -3.0), (-6.0, 2.0): (1.0, 3.0), (0.0, 2.0): (1.0, 0.0)})
rule("rem_euclid", rem_euclid, lambda f: [(R.uniform(-9, 9), R.choice([-1, 1]) * R.uniform(0.3, 3)) for _ in range(14)] + [(1.0, f.near(0.1)), (-1e6, f.near(0.7))],
     None, {(6.0, 2.0): (1.0, -3.0), (-6.0, 2.0): (1.0, 3.0)})

for n in (-13, -2, -1, 2, 3, 4, 7, 20, 100):
    top = 10.0 ** (30 / max(abs(n) + 1, 2))
    rule(f"powi {n}", lambda x, n=n: x**n, lambda f, top=top: both([10.0 ** R.uniform(-math.log10(top), math.log10(top)) for _ in range(8)]) + [1.0, -1.0])
rule("powf", lambda x, p: x**p, lambda f: grid(positives(f, 1e3), [R.uniform(-4, 4) for _ in range(30)] + [0.5, 2.0, -1.0, 0.1, 1e-9], 40),
     lambda f: [(f.next(1.0, 2.0), 3.0), (f.next(1.0, 0.0), 1e6), (1e300 if f is F64 else 1e37, 1.1), (1e-300 if f is F64 else 1e-37, 1.1), (1e-300 if f is F64 else 1e-37, 0.1), (1e200 if f is F64 else 1e30, -0.3)],
     {(0.0, 0.0): (0.0, 0.0), (0.0, 1.0): (1.0, 0.0), (0.0, 2.5): (0.0, 0.0), (0.0, 0.5): (inf, 0.0), (-2.0, 3.0): (12.0, math.nan)})
rule("sqrt", sqrt, positives, lambda f: extremes(f), {(0.0,): (inf,), (-0.0,): (inf,)})
rule("cbrt", lambda x: mp.sign(x) * mp.cbrt(abs(x)), lambda f: both(positives(f)), lambda f: both(extremes(f)), {(0.0,): (inf,)})
rule("hypot", lambda x, y: sqrt(x * x + y * y), lambda f: grid(reals(f), reals(f), 24),
     lambda f: grid(extremes(f), extremes(f), 8) + [(0.0, 2.0), (-2.0, 0.0)], {(0.0, 0.0): (0.0, 0.0)})
rule("recip", lambda x: 1 / x, lambda f: both(positives(f, 1e15)), lambda f: both([1e-150, 1e150] if f is F64 else [1e-18, 1e18]))
rule("mul_add", lambda x, y, z: x * y + z, lambda f: [tuple(R.uniform(-3, 3) for _ in range(3)) for _ in range(10)])

FAR = lambda f: reals(f, 700.0) if f is F64 else reals(f, 85.0)
rule("exp", e, FAR)
rule("exp2", lambda x: mpf(2) ** x, FAR)
rule("exp_m1", lambda x: e(x) - 1, FAR)
rule("ln", ln, positives, lambda f: extremes(f) + beyond(f, 1.0, 1) + beyond(f, 1.0, -1), {(0.0,): (inf,)})
rule("ln_1p", lambda x: ln(1 + x), lambda f: positives(f) + inside(f), lambda f: beyond(f, -1.0, 1) + extremes(f)[:2], {(-1.0,): (inf,)})
rule("log", lambda x, b: ln(x) / ln(b), lambda f: grid(positives(f), [2.0, 10.0, 1.5, 0.3, 7.7], 24),
     lambda f: [(2.0, x) for x in beyond(f, 1.0, 1)] + [(x, 3.0) for x in beyond(f, 1.0, -1)])
rule("log2", lambda x: ln(x) / ln(2), positives, lambda f: extremes(f) + beyond(f, 1.0, 1), {(0.0,): (inf,)})
rule("log10", lambda x: ln(x) / ln(10), positives, lambda f: extremes(f) + beyond(f, 1.0, 1), {(0.0,): (inf,)})

POLES = lambda f: [f.near(s * (k + 0.5) * PI) for k in (0, 1, 100) for s in (1, -1)]
ZEROS = lambda f: [f.near(k * PI) for k in (1, -2, 300)]
rule("sin", mp.sin, lambda f: reals(f, 1e7), lambda f: POLES(f) + [1e22])
rule("cos", mp.cos, lambda f: reals(f, 1e7), lambda f: ZEROS(f) + [1e22, 0.0])
rule("tan", mp.tan, lambda f: reals(f, 1e3), POLES)
rule("asin", mp.asin, inside, lambda f: beyond(f, 1.0, -1) + beyond(f, -1.0, 1), {(1.0,): (inf,), (-1.0,): (inf,)})
rule("acos", mp.acos, inside, lambda f: beyond(f, 1.0, -1) + beyond(f, -1.0, 1), {(1.0,): (-inf,), (-1.0,): (-inf,)})
rule("atan", mp.atan, lambda f: reals(f, 1e15), lambda f: extremes(f))
rule("atan2", atan2, lambda f: grid(reals(f), reals(f), 24), lambda f: grid(extremes(f), extremes(f), 8) + [(0.0, 2.0), (2.0, 0.0)], {(0.0, 0.0): (0.0, 0.0)})
rule("to_radians", lambda x: x * mp.pi / 180, EVERYWHERE)
rule("to_degrees", lambda x: x * 180 / mp.pi, EVERYWHERE)

rule("sinh", mp.sinh, FAR)
rule("cosh", mp.cosh, FAR, lambda f: [0.0])
rule("tanh", mp.tanh, lambda f: [x for x in reals(f) if abs(x) < 0.6], lambda f: [0.0], None, lambda f: reals(f, 30.0) + [100.0])
rule("asinh", mp.asinh, EVERYWHERE, extremes)
rule("acosh", mp.acosh, lambda f: [1 + x for x in positives(f) if f.near(1 + x) > 1], lambda f: beyond(f, 1.0, 1) + [extremes(f)[1]], {(1.0,): (inf,)})
rule("atanh", mp.atanh, inside, lambda f: beyond(f, 1.0, -1) + beyond(f, -1.0, 1), {(1.0,): (inf,), (-1.0,): (inf,)})

AT_ZERO = {(0.0,): (0.0,), (-0.0,): (0.0,)}
rule("abs", abs, EVERYWHERE, None, AT_ZERO)
for name in ("signum", "sign", "threshold"):
    rule(name, lambda x: mpf(1 if x > 0 else 0 if name == "threshold" else -1), HALVES, None, AT_ZERO)
for name in ("floor", "ceil", "round", "round_ties_even", "trunc"):
    rule(name, lambda x: mp.floor(x), HALVES, None, {(2.0,): (0.0,), (-0.0,): (0.0,), (1.5,): (0.0,)})
rule("fract", lambda x: x - mp.floor(x), HALVES, None, {(2.0,): (1.0,), (-3.0,): (1.0,)})
rule("copysign", lambda x, y: abs(x) * (1 if y > 0 else -1), lambda f: grid(reals(f), reals(f)), None, {(0.0, 2.0): (0.0, 0.0), (3.0, -0.0): (-1.0, 0.0)})
rule("max", max, lambda f: grid(reals(f), [R.uniform(-4, 4) for _ in range(9)]), None, {(3.0, 3.0): (0.5, 0.5), (0.0, -0.0): (0.5, 0.5)})
rule("min", min, lambda f: grid(reals(f), [R.uniform(-4, 4) for _ in range(9)]), None, {(3.0, 3.0): (0.5, 0.5), (-0.0, 0.0): (0.5, 0.5)})
rule("clamp", lambda x, lo, hi: min(max(x, lo), hi), lambda f: [(R.uniform(-3, 3), R.uniform(-2, 0), R.uniform(0, 2)) for _ in range(14)], None,
     {(-1.0, -1.0, 2.0): (0.5, 0.5, 0.0), (2.0, -1.0, 2.0): (0.5, 0.0, 0.5)})

rule("linear", lambda x: x, EVERYWHERE)
rule("sigmoid", sigmoid, FAR, lambda f: [0.0])
rule("relu", lambda x: max(x, mpf(0)), EVERYWHERE, None, AT_ZERO)
rule("softplus", softplus, FAR, lambda f: [0.0])
rule("log_sigmoid", lambda x: ln(sigmoid(x)), FAR, lambda f: [0.0])
rule("leaky_relu", lambda x, s: x if x > 0 else s * x, lambda f: grid(reals(f), [0.01, 0.25, -0.5, 1.5]), None, {(0.0, 0.25): (0.625, 0.0)})
rule("elu", lambda x, a: x if x > 0 else a * (e(x) - 1), lambda f: grid(reals(f), [0.5, 1.0, 1.7]), None, {(0.0, 0.5): (0.75, 0.0)})
rule("silu", lambda x: x * sigmoid(x), lambda f: [x for x in FAR(f) if abs(x + 1.278) > 0.2], lambda f: [0.0], None, lambda f: [-1.278, -1.2784645, -1.3])
rule("gelu", gelu, lambda f: [x for x in reals(f, 5.0) if x > -0.5], lambda f: [-1.2, -2.0, -3.0, -4.5, -8.0], None, lambda f: [-0.752, -0.75246142, -0.8])
SINC_ZEROS = lambda f: [4.493409457909064, 4.4934, 7.7252518369377, -20.3713029592876]
rule("sinc", lambda x: mp.sin(x) / x if x else mpf(1), lambda f: [x for x in reals(f, 1e3) if all(abs(abs(x) - z) > 0.2 for z in (4.4934, 7.7253, 10.904, 14.066, 17.22, 20.37, 23.52, 26.67, 29.81))], None, AT_ZERO, SINC_ZEROS)
rule("gaussian", lambda x: e(-x * x), lambda f: reals(f, 5.0) + both([1e-300 if f is F64 else 1e-37, 9.0]), lambda f: [0.0, 20.0 if f is F64 else 9.2, -26.0 if f is F64 else -9.3])
PROBABILITIES = lambda f: [(R.uniform(0.01, 0.99), y) for y in (0.0, 1.0, 0.3) for _ in range(6)]
rule("nll", lambda p, y: -(y * ln(p) + (1 - y) * ln(1 - p)), PROBABILITIES, lambda f: [(x, 1.0) for x in extremes(f)[::3]] + [(x, 0.0) for x in beyond(f, 1.0, -1)])
LABELLED = lambda f: [(x, y) for x in reals(f, 80.0) for y in (0.0, 1.0)]
BETWEEN = lambda f: [(x, y) for x in (-3.0, -1.0, 0.0, 0.5, 20.0) for y in (0.25, 0.7)]
rule("nll_with_logits", lambda z, y: y * softplus(-z) + (1 - y) * softplus(z), LABELLED, None, None, BETWEEN)

# The stable forms of naive formulas, each by one of its spellings.
rule("one_minus_sigmoid", lambda z: 1 - sigmoid(z), FAR)
rule("ln_one_minus_sigmoid", lambda z: ln(1 - sigmoid(z)), FAR)
rule("ln_one_minus_exp", lambda z: ln(1 - e(z)), lambda f: [-x for x in positives(f, 80.0)], lambda f: [-extremes(f)[0]])
rule("binary_log_likelihood", lambda z, y: y * ln(sigmoid(z)) + (1 - y) * ln(1 - sigmoid(z)), LABELLED, None, None, BETWEEN)
TRIPLES = lambda f: [tuple(R.uniform(-3, 3) for _ in range(3)) for _ in range(12)] + [(f.near(80.3), 79.0, 80.0), (-80.0, -81.0, -79.5)]
APART = lambda f: [tuple(R.uniform(-60, 60) for _ in range(3)) for _ in range(6)]
rule("log_sum_exp", lambda a, b, c: ln(e(a) + e(b) + e(c)), TRIPLES, APART)
rule("softmax_at", lambda a, b, c: e(a) / (e(a) + e(b) + e(c)), TRIPLES, APART)
rule("ln_softmax_at", lambda a, b, c: ln(e(a) / (e(a) + e(b) + e(c))), TRIPLES, APART)
rule("norm_of", lambda a, b, c: sqrt(a * a + b * b + c * c), TRIPLES,
     lambda f: [tuple(s * x for x in (2.0, -3.0, 6.0)) for s in extremes(f)] + [(0.0, 2.0, 0.0)], {(0.0, 0.0, 0.0): (0.0, 0.0, 0.0)})
rule("weighted_log_sum_exp", lambda w, a, b: ln(w * e(a) + e(b)), lambda f: [(R.uniform(0.1, 3), R.uniform(-2, 2), R.uniform(-2, 2)) for _ in range(12)] + [(0.5, 80.0, 80.3), (2.5, -81.0, -80.0)],
     lambda f: [(-0.5, 1.0, 2.0), (0.0, 1.0, 2.0), (0.3, -40.0, 3.0)])
rule("ln_cosh", lambda x: ln(mp.cosh(x)), FAR, lambda f: [0.0])
rule("tanh_half", lambda x: (e(x) - 1) / (e(x) + 1), FAR, lambda f: [0.0])
rule("root_of_squares", lambda a, b, c: sqrt(a * a + b * b + c * c), TRIPLES, None, {(0.0, 0.0, 0.0): (0.0, 0.0, 0.0)})
COSC = lambda x: (1 - mp.cos(x)) / x**2 if x else mpf(0.5)
rule("cosc", COSC, lambda f: [x for x in reals(f, 1e3) if abs(x) < 5.5], lambda f: [0.0], None, lambda f: [x for x in reals(f, 1e3) if 5.5 < abs(x) < 1e4])
rule("exp_relative", lambda x: (e(x) - 1) / x if x else mpf(1), FAR, lambda f: [0.0])
rule("bernoulli", lambda x: x / (e(x) - 1) if x else mpf(1), FAR, lambda f: [0.0])


def lines(f):
    for name, (function, ordinary, singular, cancelling, kinks) in RULES.items():
        R.seed(name)
        seen = set()
        for kind, points in (("o", ordinary(f)), ("s", singular(f)), ("a", cancelling(f)), ("k", kinks)):
            for point in points:
                point = tuple(f.near(x) for x in (point if isinstance(point, tuple) else (point,)))
                if kind != "k" and point in seen:
                    continue
                seen.add(point)
                if kind == "k":
                    truths = [(kinks[point], 0.0) if not isinstance(kinks[point], tuple) else (p, 0.0) for p in kinks[point]]
                else:
                    truths = [f.round(partial(function, point, k)) for k in range(len(point))]
                    if any(math.isinf(truth) for truth, _ in truths):
                        continue
                cells = [f"{f.write(truth)} {rest:.3f}" for truth, rest in truths]
                yield f"{name.replace(' ', '_')} {kind} {' '.join(f.write(x) for x in point)} | {' | '.join(cells)}\n"


if __name__ == "__main__":
    R = random.Random()
    for f in (F64, F32):
        Path(__file__).with_name(f"rules.{f.name}.txt").write_text("".join(lines(f)))
