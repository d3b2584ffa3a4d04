//! Arrays of another shape, and arrays as runs of numbers.

use ndarray::{
    Array, ArrayView, ArrayViewMut, Axis, Dimension, IntoDimension, RemoveAxis, ShapeBuilder, Slice,
};

use super::operand::{Operand, adjoint, tangent};
use crate::tensor::pool;
use crate::tensor::shape::expect_cotangent;
use crate::{Real, differentiable};

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
    let shape = shape.into_dimension();
    expect_cotangent("`into_shape_with_order`", shape.slice(), d.shape());
    for (x_bar, &d) in adjoint("`into_shape_with_order`", x, x_bar)
        .iter_mut()
        .zip(&d)
    {
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
#[differentiable(vjp = reshape_vjp, jvp = to_shape_jvp)]
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
    let x = x.view();
    assert!(
        axis.index() <= x.ndim(),
        "`insert_axis`: an array of shape {:?} has no place for an axis {}",
        x.shape(),
        axis.index()
    );
    pool::copy(&x.insert_axis(axis))
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
    match ndarray::concatenate(axis, &[a, b]) {
        Ok(array) => array,
        Err(_) => panic!(
            "`concatenate`: arrays of shape {first:?} and {second:?} do not fit along axis {}",
            axis.0
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

/// An array with the number everywhere.
#[differentiable(vjp = filled_vjp, jvp = filled_jvp)]
pub fn filled<T: Real, E: IntoDimension + Clone>(
    #[constant] shape: E,
    number: &T,
) -> Array<T, E::Dim>
where
    E::Dim: 'static,
{
    let mut filled = pool::array_of_any(shape.into_dimension());
    filled.fill(*number);
    filled
}

fn filled_vjp<T: Real, E: IntoDimension + Clone>(
    _: E,
    _: &T,
    d: Array<T, E::Dim>,
    number_bar: &mut T,
) where
    E::Dim: 'static,
{
    *number_bar += d.sum();
    pool::give_array(d);
}

fn filled_jvp<T: Real, E: IntoDimension + Clone>(
    shape: E,
    number: &T,
    number_dot: &T,
) -> (Array<T, E::Dim>, Array<T, E::Dim>)
where
    E::Dim: 'static,
{
    (filled(shape.clone(), number), filled(shape, number_dot))
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

/// An array of the shape with these numbers, as `Array::from_shape_vec(shape, numbers).unwrap()`.
///
/// # Panics
///
/// If there are not as many numbers.
#[track_caller]
#[differentiable(vjp = from_numbers_vjp, jvp = from_numbers_jvp)]
pub fn from_numbers<T: Real, E: IntoDimension + Clone>(
    #[constant] shape: E,
    numbers: &[T],
) -> Array<T, E::Dim>
where
    E::Dim: 'static,
{
    let shape = shape.into_dimension();
    match Array::from_shape_vec(shape.clone().into_shape_with_order(), numbers.to_vec()) {
        Ok(array) => array,
        Err(_) => panic!(
            "`from_shape_vec`: {} numbers do not fill an array of shape {:?}",
            numbers.len(),
            shape.slice()
        ),
    }
}

fn from_numbers_vjp<T: Real, E: IntoDimension + Clone>(
    _: E,
    _: &[T],
    d: Array<T, E::Dim>,
    numbers_bar: &mut [T],
) where
    E::Dim: 'static,
{
    for (number_bar, &d) in numbers_bar.iter_mut().zip(&d) {
        *number_bar += d;
    }
    pool::give_array(d);
}

fn from_numbers_jvp<T: Real, E: IntoDimension + Clone>(
    shape: E,
    numbers: &[T],
    numbers_dot: &[T],
) -> (Array<T, E::Dim>, Array<T, E::Dim>)
where
    E::Dim: 'static,
{
    (
        from_numbers(shape.clone(), numbers),
        from_numbers(shape, numbers_dot),
    )
}
