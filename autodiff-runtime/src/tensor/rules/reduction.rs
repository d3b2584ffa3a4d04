//! Sums, means, products and extremes: of all numbers, and along an axis.

use ndarray::{Array, ArrayView, ArrayView1, Axis, Dimension, RemoveAxis, Zip};

use super::operand::{Operand, adjoint, tangent};
use crate::tensor::{pool, shape};
use crate::{Real, differentiable};

/// `x.sum()`.
#[differentiable(vjp = sum_vjp, jvp = sum_jvp)]
pub fn sum<X: Operand + ?Sized>(x: &X) -> X::Elem {
    x.view().sum()
}

fn sum_vjp<X: Operand + ?Sized>(x: &X, d: X::Elem, x_bar: &mut X::Gradient) {
    adjoint("`sum`", x, x_bar).map_inplace(|x_bar| *x_bar += d);
}

fn sum_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (X::Elem, X::Elem) {
    (x.view().sum(), tangent("`sum`", x, x_dot).sum())
}

/// The number of elements, as a number.
fn count<T: Real>(length: usize) -> T {
    T::from_f64(length as f64)
}

/// `x.mean()`, of an array that has elements.
///
/// # Panics
///
/// If there are none: they have no mean.
#[track_caller]
#[differentiable(vjp = mean_vjp, jvp = mean_jvp)]
pub fn mean<X: Operand + ?Sized>(x: &X) -> X::Elem {
    let x = x.view();
    match x.is_empty() {
        true => panic!(
            "`mean`: an array of shape {:?} has no element, hence no mean",
            x.shape()
        ),
        false => x.sum() / count(x.len()),
    }
}

fn mean_vjp<X: Operand + ?Sized>(x: &X, d: X::Elem, x_bar: &mut X::Gradient) {
    let share = d / count(x.view().len());
    adjoint("`mean`", x, x_bar).map_inplace(|x_bar| *x_bar += share);
}

fn mean_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (X::Elem, X::Elem) {
    (
        mean(x),
        tangent("`mean`", x, x_dot).sum() / count(x.view().len()),
    )
}

/// `x.product()`.
#[differentiable(vjp = product_vjp, jvp = product_jvp)]
pub fn product<X: Operand + ?Sized>(x: &X) -> X::Elem {
    x.view().product()
}

/// Per number, the product of all others: without a division, so that zeros are no obstacle.
fn products_of_others<T: Real, D: Dimension>(x: &ArrayView<'_, T, D>) -> Vec<T> {
    let mut others: Vec<T> = Vec::with_capacity(x.len());
    let mut before = T::from_f64(1.0);
    for &x in x {
        others.push(before);
        before *= x;
    }
    let mut behind = T::from_f64(1.0);
    let numbers: Vec<T> = x.iter().copied().collect();
    for (other, x) in others.iter_mut().zip(numbers).rev() {
        *other *= behind;
        behind *= x;
    }
    others
}

fn product_vjp<X: Operand + ?Sized>(x: &X, d: X::Elem, x_bar: &mut X::Gradient) {
    let others = products_of_others(&x.view());
    for (x_bar, others) in adjoint("`product`", x, x_bar).iter_mut().zip(others) {
        *x_bar += d * others;
    }
}

fn product_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (X::Elem, X::Elem) {
    let others = products_of_others(&x.view());
    let x_dot = tangent("`product`", x, x_dot);
    let terms = x_dot
        .iter()
        .zip(others)
        .map(|(&x_dot, others)| x_dot * others);
    (product(x), terms.sum())
}

/// The array without the axis.
type Reduced<X> = Array<<X as Operand>::Elem, <<X as Operand>::Dim as Dimension>::Smaller>;

/// Refuses an adjoint of what is left without the axis that has another shape.
#[track_caller]
fn expect_reduced<X: Operand + ?Sized>(operation: &str, x: &X, axis: Axis, d: &Reduced<X>)
where
    X::Dim: RemoveAxis,
{
    let expected = x.view().raw_dim().remove_axis(axis);
    shape::expect_cotangent(operation, expected.slice(), d.shape());
}

