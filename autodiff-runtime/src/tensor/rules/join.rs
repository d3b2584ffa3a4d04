//! Arrays made of arrays.

use ndarray::{Array, ArrayView, Axis, Dimension, RemoveAxis};

use super::operand::{Operand, adjoint, tangent};
use crate::tensor::pool;
use crate::tensor::shape::{expect_axis, expect_cotangent};
use crate::{Real, differentiable};

/// The array of an operand.
type Own<X> = Array<<X as Operand>::Elem, <X as Operand>::Dim>;

/// One array behind the other along an axis, as `concatenate![axis, a, b]`.
///
/// # Panics
///
/// If there is no such axis, or the other axes are not of the same lengths.
#[track_caller]
#[differentiable(vjp = concatenate_vjp, jvp = concatenate_jvp)]
pub fn concatenate<A, B>(#[constant] axis: Axis, a: &A, b: &B) -> Own<A>
where
    A: Operand + ?Sized,
    B: Operand<Elem = A::Elem, Dim = A::Dim> + ?Sized,
    A::Dim: RemoveAxis,
{
    joined(axis, a.view(), b.view())
}

#[track_caller]
fn joined<T: Real, D: RemoveAxis>(
    axis: Axis,
    a: ArrayView<'_, T, D>,
    b: ArrayView<'_, T, D>,
) -> Array<T, D> {
    let (first, second) = (a.shape().to_vec(), b.shape().to_vec());
    expect_axis("`concatenate`", axis, &first);
    match ndarray::concatenate(axis, &[a, b]) {
        Ok(array) => array,
        Err(_) => panic!(
            "`concatenate`: arrays of shape {first:?} and {second:?} do not fit along axis {}: all other lengths are to be the same",
            axis.index()
        ),
    }
}

fn concatenate_vjp<A, B>(
    axis: Axis,
    a: &A,
    b: &B,
    d: Own<A>,
    a_bar: &mut A::Gradient,
    b_bar: &mut B::Gradient,
) where
    A: Operand + ?Sized,
    B: Operand<Elem = A::Elem, Dim = A::Dim> + ?Sized,
    A::Dim: RemoveAxis,
{
    let mut expected = a.view().raw_dim();
    expected[axis.index()] += b.view().len_of(axis);
    expect_cotangent("`concatenate`", expected.slice(), d.shape());
    let (first, second) = d.view().split_at(axis, a.view().len_of(axis));
    for (mut bar, d) in [
        (adjoint("`concatenate`", a, a_bar), first),
        (adjoint("`concatenate`", b, b_bar), second),
    ] {
        if !bar.is_empty() {
            bar += &d;
        }
    }
    pool::give_array(d);
}

fn concatenate_jvp<A, B>(
    axis: Axis,
    a: &A,
    b: &B,
    a_dot: &A::Gradient,
    b_dot: &B::Gradient,
) -> (Own<A>, Own<A>)
where
    A: Operand + ?Sized,
    B: Operand<Elem = A::Elem, Dim = A::Dim> + ?Sized,
    A::Dim: RemoveAxis,
{
    let tangent = joined(
        axis,
        tangent("`concatenate`", a, a_dot),
        tangent("`concatenate`", b, b_dot),
    );
    (concatenate(axis, a, b), tangent)
}

/// Arrays of one shape, each a part along a new axis, as `stack![axis, a, b, c]`: the first one, and then one
/// after the other behind those that are stacked.
pub mod stack {
    use super::*;
    use crate::tensor::rules::shape::with_axis;

    /// An array with one axis more.
    type Larger<X> = Array<<X as Operand>::Elem, <<X as Operand>::Dim as Dimension>::Larger>;

    /// The first array.
    ///
    /// # Panics
    ///
    /// If the axis would not be next to one that is there.
    #[track_caller]
    #[differentiable(vjp = first_vjp, jvp = first_jvp)]
    pub fn first<X: Operand + ?Sized>(x: &X, #[constant] axis: Axis) -> Larger<X>
    where
        <X::Dim as Dimension>::Larger: 'static,
    {
        pool::copy(&with_axis("`stack`", x.view(), axis))
    }

    fn first_vjp<X: Operand + ?Sized>(x: &X, axis: Axis, d: Larger<X>, x_bar: &mut X::Gradient)
    where
        <X::Dim as Dimension>::Larger: 'static,
    {
        let expected = x.view().insert_axis(axis);
        expect_cotangent("`stack`", expected.shape(), d.shape());
        let x_bar = adjoint("`stack`", x, x_bar);
        if !x_bar.is_empty() {
            let mut x_bar = x_bar.insert_axis(axis);
            x_bar += &d;
        }
        pool::give_array(d);
    }

    fn first_jvp<X: Operand + ?Sized>(
        x: &X,
        axis: Axis,
        x_dot: &X::Gradient,
    ) -> (Larger<X>, Larger<X>)
    where
        <X::Dim as Dimension>::Larger: 'static,
    {
        let value = first(x, axis);
        let tangent = tangent("`stack`", x, x_dot).insert_axis(axis);
        (value, tangent.to_owned())
    }

    /// One more behind those that are stacked.
    ///
    /// # Panics
    ///
    /// If it has another shape than they.
    #[track_caller]
    #[differentiable(vjp = next_vjp, jvp = next_jvp)]
    pub fn next<A, B>(#[constant] axis: Axis, stacked: &A, last: &B) -> Own<A>
    where
        A: Operand + ?Sized,
        B: Operand<Elem = A::Elem> + ?Sized,
        B::Dim: Dimension<Larger = A::Dim>,
        A::Dim: RemoveAxis<Smaller = B::Dim>,
    {
        let (stacked, last) = (stacked.view(), last.view());
        let each = stacked.raw_dim().remove_axis(axis);
        assert!(
            each == last.raw_dim(),
            "`stack`: arrays of shape {:?} and {:?} do not fit: all are to have the same shape",
            each.slice(),
            last.shape()
        );
        joined(axis, stacked, last.insert_axis(axis))
    }

    fn next_vjp<A, B>(
        axis: Axis,
        stacked: &A,
        last: &B,
        d: Own<A>,
        stacked_bar: &mut A::Gradient,
        last_bar: &mut B::Gradient,
    ) where
        A: Operand + ?Sized,
        B: Operand<Elem = A::Elem> + ?Sized,
        B::Dim: Dimension<Larger = A::Dim>,
        A::Dim: RemoveAxis<Smaller = B::Dim>,
    {
        let mut expected = stacked.view().raw_dim();
        expected[axis.index()] += 1;
        expect_cotangent("`stack`", expected.slice(), d.shape());
        let (before, behind) = d.view().split_at(axis, stacked.view().len_of(axis));
        let mut stacked_bar = adjoint("`stack`", stacked, stacked_bar);
        if !stacked_bar.is_empty() {
            stacked_bar += &before;
        }
        let last_bar = adjoint("`stack`", last, last_bar);
        if !last_bar.is_empty() {
            let mut last_bar = last_bar.insert_axis(axis);
            last_bar += &behind;
        }
        pool::give_array(d);
    }

    fn next_jvp<A, B>(
        axis: Axis,
        stacked: &A,
        last: &B,
        stacked_dot: &A::Gradient,
        last_dot: &B::Gradient,
    ) -> (Own<A>, Own<A>)
    where
        A: Operand + ?Sized,
        B: Operand<Elem = A::Elem> + ?Sized,
        B::Dim: Dimension<Larger = A::Dim>,
        A::Dim: RemoveAxis<Smaller = B::Dim>,
    {
        let value = next(axis, stacked, last);
        let tangent = joined(
            axis,
            tangent("`stack`", stacked, stacked_dot),
            tangent("`stack`", last, last_dot).insert_axis(axis),
        );
        (value, tangent)
    }
}
