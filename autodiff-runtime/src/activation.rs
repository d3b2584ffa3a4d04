//! Activation functions: scalar, elementwise over slices, and the softmax family.
//!
//! The functions of this module take one number and are generic over [`Real`]; inside a
//! `#[differentiable]` function they are called like any other (`sigmoid(w * x + b)`). Their
//! namesakes in [`elementwise`] take a slice and return a vector. [`softmax()`], [`log_softmax()`] and
//! [`logsumexp()`] look at a whole slice at once. [`Activation`] names one of them at run time, for
//! the layers of [`nn`](crate::nn).
//!
//! At a kink the derivative is the midpoint of the one-sided derivatives, [`relu()`] aside, whose
//! derivative at 0 is 0 as everywhere else. Steps have derivative 0 everywhere.

use crate::{Real, differentiable};

#[cfg(test)]
pub(crate) mod check;
pub mod elementwise;
mod kind;
mod partial;
mod vector;

pub use kind::{Activation, ParseActivationError};
pub(crate) use vector::{exponentials, leading};
pub use vector::{log_softmax, logsumexp, softmax};
#[cfg(feature = "ndarray")]
pub(crate) use vector::{pull_log_softmax, push_log_softmax, times_softmax_jacobian};

/// The identity, `x`; derivative 1.
///
/// ```
/// # use autodiff_runtime::activation::linear;
/// assert_eq!(linear(-2.5), -2.5);
/// ```
#[differentiable]
pub fn linear<T: Real>(x: T) -> T {
    x.linear()
}

/// The unit step, 1 for `x > 0` and 0 otherwise (McCulloch & Pitts, 1943).
///
/// Its derivative is 0 everywhere, the step itself included: useful in the value, invisible to the
/// gradient.
///
/// ```
/// # use autodiff_runtime::activation::threshold;
/// assert_eq!((threshold(3.0), threshold(-3.0)), (1.0, 0.0));
/// ```
#[differentiable]
pub fn threshold<T: Real>(x: T) -> T {
    x.threshold()
}

/// The sign, −1, 0 or 1 (Rosenblatt's perceptron, 1958); derivative 0 everywhere.
///
/// Unlike `f64::signum` it is 0 at 0.
///
/// ```
/// # use autodiff_runtime::activation::sign;
/// assert_eq!((sign(-3.0), sign(0.0), sign(3.0)), (-1.0, 0.0, 1.0));
/// ```
#[differentiable]
pub fn sign<T: Real>(x: T) -> T {
    x.sign()
}

/// The logistic function, `σ(x) = 1 / (1 + e⁻ˣ)` (Verhulst, 1838).
///
/// The derivative is `σ(x)·σ(−x)`, which keeps its relative accuracy on both tails, where
/// `σ(x)·(1 − σ(x))` would round to 0 for `x > 37`.
///
/// ```
/// # use autodiff_runtime::activation::sigmoid;
/// assert_eq!(sigmoid(0.0), 0.5);
/// assert_eq!(sigmoid(-800.0), 0.0);
/// ```
#[differentiable]
pub fn sigmoid<T: Real>(x: T) -> T {
    x.sigmoid()
}

/// The rectifier, `max(x, 0)` (Nair & Hinton, 2010); derivative 1 for `x > 0`, else 0.
///
/// The derivative at 0 is 0.
///
/// ```
/// # use autodiff_runtime::activation::relu;
/// assert_eq!((relu(-2.0), relu(2.0)), (0.0, 2.0));
/// ```
#[differentiable]
pub fn relu<T: Real>(x: T) -> T {
    x.relu()
}

/// The hyperbolic tangent; derivative `1 − tanh²(x)` (LeCun et al., *Efficient BackProp*, 1998).
///
/// ```
/// # use autodiff_runtime::activation::tanh;
/// assert_eq!(tanh(0.5), 0.5_f64.tanh());
/// ```
#[differentiable]
pub fn tanh<T: Real>(x: T) -> T {
    x.tanh()
}

/// The smooth rectifier, `ln(1 + eˣ)`; derivative `σ(x)` (Dugas et al., 2001).
///
/// Evaluated without overflow: `softplus(800)` is 800.
///
/// ```
/// # use autodiff_runtime::activation::softplus;
/// assert_eq!(softplus(0.0), 2.0_f64.ln());
/// assert_eq!(softplus(800.0), 800.0);
/// ```
#[differentiable]
pub fn softplus<T: Real>(x: T) -> T {
    x.softplus()
}

