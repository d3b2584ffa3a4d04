//! Elements and views of arrays. Where there is no such part, a sentence says so, and which ones there are.

use std::fmt::Debug;

use ndarray::{
    ArrayRef, ArrayView, ArrayView1, ArrayViewMut, ArrayViewMut1, Axis, Dimension, IntoDimension,
    Ix2, NdIndex, RemoveAxis, Slice, SliceArg, SliceInfoElem,
};

use crate::tensor::shape::expect_axis;

/// Arrays of which generated code takes parts: `x.__parts().row(i)`, `x.__parts().element([i, j])`.
pub trait WithParts {
    /// The elements' type.
    type Elem;
    /// The dimension.
    type Dim: Dimension;
    /// The array's parts, to be read.
    fn __parts(&self) -> Parts<'_, Self::Elem, Self::Dim>;
    /// The array's parts, to be changed.
    fn __parts_mut(&mut self) -> PartsMut<'_, Self::Elem, Self::Dim>;
}

impl<T, D: Dimension> WithParts for ArrayRef<T, D> {
    type Elem = T;
    type Dim = D;

    #[inline(always)]
    fn __parts(&self) -> Parts<'_, T, D> {
        Parts(self)
    }

    #[inline(always)]
    fn __parts_mut(&mut self) -> PartsMut<'_, T, D> {
        PartsMut(self)
    }
}

/// The parts of an array.
#[derive(Debug)]
pub struct Parts<'x, T, D: Dimension>(&'x ArrayRef<T, D>);

/// The parts of an array, to be changed.
#[derive(Debug)]
pub struct PartsMut<'x, T, D: Dimension>(&'x mut ArrayRef<T, D>);

/// The methods of both kinds, which are those of an array of the same names, with the checks before them.
macro_rules! views {
    ($parts:ident $view:ident $view1:ident $row:ident $column:ident $index_axis:ident $slice:ident $slice_axis:ident) => {
        impl<'x, T> $parts<'x, T, Ix2> {
            /// A row.
            #[inline]
            #[track_caller]
            pub fn $row(self, index: usize) -> $view1<'x, T> {
                expect_index("`row`", index, Axis(0), self.0.shape());
                self.0.$row(index)
            }

            /// A column.
            #[inline]
            #[track_caller]
            pub fn $column(self, index: usize) -> $view1<'x, T> {
                expect_index("`column`", index, Axis(1), self.0.shape());
                self.0.$column(index)
            }
        }

        impl<'x, T, D: Dimension> $parts<'x, T, D> {
            /// What has one index along an axis.
            #[inline]
            #[track_caller]
            pub fn $index_axis(self, axis: Axis, index: usize) -> $view<'x, T, D::Smaller>
            where
                D: RemoveAxis,
            {
                expect_axis("`index_axis`", axis, self.0.shape());
                expect_index("`index_axis`", index, axis, self.0.shape());
                self.0.$index_axis(axis, index)
            }

            /// What lies in a range along each axis.
            #[inline]
            #[track_caller]
            pub fn $slice<I: SliceArg<D>>(self, info: I) -> $view<'x, T, I::OutDim> {
                expect_slice(info.as_ref(), self.0.shape());
                self.0.$slice(info)
            }

            /// What lies in a range along one axis.
            #[inline]
            #[track_caller]
            pub fn $slice_axis(self, axis: Axis, range: Slice) -> $view<'x, T, D> {
                expect_axis("`slice_axis`", axis, self.0.shape());
                expect_range("`slice_axis`", range, axis, self.0.shape());
                self.0.$slice_axis(axis, range)
            }
        }
    };
}

views!(Parts ArrayView ArrayView1 row column index_axis slice slice_axis);
views!(PartsMut ArrayViewMut ArrayViewMut1 row_mut column_mut index_axis_mut slice_mut slice_axis_mut);

