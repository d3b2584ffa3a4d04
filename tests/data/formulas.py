#!/usr/bin/env python3
"""Writes formulas.txt: exact derivatives of formulas as users write them.

    python3 -m venv venv && venv/bin/pip install mpmath && venv/bin/python formulas.py

A line is `name z | derivative rest`, see rules.py. Where the formula has no value and no limit there is
no line; at a removable singularity the derivative is that of the limit.
"""

import math
from pathlib import Path

from mpmath import mp, mpf

from reference import F64, partial

e, ln, sqrt, tanh, cosh = mp.exp, mp.log, mp.sqrt, mp.tanh, mp.cosh
POINTS = [0.0, 1.0, -1.0, 40.0, -40.0, 800.0, -800.0]
POSITIVE = [z for z in POINTS if z > 0]
NEGATIVE = [z for z in POINTS if z < 0]


def p(z):
    """The logistic function."""
    return 1 / (1 + e(-z))


def removable(function, limit):
    """A quotient with its limit at 0."""
    return lambda z: function(z) if z else mpf(limit)


FORMULAS = {}
CONVENTIONS = {}


def formula(name, function, points=POINTS, more=(), at_zero=None):
    """`at_zero` is the derivative that is agreed on at a kink at 0."""
    FORMULAS[name] = (function, [*points, *more])
    CONVENTIONS[name] = at_zero


formula("ln_sigmoid", lambda z: ln(p(z)))
formula("minus_ln_sigmoid", lambda z: -ln(p(z)))
formula("ln_one_minus_sigmoid", lambda z: ln(1 - p(z)))
formula("softplus", lambda z: ln(1 + e(z)))
formula("softplus_ln_1p", lambda z: ln(1 + e(z)))
formula("softplus_shifted", lambda z: ln(1 + e(z)))
formula("logistic", p)
formula("logistic_quotient", p)
formula("logistic_power", p)
formula("one_minus_logistic", lambda z: 1 - p(z))
formula("likelihood", lambda z: mpf(0.25) * ln(p(z)) + mpf(0.75) * ln(1 - p(z)))
formula("nll_hit", lambda z: -ln(p(z)))
formula("nll_miss", lambda z: -ln(1 - p(z)))
formula("nll_function", lambda z: -ln(p(z)))
formula("margin", lambda z: -ln(p(-z)))
formula("clamped_nll", lambda z: -ln(min(max(p(z), mpf(1e-7)), mpf(1 - 1e-7))))
formula("logit", lambda z: z)
formula("difference_of_logs", lambda z: z)
formula("odds", e, [z for z in POINTS if z < 800])
formula("p_ln_p", lambda z: p(z) * ln(p(z)))
formula("entropy", lambda z: -(p(z) * ln(p(z)) + (1 - p(z)) * ln(1 - p(z))))
formula("divergence", lambda z: p(z) * (ln(p(z)) - ln(mpf(0.5))))
formula("focal", lambda z: -((1 - p(z)) ** 2) * ln(p(z)))
formula("swish_by_hand", lambda z: z * p(z))
formula("swish", lambda z: z * p(z))
formula("variance_of_bernoulli", lambda z: p(z) * (1 - p(z)))
formula("ln_product", lambda z: ln(p(z) * p(z / 2)))
formula("ln_ratio", lambda z: ln(p(z) / p(z / 2)))