/// The logarithm of the logistic function, `ln σ(x) = −softplus(−x)`; derivative `σ(−x)`.
///
/// Finite wherever `x` is, unlike `sigmoid(x).ln()`.
///
/// ```
/// # use autodiff_runtime::activation::log_sigmoid;
/// assert_eq!(log_sigmoid(-800.0), -800.0);
/// ```
#[differentiable]
pub fn log_sigmoid<T: Real>(x: T) -> T {
    x.log_sigmoid()
}

/// The leaky rectifier, `x` for `x > 0` and `slope · x` otherwise (Maas et al., 2013; with a
/// learned slope, He et al., 2015).
///
/// Derivative in `x`: 1 for `x > 0`, `slope` for `x < 0`, `(1 + slope) / 2` at 0. Derivative in
/// `slope`: `min(x, 0)`.
///
/// ```
/// # use autodiff_runtime::activation::leaky_relu;
/// assert_eq!(leaky_relu(-2.0, 0.25), -0.5);
/// ```
#[differentiable]
pub fn leaky_relu<T: Real>(x: T, slope: T) -> T {
    x.leaky_relu(slope)
}

/// The exponential linear unit, `x` for `x > 0` and `alpha · (eˣ − 1)` otherwise (Clevert et al.,
/// 2016).
///
/// Derivative in `x`: 1 for `x > 0`, `alpha · eˣ` for `x < 0`, `(1 + alpha) / 2` at 0. Derivative in
/// `alpha`: `eˣ − 1` for `x < 0`, else 0.
///
/// ```
/// # use autodiff_runtime::activation::elu;
/// assert_eq!(elu(2.0, 1.0), 2.0);
/// assert_eq!(elu(-800.0, 1.5), -1.5);
/// ```
#[differentiable]
pub fn elu<T: Real>(x: T, alpha: T) -> T {
    x.elu(alpha)
}

/// The Gaussian error linear unit in its tanh form, `x/2 · (1 + tanh u)` with
/// `u = √(2/π)·(x + 0.044715·x³)` (Hendrycks & Gimpel, 2016).
///
/// Written as `x·σ(2u)`, its derivative is `σ(2u)·(1 + 2x·u′·σ(−2u))`. The tanh form stays within
/// 5·10⁻⁴ of `x·Φ(x)`.
///
/// ```
/// # use autodiff_runtime::activation::gelu;
/// assert_eq!(gelu(0.0), 0.0);
/// assert_eq!(gelu(40.0), 40.0);
/// ```
#[differentiable]
pub fn gelu<T: Real>(x: T) -> T {
    x.gelu()
}

/// The sigmoid linear unit or swish, `x·σ(x)` (Elfwing et al., 2018; Ramachandran et al., 2017);
/// derivative `σ(x)·(1 + x·σ(−x))`.
///
/// ```
/// # use autodiff_runtime::activation::silu;
/// assert_eq!(silu(800.0), 800.0);
/// ```
#[differentiable]
pub fn silu<T: Real>(x: T) -> T {
    x.silu()
}

/// The sine; derivative `cos x` (as an activation: Sitzmann et al., 2020).
///
/// ```
/// # use autodiff_runtime::activation::sin;
/// assert_eq!(sin(0.5), 0.5_f64.sin());
/// ```
#[differentiable]
pub fn sin<T: Real>(x: T) -> T {
    x.sin()
}

/// The cardinal sine without a factor π, `sin(x) / x` and 1 at 0; derivative
/// `(cos x − sinc x) / x`, 0 at 0.
///
/// ```
/// # use autodiff_runtime::activation::sinc;
/// assert_eq!(sinc(0.0), 1.0);
/// assert_eq!(sinc(2.0), 2.0_f64.sin() / 2.0);
/// ```
#[differentiable]
pub fn sinc<T: Real>(x: T) -> T {
    x.sinc()
}

/// The bell curve, `exp(−x²)` (Broomhead & Lowe, 1988); derivative `−2x·exp(−x²)`.
///
/// ```
/// # use autodiff_runtime::activation::gaussian;
/// assert_eq!(gaussian(0.0), 1.0);
/// ```
#[differentiable]
pub fn gaussian<T: Real>(x: T) -> T {
    x.gaussian()
}

