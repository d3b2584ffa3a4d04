//! Variables that only some paths of control give a value.

use std::ops::{Index, IndexMut};

use crate::differentiable::{Differentiable, Gradient, Leaf, LeafMut, Leaves, Name};
use crate::protocol::Run;

/// A vector of at most one element: empty to begin with, filled where control gives the variable a
/// value. Reading it is indexing it.
///
/// ```
/// use autodiff_runtime::__private::Late;
///
/// let mut state = Late::default();
/// for k in 0..3 {
///     if k == 2 {
///         state = Late::of([1.0, 2.0]);
///     }
/// }
/// assert_eq!(state[0], [1.0, 2.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Late<T>(Option<T>);

impl<T> Late<T> {
    /// With a value.
    #[inline]
    pub fn of(value: T) -> Self {
        Late(Some(value))
    }

    /// How many values it has: one or none.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.as_slice().len()
    }

    /// Whether control has given it no value.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Default for Late<T> {
    #[inline]
    fn default() -> Self {
        Late(None)
    }
}

impl<T> Index<usize> for Late<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.0.as_slice()[index]
    }
}

impl<T> IndexMut<usize> for Late<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.0.as_mut_slice()[index]
    }
}

impl<T: Leaves> Leaves for Late<T> {
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
        T::visit_run(self.0.as_slice(), name, f);
    }

    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        T::visit_run_mut(self.0.as_mut_slice(), name, f);
    }
}

impl<T: Differentiable> Differentiable for Late<T> {
    type Gradient = Late<T::Gradient>;
    type Tangents<const WIDTH: usize> = Late<T::Tangents<WIDTH>>;

    #[inline]
    fn zero_gradient(&self) -> Late<T::Gradient> {
        Late(self.0.as_ref().map(T::zero_gradient))
    }

    #[inline]
    fn unread_gradient(&self) -> Late<T::Gradient> {
        Late(self.0.as_ref().map(T::unread_gradient))
    }

    #[inline]
    fn zero_tangents<const WIDTH: usize>(&self) -> Late<T::Tangents<WIDTH>> {
        Late(self.0.as_ref().map(T::zero_tangents))
    }
}

impl<G: Gradient> Late<G> {
    /// The elements of two gradients of one value.
    #[track_caller]
    fn with<'a>(&'a mut self, other: &'a Self) -> Option<(&'a mut G, &'a G)> {
        match (&mut self.0, &other.0) {
            (Some(own), Some(other)) => Some((own, other)),
            (None, None) => None,
            _ => panic!("the gradient of a variable with a value meets one of a variable without"),
        }
    }
}

impl<G: Gradient> Gradient for Late<G> {
    fn set_zero(&mut self) {
        if let Some(own) = &mut self.0 {
            own.set_zero();
        }
    }

    #[track_caller]
    fn add(&mut self, other: &Self) {
        if let Some((own, other)) = self.with(other) {
            own.add(other);
        }
    }

    #[track_caller]
    fn add_scaled(&mut self, factor: f64, other: &Self) {
        if let Some((own, other)) = self.with(other) {
            own.add_scaled(factor, other);
        }
    }

    fn scale(&mut self, factor: f64) {
        if let Some(own) = &mut self.0 {
            own.scale(factor);
        }
    }

    fn inner(&self, other: &Self) -> f64 {
        match (&self.0, &other.0) {
            (Some(own), Some(other)) => own.inner(other),
            _ => 0.0,
        }
    }
}

impl<G: Gradient> Run for Late<G> {
    type Element = G;

    #[inline]
    fn set_length(&mut self, length: usize, zero: G) {
        match length {
            0 => self.0 = None,
            _ => {
                self.0.get_or_insert(zero);
            }
        }
    }
}
