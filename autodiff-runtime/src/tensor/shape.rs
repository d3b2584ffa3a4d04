//! Which shapes go together, and the sentences for those that do not.

use ndarray::{Array, ArrayRef, Axis, Dimension};

use crate::Real;

/// The adjoint of an argument, if anybody reads it.
///
/// # Panics
///
/// If it has elements, but not the argument's shape.
#[track_caller]
pub(crate) fn read<'b, T: Real, D: Dimension>(
    operation: &str,
    argument: &ArrayRef<T, D>,
    bar: &'b mut Array<T, D>,
) -> Option<&'b mut Array<T, D>> {
    if bar.is_empty() {
        return None;
    }
    expect_adjoint(operation, argument.shape(), bar.shape());
    Some(bar)
}

/// The tangent of an argument, if it is not zero throughout.
///
/// # Panics
///
/// If it has elements, but not the argument's shape.
#[track_caller]
pub(crate) fn moving<'d, T: Real, D: Dimension>(
    operation: &str,
    argument: &ArrayRef<T, D>,
    dot: &'d Array<T, D>,
) -> Option<&'d Array<T, D>> {
    if dot.is_empty() {
        return None;
    }
    expect_tangent(operation, argument.shape(), dot.shape());
    Some(dot)
}

/// Refuses an adjoint of the result that has another shape than the result.
#[track_caller]
pub(crate) fn expect_cotangent(operation: &str, result: &[usize], bar: &[usize]) {
    expect(operation, "the adjoint of the result", result, bar);
}

/// Refuses an adjoint of an argument that has another shape than the argument.
#[track_caller]
pub(crate) fn expect_adjoint(operation: &str, argument: &[usize], bar: &[usize]) {
    expect(operation, "the adjoint of an argument", argument, bar);
}

/// Refuses a tangent of an argument that has another shape than the argument.
#[track_caller]
pub(crate) fn expect_tangent(operation: &str, argument: &[usize], dot: &[usize]) {
    expect(operation, "the tangent of an argument", argument, dot);
}

#[track_caller]
fn expect(operation: &str, what: &str, value: &[usize], found: &[usize]) {
    assert!(
        value == found,
        "{operation}: {what} has shape {found:?}, and what it belongs to has shape {value:?}"
    );
}

/// Refuses an axis that the array does not have.
#[track_caller]
pub(crate) fn expect_axis(operation: &str, axis: Axis, shape: &[usize]) {
    assert!(
        axis.index() < shape.len(),
        "{operation}: there is no axis {} in an array of shape {shape:?}: its axes are {:?}",
        axis.index(),
        0..shape.len()
    );
}

/// The number of elements before an axis, along it, and behind it.
pub(crate) fn around(shape: &[usize], axis: Axis) -> [usize; 3] {
    let axis = axis.index();
    let before = shape[..axis].iter().product();
    [before, shape[axis], shape[axis + 1..].iter().product()]
}

/// Runs `add` on the numbers of an adjoint in the order of their indices. If they lie otherwise in
/// memory, that takes a copy.
pub(crate) fn in_order<T: Real, D: Dimension>(bar: &mut Array<T, D>, add: impl FnOnce(&mut [T])) {
    if let Some(numbers) = bar.as_slice_mut() {
        return add(numbers);
    }
    let mut copy = bar.as_standard_layout().into_owned();
    add(copy
        .as_slice_mut()
        .expect("a copy in standard layout is contiguous"));
    bar.assign(&copy);
}
