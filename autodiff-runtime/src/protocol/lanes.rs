//! Several tangents side by side.

use crate::real::Real;

/// How many tangents a vector program carries; handed to the programs of calls, which infer it.
#[derive(Clone, Copy)]
pub struct Width<const WIDTH: usize>;

/// A tangent of each of the `WIDTH` lanes.
#[inline(always)]
pub fn lanes<T: Copy + Default, const WIDTH: usize>(
    mut tangent: impl FnMut(usize) -> T,
) -> [T; WIDTH] {
    // Not `from_fn`, which is not always inlined: the loop is to be compiled where the sweep is.
    let mut tangents = [T::default(); WIDTH];
    for (lane, own) in tangents.iter_mut().enumerate() {
        *own = tangent(lane);
    }
    tangents
}

/// The tangents of an array in the columns of a Jacobian from `first` on.
#[inline]
pub fn unit_tangents<T: Real, const WIDTH: usize, const N: usize>(first: usize) -> [[T; WIDTH]; N] {
    let mut tangents = [[T::default(); WIDTH]; N];
    for (tangents, lane) in tangents.iter_mut().skip(first).zip(0..WIDTH) {
        tangents[lane] = T::from_f64(1.0);
    }
    tangents
}

/// The tangents of number `own` of the parameters.
#[inline]
pub fn unit<T: Real, const WIDTH: usize>(first: usize, own: usize) -> [T; WIDTH] {
    let mut tangents = [T::default(); WIDTH];
    if let Some(tangent) = own
        .checked_sub(first)
        .and_then(|lane| tangents.get_mut(lane))
    {
        *tangent = T::from_f64(1.0);
    }
    tangents
}

/// The sum of an array's elements, of several adjoints.
pub fn total_lanes<T: Real, const WIDTH: usize>(elements: &[[T; WIDTH]]) -> [T; WIDTH] {
    lanes(|lane| elements.iter().map(|element| element[lane]).sum())
}

/// The inner product of a row of several adjoints with a row of numbers.
///
/// # Panics
/// If the lengths differ.
#[inline]
pub fn dot_lanes<T: Real, const WIDTH: usize>(adjoints: &[[T; WIDTH]], row: &[T]) -> [T; WIDTH] {
    assert_eq!(
        adjoints.len(),
        row.len(),
        "an inner product of rows of different length"
    );
    let mut sums = [T::default(); WIDTH];
    for (adjoints, &number) in adjoints.iter().zip(row) {
        for lane in 0..WIDTH {
            sums[lane] += adjoints[lane] * number;
        }
    }
    sums
}
