//! The activations of [`activation`](crate::activation) applied to each element of a slice.
//!
//! Formulas and conventions are those of the scalar functions. The forward run keeps one partial
//! per element, taken while the element is at hand, so that a pullback only multiplies.

// The type of a pullback is what the custom-rule form makes it; an alias cannot name `impl Fn`.
#![allow(clippy::type_complexity)]

use super::{horner, partial};
use crate::{Real, differentiable};

/// One function with its rules per line; a rule's partials are those of [`partial`].
macro_rules! elementwise {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[differentiable(pullback = rules::$name::pullback, jvp = rules::$name::jvp)]
            pub fn $name<T: Real>(x: &[T]) -> Vec<T> {
                x.iter().map(|&x| x.$name()).collect()
            }
        )*

        mod rules {
            use super::*;

            $(pub(super) mod $name {
                use super::*;

                pub fn pullback<'a, T: Real>(
                    x: &'a [T],
                ) -> (Vec<T>, impl Fn(Vec<T>, &mut [T]) + use<'a, T>) {
                    map_pullback(x, partial::$name)
                }

                pub fn jvp<T: Real>(x: &[T], x_dot: &[T]) -> (Vec<T>, Vec<T>) {
                    map_jvp(x, x_dot, partial::$name)
                }
            })*
        }
    };
}

elementwise! {
    /// [`linear`](super::linear()) of each element: a copy.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::linear(&[1.0, -2.0]), [1.0, -2.0]);
    /// ```
    linear;

    /// [`threshold`](super::threshold()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::threshold(&[1.5, -2.0]), [1.0, 0.0]);
    /// ```
    threshold;

    /// [`sign`](super::sign()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::sign(&[1.5, -2.0]), [1.0, -1.0]);
    /// ```
    sign;

    /// [`sigmoid`](super::sigmoid()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::sigmoid(&[0.0, -800.0]), [0.5, 0.0]);
    /// ```
    sigmoid;

    /// [`relu`](super::relu()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::relu(&[1.5, -2.0]), [1.5, 0.0]);
    /// ```
    relu;

    /// [`tanh`](super::tanh()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::tanh(&[0.5]), [0.5_f64.tanh()]);
    /// ```
    tanh;

    /// [`softplus`](super::softplus()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::softplus(&[800.0, -800.0]), [800.0, 0.0]);
    /// ```
    softplus;

    /// [`log_sigmoid`](super::log_sigmoid()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::log_sigmoid(&[800.0, -800.0]), [0.0, -800.0]);
    /// ```
    log_sigmoid;

    /// [`gelu`](super::gelu()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::gelu(&[0.0, 40.0]), [0.0, 40.0]);
    /// ```
    gelu;

    /// [`silu`](super::silu()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::silu(&[0.0, 40.0]), [0.0, 40.0]);
    /// ```
    silu;

    /// [`sin`](super::sin()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::sin(&[0.5]), [0.5_f64.sin()]);
    /// ```
    sin;

    /// [`sinc`](super::sinc()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::sinc(&[0.0]), [1.0]);
    /// ```
    sinc;

    /// [`gaussian`](super::gaussian()) of each element.
    ///
    /// ```
    /// # use autodiff_runtime::activation::elementwise;
    /// assert_eq!(elementwise::gaussian(&[0.0]), [1.0]);
    /// ```
    gaussian;
}

/// [`leaky_relu`](super::leaky_relu()) of each element, with one slope for all.
///
/// ```
/// # use autodiff_runtime::activation::elementwise;
/// assert_eq!(elementwise::leaky_relu(&[1.0, -2.0], 0.25), [1.0, -0.5]);
/// ```
#[differentiable(pullback = leaky_relu_pullback, jvp = leaky_relu_jvp)]
pub fn leaky_relu<T: Real>(x: &[T], slope: T) -> Vec<T> {
    x.iter().map(|&x| x.leaky_relu(slope)).collect()
}

fn leaky_relu_pullback<'a, T: Real>(
    x: &'a [T],
    slope: T,
) -> (Vec<T>, impl Fn(Vec<T>, &mut [T], &mut T) + use<'a, T>) {
    map_with_pullback(x, slope, partial::leaky_relu)
}

fn leaky_relu_jvp<T: Real>(x: &[T], slope: T, x_dot: &[T], slope_dot: T) -> (Vec<T>, Vec<T>) {
    map_with_jvp(x, slope, x_dot, slope_dot, partial::leaky_relu)
}

/// [`elu`](super::elu()) of each element, with one `alpha` for all.
///
/// ```
/// # use autodiff_runtime::activation::elementwise;
/// assert_eq!(elementwise::elu(&[1.0, -800.0], 2.0), [1.0, -2.0]);
/// ```
#[differentiable(pullback = elu_pullback, jvp = elu_jvp)]
pub fn elu<T: Real>(x: &[T], alpha: T) -> Vec<T> {
    x.iter().map(|&x| x.elu(alpha)).collect()
}

fn elu_pullback<'a, T: Real>(
    x: &'a [T],
    alpha: T,
) -> (Vec<T>, impl Fn(Vec<T>, &mut [T], &mut T) + use<'a, T>) {
    map_with_pullback(x, alpha, partial::elu)
}

fn elu_jvp<T: Real>(x: &[T], alpha: T, x_dot: &[T], alpha_dot: T) -> (Vec<T>, Vec<T>) {
    map_with_jvp(x, alpha, x_dot, alpha_dot, partial::elu)
}

