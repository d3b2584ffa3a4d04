//! Softmax, its logarithm and the log-sum-exp along an axis.
//!
//! The largest entry is subtracted before exponentials are taken, so that nothing overflows. Adjoints are by the
//! same code as those of [`activation::softmax`](crate::activation::softmax()), which keeps the digits of
//! probabilities near 0 and 1. An entry of −∞ is a masked one: probability 0, no effect on the rest.

use ndarray::{Array, ArrayRef, Axis, Dimension, RemoveAxis, Zip};

use super::{shape, vector};
use crate::activation::{pull_log_softmax, push_log_softmax, times_softmax_jacobian};
use crate::{Real, differentiable};

/// The softmax along an axis, `pᵢ = e^{xᵢ} / Σⱼ e^{xⱼ}` for each vector in that direction.
///
/// Adjoint `x̄ᵢ += pᵢ·(p̄ᵢ − Σⱼ pⱼ·p̄ⱼ)`. NaN where no entry is finite.
///
/// # Panics
///
/// If the axis does not exist.
///
/// ```
/// use autodiff_runtime::tensor;
/// use ndarray::{Axis, arr2};
///
/// let x = arr2(&[[800.0, 800.0], [0.0, f64::NEG_INFINITY]]);
/// assert_eq!(tensor::softmax(&x, Axis(1)), arr2(&[[0.5, 0.5], [1.0, 0.0]]));
/// ```
#[track_caller]
#[differentiable(vjp = softmax_vjp, jvp = softmax_jvp, with_value)]
pub fn softmax<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    #[constant] axis: Axis,
) -> Array<T, D> {
    shape::expect_axis("softmax", axis, x.shape());
    let mut lanes = Lanes::of(x, axis);
    let width = lanes.width;
    exponentials(&mut lanes.numbers, width);
    for row in lanes.rows() {
        let sum = sum(row);
        row.iter_mut().for_each(|p| *p /= sum);
    }
    lanes.back(x, axis)
}

fn softmax_vjp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    axis: Axis,
    p: &Array<T, D>,
    p_bar: Array<T, D>,
    x_bar: &mut Array<T, D>,
) {
    shape::expect_cotangent("softmax", x.shape(), p_bar.shape());
    if let Some(x_bar) = shape::read("softmax", x, x_bar) {
        *x_bar += &by_rows(p, &p_bar, axis, times_softmax_jacobian);
    }
}

fn softmax_jvp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    axis: Axis,
    x_dot: &Array<T, D>,
) -> (Array<T, D>, Array<T, D>) {
    let p = softmax(x, axis);
    let p_dot = match shape::moving("softmax", x, x_dot) {
        Some(x_dot) => by_rows(&p, x_dot, axis, times_softmax_jacobian),
        None => Array::zeros(x.raw_dim()),
    };
    (p, p_dot)
}

/// The logarithm of the softmax along an axis, `yᵢ = xᵢ − ln Σⱼ e^{xⱼ}`.
///
/// Adjoint `x̄ᵢ += ȳᵢ − pᵢ·Σⱼ ȳⱼ` with `p` the softmax. NaN where no entry is finite.
///
/// # Panics
///
/// If the axis does not exist.
///
/// ```
/// use autodiff_runtime::tensor;
/// use ndarray::{Axis, arr1};
///
/// assert_eq!(tensor::log_softmax(&arr1(&[800.0, 0.0]), Axis(0)), arr1(&[0.0, -800.0]));
/// ```
#[track_caller]
#[differentiable(vjp = log_softmax_vjp, jvp = log_softmax_jvp)]
pub fn log_softmax<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    #[constant] axis: Axis,
) -> Array<T, D> {
    shape::expect_axis("log_softmax", axis, x.shape());
    let mut lanes = Lanes::of(x, axis);
    let logarithms = logarithms_of_sums(&lanes.numbers, lanes.width);
    for (row, (highest, rest)) in lanes.rows().zip(logarithms) {
        row.iter_mut().for_each(|x| *x = (*x - highest) - rest);
    }
    lanes.back(x, axis)
}

fn log_softmax_vjp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    axis: Axis,
    y_bar: Array<T, D>,
    x_bar: &mut Array<T, D>,
) {
    shape::expect_cotangent("log_softmax", x.shape(), y_bar.shape());
    if let Some(x_bar) = shape::read("log_softmax", x, x_bar) {
        *x_bar += &by_rows(&softmax(x, axis), &y_bar, axis, pull_log_softmax);
    }
}

fn log_softmax_jvp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    axis: Axis,
    x_dot: &Array<T, D>,
) -> (Array<T, D>, Array<T, D>) {
    let y = log_softmax(x, axis);
    let y_dot = match shape::moving("log_softmax", x, x_dot) {
        Some(x_dot) => by_rows(&softmax(x, axis), x_dot, axis, push_log_softmax),
        None => Array::zeros(x.raw_dim()),
    };
    (y, y_dot)
}

