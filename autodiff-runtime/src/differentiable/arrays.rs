//! `ndarray` arrays and views as differentiable values, and owned arrays as gradients.
//!
//! An array is one leaf if its numbers lie in the order of its indices (standard layout); a
//! transposed or strided one is a leaf per number. Its gradient has the same shape and the same order
//! in memory, so that the leaves of the two go together.

use ndarray::{
    Array, ArrayBase, ArrayRef, ArrayView, ArrayViewMut, CowArray, Dimension, OwnedArcRepr,
    ShapeBuilder, Zip,
};

use super::{Axes, Differentiable, Gradient, Leaf, LeafMut, Leaves, Name, OneByOne, Precision};
use crate::real::Real;
use crate::tensor::pool;

impl<T: Real, D: Dimension + 'static> Leaves for ArrayRef<T, D> {
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
        visit(self.view(), name, f);
    }

    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        visit_mut(self.view_mut(), name, f);
    }

    fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
        let precision = T::uniform_shape(&mut Axes::default()).expect("a number has a precision");
        f(name.as_str(), precision, self.shape());
    }
}

fn visit<'a, T: Real, D: Dimension + 'static>(
    array: ArrayView<'a, T, D>,
    name: &mut Name,
    f: &mut dyn FnMut(&str, Leaf<'a>),
) {
    match array.to_slice() {
        Some(numbers) => T::visit_run(numbers, name, f),
        None => {
            for (index, number) in array.into_iter().enumerate() {
                name.within(index, |name| number.visit(name, f));
            }
        }
    }
}

fn visit_mut<'a, T: Real, D: Dimension + 'static>(
    array: ArrayViewMut<'a, T, D>,
    name: &mut Name,
    f: &mut dyn FnMut(&str, LeafMut<'a>),
) {
    if array.is_standard_layout() {
        let numbers = array.into_slice().expect("the layout is the standard one");
        T::visit_run_mut(numbers, name, f);
    } else {
        for (index, number) in array.into_iter().enumerate() {
            name.within(index, |name| number.visit_mut(name, f));
        }
    }
}

impl<T: Real, D: Dimension + 'static> Differentiable for ArrayRef<T, D> {
    type Gradient = Array<T, D>;
    type Tangents<const WIDTH: usize> = OneByOne;

    fn zero_gradient(&self) -> Array<T, D> {
        let columns_first = self.ndim() > 1 && self.t().is_standard_layout();
        let shape = self
            .raw_dim()
            .set_f(columns_first && !self.is_standard_layout());
        pool::zeros(shape)
    }

    fn unread_gradient(&self) -> Array<T, D> {
        Array::from_elem(D::zeros(self.ndim()), T::default())
    }

    fn zero_tangents<const WIDTH: usize>(&self) -> OneByOne {
        OneByOne
    }
}

/// Owners and views stand for the array that they give access to.
macro_rules! access {
    ($([$($lifetime:lifetime)?] $type:ty, $visit_mut:item $(, $give_back:item)?)*) => {$(
        impl<$($lifetime,)? T: Real, D: Dimension + 'static> Leaves for $type {
            fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
                visit(self.view(), name, f);
            }

            $visit_mut

            fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
                (**self).visit_tensors(name, f);
            }
        }

        impl<$($lifetime,)? T: Real, D: Dimension + 'static> Differentiable for $type {
            type Gradient = Array<T, D>;
            type Tangents<const WIDTH: usize> = OneByOne;

            fn zero_gradient(&self) -> Array<T, D> {
                (**self).zero_gradient()
            }

            fn unread_gradient(&self) -> Array<T, D> {
                (**self).unread_gradient()
            }

            fn zero_tangents<const WIDTH: usize>(&self) -> OneByOne {
                OneByOne
            }

            $($give_back)?
        }
    )*};
}

access! {
    [] Array<T, D>,
    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        visit_mut(self.view_mut(), name, f);
    },
    fn give_back(self) {
        pool::give_array(self);
    }

    ['v] ArrayViewMut<'v, T, D>,
    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        visit_mut(self.view_mut(), name, f);
    }

    [] ArrayBase<OwnedArcRepr<T>, D>,
    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        visit_mut(self.view_mut(), name, f);
    }

    ['v] CowArray<'v, T, D>,
    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        visit_mut(self.view_mut(), name, f);
    }

    ['v] ArrayView<'v, T, D>,
    fn visit_mut<'a>(&'a mut self, name: &mut Name, _: &mut dyn FnMut(&str, LeafMut<'a>)) {
        visit(self.view(), name, &mut |path, _| {
            panic!("the numbers at `{path}` cannot be changed: they are behind a shared reference")
        });
    }
}

