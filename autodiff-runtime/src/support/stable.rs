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

/// The largest exponent of the terms `w·exp(x)`, given as `[w, x, w, x, …]`, whose weight is not 0.
pub fn weighted_largest<T: Real, const N: usize>(all: [T; N]) -> T {
    terms(&all)
        .filter(|&(weight, _)| weight != number(0.0))
        .fold(number(f64::NEG_INFINITY), |top, (_, x)| {
            if x > top || x.is_nan() { x } else { top }
        })
}

/// `Σ w·exp(x − largest)` of the terms `[w, x, w, x, …]`.
pub fn weighted_sum_exp<T: Real, const N: usize>(largest: T, all: [T; N]) -> T {
    terms(&all)
        .map(|(weight, x)| strong_zero(weight, weight * (x - largest).exp()))
        .sum()
}

/// `ln Σ w·exp(x)` of the terms `[w, x, w, x, …]`.
pub fn weighted_log_sum_exp<T: Real, const N: usize>(all: [T; N]) -> T {
    let largest = weighted_largest(all);
    if !largest.is_finite() {
        return largest;
    }
    largest + weighted_sum_exp(largest, all).ln()
}

fn terms<T: Real, const N: usize>(all: &[T; N]) -> impl Iterator<Item = (T, T)> + '_ {
    all.chunks_exact(2).map(|term| (term[0], term[1]))
}

/// `ln(cosh x)`.
pub fn ln_cosh<T: Real>(x: T) -> T {
    let half = number::<T>(0.5);
    if x.abs() < number(1.0) {
        let sinh = x.sinh();
        return half * (sinh * sinh).ln_1p();
    }
    let twice = number::<T>(-2.0) * x.abs();
    x.abs() + (twice.exp().ln_1p() - number(std::f64::consts::LN_2))
}

/// `tanh(x/2) = (eˣ − 1)/(eˣ + 1)`.
#[inline]
pub fn tanh_half<T: Real>(x: T) -> T {
    (number::<T>(0.5) * x).tanh()
}

/// The square root of a sum of squares, as a norm: its derivative at 0 is 0.
#[inline]
pub fn root_of_squares<T: Real>(x: T) -> T {
    x.sqrt()
}

/// `root_of_squares` with the result `y`: `d / 2y`, 0 where y = 0.
#[inline]
pub fn root_of_squares_adjoint<T: Real>(d: T, y: T) -> T {
    strong_zero(y, sqrt_adjoint(d, y))
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
    fn weights_of_any_sign() {
        let near = |found: f64, exact: f64| assert!((found - exact).abs() <= 1e-15 * exact.abs());
        near(
            weighted_log_sum_exp([2.0, 800.0, 3.0, 800.0]),
            800.0 + 5.0_f64.ln(),
        );
        near(weighted_log_sum_exp([2.0, -800.0, -1.0, -800.0]), -800.0);
        // A term that is not there does not decide what the others are shifted by.
        near(weighted_log_sum_exp([0.0, 900.0, 1.0, -900.0]), -900.0);
        assert_eq!(
            weighted_log_sum_exp([0.0, 1.0, 0.0, 2.0]),
            f64::NEG_INFINITY
        );
        assert!(weighted_log_sum_exp([-1.0, 0.0, 0.5, 0.0]).is_nan());
        assert!(weighted_log_sum_exp([1.0, f64::NAN, 1.0, 0.0]).is_nan());
    }

    #[test]
    fn ln_cosh_keeps_its_digits_at_both_ends() {
        for x in [1e-8, 0.5, 0.999_999] {
            let sinh = f64::sinh(0.5 * x);
            let exact = (2.0 * sinh * sinh).ln_1p();
            assert!((ln_cosh(x) - exact).abs() <= 4e-16 * exact, "{x}");
            assert_eq!(ln_cosh(x), ln_cosh(-x));
        }
        assert!((ln_cosh(2.0_f64) - 2.0_f64.cosh().ln()).abs() < 4e-16);
        assert_eq!(ln_cosh(800.0), 800.0 - std::f64::consts::LN_2);
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
