#!/usr/bin/env python3
"""Writes vector.txt: exact values of the functions of autodiff_runtime::tensor::vector in double precision.

    python3 -m venv venv && venv/bin/pip install mpmath && venv/bin/python vector.py

A line is `name x value rest`: the value rounded, and what the rounding left, in units in the last place.
"""

import math
import random
from pathlib import Path

from mpmath import exp, log, mp, mpf, tanh

mp.prec = 2400

FUNCTIONS = {
    "exp": (exp, 745.0, 709.7),
    "tanh": (tanh, 800.0, 800.0),
    "sigmoid": (lambda x: 1 / (1 + exp(-x)), 744.0, 800.0),
    "softplus": (lambda x: log(1 + exp(x)), 744.0, 800.0),
}


def points(low, high):
    """Small and large ones, near the ends, and where formulas meet."""
    draw = random.Random(1)
    yield from (sign * 2.0 ** draw.uniform(-60, 0) for _ in range(60) for sign in (1, -1))
    yield from (draw.uniform(-2, 2) for _ in range(400))
    yield from (draw.uniform(-40, 40) for _ in range(200))
    yield from (draw.uniform(-low, high) for _ in range(200))
    yield from (draw.uniform(-low, -low + 40) for _ in range(40))
    yield from (draw.uniform(high - 2, high) for _ in range(20))
    yield from (sign * (0.625 + k * 1e-3) for k in range(-40, 40) for sign in (1, -1))
    yield from ((n + 0.5) * math.log(2) + d for n in range(-4, 4) for d in (-1e-9, 0.0, 1e-9))


with Path(__file__).with_name("vector.txt").open("w") as out:
    for name, (f, low, high) in FUNCTIONS.items():
        for x in points(low, high):
            exact = f(mpf(x))
            value = float(exact)
            rest = (exact - mpf(value)) / mpf(math.ulp(value))
            out.write(f"{name} {x!r} {value!r} {float(rest):.3f}\n")
