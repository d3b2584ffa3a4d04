//! Rules of roots, logarithms and inverse functions, and of the stable forms of naive formulas.

use super::{number, strong_zero};
use crate::real::Real;

/// `y = sqrt(x)`: `d / 2y`, +∞ at both zeros.
#[inline]
pub fn sqrt_adjoint<T: Real>(d: T, y: T) -> T {
    strong_zero(d, number::<T>(0.5) * d / y.abs())
}

/// `y = cbrt(x)`: `d / 3y²`.
#[inline]
pub fn cbrt_adjoint<T: Real>(d: T, y: T) -> T {
    strong_zero(d, d / y / y / number(3.0))
}

/// `x.log(base)` in `x`: `d / (x ln base)`.
#[inline]
pub fn log_adjoint<T: Real>(d: T, x: T, base: T) -> T {
    strong_zero(d, d / x / base.ln())
}

/// `y = x.log(base)` in `base`: `−d y / (base ln base)`.
#[inline]
pub fn log_base_adjoint<T: Real>(d: T, base: T, y: T) -> T {
    strong_zero(d, -d * y / base / base.ln())
}

/// `d / sqrt(1 − x²)`, accurate near ±1; of `acos` it is the negative.
#[inline]
pub fn asin_adjoint<T: Real>(d: T, x: T) -> T {
    let one = number::<T>(1.0);
    strong_zero(d, d / ((one - x) * (one + x)).sqrt())
}

/// `d / sqrt(x² − 1)`, without overflow of the square.
#[inline]
pub fn acosh_adjoint<T: Real>(d: T, x: T) -> T {
    let one = number::<T>(1.0);
    strong_zero(d, d / ((x - one).sqrt() * (x + one).sqrt()))
}

/// `d / (1 − x²)`, accurate near ±1.
#[inline]
pub fn atanh_adjoint<T: Real>(d: T, x: T) -> T {
    let one = number::<T>(1.0);
    strong_zero(d, d / ((one - x) * (one + x)))
}

/// `1 − σ(x) = σ(−x)`.
#[inline]
pub fn one_minus_sigmoid<T: Real>(x: T) -> T {
    (-x).sigmoid()
}

/// `ln(1 − σ(x)) = −softplus(x)`.
#[inline]
pub fn ln_one_minus_sigmoid<T: Real>(x: T) -> T {
    -x.softplus()
}

/// `ln(1 − eˣ)` for `x < 0`, by whichever of its two forms keeps the digits.
///
/// M. Mächler, "Accurately computing log(1 − exp(−|a|))", 2012.
#[inline]
pub fn ln_one_minus_exp<T: Real>(x: T) -> T {
    if x > number(-std::f64::consts::LN_2) {
        (-x.exp_m1()).ln()
    } else {
        (-x.exp()).ln_1p()
    }
}

/// `ln(1 − eˣ)`: `−d eˣ / (1 − eˣ) = −d / (e⁻ˣ − 1)`.
#[inline]
pub fn ln_one_minus_exp_adjoint<T: Real>(d: T, x: T) -> T {
    strong_zero(d, -d / (-x).exp_m1())
}

/// The largest of `all` and `least`, or NaN if one of them is NaN, which [`f64::max`] would drop.
#[inline]
fn largest<T: Real, const N: usize>(all: [T; N], least: T) -> T {
    all.into_iter().fold(least, |largest, x| {
        if x > largest || x.is_nan() {
            x
        } else {
            largest
        }
    })
}

/// `ln Σ exp(xⱼ)`, shifted by the largest.
pub fn log_sum_exp<T: Real, const N: usize>(all: [T; N]) -> T {
    let largest = largest(all, number(f64::NEG_INFINITY));
    if !largest.is_finite() {
        return largest;
    }
    largest + all.into_iter().map(|x| (x - largest).exp()).sum::<T>().ln()
}

/// The largest of the terms, by which their exponentials are shifted.
pub fn largest_of<T: Real, const N: usize>(all: [T; N]) -> T {
    largest(all, number(f64::NEG_INFINITY))
}

/// `Σ exp(xⱼ − largest)`: at most the number of terms, and at least 1 if the largest is among them.
pub fn sum_exp<T: Real, const N: usize>(largest: T, all: [T; N]) -> T {
    all.into_iter().map(|x| (x - largest).exp()).sum()
}

