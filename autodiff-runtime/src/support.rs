//! The arithmetic of derivative rules that are more than one line, called by generated code.
//!
//! Each function takes the incoming adjoint `d` first and returns what it contributes to the
//! adjoint of one argument; all are linear in `d`, so the same functions serve tangents. `x` is the
//! argument, `y` (or `h`) the result of the operation. Two conventions hold throughout: an adjoint
//! that is exactly 0 contributes 0 whatever the partial is (strong zero), and at a kink the
//! derivative is the midpoint of the subdifferential, `relu` aside, whose derivative at 0 is 0.

mod holes;
mod stable;

pub use holes::*;
pub use stable::*;

use crate::real::{GELU_CUBIC, GELU_ROOT, Real, gelu_argument};

#[inline]
fn number<T: Real>(value: f64) -> T {
    T::from_f64(value)
}

#[inline]
fn zero<T: Real>() -> T {
    number(0.0)
}

#[inline]
fn half<T: Real>(d: T) -> T {
    number::<T>(0.5) * d
}

/// `value`, unless the adjoint `d` it was computed from is 0: then 0, even if `value` is NaN.
#[inline]
pub fn strong_zero<T: Real>(d: T, value: T) -> T {
    if d == zero() { zero() } else { value }
}

/// Drops arrays that nobody reads any more; the next ones are made in their memory.
#[inline]
pub fn give_back<V: crate::Differentiable>(arrays: V) {
    arrays.give_back();
}

/// Σ aⱼ bⱼ, by several partial sums at once.
///
/// # Panics
/// If the lengths differ.
#[inline]
pub fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    const LANES: usize = 8;
    assert_eq!(
        a.len(),
        b.len(),
        "an inner product of rows of different length"
    );
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [zero::<T>(); LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest = a_rest.iter().zip(b_rest);
    let rest = rest.fold(zero::<T>(), |sum, (&a, &b)| sum + a * b);
    sums.iter().fold(rest, |sum, &lane| sum + lane)
}

/// `abs`: d·sign(x), 0 at x = 0.
#[inline]
pub fn abs_adjoint<T: Real>(d: T, x: T) -> T {
    if d == zero() || x == zero() {
        zero()
    } else {
        d * x.signum()
    }
}

/// `copysign(x, y)` in x: d·sign(x)·sign(y), 0 at x = 0. The derivative in y is 0.
#[inline]
pub fn copysign_adjoint<T: Real>(d: T, x: T, y: T) -> T {
    if d == zero() || x == zero() {
        zero()
    } else {
        d * (x.signum() * number::<T>(1.0).copysign(y))
    }
}

// ---- max, min, clamp ----

/// The share of the first argument of `max(a, b)`: d if it is the larger, d/2 if both are equal,
/// else 0. As in [`f64::max`], a NaN beside a number takes no part.
#[inline]
pub fn max_share<T: Real>(d: T, a: T, b: T) -> T {
    share(d, a > b, b > a, a, b)
}

/// The share of the first argument of `min(a, b)`, see [`max_share`].
#[inline]
pub fn min_share<T: Real>(d: T, a: T, b: T) -> T {
    share(d, a < b, b < a, a, b)
}

#[inline]
fn share<T: Real>(d: T, first_wins: bool, second_wins: bool, a: T, b: T) -> T {
    // Most pairs are decided by this, and loops over them spend their time here.
    if first_wins {
        d
    } else if second_wins {
        zero()
    } else if a.is_nan() == b.is_nan() {
        half(d)
    } else if b.is_nan() {
        d
    } else {
        zero()
    }
}

/// `clamp(x, lo, hi)` in x: d inside, 0 outside, d/2 at a bound. Where the bounds are equal the
/// result does not depend on x, and the share is 0.
#[inline]
pub fn clamp_share<T: Real>(d: T, x: T, lo: T, hi: T) -> T {
    if x < lo || x > hi || lo == hi {
        zero()
    } else if x == lo || x == hi {
        half(d)
    } else {
        d
    }
}

/// `clamp(x, lo, hi)` in lo: d below it, d/2 at it, else 0.
#[inline]
pub fn clamp_low_share<T: Real>(d: T, x: T, lo: T) -> T {
    if x < lo {
        d
    } else if x == lo {
        half(d)
    } else {
        zero()
    }
}

/// `clamp(x, lo, hi)` in hi: d above it, d/2 at it, else 0.
#[inline]
pub fn clamp_high_share<T: Real>(d: T, x: T, hi: T) -> T {
    if x > hi {
        d
    } else if x == hi {
        half(d)
    } else {
        zero()
    }
}

// ---- geometry ----

/// `h = hypot(x, _)` in x: d·x/h, 0 where h = 0.
#[inline]
pub fn hypot_adjoint<T: Real>(d: T, x: T, h: T) -> T {
    if d == zero() || h == zero() {
        zero()
    } else {
        d * (x / h)
    }
}

/// `atan2(y, x)` in y: d·x/(x² + y²), 0 at the origin; no square overflows on the way.
#[inline]
pub fn atan2_adjoint_y<T: Real>(d: T, y: T, x: T) -> T {
    atan2_partial(d, x, y)
}

