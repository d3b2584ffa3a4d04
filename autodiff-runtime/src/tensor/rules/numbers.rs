//! Arrays as runs of numbers, in the order that an operation of `ndarray` has, and back.

use ndarray::{Array, ArrayView, ArrayViewMut, Axis, Dimension};

use super::operand::{Operand, adjoint, tangent};
use crate::tensor::pool;
use crate::tensor::shape::expect_cotangent;
use crate::{Real, differentiable};

/// How an array lies in memory.
#[derive(Clone, Debug)]
pub struct Layout<D> {
    shape: D,
    /// If it lies there without gaps.
    dense: Option<Dense<D>>,
}

/// How an array without gaps lies in memory.
#[derive(Clone, Debug)]
struct Dense<D> {
    /// Its axes from the longest stride to the shortest.
    order: D,
    /// Per axis, one if it runs backwards and zero else.
    backwards: D,
}

impl<D: Dimension> Dense<D> {
    fn axes_backwards(&self) -> impl Iterator<Item = Axis> {
        let axes = self.backwards.slice().iter().enumerate();
        axes.filter(|(_, backwards)| **backwards == 1)
            .map(|(axis, _)| Axis(axis))
    }
}

impl<D: Dimension> Layout<D> {
    /// The view with its axes in the order in which the numbers of the array lie.
    fn arrange<'v, T>(&self, mut view: ArrayView<'v, T, D>) -> ArrayView<'v, T, D> {
        let Some(dense) = &self.dense else {
            return view;
        };
        for axis in dense.axes_backwards() {
            view.invert_axis(axis);
        }
        view.permuted_axes(dense.order.clone())
    }

    fn arrange_mut<'v, T>(&self, mut view: ArrayViewMut<'v, T, D>) -> ArrayViewMut<'v, T, D> {
        let Some(dense) = &self.dense else {
            return view;
        };
        for axis in dense.axes_backwards() {
            view.invert_axis(axis);
        }
        view.permuted_axes(dense.order.clone())
    }
}

/// The layout of an array.
pub fn layout_of<X: Operand + ?Sized>(x: &X) -> Layout<X::Dim> {
    let x = x.view();
    let strides = x.strides();
    let dense = || {
        let (mut order, mut backwards) = (x.raw_dim(), x.raw_dim());
        for (axis, &stride) in strides.iter().enumerate() {
            order[axis] = axis;
            backwards[axis] = usize::from(stride < 0);
        }
        order
            .slice_mut()
            .sort_by_key(|&axis| std::cmp::Reverse(strides[axis].unsigned_abs()));
        Dense { order, backwards }
    };
    Layout {
        shape: x.raw_dim(),
        dense: x.as_slice_memory_order().is_some().then(dense),
    }
}

/// The numbers of an array: as they lie there, or in the order of the indices if there are gaps.
#[differentiable(vjp = flat_vjp, jvp = flat_jvp)]
pub fn flat<X: Operand + ?Sized>(x: &X) -> Vec<X::Elem> {
    numbers(&layout_of(x), x.view())
}

fn numbers<T: Real, D: Dimension>(layout: &Layout<D>, x: ArrayView<'_, T, D>) -> Vec<T> {
    let x = layout.arrange(x);
    let mut numbers = pool::room(x.len());
    numbers.extend(&x);
    numbers
}

fn flat_vjp<X: Operand + ?Sized>(x: &X, d: Vec<X::Elem>, x_bar: &mut X::Gradient) {
    let x_bar = adjoint("`mapv`", x, x_bar);
    if !x_bar.is_empty() {
        for (x_bar, &d) in layout_of(x).arrange_mut(x_bar).iter_mut().zip(&d) {
            *x_bar += d;
        }
    }
    pool::give(d);
}

fn flat_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (Vec<X::Elem>, Vec<X::Elem>) {
    (flat(x), numbers(&layout_of(x), tangent("`mapv`", x, x_dot)))
}

/// The numbers of an array in the order of the indices, as `x.iter()` has them.
#[differentiable(vjp = elements_vjp, jvp = elements_jvp)]
pub fn elements<X: Operand + ?Sized>(x: &X) -> Vec<X::Elem> {
    x.view().iter().copied().collect()
}

fn elements_vjp<X: Operand + ?Sized>(x: &X, d: Vec<X::Elem>, x_bar: &mut X::Gradient) {
    for (x_bar, d) in adjoint("`iter`", x, x_bar).iter_mut().zip(d) {
        *x_bar += d;
    }
}