/// [`polynomial`](super::polynomial()) of each element, with the same ascending coefficients for all.
///
/// ```
/// # use autodiff_runtime::activation::elementwise;
/// assert_eq!(elementwise::polynomial(&[2.0, 3.0], &[1.0, 0.0, 3.0]), [13.0, 28.0]);
/// ```
#[differentiable(pullback = polynomial_pullback, jvp = polynomial_jvp)]
pub fn polynomial<T: Real>(x: &[T], coefficients: &[T]) -> Vec<T> {
    x.iter()
        .map(|&x| super::polynomial(x, coefficients))
        .collect()
}

fn polynomial_pullback<'a, T: Real>(
    x: &'a [T],
    coefficients: &'a [T],
) -> (Vec<T>, impl Fn(Vec<T>, &mut [T], &mut [T]) + use<'a, T>) {
    let (y, slopes): (Vec<T>, Vec<T>) = x.iter().map(|&x| horner(x, coefficients)).unzip();
    let pullback = move |y_bar: Vec<T>, x_bar: &mut [T], coefficients_bar: &mut [T]| {
        same_length(x.len(), y_bar.len());
        assert_eq!(
            coefficients.len(),
            coefficients_bar.len(),
            "polynomial: one adjoint per coefficient"
        );
        add_products(&y_bar, &slopes, x_bar);
        for (&x, &y_bar) in x.iter().zip(&y_bar) {
            if y_bar == T::default() {
                continue;
            }
            let mut power_bar = y_bar;
            for c_bar in &mut *coefficients_bar {
                *c_bar += power_bar;
                power_bar *= x;
            }
        }
    };
    (y, pullback)
}

fn polynomial_jvp<T: Real>(
    x: &[T],
    coefficients: &[T],
    x_dot: &[T],
    coefficients_dot: &[T],
) -> (Vec<T>, Vec<T>) {
    same_length(x.len(), x_dot.len());
    let pair = |(&x, &x_dot)| super::polynomial_jvp(x, coefficients, x_dot, coefficients_dot);
    x.iter().zip(x_dot).map(pair).unzip()
}

/// The reverse rule of every elementwise function: `x_bar += y_bar ⊙ f′(x)`.
fn map_pullback<T: Real>(
    x: &[T],
    value_and_partial: fn(T) -> (T, T),
) -> (Vec<T>, impl Fn(Vec<T>, &mut [T]) + use<T>) {
    let (y, partials): (Vec<T>, Vec<T>) = x.iter().map(|&x| value_and_partial(x)).unzip();
    (y, move |y_bar: Vec<T>, x_bar: &mut [T]| {
        add_products(&y_bar, &partials, x_bar)
    })
}

/// The forward rule of every elementwise function: `y_dot = f′(x) ⊙ x_dot`.
fn map_jvp<T: Real>(x: &[T], x_dot: &[T], value_and_partial: fn(T) -> (T, T)) -> (Vec<T>, Vec<T>) {
    same_length(x.len(), x_dot.len());
    let pair = |(&x, &x_dot)| {
        let (y, partial) = value_and_partial(x);
        (y, times(partial, x_dot))
    };
    x.iter().zip(x_dot).map(pair).unzip()
}

/// As [`map_pullback`], for a function with a parameter shared by all elements.
fn map_with_pullback<T: Real>(
    x: &[T],
    parameter: T,
    value_and_partials: fn(T, T) -> (T, T, T),
) -> (Vec<T>, impl Fn(Vec<T>, &mut [T], &mut T) + use<T>) {
    let ((y, by_x), by_parameter): ((Vec<T>, Vec<T>), Vec<T>) = x
        .iter()
        .map(|&x| {
            let (y, by_x, by_parameter) = value_and_partials(x, parameter);
            ((y, by_x), by_parameter)
        })
        .unzip();
    let pullback = move |y_bar: Vec<T>, x_bar: &mut [T], parameter_bar: &mut T| {
        add_products(&y_bar, &by_x, x_bar);
        *parameter_bar += y_bar
            .iter()
            .zip(&by_parameter)
            .map(|(&bar, &partial)| times(partial, bar))
            .sum();
    };
    (y, pullback)
}

/// As [`map_jvp`], for a function with a parameter shared by all elements.
fn map_with_jvp<T: Real>(
    x: &[T],
    parameter: T,
    x_dot: &[T],
    parameter_dot: T,
    value_and_partials: fn(T, T) -> (T, T, T),
) -> (Vec<T>, Vec<T>) {
    same_length(x.len(), x_dot.len());
    let pair = |(&x, &x_dot)| {
        let (y, by_x, by_parameter) = value_and_partials(x, parameter);
        (y, times(by_x, x_dot) + times(by_parameter, parameter_dot))
    };
    x.iter().zip(x_dot).map(pair).unzip()
}

fn add_products<T: Real>(y_bar: &[T], partials: &[T], x_bar: &mut [T]) {
    same_length(partials.len(), y_bar.len());
    same_length(partials.len(), x_bar.len());
    for ((x_bar, &y_bar), &partial) in x_bar.iter_mut().zip(y_bar).zip(partials) {
        *x_bar += times(partial, y_bar);
    }
}

/// `bar ← bar ⊙ partials`, the product of a diagonal Jacobian in either mode.
pub(super) fn scale_by<T: Real>(partials: &[T], bar: &mut [T]) {
    same_length(partials.len(), bar.len());
    for (bar, &partial) in bar.iter_mut().zip(partials) {
        *bar = times(partial, *bar);
    }
}

/// The product with a strong zero: no adjoint or tangent, no contribution.
fn times<T: Real>(partial: T, bar: T) -> T {
    if bar == T::default() {
        bar
    } else {
        partial * bar
    }
}

fn same_length(elements: usize, found: usize) {
    assert_eq!(
        elements, found,
        "elementwise: one adjoint or tangent per element"
    );
}

#[cfg(test)]
mod tests;