/// `atan2(y, x)` in x: −d·y/(x² + y²), see [`atan2_adjoint_y`].
#[inline]
pub fn atan2_adjoint_x<T: Real>(d: T, y: T, x: T) -> T {
    -atan2_partial(d, y, x)
}

/// d·a/(a² + b²).
#[inline]
fn atan2_partial<T: Real>(d: T, a: T, b: T) -> T {
    // The numerator 0 also covers the origin, and a quotient d/h that overflows beside it.
    if d == zero() || (a == zero() && !b.is_nan()) {
        return zero();
    }
    let h = a.hypot(b);
    if h.is_infinite() && !a.is_nan() && !b.is_nan() {
        return zero();
    }
    (d / h) * (a / h)
}

/// `y = tan(x)`: d·(1 + y²).
#[inline]
pub fn tan_adjoint<T: Real>(d: T, y: T) -> T {
    strong_zero(d, d * (number::<T>(1.0) + y * y))
}

// ---- powers ----

/// `powi(x, n)` in x: d·n·xⁿ⁻¹; 0 for n = 0 and d for n = 1, at x = 0 too.
#[inline]
pub fn powi_adjoint<T: Real>(d: T, x: T, n: i32) -> T {
    if d == zero() || n == 0 {
        return zero();
    }
    let power = match n {
        1 => return d,
        2 => x,
        // n − 1 does not exist here.
        i32::MIN => x.powi(n) / x,
        _ => x.powi(n - 1),
    };
    d * (number::<T>(f64::from(n)) * power)
}

/// `y = powf(x, p)` in x: d·p·y/x; 0 for p = 0, at x = 0 too.
#[inline]
pub fn powf_base_adjoint<T: Real>(d: T, x: T, p: T, y: T) -> T {
    if d == zero() || p == zero() {
        return zero();
    }
    // The quotient spares a power, and the rounding of p − 1, which the power would magnify by
    // ln(x). Where it would be 0/0 or ∞/∞, or y has lost digits, the power is needed.
    let slope = if p == number(2.0) {
        x
    } else if y.is_normal() {
        y / x
    } else {
        x.powf(p - number(1.0))
    };
    d * (p * slope)
}

/// `y = powf(x, p)` in p: d·y·ln(x); 0 at x = 0, and NaN for a negative base.
#[inline]
pub fn powf_exponent_adjoint<T: Real>(d: T, x: T, p: T, y: T) -> T {
    // y = 0 for a positive base is the limit of x → ∞ or an underflow, and outweighs ln(x).
    if d == zero() || (x == zero() && !p.is_nan()) || (x > zero() && y == zero()) {
        zero()
    } else {
        d * (y * x.ln())
    }
}

// ---- remainders ----

/// `a % b` in b: −d·trunc(a/b).
#[inline]
pub fn rem_divisor_adjoint<T: Real>(d: T, a: T, b: T) -> T {
    strong_zero(d, -(d * truncated_quotient(a, b, a % b)))
}

/// `a.rem_euclid(b)` in b: −d·⌊a/b⌋ for positive b, −d·⌈a/b⌉ for negative b.
#[inline]
pub fn rem_euclid_divisor_adjoint<T: Real>(d: T, a: T, b: T) -> T {
    let remainder = a % b;
    let mut quotient = truncated_quotient(a, b, remainder);
    if remainder < zero() {
        quotient -= b.signum();
    }
    strong_zero(d, -(d * quotient))
}

/// trunc(a/b) of the exact quotient: a/b itself may round up to the next integer (1.0/0.1 is 10,
/// but 0.1 goes into 1.0 nine times), the remainder does not.
#[inline]
fn truncated_quotient<T: Real>(a: T, b: T, remainder: T) -> T {
    ((a - remainder) / b).round()
}

// ---- activations ----

/// The derivative of `sigmoid(x)`: σ(x)·σ(−x), with full relative accuracy on both tails.
#[inline]
pub fn sigmoid_slope<T: Real>(x: T) -> T {
    // σ(|x|) and σ(−|x|) = e σ(|x|) are both accurate, and neither asks for the sign. The exponential
    // and the division are those of `sigmoid`: where it has been computed, the optimiser takes them
    // from there.
    let e = (-x.abs()).exp();
    let larger = number::<T>(1.0) / (number::<T>(1.0) + e);
    e * larger * larger
}

/// `sigmoid(x)`: d·σ′(x).
#[inline]
pub fn sigmoid_adjoint<T: Real>(d: T, x: T) -> T {
    strong_zero(d, d * sigmoid_slope(x))
}

/// `relu(x)`: d for x > 0, else 0; a NaN passes d on, as it passes through `relu`.
#[inline]
pub fn relu_adjoint<T: Real>(d: T, x: T) -> T {
    if x <= zero() { zero() } else { d }
}

/// `softplus(x)`: d·σ(x).
#[inline]
pub fn softplus_adjoint<T: Real>(d: T, x: T) -> T {
    strong_zero(d, d * x.sigmoid())
}