impl<'x, T, D: Dimension> Parts<'x, T, D> {
    /// An element.
    #[inline(always)]
    #[track_caller]
    pub fn element<I: Position<D>>(self, index: I) -> &'x T {
        expect_axes(&index, self.0);
        match self.0.get(index.clone()) {
            Some(element) => element,
            None => no_element(&index, self.0.shape()),
        }
    }
}

impl<'x, T, D: Dimension> PartsMut<'x, T, D> {
    /// An element.
    #[inline(always)]
    #[track_caller]
    pub fn element_mut<I: Position<D>>(self, index: I) -> &'x mut T {
        expect_axes(&index, self.0);
        if self.0.get(index.clone()).is_none() {
            no_element(&index, self.0.shape());
        }
        &mut self.0[index]
    }
}

/// What says where an element is: `i`, `[i, j]`, `(i, j)`.
pub trait Position<D>: NdIndex<D> + IntoDimension + Clone {}

impl<D, I: NdIndex<D> + IntoDimension + Clone> Position<D> for I {}

/// Refuses a position with more or fewer indices than the array has axes. If their number is a part of the type,
/// there is none.
#[inline(always)]
#[track_caller]
fn expect_axes<T, D: Dimension, I: Position<D>>(index: &I, array: &ArrayRef<T, D>) {
    if D::NDIM.is_none() && index.clone().into_dimension().ndim() != array.ndim() {
        no_element(index, array.shape());
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_element(index: &dyn Debug, shape: &[usize]) -> ! {
    let indices: Vec<_> = shape.iter().map(|&length| 0..length).collect();
    panic!(
        "an element: there is none at {index:?} in an array of shape {shape:?}: the indices are {indices:?}"
    )
}

#[track_caller]
fn expect_index(operation: &str, index: usize, axis: Axis, shape: &[usize]) {
    let length = shape[axis.index()];
    assert!(
        index < length,
        "{operation}: there is no index {index} along axis {} of an array of shape {shape:?}: the indices are {:?}",
        axis.index(),
        0..length
    );
}

/// Refuses what `s![…]` makes if an index or a range of it is not there.
#[track_caller]
fn expect_slice(elements: &[SliceInfoElem], shape: &[usize]) {
    let of_axes = elements
        .iter()
        .filter(|own| !matches!(own, SliceInfoElem::NewAxis));
    assert!(
        of_axes.clone().count() == shape.len(),
        "`slice`: {} ranges and indices meet an array of shape {shape:?}, which has {} axes",
        of_axes.count(),
        shape.len()
    );
    for (axis, element) in of_axes.enumerate() {
        match *element {
            SliceInfoElem::Index(index) => {
                let (length, axis) = (shape[axis], Axis(axis));
                match from_front(index, length) {
                    Some(index) => expect_index("`slice`", index, axis, shape),
                    None => panic!(
                        "`slice`: there is no index {index} along axis {} of an array of shape {shape:?}: from behind, the last one is -{length}",
                        axis.index()
                    ),
                }
            }
            SliceInfoElem::Slice { start, end, step } => {
                expect_range("`slice`", Slice { start, end, step }, Axis(axis), shape);
            }
            SliceInfoElem::NewAxis => unreachable!("it is no axis of the array"),
        }
    }
}

/// A position that may be counted from behind.
fn from_front(index: isize, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => length.checked_sub(index.unsigned_abs()),
    }
}

#[track_caller]
fn expect_range(operation: &str, range: Slice, axis: Axis, shape: &[usize]) {
    let length = shape[axis.index()];
    let Slice { start, end, step } = range;
    let is_within =
        |bound: isize| from_front(bound, length).is_some_and(|position| position <= length);
    assert!(
        is_within(start) && end.is_none_or(is_within),
        "{operation}: there is no range {start}..{} along axis {} of an array of shape {shape:?}: it may lie in {:?}",
        end.map(|end| end.to_string()).unwrap_or_default(),
        axis.index(),
        0..length
    );
    assert!(
        step != 0,
        "{operation}: a range along axis {} of an array of shape {shape:?} has the step 0",
        axis.index()
    );
}
