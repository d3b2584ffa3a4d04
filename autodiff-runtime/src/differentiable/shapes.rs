//! The standard types as differentiable values and as gradients.

use std::marker::PhantomData;
use std::ops::{Range, RangeInclusive};

use super::tensors::visit_elements;
use super::{Axes, Differentiable, Dot, Gradient, Leaf, LeafMut, Leaves, Name, Precision};

macro_rules! float {
    ($float:ident, $leaf:ident) => {
        impl Leaves for $float {
            fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
                f(name.as_str(), Leaf::$leaf(std::slice::from_ref(self)));
            }

            fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
                f(name.as_str(), LeafMut::$leaf(std::slice::from_mut(self)));
            }

            fn visit_run<'a>(run: &'a [Self], name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
                f(name.as_str(), Leaf::$leaf(run));
            }

            fn visit_run_mut<'a>(
                run: &'a mut [Self],
                name: &mut Name,
                f: &mut dyn FnMut(&str, LeafMut<'a>),
            ) {
                f(name.as_str(), LeafMut::$leaf(run));
            }

            fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
                f(name.as_str(), Precision::$leaf, &[]);
            }

            fn uniform_shape(_: &mut Axes) -> Option<Precision> {
                Some(Precision::$leaf)
            }
        }

        impl Differentiable for $float {
            type Gradient = $float;
            type Tangents<const WIDTH: usize> = [$float; WIDTH];

            #[inline]
            fn zero_gradient(&self) -> $float {
                0.0
            }

            #[inline]
            fn zero_tangents<const WIDTH: usize>(&self) -> [$float; WIDTH] {
                [0.0; WIDTH]
            }
        }

        impl Gradient for $float {
            const FIXED_SHAPE: bool = true;

            #[inline]
            fn set_zero(&mut self) {
                *self = 0.0;
            }

            #[inline]
            fn add(&mut self, other: &Self) {
                *self += other;
            }

            #[inline]
            fn add_scaled(&mut self, factor: f64, other: &Self) {
                *self += (factor * f64::from(*other)) as $float;
            }

            #[inline]
            fn scale(&mut self, factor: f64) {
                *self = (f64::from(*self) * factor) as $float;
            }

            #[inline]
            fn inner(&self, other: &Self) -> f64 {
                f64::from(*self) * f64::from(*other)
            }
        }
    };
}

float!(f32, F32);
float!(f64, F64);

/// Types without a float in them: no leaves, and the empty gradient.
macro_rules! inactive {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {
        $(
            impl $($generics)* Leaves for $type {
                fn visit<'a>(&'a self, _: &mut Name, _: &mut dyn FnMut(&str, Leaf<'a>)) {}
                fn visit_mut<'a>(&'a mut self, _: &mut Name, _: &mut dyn FnMut(&str, LeafMut<'a>)) {}
            }

            impl $($generics)* Differentiable for $type {
                type Gradient = ();
                type Tangents<const WIDTH: usize> = ();

                #[inline]
                fn zero_gradient(&self) {}

                #[inline]
                fn zero_tangents<const WIDTH: usize>(&self) {}
            }
        )*
    };
}

inactive!(
    [] i8, [] i16, [] i32, [] i64, [] i128, [] isize,
    [] u8, [] u16, [] u32, [] u64, [] u128, [] usize,
    [] bool, [] char, [] str, [] String, [] Range<usize>, [] RangeInclusive<usize>,
    [<T: ?Sized>] PhantomData<T>,
);

impl<E: Leaves> Leaves for [E] {
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
        E::visit_run(self, name, f);
    }

    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        E::visit_run_mut(self, name, f);
    }

    fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
        visit_elements(self, name, f);
    }
}

impl<E: Differentiable> Differentiable for [E] {
    type Gradient = Vec<E::Gradient>;
    type Tangents<const WIDTH: usize> = Vec<E::Tangents<WIDTH>>;

    fn zero_gradient(&self) -> Vec<E::Gradient> {
        self.iter().map(E::zero_gradient).collect()
    }

    fn unread_gradient(&self) -> Vec<E::Gradient> {
        self.iter().map(E::unread_gradient).collect()
    }

    fn zero_tangents<const WIDTH: usize>(&self) -> Vec<E::Tangents<WIDTH>> {
        self.iter().map(E::zero_tangents).collect()
    }
}

impl<E: Leaves> Leaves for Vec<E> {
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
        E::visit_run(self, name, f);
    }

    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        E::visit_run_mut(self, name, f);
    }

    fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
        visit_elements(self, name, f);
    }
}