/// `log_sigmoid(x)`: d·σ(−x).
#[inline]
pub fn log_sigmoid_adjoint<T: Real>(d: T, x: T) -> T {
    strong_zero(d, d * (-x).sigmoid())
}

/// `leaky_relu(x, slope)` in x: d for x > 0, d·slope for x < 0, d·(1 + slope)/2 at 0.
#[inline]
pub fn leaky_relu_adjoint<T: Real>(d: T, x: T, slope: T) -> T {
    strong_zero(d, two_sided(d, x, d * slope))
}

/// `leaky_relu(x, slope)` in slope: d·min(x, 0).
#[inline]
pub fn leaky_relu_slope_adjoint<T: Real>(d: T, x: T) -> T {
    if x > zero() {
        zero()
    } else {
        strong_zero(d, d * x)
    }
}

/// `elu(x, alpha)` in x: d for x > 0, d·alpha·eˣ for x < 0, d·(1 + alpha)/2 at 0.
#[inline]
pub fn elu_adjoint<T: Real>(d: T, x: T, alpha: T) -> T {
    if x > zero() {
        d
    } else {
        strong_zero(d, two_sided(d, x, d * (alpha * x.exp())))
    }
}

/// `elu(x, alpha)` in alpha: d·(eˣ − 1) for x < 0, else 0.
#[inline]
pub fn elu_alpha_adjoint<T: Real>(d: T, x: T) -> T {
    if x > zero() {
        zero()
    } else {
        strong_zero(d, d * x.exp_m1())
    }
}

/// d on the right of 0, `below` on the left, their mean at 0.
#[inline]
fn two_sided<T: Real>(d: T, x: T, below: T) -> T {
    if x > zero() {
        d
    } else if x == zero() {
        half(d + below)
    } else {
        below
    }
}

/// `gelu(x)`, tanh form: d·(σ(2u) + x·2u′·σ(2u)·σ(−2u)), where u is the argument of tanh.
#[inline]
pub fn gelu_adjoint<T: Real>(d: T, x: T) -> T {
    let twice_u = number::<T>(2.0) * gelu_argument(x);
    let twice_slope =
        number::<T>(2.0 * GELU_ROOT) * (number::<T>(1.0) + number::<T>(3.0 * GELU_CUBIC) * (x * x));
    gate_adjoint(d, twice_u, x * twice_slope)
}

/// `silu(x)`: d·(σ(x) + x·σ(x)·σ(−x)).
#[inline]
pub fn silu_adjoint<T: Real>(d: T, x: T) -> T {
    gate_adjoint(d, x, x)
}

/// d·(σ(z) + weight·σ′(z)) as d·σ(z)·(1 + weight·σ(−z)); what underflows outweighs even an infinite
/// `weight`.
#[inline]
fn gate_adjoint<T: Real>(d: T, z: T, weight: T) -> T {
    let one = number::<T>(1.0);
    let e = (-z.abs()).exp();
    let larger = one / (one + e);
    let smaller = e * larger;
    let (own, other) = if z < zero() {
        (smaller, larger)
    } else {
        (larger, smaller)
    };
    let partial = own * (one + strong_zero(other, weight * other));
    strong_zero(d, strong_zero(own, d * partial))
}

/// `sinc(x)`: d·(cos(x) − sin(x)/x)/x, by its power series for |x| < 1, where that cancels.
#[inline]
pub fn sinc_adjoint<T: Real>(d: T, x: T) -> T {
    if d == zero() || x.is_infinite() {
        return zero();
    }
    let partial = if x.abs() < number(1.0) {
        // sinc′(x) = −x/3 · (1 − x²/(2·5) · (1 − x²/(4·7) · (1 − x²/(6·9) · …))): the factor that
        // leads from term k to term k + 1 is −x²/(2k·(2k+3)). Ten terms are exact to an ulp at 1.
        let square = x * x;
        let mut series = number::<T>(1.0);
        for k in (1..10).rev() {
            let k = f64::from(k);
            series = number::<T>(1.0) - square / number(2.0 * k * (2.0 * k + 3.0)) * series;
        }
        -x / number(3.0) * series
    } else {
        (x.cos() - x.sinc()) / x
    };
    d * partial
}

/// `gaussian(x)`: −2·d·x·e^(−x²).
#[inline]
pub fn gaussian_adjoint<T: Real>(d: T, x: T) -> T {
    let y = x.gaussian();
    // e^(−x²) magnifies what the rounding of x² has lost; to first order that is made good here.
    let partial = x * (y - strong_zero(y, y * square_rest(x)));
    strong_zero(d, strong_zero(y, number::<T>(-2.0) * d * partial))
}

/// What the rounded square lacks: x² − fl(x·x), by splitting x into halves (Dekker, *A floating-point
/// technique for extending the available precision*, 1971).
#[inline]
fn square_rest<T: Real>(x: T) -> T {
    let square = x * x;
    let digits = if size_of::<T>() == size_of::<f32>() {
        12
    } else {
        27
    };
    let wide = number::<T>(f64::from(1_u32 << digits) + 1.0) * x;
    let high = wide - (wide - x);
    let low = x - high;
    ((high * high - square) + (high + high) * low) + low * low
}

#[cfg(test)]
mod tests;
