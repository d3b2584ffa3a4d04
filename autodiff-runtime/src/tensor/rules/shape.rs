//! Arrays of another shape.

use ndarray::{Array, ArrayView, Axis, Dimension, IntoDimension, Slice};

use super::operand::{Operand, adjoint, tangent};
use crate::differentiable;
use crate::tensor::pool;
use crate::tensor::shape::expect_cotangent;

/// The array of an operand.
type Own<X> = Array<<X as Operand>::Elem, <X as Operand>::Dim>;

/// `x.reversed_axes()`, as an array of its own.
#[differentiable(vjp = transposed_vjp, jvp = transposed_jvp)]
pub fn transposed<X: Operand + ?Sized>(x: &X) -> Own<X> {
    pool::copy(&x.view().reversed_axes())
}

fn transposed_vjp<X: Operand + ?Sized>(x: &X, d: Own<X>, x_bar: &mut X::Gradient) {
    expect_cotangent(
        "`reversed_axes`",
        x.view().reversed_axes().shape(),
        d.shape(),
    );
    let x_bar = adjoint("`reversed_axes`", x, x_bar);
    if !x_bar.is_empty() {
        let mut x_bar = x_bar.reversed_axes();
        x_bar += &d;
    }
    pool::give_array(d);
}

fn transposed_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (Own<X>, Own<X>) {
    (
        transposed(x),
        tangent("`reversed_axes`", x, x_dot)
            .reversed_axes()
            .to_owned(),
    )
}

/// Its numbers in another shape.
type Reshaped<X, E> = Array<<X as Operand>::Elem, <E as IntoDimension>::Dim>;

/// `x.into_shape_with_order(shape).unwrap()`.
///
/// # Panics
///
/// If the numbers cannot be read in that shape where they lie.
#[track_caller]
#[differentiable(vjp = reshape_vjp, jvp = reshape_jvp)]
pub fn reshape<X: Operand + ?Sized, E: IntoDimension + Clone>(
    x: &X,
    #[constant] shape: E,
) -> Reshaped<X, E>
where
    E::Dim: 'static,
{
    let (x, shape) = (x.view(), shape.into_dimension());
    match pool::copy(&x).into_shape_with_order(shape.clone()) {
        Ok(reshaped) => reshaped,
        Err(_) => panic!(
            "`into_shape_with_order`: an array of shape {:?} (strides {:?}) cannot be read as one of shape {:?}",
            x.shape(),
            x.strides(),
            shape.slice()
        ),
    }
}

fn reshape_vjp<X: Operand + ?Sized, E: IntoDimension + Clone>(
    x: &X,
    shape: E,
    d: Reshaped<X, E>,
    x_bar: &mut X::Gradient,
) where
    E::Dim: 'static,
{
    pull_reshaped(
        "`into_shape_with_order`",
        x,
        shape.into_dimension(),
        d,
        x_bar,
    );
}

fn pull_reshaped<X: Operand + ?Sized, D: Dimension>(
    operation: &str,
    x: &X,
    shape: D,
    d: Array<X::Elem, D>,
    x_bar: &mut X::Gradient,
) {
    expect_cotangent(operation, shape.slice(), d.shape());
    for (x_bar, &d) in adjoint(operation, x, x_bar).iter_mut().zip(&d) {
        *x_bar += d;
    }
    pool::give_array(d);
}

fn reshape_jvp<X: Operand + ?Sized, E: IntoDimension + Clone>(
    x: &X,
    shape: E,
    x_dot: &X::Gradient,
) -> (Reshaped<X, E>, Reshaped<X, E>)
where
    E::Dim: 'static,
{
    let numbers = tangent("`into_shape_with_order`", x, x_dot)
        .iter()
        .copied()
        .collect();
    let tangent = Array::from_shape_vec(shape.clone().into_dimension(), numbers);
    (
        reshape(x, shape),
        tangent.expect("as many numbers as the value has"),
    )
}

/// `x.to_shape(shape).unwrap()`, which copies numbers that cannot be read in that shape where they lie.
///
/// # Panics
///
/// If there are not as many numbers.
#[track_caller]
#[differentiable(vjp = to_shape_vjp, jvp = to_shape_jvp)]
pub fn to_shape<X: Operand + ?Sized, E: IntoDimension + Clone>(
    x: &X,
    #[constant] shape: E,
) -> Reshaped<X, E>
where
    E::Dim: 'static,
{
    let (x, shape) = (x.view(), shape.into_dimension());
    match x.to_shape(shape.clone()) {
        Ok(reshaped) => pool::copy(&reshaped),
        Err(_) => panic!(
            "`to_shape`: an array of shape {:?} has not the numbers for one of shape {:?}",
            x.shape(),
            shape.slice()
        ),
    }
}

