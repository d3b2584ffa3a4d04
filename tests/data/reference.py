"""High-precision derivatives for the reference data of the tests.

Nothing here knows a derivative rule: a partial is the central difference of the function itself, with
a step of 1e-60 of the argument's scale, in 1200 digits, so that some 100 digits of it are right.
"""

import math
import struct

from mpmath import mp, mpf

mp.dps = 1200
STEP = mpf(10) ** -60


def partial(function, point, k):
    """The partial derivative of `function` by its `k`-th argument at `point`."""
    x = mpf(point[k])
    h = STEP * min(abs(x), 1) if x != 0 else STEP
    moved = [mpf(p) for p in point]

    def at(value):
        moved[k] = value
        return function(*moved)

    return (at(x + h) - at(x - h)) / (2 * h)


class Format:
    """A floating-point format: what it rounds to, and how its numbers are written."""

    def __init__(self, name, bits, least, largest):
        self.name, self.bits = name, bits
        self.least, self.largest = mpf(2) ** least, (2 - mpf(2) ** (1 - bits)) * mpf(2) ** largest

    def near(self, x):
        """The number of this format that is nearest to the float `x`."""
        if self.name == "f64":
            return float(x)
        return struct.unpack("f", struct.pack("f", x))[0]

    def next(self, x, towards):
        """The neighbour of `x` in the direction of `towards`."""
        if self.name == "f64":
            return math.nextafter(x, towards)
        bits = struct.unpack("I", struct.pack("f", x))[0]
        bits += 1 if (towards > x) == (x > 0) else -1
        return struct.unpack("f", struct.pack("I", bits))[0]

    def write(self, x):
        """Digits that read back as `x`."""
        if self.name == "f64":
            return repr(float(x))
        if not math.isfinite(x):
            return repr(x)
        digits = next(f"{x:.{n}g}" for n in range(1, 10) if self.near(float(f"{x:.{n}g}")) == x)
        return repr(float(digits))

    def round(self, truth):
        """The nearest number to `truth`, and the rest in units of its last place."""
        if abs(truth) > self.largest:
            return math.copysign(math.inf, truth), 0.0
        if abs(truth) < self.least:  # underflow: held to an absolute bound
            return self.near(float(truth)), 0.0
        with mp.workprec(self.bits):
            rounded = +truth
        unit = mpf(2) ** (int(mp.floor(mp.log(abs(rounded), 2))) - self.bits + 1)
        return float(rounded), float((truth - rounded) / unit)


F64 = Format("f64", 53, -1022, 1023)
F32 = Format("f32", 24, -126, 127)