/// Refuses gradients of values of different shape, with both shapes.
#[track_caller]
fn expect_equal_shapes(ours: &[usize], theirs: &[usize]) {
    assert!(
        ours == theirs,
        "a gradient of shape {ours:?} meets one of shape {theirs:?}: they belong to values of different shape"
    );
}

impl<T: Real, D: Dimension + 'static> Gradient for Array<T, D> {
    fn set_zero(&mut self) {
        self.fill(T::default());
    }

    #[track_caller]
    fn add(&mut self, other: &Self) {
        if self.is_empty() {
            // An adjoint that nobody reads, see `Differentiable::unread_gradient`.
            return;
        }
        expect_equal_shapes(self.shape(), other.shape());
        Zip::from(self)
            .and(other)
            .for_each(|own, &other| *own += other);
    }

    #[track_caller]
    fn add_scaled(&mut self, factor: f64, other: &Self) {
        if self.is_empty() {
            return;
        }
        expect_equal_shapes(self.shape(), other.shape());
        Zip::from(self)
            .and(other)
            .for_each(|own, other| own.add_scaled(factor, other));
    }

    fn scale(&mut self, factor: f64) {
        self.map_inplace(|own| own.scale(factor));
    }

    #[track_caller]
    fn inner(&self, other: &Self) -> f64 {
        expect_equal_shapes(self.shape(), other.shape());
        Zip::from(self)
            .and(other)
            .fold(0.0, |sum, own, other| sum + own.inner(other))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr1, arr2};

    use super::super::{leaves, named_leaves, zip_leaves};
    use super::*;

    #[test]
    fn an_array_is_one_leaf_and_a_transposed_one_a_leaf_per_number() {
        let rows = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(
            named_leaves(&(rows.clone(), 5.0))[0],
            ("0".to_owned(), vec![1.0, 2.0, 3.0, 4.0])
        );
        let numbers: Vec<_> = leaves(&rows.t())
            .iter()
            .map(|(path, leaf)| (path.clone(), leaf.get(0)))
            .collect();
        assert_eq!(numbers[1], ("1".to_owned(), 3.0));
    }

    #[test]
    fn the_leaves_of_a_gradient_go_with_those_of_the_value() {
        for mut value in [
            Array2::from_elem((2, 3), 1.0_f32),
            Array2::from_elem((2, 3).f(), 1.0),
        ] {
            let mut gradient = value.zero_gradient();
            gradient[[1, 0]] = 7.0;
            zip_leaves(&mut value, &gradient, |_, mut own, slope| {
                for index in 0..slope.len() {
                    own.set(index, slope.get(index));
                }
            });
            assert_eq!(value, gradient);
        }
    }

    #[test]
    fn the_gradient_is_a_vector_space() {
        let mut sum = arr1(&[1.0, 2.0]);
        sum.add_scaled(0.5, &arr1(&[4.0, 8.0]));
        sum.add(&arr1(&[1.0, 1.0]));
        sum.scale(2.0);
        assert_eq!(sum, arr1(&[8.0, 14.0]));
        assert_eq!(sum.inner(&arr1(&[1.0, 1.0])), 22.0);
        sum.set_zero();
        assert_eq!(sum, arr1(&[0.0, 0.0]));
    }

    #[test]
    fn what_nobody_reads_takes_every_shape_and_stays_empty() {
        let mut unread = arr2(&[[1.0, 2.0]]).unread_gradient();
        unread.add(&arr2(&[[1.0, 2.0]]));
        assert!(unread.is_empty());
    }

    #[test]
    #[should_panic(expected = "a gradient of shape [2] meets one of shape [3]")]
    fn gradients_of_different_shape_are_not_added() {
        arr1(&[1.0, 2.0]).add(&arr1(&[1.0, 2.0, 3.0]));
    }

    #[test]
    #[should_panic(expected = "the numbers at `0` cannot be changed")]
    fn a_view_is_not_changed() {
        let numbers = arr1(&[1.0]);
        zip_leaves(&mut (numbers.view(),), &(numbers.clone(),), |_, _, _| {});
    }
}