fn to_shape_vjp<X: Operand + ?Sized, E: IntoDimension + Clone>(
    x: &X,
    shape: E,
    d: Reshaped<X, E>,
    x_bar: &mut X::Gradient,
) where
    E::Dim: 'static,
{
    pull_reshaped("`to_shape`", x, shape.into_dimension(), d, x_bar);
}

fn to_shape_jvp<X: Operand + ?Sized, E: IntoDimension + Clone>(
    x: &X,
    shape: E,
    x_dot: &X::Gradient,
) -> (Reshaped<X, E>, Reshaped<X, E>)
where
    E::Dim: 'static,
{
    let numbers = tangent("`to_shape`", x, x_dot).iter().copied().collect();
    let tangent = Array::from_shape_vec(shape.clone().into_dimension(), numbers);
    (
        to_shape(x, shape),
        tangent.expect("as many numbers as the value has"),
    )
}

/// A view as an array of its own, which `ndarray` adds up in the same order: with gaps in memory if the
/// view has some.
#[differentiable(vjp = copied_vjp, jvp = copied_jvp)]
pub fn copied<X: Operand + ?Sized>(x: &X) -> Own<X> {
    let x = x.view();
    if x.as_slice_memory_order().is_some() {
        return pool::copy(&x);
    }
    let mut shape = x.raw_dim();
    shape.slice_mut().iter_mut().for_each(|length| *length *= 2);
    let mut wide = Array::from_elem(shape, X::Elem::default());
    for axis in 0..x.ndim() {
        wide.slice_axis_inplace(Axis(axis), Slice::new(0, None, 2));
    }
    wide.assign(&x);
    wide
}

fn copied_vjp<X: Operand + ?Sized>(x: &X, d: Own<X>, x_bar: &mut X::Gradient) {
    expect_cotangent("a copy", x.view().shape(), d.shape());
    let mut x_bar = adjoint("a copy", x, x_bar);
    if !x_bar.is_empty() {
        x_bar += &d;
    }
    pool::give_array(d);
}

fn copied_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (Own<X>, Own<X>) {
    (copied(x), tangent("a copy", x, x_dot).to_owned())
}

/// `x.insert_axis(axis)`, as an array of its own.
///
/// # Panics
///
/// If the axis would not be next to one that is there.
#[track_caller]
#[differentiable(vjp = insert_axis_vjp, jvp = insert_axis_jvp)]
pub fn insert_axis<X: Operand + ?Sized>(
    x: &X,
    #[constant] axis: Axis,
) -> Array<X::Elem, <X::Dim as Dimension>::Larger>
where
    <X::Dim as Dimension>::Larger: 'static,
{
    pool::copy(&with_axis("`insert_axis`", x.view(), axis))
}

/// The view with one axis more, if there is a place for it.
#[track_caller]
pub(super) fn with_axis<'v, T, D: Dimension>(
    operation: &str,
    x: ArrayView<'v, T, D>,
    axis: Axis,
) -> ArrayView<'v, T, D::Larger> {
    assert!(
        axis.index() <= x.ndim(),
        "{operation}: an array of shape {:?} has no place for a new axis {}: it may be 0 to {}",
        x.shape(),
        axis.index(),
        x.ndim()
    );
    x.insert_axis(axis)
}

fn insert_axis_vjp<X: Operand + ?Sized>(
    x: &X,
    axis: Axis,
    d: Array<X::Elem, <X::Dim as Dimension>::Larger>,
    x_bar: &mut X::Gradient,
) where
    <X::Dim as Dimension>::Larger: 'static,
{
    let expected = x.view().insert_axis(axis);
    expect_cotangent("`insert_axis`", expected.shape(), d.shape());
    let x_bar = adjoint("`insert_axis`", x, x_bar);
    if !x_bar.is_empty() {
        let mut x_bar = x_bar.insert_axis(axis);
        x_bar += &d;
    }
    pool::give_array(d);
}

#[allow(clippy::type_complexity, reason = "value and tangent")]
fn insert_axis_jvp<X: Operand + ?Sized>(
    x: &X,
    axis: Axis,
    x_dot: &X::Gradient,
) -> (
    Array<X::Elem, <X::Dim as Dimension>::Larger>,
    Array<X::Elem, <X::Dim as Dimension>::Larger>,
)
where
    <X::Dim as Dimension>::Larger: 'static,
{
    (
        insert_axis(x, axis),
        tangent("`insert_axis`", x, x_dot)
            .insert_axis(axis)
            .to_owned(),
    )
}
