#!/usr/bin/env python3
"""Prints the coefficients of autodiff_runtime::tensor::vector, lowest power first, and the error that
the polynomials leave before rounding.

    python3 -m venv venv && venv/bin/pip install mpmath && venv/bin/python vector_coefficients.py

The fits are minimax fits of our own, by Lawson's algorithm: least squares, in which every point gains
weight by its error, until the largest errors are equal (Rice & Usow, *The Lawson algorithm and
extensions*, 1968).
"""

import struct

from mpmath import atanh, cos, exp, expm1, log, lu_solve, matrix, mp, mpf, pi, sqrt, tanh

mp.dps = 40
POINTS = 240
ROUNDS = 60


def fit(f, weight, low, high, terms):
    """The polynomial p with the smallest max |weight·(p − f)|, and that number."""
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (k + mpf(1) / 2) / POINTS) for k in range(POINTS)]
    values, scale = [f(x) for x in nodes], [weight(x) for x in nodes]
    share = [mpf(1) / POINTS] * POINTS
    best = (mp.inf, None)
    for _ in range(ROUNDS):
        normal, right = matrix(terms, terms), matrix(terms, 1)
        for x, y, w, s in zip(nodes, values, scale, share):
            powers = [s * w * w * x**k for k in range(2 * terms - 1)]
            for i in range(terms):
                right[i] += powers[i] * y
                for j in range(terms):
                    normal[i, j] += powers[i + j]
        c = lu_solve(normal, right)
        errors = [abs(w * (sum(c[k] * x**k for k in range(terms)) - y)) for x, y, w in zip(nodes, values, scale)]
        best = min(best, (max(errors), list(c)), key=lambda pair: pair[0])
        grown = [s * e for s, e in zip(share, errors)]
        share = [g / sum(grown) for g in grown]
    return best


def single(c):
    return repr(struct.unpack("f", struct.pack("f", float(c)))[0])


def show(name, f, weight, low, high, single_terms, double_terms):
    for kind, terms, rounded in [("f32", single_terms, single), ("f64", double_terms, lambda c: repr(float(c)))]:
        error, c = fit(f, weight, low, high, terms)
        print(f"{name} {kind}: 2^{float(log(error, 2)):.1f}")
        for k in c:
            print(f"    {rounded(k)},")


half = log(2) / 2 * mpf("1.001")
# e^r = 1 + r + r²·p(r).
show("exp", lambda r: (exp(r) - 1 - r) / r**2, lambda r: r**2, -half, half, 5, 10)
# tanh x = x + x·z·p(z) with z = x².
show("tanh", lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, lambda z: z, mpf(10)**-12, mpf("0.625")**2, 5, 11)
# ln(1 + e) = 2·(s + s·z·p(z)) with s = e/(2 + e) and z = s².
show("ln_1p", lambda z: (atanh(sqrt(z)) / sqrt(z) - 1) / z, lambda z: z, mpf(10)**-12, mpf(1) / 9, 5, 10)

for name, bits in [("ln 2 in f32", 15), ("ln 2 in f64", 32)]:
    high = mpf(int(log(2) * 2**bits)) / 2**bits
    low = log(2) - high
    print(f"{name}: {float(high)!r} + {single(low) if bits == 15 else repr(float(low))}")