/// The share of `x` in a sum of exponentials: `d · exp(x) / Σ exp(xⱼ)`, of the shifted terms.
#[inline]
pub fn log_sum_exp_adjoint<T: Real>(d: T, x: T, largest: T, sum: T) -> T {
    strong_zero(d, d * ((x - largest).exp() / sum))
}

/// `exp(chosen) / (exp(chosen) + Σ exp(xⱼ))`, with the others in an array.
pub fn softmax_at<T: Real, const N: usize>(chosen: T, others: [T; N]) -> T {
    let largest = largest(others, chosen);
    let own = (chosen - largest).exp();
    own / (own + sum_exp(largest, others))
}

/// `ln` of [`softmax_at`].
pub fn ln_softmax_at<T: Real, const N: usize>(chosen: T, others: [T; N]) -> T {
    let largest = largest(others, chosen);
    let own = (chosen - largest).exp();
    (chosen - largest) - (own + sum_exp(largest, others)).ln()
}

/// The Euclidean norm, without overflow or underflow of the squares.
pub fn norm_of<T: Real, const N: usize>(all: [T; N]) -> T {
    let largest = largest(all.map(T::abs), number(0.0));
    if largest == number(0.0) || !largest.is_finite() {
        return largest;
    }
    largest
        * all
            .into_iter()
            .map(|x| (x / largest) * (x / largest))
            .sum::<T>()
            .sqrt()
}

/// [`norm_of`], given the square root of the sum of squares as it was computed plainly: that is the
/// norm unless a square may have overflowed or vanished.
#[inline]
pub fn norm_from<T: Real, const N: usize>(plain: T, all: [T; N]) -> T {
    if plain > number(1e-15) && plain < number(1e15) {
        plain
    } else {
        norm_of(all)
    }
}

/// `d · x / norm`, 0 at the origin.
#[inline]
pub fn norm_adjoint<T: Real>(d: T, x: T, norm: T) -> T {
    if d == number(0.0) || norm == number(0.0) {
        number(0.0)
    } else {
        d * (x / norm)
    }
}

/// `y ln σ(z) + (1 − y) ln(1 − σ(z))`.
#[inline]
pub fn binary_log_likelihood<T: Real>(z: T, y: T) -> T {
    -crate::loss::nll_with_logits(z, y)
}

/// The binary negative log-likelihood in the probability: `d ((1 − y)/(1 − p) − y/p)`, a term of
/// weight 0 being left out.
#[inline]
pub fn nll_adjoint<T: Real>(d: T, p: T, y: T) -> T {
    let one = number::<T>(1.0);
    let against = strong_zero(one - y, (one - y) / (one - p));
    strong_zero(d, d * (against - strong_zero(y, y / p)))
}

/// The binary negative log-likelihood in the label: `d (ln(1 − p) − ln p)`.
#[inline]
pub fn nll_target_adjoint<T: Real>(d: T, p: T) -> T {
    strong_zero(d, d * ((-p).ln_1p() - p.ln()))
}

/// The binary negative log-likelihood of a logit in the logit: `d (σ(z) − y)`, as
/// `(1 − y) σ(z) − y σ(−z)` to keep its digits where the label is met.
#[inline]
pub fn nll_logit_adjoint<T: Real>(d: T, z: T, y: T) -> T {
    let one = number::<T>(1.0);
    // σ(z) and σ(−z) over their common denominator. To choose between numerators, not between
    // results, costs no branch on the sign of a logit.
    let e = (-z.abs()).exp();
    let (for_it, against) = if z < number(0.0) { (e, one) } else { (one, e) };
    strong_zero(d, d * (((one - y) * for_it - y * against) / (one + e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_passed_on_wherever_it_stands() {
        let nan = f64::NAN;
        for all in [[nan, 1.0], [1.0, nan], [nan, nan], [nan, f64::INFINITY]] {
            assert!(log_sum_exp(all).is_nan(), "{all:?}");
            assert!(norm_of(all).is_nan(), "{all:?}");
            assert!(norm_adjoint(1.0, all[0], norm_of(all)).is_nan(), "{all:?}");
        }
    }

    #[test]
    fn infinite_and_empty_sums() {
        let infinity = f64::INFINITY;
        assert_eq!(log_sum_exp([-infinity, -infinity]), -infinity);
        assert_eq!(log_sum_exp([-infinity, 3.0]), 3.0);
        assert_eq!(log_sum_exp([infinity, -infinity]), infinity);
        assert_eq!(norm_of([-infinity, 1.0]), infinity);
        assert_eq!(norm_of([0.0, -0.0]), 0.0);
    }
}
