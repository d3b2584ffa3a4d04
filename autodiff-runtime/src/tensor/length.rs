//! The length of an array.

use ndarray::{Array, ArrayRef, Dimension};

use super::shape;
use crate::{Real, differentiable};

/// The Euclidean norm over all elements, `√(Σ xᵢ²)`: the length of a vector, the Frobenius norm of a
/// matrix. Squares that would overflow or vanish do not.
///
/// Adjoint `x̄ += n̄·x/‖x‖`, and 0 at x = 0, where every direction ascends.
///
/// ```
/// use autodiff_runtime::tensor::norm;
/// use ndarray::{arr1, arr2};
///
/// assert_eq!(norm(&arr2(&[[3.0], [4.0]])), 5.0);
/// assert_eq!(norm::grad(&arr1(&[3e-200, 4e-200])), arr1(&[0.6, 0.8]));
/// assert_eq!(norm::grad(&arr1(&[0.0, 0.0])), arr1(&[0.0, 0.0]));
/// ```
#[differentiable(vjp = norm_vjp, jvp = norm_jvp)]
pub fn norm<T: Real, D: Dimension + 'static>(x: &ArrayRef<T, D>) -> T {
    let [length, unit] = scaled_norm(x);
    length * unit
}

/// The norm in units of some size, and that size. Whether the product of the two can be represented is
/// another matter.
fn scaled_norm<T: Real, D: Dimension>(x: &ArrayRef<T, D>) -> [T; 2] {
    let squares: T = x.iter().map(|&x| x * x).sum();
    if squares.is_finite() && squares > T::from_f64(1e-25) {
        return [squares.sqrt(), T::one()];
    }
    let largest = x.iter().fold(
        T::zero(),
        |largest, &x| {
            if x.abs() > largest { x.abs() } else { largest }
        },
    );
    if largest == T::zero() || largest.is_infinite() {
        // Zero, infinite, or NaN if that is all there is.
        return [x.iter().map(|x| x.abs()).sum(), T::one()];
    }
    let squares = x.iter().map(|&x| (x / largest) * (x / largest));
    [squares.sum::<T>().sqrt(), largest]
}

/// `factor·x/‖x‖` for each element.
fn directions<T: Real, D: Dimension>(
    x: &ArrayRef<T, D>,
    factor: impl Fn(T) -> T,
) -> impl Fn(T) -> T {
    let [length, unit] = scaled_norm(x);
    move |x| {
        if length == T::zero() {
            length
        } else {
            factor((x / unit) / length)
        }
    }
}

fn norm_vjp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    n_bar: T,
    x_bar: &mut Array<T, D>,
) {
    if let Some(x_bar) = shape::read("norm", x, x_bar)
        && n_bar != T::zero()
    {
        let direction = directions(x, |part| n_bar * part);
        x_bar.zip_mut_with(x, |x_bar, &x| *x_bar += direction(x));
    }
}

fn norm_jvp<T: Real, D: Dimension + 'static>(x: &ArrayRef<T, D>, x_dot: &Array<T, D>) -> (T, T) {
    let n_dot = match shape::moving("norm", x, x_dot) {
        Some(x_dot) => {
            let direction = directions(x, |part| part);
            let terms = x.iter().zip(x_dot);
            terms.map(|(&x, &x_dot)| direction(x) * x_dot).sum()
        }
        None => T::zero(),
    };
    (norm(x), n_dot)
}

#[cfg(test)]
mod tests;