impl<E: Differentiable> Differentiable for Vec<E> {
    type Gradient = Vec<E::Gradient>;
    type Tangents<const WIDTH: usize> = Vec<E::Tangents<WIDTH>>;

    fn zero_gradient(&self) -> Vec<E::Gradient> {
        self.as_slice().zero_gradient()
    }

    fn unread_gradient(&self) -> Vec<E::Gradient> {
        self.as_slice().unread_gradient()
    }

    fn zero_tangents<const WIDTH: usize>(&self) -> Vec<E::Tangents<WIDTH>> {
        self.as_slice().zero_tangents()
    }
}

impl<E: Leaves, const N: usize> Leaves for [E; N] {
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
        E::visit_run(self, name, f);
    }

    fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
        E::visit_run_mut(self, name, f);
    }

    fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
        visit_elements(self, name, f);
    }

    fn uniform_shape(shape: &mut Axes) -> Option<Precision> {
        shape.push(N)?;
        E::uniform_shape(shape)
    }
}

impl<E: Differentiable, const N: usize> Differentiable for [E; N] {
    type Gradient = [E::Gradient; N];
    type Tangents<const WIDTH: usize> = [E::Tangents<WIDTH>; N];

    #[inline]
    fn zero_gradient(&self) -> [E::Gradient; N] {
        std::array::from_fn(|index| self[index].zero_gradient())
    }

    #[inline]
    fn unread_gradient(&self) -> [E::Gradient; N] {
        std::array::from_fn(|index| self[index].unread_gradient())
    }

    #[inline]
    fn zero_tangents<const WIDTH: usize>(&self) -> [E::Tangents<WIDTH>; N] {
        std::array::from_fn(|index| self[index].zero_tangents())
    }
}

/// Refuses two runs of different length: they are gradients of different values.
#[track_caller]
#[inline]
fn expect_equal_lengths(ours: usize, theirs: usize) {
    assert!(
        ours == theirs,
        "a gradient of {ours} entries meets one of {theirs}: they belong to values of different shape"
    );
}

/// The operations of a run of gradients, for every container that dereferences to a slice.
macro_rules! gradient_run {
    ([$($generics:tt)*] $type:ty, $fixed:expr) => {
        impl<$($generics)*> Gradient for $type {
            const FIXED_SHAPE: bool = $fixed;

            #[inline]
            fn set_zero(&mut self) {
                for own in self.iter_mut() {
                    own.set_zero();
                }
            }

            #[inline]
            #[track_caller]
            fn add(&mut self, other: &Self) {
                expect_equal_lengths(self.len(), other.len());
                for (own, other) in self.iter_mut().zip(other) {
                    own.add(other);
                }
            }

            #[inline]
            #[track_caller]
            fn add_scaled(&mut self, factor: f64, other: &Self) {
                expect_equal_lengths(self.len(), other.len());
                for (own, other) in self.iter_mut().zip(other) {
                    own.add_scaled(factor, other);
                }
            }

            #[inline]
            fn scale(&mut self, factor: f64) {
                for own in self.iter_mut() {
                    own.scale(factor);
                }
            }

            #[inline]
            #[track_caller]
            fn inner(&self, other: &Self) -> f64 {
                expect_equal_lengths(self.len(), other.len());
                self.iter().zip(other).map(|(own, other)| own.inner(other)).sum()
            }
        }
    };
}

impl Dot for f32 {}
impl Dot for f64 {}
impl<G: Gradient> Dot for Vec<G> {}
impl<G: Gradient, const N: usize> Dot for [G; N] {}
impl<G: Gradient> Dot for Box<G> {}

gradient_run!([G: Gradient] Vec<G>, false);
gradient_run!([G: Gradient, const N: usize] [G; N], G::FIXED_SHAPE);

impl<T: Leaves + ?Sized> Leaves for &T {
    fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
        (**self).visit(name, f);
    }

    fn visit_mut<'a>(&'a mut self, name: &mut Name, _: &mut dyn FnMut(&str, LeafMut<'a>)) {
        // Only a leaf is worth a panic: a borrowed `str` has nothing to change.
        (**self).visit(name, &mut |path, _| {
            panic!("the numbers at `{path}` cannot be changed: they are behind a shared reference")
        });
    }

    fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
        (**self).visit_tensors(name, f);
    }
}

impl<T: Differentiable + ?Sized> Differentiable for &T {
    type Gradient = T::Gradient;
    type Tangents<const WIDTH: usize> = T::Tangents<WIDTH>;