/// A polynomial with ascending coefficients, `c₀ + c₁x + c₂x² + …`, by Horner's scheme.
///
/// Derivative in `x`: `c₁ + 2c₂x + …`; in `cᵢ`: `xⁱ`. No coefficients make the zero polynomial.
///
/// ```
/// # use autodiff_runtime::activation::polynomial;
/// assert_eq!(polynomial(2.0, &[1.0, 0.0, 3.0]), 13.0);
/// ```
#[differentiable(pullback = polynomial_pullback, jvp = polynomial_jvp)]
pub fn polynomial<T: Real>(x: T, coefficients: &[T]) -> T {
    // Starts from the leading coefficient, so that a constant stays a constant at infinite x.
    let Some((&leading, lower)) = coefficients.split_last() else {
        return T::default();
    };
    lower.iter().rev().fold(leading, |value, &c| value * x + c)
}

fn polynomial_pullback<'a, T: Real>(
    x: T,
    coefficients: &'a [T],
) -> (T, impl Fn(T, &mut T, &mut [T]) + use<'a, T>) {
    let (value, slope) = horner(x, coefficients);
    let pullback = move |value_bar: T, x_bar: &mut T, coefficients_bar: &mut [T]| {
        assert_eq!(
            coefficients.len(),
            coefficients_bar.len(),
            "polynomial: one adjoint per coefficient"
        );
        if value_bar == T::default() {
            return;
        }
        *x_bar += value_bar * slope;
        let mut power_bar = value_bar;
        for c_bar in coefficients_bar {
            *c_bar += power_bar;
            power_bar *= x;
        }
    };
    (value, pullback)
}

fn polynomial_jvp<T: Real>(x: T, coefficients: &[T], x_dot: T, coefficients_dot: &[T]) -> (T, T) {
    assert_eq!(
        coefficients.len(),
        coefficients_dot.len(),
        "polynomial: one tangent per coefficient"
    );
    let (value, slope) = horner(x, coefficients);
    let zero = T::default();
    let by_x = if x_dot == zero { zero } else { slope * x_dot };
    (value, by_x + polynomial(x, coefficients_dot))
}

/// The polynomial and its derivative in `x`, in one pass.
fn horner<T: Real>(x: T, coefficients: &[T]) -> (T, T) {
    let Some((&leading, lower)) = coefficients.split_last() else {
        return Default::default();
    };
    let start = (leading, T::default());
    lower.iter().rev().fold(start, |(value, slope), &c| {
        (value * x + c, slope * x + value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use check::Rule;

    #[test]
    fn polynomial_rules_agree() {
        Rule::new(
            |z| vec![polynomial(z[0], &z[1..])],
            |z, u, bars| {
                let (x_bar, coefficients_bar) = bars.split_first_mut().unwrap();
                polynomial_pullback(z[0], &z[1..]).1(u[0], x_bar, coefficients_bar)
            },
            |z, v| {
                let (y, y_dot) = polynomial_jvp(z[0], &z[1..], v[0], &v[1..]);
                (vec![y], vec![y_dot])
            },
        )
        .check(&[
            &[0.7],
            &[0.0, 2.0],
            &[-1.3, 0.5, -2.0, 1.0, 0.25],
            &[0.0, 1.0, 2.0, 3.0],
        ]);
    }

    #[test]
    fn polynomial_with_a_zero_adjoint_adds_nothing_even_where_powers_overflow() {
        let coefficients = [1.0, 2.0, 3.0];
        let (value, pullback) = polynomial_pullback(1e200, &coefficients);
        assert_eq!(value, f64::INFINITY);
        let (mut x_bar, mut coefficients_bar) = (0.5, [0.25; 3]);
        pullback(0.0, &mut x_bar, &mut coefficients_bar);
        assert_eq!((x_bar, coefficients_bar), (0.5, [0.25; 3]));
    }

    #[test]
    fn constants_and_the_empty_polynomial() {
        assert_eq!(polynomial(f64::INFINITY, &[4.0]), 4.0);
        assert_eq!(polynomial(3.0, &[]), 0.0);
        assert_eq!(polynomial_jvp(3.0, &[], 1.0, &[]), (0.0, 0.0));
    }
}
