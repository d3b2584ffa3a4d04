#!/usr/bin/env python3
"""Writes reference.txt: values and gradients of the functions of autodiff_runtime::tensor.

    python3 -m venv venv && venv/bin/pip install mpmath && venv/bin/python reference.py

The functions are the formulas of the documentation as loops over flat lists, in 60 digits. A block is

    name
    argument numbers …        (one line per differentiable argument)
    value numbers …
    weights numbers …         (one per number of the value)
    gradient numbers …        (one line per argument: of Σ weights·value, by differences in 60 digits)

The shapes are those that the test names.
"""

import random
from pathlib import Path

from mpmath import exp, log, mp, mpf, sqrt, tanh

mp.dps = 60
STEP = mpf(10) ** -20
draw = random.Random(1)


def matmul(a, b, m=3, k=4, n=2):
    return [sum(a[i * k + l] * b[l * n + j] for l in range(k)) for i in range(m) for j in range(n)]


def outer(a, b):
    return [x * y for x in a for y in b]


def mode_product(x, w):
    # (2, 3, 2) along axis 1 by (4, 3).
    return [sum(w[i * 3 + j] * x[a * 6 + j * 2 + c] for j in range(3)) for a in range(2) for i in range(4) for c in range(2)]


def tensordot(a, b):
    # C[m, r, k] = Σ A[m, n, r] B[n, k] with (2, 3, 2) and (3, 4).
    return [sum(a[m * 6 + n * 2 + r] * b[n * 4 + k] for n in range(3)) for m in range(2) for r in range(2) for k in range(4)]


def norm(x):
    return [sqrt(sum(v * v for v in x))]


def rows(x, width):
    return [x[k : k + width] for k in range(0, len(x), width)]


def softmax_row(x):
    total = sum(exp(v) for v in x)
    return [exp(v) / total for v in x]


def softmax(x):
    return [p for row in rows(x, 4) for p in softmax_row(row)]


def softmax_columns(x):
    columns = [softmax_row([x[i * 4 + j] for i in range(3)]) for j in range(4)]
    return [columns[j][i] for i in range(3) for j in range(4)]


def log_softmax(x):
    return [log(p) for p in softmax(x)]


def logsumexp(x):
    return [log(sum(exp(v) for v in x))]


def logsumexp_axis(x):
    return [log(sum(exp(v) for v in row)) for row in rows(x, 4)]


def cross_entropy(p, t):
    return [-sum(v * log(q) for q, v in zip(p, t)) / 3]


def cross_entropy_with_logits(z):
    labels = [2, 0, 3]
    return [-sum(log(softmax_row(row)[k]) for row, k in zip(rows(z, 4), labels)) / 3]


def conv2d(x, w, stride=2, padding=1):
    # (2, 2, 5, 4) with (3, 2, 3, 2).
    B, C, H, W, O, P, Q = 2, 2, 5, 4, 3, 3, 2
    y = []
    for b in range(B):
        for o in range(O):
            for i in range(0, H + 2 * padding - P + 1, stride):
                for j in range(0, W + 2 * padding - Q + 1, stride):
                    total = mpf(0)
                    for c in range(C):
                        for p in range(P):
                            for q in range(Q):
                                u, v = i + p - padding, j + q - padding
                                if 0 <= u < H and 0 <= v < W:
                                    total += x[((b * C + c) * H + u) * W + v] * w[((o * C + c) * P + p) * Q + q]
                    y.append(total)
    return y


def pool(reduce, size, stride):
    # (2, 2, 5, 4).
    def pooled(x):
        return [
            reduce([x[(plane * 5 + i + p) * 4 + j + q] for p in range(size) for q in range(size)])
            for plane in range(4)
            for i in range(0, 5 - size + 1, stride)
            for j in range(0, 4 - size + 1, stride)
        ]

    return pooled


def mean(x):
    return sum(x) / len(x)


def embedding(table):
    return [v for k in (3, 0, 3, 1) for v in table[k * 2 : k * 2 + 2]]


def sigmoid(x):
    return 1 / (1 + exp(-x))


def elementwise(f):
    return lambda x: [f(v) for v in x]


def gelu(x):
    return x / 2 * (1 + tanh(sqrt(2 / mp.pi) * (x + mpf(0.044715) * x**3)))


def signed(count, scale=3.0):
    return [draw.uniform(-scale, scale) for _ in range(count)]


def positive(count):
    return [draw.uniform(0.1, 1.0) for _ in range(count)]


CASES = [
    ("matmul", matmul, [signed(12), signed(8)]),
    ("outer", outer, [signed(3), signed(4)]),
    ("mode_product", mode_product, [signed(12), signed(12)]),
    ("tensordot", tensordot, [signed(12), signed(12)]),
    ("norm", norm, [signed(12)]),
    ("softmax", softmax, [signed(12)]),
    ("softmax_columns", softmax_columns, [signed(12)]),
    ("log_softmax", log_softmax, [signed(12)]),
    ("logsumexp", logsumexp, [signed(12)]),
    ("logsumexp_axis", logsumexp_axis, [signed(12)]),
    ("cross_entropy", cross_entropy, [positive(12), positive(12)]),
    ("cross_entropy_with_logits", cross_entropy_with_logits, [signed(12)]),
    ("conv2d", conv2d, [signed(80), signed(36)]),
    ("max_pool2d", pool(max, 2, 1), [signed(80)]),
    ("avg_pool2d", pool(mean, 3, 2), [signed(80)]),
    ("embedding", embedding, [signed(8)]),
    ("tanh", elementwise(tanh), [signed(12)]),
    ("sigmoid", elementwise(sigmoid), [signed(12)]),
    ("exp", elementwise(exp), [signed(12)]),
    ("relu", elementwise(lambda x: max(x, 0)), [signed(12)]),
    ("softplus", elementwise(lambda x: log(1 + exp(x))), [signed(12)]),
    ("log_sigmoid", elementwise(lambda x: log(sigmoid(x))), [signed(12)]),
    ("silu", elementwise(lambda x: x * sigmoid(x)), [signed(12)]),
    ("gelu", elementwise(gelu), [signed(12)]),
]


def gradient(f, arguments, weights, which):
    slopes = []
    for k in range(len(arguments[which])):
        ends = []
        for step in (STEP, -STEP):
            moved = [[mpf(v) for v in own] for own in arguments]
            moved[which][k] += step
            ends.append(sum(mpf(u) * v for u, v in zip(weights, f(*moved))))
        slopes.append((ends[0] - ends[1]) / (2 * STEP))
    return slopes


def line(kind, numbers):
    return " ".join([kind, *(repr(float(v)) for v in numbers)])


with Path(__file__).with_name("reference.txt").open("w") as out:
    for name, f, arguments in CASES:
        value = f(*[[mpf(v) for v in own] for own in arguments])
        weights = signed(len(value), 1.0)
        lines = [name, *(line("argument", own) for own in arguments)]
        lines += [line("value", value), line("weights", weights)]
        lines += [line("gradient", gradient(f, arguments, weights, k)) for k in range(len(arguments))]
        out.write("\n".join(lines) + "\n\n")