fn elements_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (Vec<X::Elem>, Vec<X::Elem>) {
    (
        elements(x),
        tangent("`iter`", x, x_dot).iter().copied().collect(),
    )
}

/// The view with its numbers in the order in which `x.fold(…)` visits them: as they lie in memory, or by
/// rows along the axis of the shortest stride.
fn in_order_of_fold<'v, T, D: Dimension>(
    layout: &Layout<D>,
    shortest: usize,
    view: ArrayView<'v, T, D>,
) -> ArrayView<'v, T, D> {
    let mut view = layout.arrange(view);
    if layout.dense.is_none() && view.ndim() > 1 {
        let last = view.ndim() - 1;
        view.swap_axes(shortest, last);
    }
    view
}

/// The axis of the shortest stride, of those with more than one element.
fn shortest_axis<T, D: Dimension>(x: &ArrayView<'_, T, D>) -> usize {
    let long = (0..x.ndim()).filter(|&axis| x.len_of(Axis(axis)) > 1);
    long.min_by_key(|&axis| x.strides()[axis].unsigned_abs())
        .unwrap_or(x.ndim().saturating_sub(1))
}

/// The numbers of an array in the order of `x.fold(…)`.
#[differentiable(vjp = folded_vjp, jvp = folded_jvp)]
pub fn folded<X: Operand + ?Sized>(x: &X) -> Vec<X::Elem> {
    let shortest = shortest_axis(&x.view());
    let numbers = in_order_of_fold(&layout_of(x), shortest, x.view());
    numbers.iter().copied().collect()
}

fn folded_vjp<X: Operand + ?Sized>(x: &X, d: Vec<X::Elem>, x_bar: &mut X::Gradient) {
    let (layout, shortest) = (layout_of(x), shortest_axis(&x.view()));
    let x_bar = adjoint("`fold`", x, x_bar);
    if x_bar.is_empty() {
        return;
    }
    let mut x_bar = layout.arrange_mut(x_bar);
    if layout.dense.is_none() && x_bar.ndim() > 1 {
        let last = x_bar.ndim() - 1;
        x_bar.swap_axes(shortest, last);
    }
    for (x_bar, d) in x_bar.iter_mut().zip(d) {
        *x_bar += d;
    }
}

fn folded_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (Vec<X::Elem>, Vec<X::Elem>) {
    let (layout, shortest) = (layout_of(x), shortest_axis(&x.view()));
    let tangents = in_order_of_fold(&layout, shortest, tangent("`fold`", x, x_dot));
    (folded(x), tangents.iter().copied().collect())
}

/// Numbers in the order of [`flat()`] as an array that lies as the one of the layout.
#[differentiable(vjp = shaped_vjp, jvp = shaped_jvp)]
pub fn shaped<T: Real, D: Dimension + 'static>(
    numbers: &[T],
    #[constant] layout: Layout<D>,
) -> Array<T, D> {
    array(numbers, &layout)
}

fn array<T: Real, D: Dimension>(numbers: &[T], layout: &Layout<D>) -> Array<T, D> {
    let Some(dense) = &layout.dense else {
        return pool::collected(layout.shape.clone(), numbers.iter().copied());
    };
    let (mut lengths, mut back) = (dense.order.clone(), dense.order.clone());
    for (position, &axis) in dense.order.slice().iter().enumerate() {
        lengths[position] = layout.shape[axis];
        back[axis] = position;
    }
    let permuted = pool::collected(lengths, numbers.iter().copied());
    let mut array = permuted.permuted_axes(back);
    for axis in dense.axes_backwards() {
        array.invert_axis(axis);
    }
    array
}

fn shaped_vjp<T: Real, D: Dimension + 'static>(
    _: &[T],
    layout: Layout<D>,
    d: Array<T, D>,
    numbers_bar: &mut [T],
) {
    expect_cotangent("`mapv`", layout.shape.slice(), d.shape());
    for (number_bar, &d) in numbers_bar.iter_mut().zip(layout.arrange(d.view())) {
        *number_bar += d;
    }
    pool::give_array(d);
}

fn shaped_jvp<T: Real, D: Dimension + 'static>(
    numbers: &[T],
    layout: Layout<D>,
    numbers_dot: &[T],
) -> (Array<T, D>, Array<T, D>) {
    (array(numbers, &layout), array(numbers_dot, &layout))
}
