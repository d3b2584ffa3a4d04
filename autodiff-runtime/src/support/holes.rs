//! Quotients that are 0/0 at a point where they have a limit, and their derivatives.

use super::{number, strong_zero, zero};
use crate::real::Real;

/// `(1 − cos x)/x²`, ½ at 0.
pub fn cosc<T: Real>(x: T) -> T {
    if x == zero() {
        return number(0.5);
    }
    let half = (x * number(0.5)).sin() / x;
    number::<T>(2.0) * half * half
}

/// `(1 − cos x)/x²`: `d (sin x − 2 (1 − cos x)/x)/x²`, by its power series for |x| < 2, where that
/// cancels.
#[inline]
pub fn cosc_adjoint<T: Real>(d: T, x: T) -> T {
    let partial = if x.abs() < number(2.0) {
        // −x/12 · (1 − x²·2/(1·5·6) · (1 − x²·3/(2·7·8) · …)).
        let square = x * x;
        let mut series = number::<T>(1.0);
        for k in (1..14).rev() {
            let k = f64::from(k);
            let ratio = (k + 1.0) / (k * (2.0 * k + 3.0) * (2.0 * k + 4.0));
            series = number::<T>(1.0) - square * number(ratio) * series;
        }
        -x / number(12.0) * series
    } else {
        ((x.sin() / x) - number::<T>(2.0) * cosc(x)) / x
    };
    strong_zero(d, d * partial)
}

/// `(eˣ − 1)/x`, 1 at 0: the relative error exponential.
#[inline]
pub fn exp_relative<T: Real>(x: T) -> T {
    if x == zero() {
        number(1.0)
    } else {
        x.exp_m1() / x
    }
}

/// `(eˣ − 1)/x`: `d (eˣ (x − 1) + 1)/x²`, by its power series for |x| < 1, where that cancels.
#[inline]
pub fn exp_relative_adjoint<T: Real>(d: T, x: T) -> T {
    let partial = if x.abs() < number(1.0) {
        // Σ xʲ/(j!·(j + 2)).
        let mut series = zero::<T>();
        for j in (0..18).rev() {
            let j = f64::from(j);
            series = number::<T>(1.0 / (j + 2.0)) + x / number(j + 1.0) * series;
        }
        series
    } else {
        (x.exp() * ((x - number(1.0)) / x) + x.recip()) / x
    };
    strong_zero(d, d * partial)
}

/// `x/(eˣ − 1)`, 1 at 0: the Bernoulli function.
#[inline]
pub fn bernoulli<T: Real>(x: T) -> T {
    if x == zero() {
        number(1.0)
    } else {
        x / x.exp_m1()
    }
}

/// `x/(eˣ − 1)`: its derivative is that of its reciprocal, `−E′/E²` with `E = (eˣ − 1)/x`; for large
/// `x` in a form without `eˣ`.
#[inline]
pub fn bernoulli_adjoint<T: Real>(d: T, x: T) -> T {
    let one = number::<T>(1.0);
    let partial = if x > one {
        let e = (-x).exp();
        let rest = one - e;
        strong_zero(e, (rest - x) * e) / (rest * rest)
    } else {
        let reciprocal = exp_relative(x);
        -(exp_relative_adjoint(one, x) / reciprocal / reciprocal)
    };
    strong_zero(d, d * partial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_neighbours() {
        assert_eq!(
            (cosc(0.0), exp_relative(0.0), bernoulli(0.0)),
            (0.5, 1.0, 1.0)
        );
        assert_eq!(cosc(1e-9), 0.5);
        assert_eq!(cosc_adjoint(1.0, 0.0), 0.0);
        assert_eq!(exp_relative_adjoint(3.0, 0.0), 1.5);
        assert_eq!(bernoulli_adjoint(-2.0, 0.0), 1.0);
        let cancelling = (1.0 - 0.3_f64.cos()) / 0.09;
        assert!((cosc(0.3) - cancelling).abs() < 1e-14);
    }

    #[test]
    fn far_out() {
        assert_eq!(bernoulli(800.0), 0.0);
        assert_eq!(bernoulli_adjoint(1.0, 800.0), 0.0);
        assert_eq!(bernoulli_adjoint(1.0, -800.0), -1.0);
        assert_eq!(exp_relative(-1e300), 1e-300);
        assert_eq!(cosc_adjoint(0.0, f64::INFINITY), 0.0);
    }

    #[test]
    fn nan_is_passed_on() {
        for adjoint in [cosc_adjoint, exp_relative_adjoint, bernoulli_adjoint] {
            assert!(adjoint(1.0, f64::NAN).is_nan());
            assert_eq!(adjoint(0.0, f64::NAN), 0.0);
        }
    }
}