/// `x.sum_axis(axis)`.
#[track_caller]
#[differentiable(vjp = sum_axis_vjp, jvp = sum_axis_jvp)]
pub fn sum_axis<X: Operand + ?Sized>(x: &X, #[constant] axis: Axis) -> Reduced<X>
where
    X::Dim: RemoveAxis,
{
    let x = x.view();
    shape::expect_axis("`sum_axis`", axis, x.shape());
    x.sum_axis(axis)
}

fn sum_axis_vjp<X: Operand + ?Sized>(x: &X, axis: Axis, d: Reduced<X>, x_bar: &mut X::Gradient)
where
    X::Dim: RemoveAxis,
{
    expect_reduced("`sum_axis`", x, axis, &d);
    let mut x_bar = adjoint("`sum_axis`", x, x_bar);
    if x_bar.is_empty() {
        return;
    }
    for part in x_bar.axis_iter_mut(axis) {
        Zip::from(part).and(&d).for_each(|x_bar, &d| *x_bar += d);
    }
    pool::give_array(d);
}

fn sum_axis_jvp<X: Operand + ?Sized>(
    x: &X,
    axis: Axis,
    x_dot: &X::Gradient,
) -> (Reduced<X>, Reduced<X>)
where
    X::Dim: RemoveAxis,
{
    (
        sum_axis(x, axis),
        tangent("`sum_axis`", x, x_dot).sum_axis(axis),
    )
}

/// `x.mean_axis(axis)`, along an axis that has elements.
///
/// # Panics
///
/// If it has none.
#[track_caller]
#[differentiable(vjp = mean_axis_vjp, jvp = mean_axis_jvp)]
pub fn mean_axis<X: Operand + ?Sized>(x: &X, #[constant] axis: Axis) -> Reduced<X>
where
    X::Dim: RemoveAxis,
{
    let x = x.view();
    shape::expect_axis("`mean_axis`", axis, x.shape());
    assert!(
        x.len_of(axis) > 0,
        "`mean_axis`: an array of shape {:?} has no element along axis {}, hence no mean",
        x.shape(),
        axis.0
    );
    let length = count(x.len_of(axis));
    x.sum_axis(axis).mapv_into(|sum| sum / length)
}

fn mean_axis_vjp<X: Operand + ?Sized>(x: &X, axis: Axis, d: Reduced<X>, x_bar: &mut X::Gradient)
where
    X::Dim: RemoveAxis,
{
    expect_reduced("`mean_axis`", x, axis, &d);
    let length = count(x.view().len_of(axis));
    sum_axis_vjp(x, axis, d.mapv_into(|d| d / length), x_bar);
}

fn mean_axis_jvp<X: Operand + ?Sized>(
    x: &X,
    axis: Axis,
    x_dot: &X::Gradient,
) -> (Reduced<X>, Reduced<X>)
where
    X::Dim: RemoveAxis,
{
    let value = mean_axis(x, axis);
    let length = count(x.view().len_of(axis));
    let tangent = tangent("`mean_axis`", x, x_dot).sum_axis(axis);
    (value, tangent.mapv_into(|sum| sum / length))
}

/// The elements that are the extreme one, each with an equal share.
fn shares<T: Real>(lane: ArrayView1<'_, T>, extreme: T) -> T {
    let hits = lane.iter().filter(|&&x| x == extreme).count();
    T::from_f64(1.0) / count(hits.max(1))
}

macro_rules! extremes {
    ($($name:ident $vjp:ident $jvp:ident $method:ident $start:ident $word:literal)*) => {$(
        #[doc = concat!("The ", $word, " along an axis; equal ones share the derivative equally.")]
        ///
        /// # Panics
        ///
        /// If the array has no such axis, or no element along it.
        #[track_caller]
        #[differentiable(vjp = $vjp, jvp = $jvp, with_value)]
        pub fn $name<X: Operand + ?Sized>(x: &X, #[constant] axis: Axis) -> Reduced<X>
        where
            X::Dim: RemoveAxis,
        {
            let x = x.view();
            shape::expect_axis(concat!("`", stringify!($name), "`"), axis, x.shape());
            assert!(
                x.len_of(axis) > 0,
                concat!("`", stringify!($name), "`: an array of shape {:?} has no element along axis {}"),
                x.shape(),
                axis.0
            );
            x.fold_axis(axis, X::Elem::from_f64(f64::$start), |&so_far, &x| so_far.$method(x))
        }

        fn $vjp<X: Operand + ?Sized>(x: &X, axis: Axis, value: &Reduced<X>, d: Reduced<X>, x_bar: &mut X::Gradient)
        where
            X::Dim: RemoveAxis,
        {
            expect_reduced(concat!("`", stringify!($name), "`"), x, axis, &d);
            let (x, mut x_bar) = (x.view(), adjoint(concat!("`", stringify!($name), "`"), x, x_bar));
            if x_bar.is_empty() {
                return;
            }
            let lanes = x.lanes(axis).into_iter().zip(x_bar.lanes_mut(axis));
            for ((lane, mut lane_bar), (&extreme, &d)) in lanes.zip(value.iter().zip(&d)) {
                let share = d * shares(lane, extreme);
                for (x_bar, &x) in lane_bar.iter_mut().zip(lane) {
                    if x == extreme {
                        *x_bar += share;
                    }
                }
            }
        }

        fn $jvp<X: Operand + ?Sized>(x: &X, axis: Axis, x_dot: &X::Gradient) -> (Reduced<X>, Reduced<X>)
        where
            X::Dim: RemoveAxis,
        {
            let value = $name(x, axis);
            let x_dot = tangent(concat!("`", stringify!($name), "`"), x, x_dot);
            let mut tangent = value.clone();
            let x = x.view();
            let lanes = x.lanes(axis).into_iter().zip(x_dot.lanes(axis));
            for ((lane, lane_dot), tangent) in lanes.zip(&mut tangent) {
                let extreme = *tangent;
                let hits = lane.iter().zip(lane_dot).filter(|(x, _)| **x == extreme);
                *tangent = hits.map(|(_, &dot)| dot).sum::<X::Elem>() * shares(lane, extreme);
            }
            (value, tangent)
        }
    )*};
}

extremes! {
    max_axis max_axis_vjp max_axis_jvp max NEG_INFINITY "largest number"
    min_axis min_axis_vjp min_axis_jvp min INFINITY "smallest number"
}