/// `ln Σ e^x` over all elements, a smooth maximum; −∞ if there is none.
///
/// Adjoint `x̄ᵢ += ȳ·pᵢ` with `p` the softmax over all elements.
///
/// ```
/// use autodiff_runtime::tensor;
/// use ndarray::arr2;
///
/// assert_eq!(tensor::logsumexp(&arr2(&[[800.0], [800.0]])), 800.0 + 2.0_f64.ln());
/// ```
#[differentiable(vjp = logsumexp_vjp, jvp = logsumexp_jvp)]
pub fn logsumexp<T: Real, D: Dimension + 'static>(x: &ArrayRef<T, D>) -> T {
    let numbers: Vec<T> = x.iter().copied().collect();
    let sums = logarithms_of_sums(&numbers, numbers.len());
    let sum = sums.first().map(|&(highest, rest)| highest + rest);
    sum.unwrap_or(T::from_f64(f64::NEG_INFINITY))
}

fn logsumexp_vjp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    y_bar: T,
    x_bar: &mut Array<T, D>,
) {
    if let Some(x_bar) = shape::read("logsumexp", x, x_bar)
        && y_bar != T::zero()
    {
        for (x_bar, p) in x_bar.iter_mut().zip(softmax_of_all(x)) {
            *x_bar += y_bar * p;
        }
    }
}

fn logsumexp_jvp<T: Real, D: Dimension + 'static>(
    x: &ArrayRef<T, D>,
    x_dot: &Array<T, D>,
) -> (T, T) {
    let y_dot = match shape::moving("logsumexp", x, x_dot) {
        Some(x_dot) => weighted(x_dot.iter().zip(&softmax_of_all(x))),
        None => T::zero(),
    };
    (logsumexp(x), y_dot)
}

/// The softmax over all elements, in the order of their indices.
fn softmax_of_all<T: Real, D: Dimension>(x: &ArrayRef<T, D>) -> Vec<T> {
    let mut numbers: Vec<T> = x.iter().copied().collect();
    let width = numbers.len();
    exponentials(&mut numbers, width);
    let sum = sum(&numbers);
    numbers.iter_mut().for_each(|p| *p /= sum);
    numbers
}

/// `ln Σ e^x` along an axis, which the result does not have any more.
///
/// Adjoint `x̄ᵢ += ȳ·pᵢ` with `p` the softmax along the axis.
///
/// # Panics
///
/// If the axis does not exist.
///
/// ```
/// use autodiff_runtime::tensor;
/// use ndarray::{Axis, arr1, arr2};
///
/// let x = arr2(&[[0.0, -800.0], [800.0, -800.0]]);
/// assert_eq!(tensor::logsumexp_axis(&x, Axis(1)), arr1(&[0.0, 800.0]));
/// ```
#[track_caller]
#[differentiable(vjp = logsumexp_axis_vjp, jvp = logsumexp_axis_jvp)]
pub fn logsumexp_axis<T: Real, D: RemoveAxis + 'static>(
    x: &ArrayRef<T, D>,
    #[constant] axis: Axis,
) -> Array<T, D::Smaller>
where
    D::Smaller: 'static,
{
    shape::expect_axis("logsumexp_axis", axis, x.shape());
    let lanes = Lanes::of(x, axis);
    let mut y = Array::from_elem(
        x.raw_dim().remove_axis(axis),
        T::from_f64(f64::NEG_INFINITY),
    );
    let sums = logarithms_of_sums(&lanes.numbers, lanes.width);
    for (y, (highest, rest)) in y.iter_mut().zip(sums) {
        *y = highest + rest;
    }
    y
}

fn logsumexp_axis_vjp<T: Real, D: RemoveAxis + 'static>(
    x: &ArrayRef<T, D>,
    axis: Axis,
    y_bar: Array<T, D::Smaller>,
    x_bar: &mut Array<T, D>,
) where
    D::Smaller: 'static,
{
    let expected = x.raw_dim().remove_axis(axis);
    shape::expect_cotangent("logsumexp_axis", expected.slice(), y_bar.shape());
    if let Some(x_bar) = shape::read("logsumexp_axis", x, x_bar) {
        Zip::from(x_bar.lanes_mut(axis))
            .and(softmax(x, axis).lanes(axis))
            .and(&y_bar)
            .for_each(|mut x_bar, p, &y_bar| {
                if y_bar != T::zero() {
                    x_bar.scaled_add(y_bar, &p);
                }
            });
    }
}

fn logsumexp_axis_jvp<T: Real, D: RemoveAxis + 'static>(
    x: &ArrayRef<T, D>,
    axis: Axis,
    x_dot: &Array<T, D>,
) -> (Array<T, D::Smaller>, Array<T, D::Smaller>)
where
    D::Smaller: 'static,
{
    let y = logsumexp_axis(x, axis);
    let mut y_dot = Array::zeros(y.raw_dim());
    if let Some(x_dot) = shape::moving("logsumexp_axis", x, x_dot) {
        Zip::from(&mut y_dot)
            .and(x_dot.lanes(axis))
            .and(softmax(x, axis).lanes(axis))
            .for_each(|y_dot, x_dot, p| *y_dot = weighted(x_dot.iter().zip(p)));
    }
    (y, y_dot)
}