    #[inline]
    fn zero_gradient(&self) -> T::Gradient {
        (**self).zero_gradient()
    }

    #[inline]
    fn unread_gradient(&self) -> T::Gradient {
        (**self).unread_gradient()
    }

    #[inline]
    fn zero_tangents<const WIDTH: usize>(&self) -> T::Tangents<WIDTH> {
        (**self).zero_tangents()
    }
}

/// Owners and exclusive borrows stand for what they hold.
macro_rules! transparent {
    ($type:ty) => {
        impl<T: Leaves + ?Sized> Leaves for $type {
            fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
                (**self).visit(name, f);
            }

            fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
                (**self).visit_mut(name, f);
            }

            fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
                (**self).visit_tensors(name, f);
            }
        }

        impl<T: Differentiable + ?Sized> Differentiable for $type {
            type Gradient = T::Gradient;
            type Tangents<const WIDTH: usize> = T::Tangents<WIDTH>;

            #[inline]
            fn zero_gradient(&self) -> T::Gradient {
                (**self).zero_gradient()
            }

            #[inline]
            fn unread_gradient(&self) -> T::Gradient {
                (**self).unread_gradient()
            }

            #[inline]
            fn zero_tangents<const WIDTH: usize>(&self) -> T::Tangents<WIDTH> {
                (**self).zero_tangents()
            }
        }
    };
}

transparent!(Box<T>);
transparent!(&mut T);

impl<G: Gradient> Gradient for Box<G> {
    fn set_zero(&mut self) {
        (**self).set_zero();
    }

    #[track_caller]
    fn add(&mut self, other: &Self) {
        (**self).add(other);
    }

    #[track_caller]
    fn add_scaled(&mut self, factor: f64, other: &Self) {
        (**self).add_scaled(factor, other);
    }

    fn scale(&mut self, factor: f64) {
        (**self).scale(factor);
    }

    #[track_caller]
    fn inner(&self, other: &Self) -> f64 {
        (**self).inner(other)
    }
}

macro_rules! tuple {
    ($($type:ident $index:tt),*) => {
        // The empty tuple uses none of its arguments.
        #[allow(unused_variables)]
        impl<$($type: Leaves),*> Leaves for ($($type,)*) {
            fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
                $(name.within($index, |name| self.$index.visit(name, f));)*
            }

            fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
                $(name.within($index, |name| self.$index.visit_mut(name, f));)*
            }

            fn visit_tensors(&self, name: &mut Name, f: &mut dyn FnMut(&str, Precision, &[usize])) {
                $(name.within($index, |name| self.$index.visit_tensors(name, f));)*
            }
        }

        #[allow(clippy::unused_unit)]
        impl<$($type: Differentiable),*> Differentiable for ($($type,)*) {
            type Gradient = ($($type::Gradient,)*);
            type Tangents<const WIDTH: usize> = ($($type::Tangents<WIDTH>,)*);

            #[inline]
            fn zero_gradient(&self) -> Self::Gradient {
                ($(self.$index.zero_gradient(),)*)
            }

            #[inline]
            fn unread_gradient(&self) -> Self::Gradient {
                ($(self.$index.unread_gradient(),)*)
            }

            #[inline]
            fn zero_tangents<const WIDTH: usize>(&self) -> Self::Tangents<WIDTH> {
                ($(self.$index.zero_tangents(),)*)
            }

            #[inline]
            fn give_back(self) {
                $(self.$index.give_back();)*
            }
        }

        impl<$($type: Gradient),*> Dot for ($($type,)*) {}

        #[allow(unused_variables)]
        impl<$($type: Gradient),*> Gradient for ($($type,)*) {
            const FIXED_SHAPE: bool = true $(&& $type::FIXED_SHAPE)*;

            #[inline]
            fn set_zero(&mut self) {
                $(self.$index.set_zero();)*
            }

            #[inline]
            fn add(&mut self, other: &Self) {
                $(self.$index.add(&other.$index);)*
            }

            #[inline]
            fn add_scaled(&mut self, factor: f64, other: &Self) {
                $(self.$index.add_scaled(factor, &other.$index);)*
            }

            #[inline]
            fn scale(&mut self, factor: f64) {
                $(self.$index.scale(factor);)*
            }

            #[inline]
            fn inner(&self, other: &Self) -> f64 {
                0.0 $(+ self.$index.inner(&other.$index))*
            }
        }
    };
}

tuple!();
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