formula("ln_sum_exp", lambda z: ln(e(z) + e(1)))
formula("ln_sum_exp_symmetric", lambda z: ln(e(z) + e(-z)))
formula("softmin", lambda z: -ln(e(-z) + e(-1)))
formula("ln_mean_exp", lambda z: ln((e(z) + e(-z)) / 2))
formula("ln_mixture", lambda z: ln(mpf(0.3) * e(z) + mpf(0.7) * e(-z)))
formula("ln_mixture_of_gaussians", lambda z: ln(mpf(0.5) * e(-(z - 1) ** 2 / 2) + mpf(0.5) * e(-(z + 1) ** 2 / 2)))
formula("softmax_by_hand", lambda z: e(z) / (e(z) + e(z / 2) + e(-z)))
formula("cross_entropy_by_hand", lambda z: -ln(e(z) / (e(z) + e(z / 2) + e(-z))))
formula("cross_entropy_of_softmax", lambda z: -ln(1 / (e(z) + 1 + e(-z))))
formula("ln_sum_exp_loop", lambda z: ln(e(z) + e(z / 2) + e(-z)))
formula("ln_sum_exp_loop_falling", lambda z: ln(e(z) + e(z - 1) + e(z - 2)))
formula("ln_sum_exp_loop_shifted", lambda z: ln(e(z) + e(z / 2) + e(-z)))
formula("ln_exp", lambda z: z)
formula("ln_gaussian", lambda z: -z * z / 2)
formula("exp_ratio", lambda z: e(z / 2))
formula("ln_cosh", lambda z: ln(cosh(z)))
formula("tanh_by_exp", tanh)
formula("tanh_by_one_exp", tanh)
formula("tanh_by_sigmoid", tanh)
formula("ln_one_minus_tanh_squared", lambda z: ln(1 - tanh(z) ** 2))
formula("ln_one_minus_exp", lambda z: ln(1 - e(z)), NEGATIVE, [-1e-9, -1e-3])
formula("exp_minus_one", e, [z for z in POINTS if z < 800])
formula("gumbel", lambda z: e(-e(-z)))
formula("ln_one_minus_gumbel", lambda z: ln(1 - e(-e(z))), [0.0, 1.0, -1.0, -40.0, -800.0])

formula("sinc_by_hand", removable(lambda z: mp.sin(z) / z, 1), POINTS, [1e-9])
formula("one_minus_cos", removable(lambda z: (1 - mp.cos(z)) / z**2, 0.5), POINTS, [1e-9, 1e-3])
formula("exp_minus_one_over", removable(lambda z: (e(z) - 1) / z, 1), [z for z in POINTS if z < 800], [1e-9, 1e-3])
formula("ln_one_plus_over", removable(lambda z: ln(1 + z) / z, 1), [0.0, *POSITIVE], [1e-9, 1e-3])
formula("planck", removable(lambda z: z / (e(z) - 1), 1), POINTS, [1e-9, 1e-3])

HUGE = [1e200, 1e-200]
formula("norm", lambda z: sqrt(z * z + (2 * z) ** 2), POINTS, HUGE, 0.0)
formula("root_of_square", abs, POINTS, HUGE, 0.0)
formula("norm_loop", lambda z: sqrt(5) * abs(z), POINTS, HUGE, 0.0)
formula("norm_iterator", lambda z: sqrt(5) * abs(z), POINTS, HUGE, 0.0)
formula("deviation", lambda z: sqrt(mpf(2) / 3) * abs(z), POINTS, (), 0.0)
formula("distance_per_length", lambda z: abs(z) / (abs(z) + 1), POINTS, (), 0.0)
formula("softened_norm", lambda z: sqrt(z * z + mpf(1e-12)), POINTS)
formula("square_of_root", lambda z: z, POSITIVE, (), None)
formula("ln_of_square", lambda z: 2 * ln(abs(z)), [z for z in POINTS if z], HUGE)
formula("square_times_ln", removable(lambda z: z * z * ln(abs(z)), 0), [0.0, *POSITIVE])
formula("exp_of_ln", lambda z: z * z, POSITIVE, (), None)
formula("parallel", lambda z: 2 * z / (z + 2), [0.0, *POSITIVE], [1e-200])
formula("guarded_root", lambda z: sqrt(z) if z > 0 else mpf(0), POSITIVE + NEGATIVE, (), None)
formula("rational", lambda z: 1 / (1 + z * z), POINTS, [1e100])

# One-sided at 0, where the function ends.
ENDS = {"square_of_root": 1.0, "exp_of_ln": 0.0}

if __name__ == "__main__":
    lines = []
    for name, (function, points) in FORMULAS.items():
        if name in ENDS:
            points = [0.0, *points]
        for z in points:
            if z == 0 and name in ENDS:
                truth = mpf(ENDS[name])
            elif z == 0 and CONVENTIONS[name] is not None:
                truth = mpf(CONVENTIONS[name])
            else:
                truth = partial(function, [z], 0)
            rounded, rest = F64.round(truth)
            if math.isfinite(rounded):
                lines.append(f"{name} {z!r} | {rounded!r} {rest:.3f}\n")
    Path(__file__).with_name("formulas.txt").write_text("".join(lines))