/// `Σ vᵢ·pᵢ`, where a factor vᵢ of zero stays zero.
fn weighted<'n, T: Real>(terms: impl Iterator<Item = (&'n T, &'n T)>) -> T {
    let zero = T::zero();
    terms
        .map(|(&v, &p)| if v == zero { zero } else { v * p })
        .sum()
}

/// The vectors of an array along an axis, one after the other.
struct Lanes<T, D> {
    numbers: Vec<T>,
    width: usize,
    /// The shape with that axis behind the others.
    shape: D,
}

impl<T: Real, D: Dimension> Lanes<T, D> {
    fn of(array: &ArrayRef<T, D>, axis: Axis) -> Self {
        let turned = array.view().permuted_axes(order::<D>(array.ndim(), axis));
        let shape = turned.raw_dim();
        let (numbers, _) = turned
            .as_standard_layout()
            .into_owned()
            .into_raw_vec_and_offset();
        Self {
            numbers,
            width: array.len_of(axis),
            shape,
        }
    }

    fn rows(&mut self) -> std::slice::ChunksExactMut<'_, T> {
        self.numbers.chunks_exact_mut(self.width.max(1))
    }

    /// As an array of the shape that the vectors were taken from.
    fn back(self, from: &ArrayRef<T, D>, axis: Axis) -> Array<T, D> {
        let turned = Array::from_shape_vec(self.shape, self.numbers);
        let turned = turned.expect("as many numbers as were taken");
        if axis.index() + 1 == from.ndim() {
            return turned;
        }
        let order = order::<D>(from.ndim(), axis);
        let mut back = order.clone();
        for (place, &own) in order.slice().iter().enumerate() {
            back[own] = place;
        }
        turned.permuted_axes(back).as_standard_layout().into_owned()
    }
}

/// All axes in order, but this one last.
fn order<D: Dimension>(dimensions: usize, axis: Axis) -> D {
    let mut order = D::zeros(dimensions);
    let others = (0..dimensions).filter(|&own| own != axis.index());
    let places = order.slice_mut().iter_mut();
    places
        .zip(others.chain([axis.index()]))
        .for_each(|(place, own)| *place = own);
    order
}

/// Runs `f` on each vector of `kept` along the axis and the same one of `v`, and gives what is left there.
fn by_rows<T: Real, D: Dimension>(
    kept: &ArrayRef<T, D>,
    v: &ArrayRef<T, D>,
    axis: Axis,
    f: impl Fn(&[T], &mut [T]),
) -> Array<T, D> {
    let mut kept = Lanes::of(kept, axis);
    let mut lanes = Lanes::of(v, axis);
    kept.rows()
        .zip(lanes.rows())
        .for_each(|(kept, row)| f(kept, row));
    lanes.back(v, axis)
}

/// Replaces each row by `exp(x − max)`.
pub(super) fn exponentials<T: Real>(numbers: &mut [T], width: usize) {
    for row in numbers.chunks_exact_mut(width.max(1)) {
        let highest = highest(row);
        row.iter_mut().for_each(|x| *x -= highest);
    }
    vector::exp(numbers);
}

/// Of each row the largest entry, and the logarithm of the sum of `exp(x − max)`. Of that sum, the
/// largest entry's 1 is not rounded away.
fn logarithms_of_sums<T: Real>(numbers: &[T], width: usize) -> Vec<(T, T)> {
    let mut e = numbers.to_vec();
    exponentials(&mut e, width);
    let rows = numbers.chunks_exact(width.max(1));
    rows.zip(e.chunks_exact_mut(width.max(1)))
        .map(|(row, e)| {
            let highest = highest(row);
            if highest.is_infinite() {
                // No difference from it can be formed; it is the sum, unless there is no telling.
                let nan = row.iter().copied().find(|x| x.is_nan());
                return (highest, nan.unwrap_or(T::zero()));
            }
            if let Some(top) = row.iter().position(|&x| x == highest) {
                e[top] = T::zero();
            }
            (highest, sum(e).ln_1p())
        })
        .collect()
}

const PARTS: usize = 8;

/// The largest entry, by several maxima at once; not NaN, unless the first one is.
pub(super) fn highest<T: Real>(row: &[T]) -> T {
    let Some(&first) = row.first() else {
        return T::from_f64(f64::NEG_INFINITY);
    };
    let larger = |own: T, x: T| if x > own { x } else { own };
    let (chunks, rest) = row.as_chunks::<PARTS>();
    let mut parts = [first; PARTS];
    for chunk in chunks {
        for (own, &x) in parts.iter_mut().zip(chunk) {
            *own = larger(*own, x);
        }
    }
    parts
        .into_iter()
        .chain(rest.iter().copied())
        .fold(first, larger)
}

/// The sum, by several sums at once.
pub(super) fn sum<T: Real>(row: &[T]) -> T {
    let (chunks, rest) = row.as_chunks::<PARTS>();
    let mut parts = [T::zero(); PARTS];
    for chunk in chunks {
        for (own, &x) in parts.iter_mut().zip(chunk) {
            *own += x;
        }
    }
    parts.into_iter().chain(rest.iter().copied()).sum()
}

#[cfg(test)]
mod tests;
