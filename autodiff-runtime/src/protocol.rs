//! What generated code needs beside arithmetic: checks of what the macro had to assume, and the
//! handling of values whose type only rustc knows.

mod checks;
mod lanes;
mod shapes;
mod unroll;
mod wide;

use crate::differentiable::{Differentiable, Gradient, Leaf, Leaves, Name};
use crate::graph::{Graph, Trace};
use crate::real::Real;

use std::ops::Range;
use std::slice::SliceIndex;

pub use checks::*;
pub use lanes::{Width, dot_lanes, lanes, total_lanes, unit, unit_tangents};
pub use shapes::{Shapes, buffer_fits, tangent_fits};
pub use unroll::{unrolled, unrolled_back};
pub use wide::{Sweep, wide};

pub use crate::checkpoint::{Checkpoint, OnceTape, Tape};

pub use std::boxed::Box;
pub use std::vec;
pub use std::vec::Vec;

/// The place of a parameter that is not differentiated, in a call between generated functions:
/// whatever the caller has for it is taken and not looked at.
pub type Ignored<'a> = &'a mut dyn Anything;

/// Every type.
pub trait Anything {}

impl<T> Anything for T {}

/// An integer argument as a leaf of a trace.
pub fn index_to_f64<T: Integer>(value: T) -> f64 {
    value.to_f64()
}

/// The floats of an argument as leaves of a trace.
pub fn leaves<L: Leaves + ?Sized>(value: &L) -> Vec<f64> {
    let mut leaves = Vec::new();
    value.visit(&mut Name::default(), &mut |_, leaf| match leaf {
        Leaf::F32(numbers) => leaves.extend(numbers.iter().copied().map(f64::from)),
        Leaf::F64(numbers) => leaves.extend_from_slice(numbers),
    });
    leaves
}

/// A graph's trace, by a cotangent of one for each number of its result; `parameters` holds the
/// numbers of each.
///
/// # Panics
/// With the error's sentence, if the graph cannot be evaluated.
pub fn trace(graph: &Graph, parameters: &[Vec<f64>]) -> Trace {
    match graph.try_trace(parameters) {
        Ok(trace) => trace,
        Err(error) => panic!("{error}"),
    }
}

/// A zero of the gradient's type, as the text of generated code has it.
pub fn zero_gradient<X: Differentiable + ?Sized>(x: &X) -> X::Gradient {
    x.zero_gradient()
}

/// `place += term` for adjoints that are not scalars.
pub fn accumulate<P: Place + ?Sized>(place: &mut P, term: &P::Term) {
    place.add_term(term);
}

/// `place += element` for each element: the adjoint of the `x` in `vec![x; n]` and `[x; N]`.
pub fn accumulate_each<G: Gradient>(place: &mut G, elements: &[G]) {
    for element in elements {
        place.add(element);
    }
}

/// What an adjoint can be accumulated in: a gradient, or the slice behind one.
pub trait Place {
    /// The owned gradient.
    type Term;
    /// `self += term`.
    fn add_term(&mut self, term: &Self::Term);
}

impl<G: Gradient> Place for G {
    type Term = G;
    #[inline]
    fn add_term(&mut self, term: &G) {
        self.add(term);
    }
}

impl<G: Gradient> Place for [G] {
    type Term = Vec<G>;
    fn add_term(&mut self, term: &Vec<G>) {
        assert_eq!(
            self.len(),
            term.len(),
            "an adjoint of {} numbers is added to one of {}",
            term.len(),
            self.len()
        );
        for (own, term) in self.iter_mut().zip(term) {
            own.add(term);
        }
    }
}

#[cfg(feature = "ndarray")]
impl<T: Real, D: ndarray::Dimension + 'static> Place for ndarray::ArrayViewMut<'_, T, D> {
    type Term = ndarray::Array<T, D>;
    fn add_term(&mut self, term: &ndarray::Array<T, D>) {
        assert!(
            self.shape() == term.shape(),
            "an adjoint of shape {:?} is added to that of a part of shape {:?}",
            term.shape(),
            self.shape()
        );
        *self += term;
    }
}

/// The adjoint of a cast, from a value whose type only rustc knows: back in its type, or nothing for
/// an integer.
#[inline]
pub fn cast_like<S: Real, T: Castable>(number: S, _like: &T) -> T::Gradient {
    T::cast_back(number.to_f64())
}

/// The tangent of such a cast.
#[inline]
pub fn cast_tangent<G: CastGradient, T: Real>(tangent: G) -> T {
    T::from_f64(tangent.to_f64())
}

/// Numbers that can be cast to floats.
pub trait Castable: Differentiable {
    /// The cast's adjoint in the gradient's type.
    fn cast_back(number: f64) -> Self::Gradient;
}

/// Gradients of numbers.
pub trait CastGradient {
    /// The gradient as a number; zero where there is none.
    fn to_f64(self) -> f64;
}

impl Castable for f64 {
    #[inline]
    fn cast_back(number: f64) -> f64 {
        number
    }
}

impl Castable for f32 {
    #[inline]
    fn cast_back(number: f64) -> f32 {
        number as f32
    }
}

impl CastGradient for f64 {
    #[inline]
    fn to_f64(self) -> f64 {
        self
    }
}

impl CastGradient for f32 {
    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl CastGradient for () {
    #[inline]
    fn to_f64(self) -> f64 {
        0.0
    }
}

/// The sum of an array's elements: the adjoint of the `x` in `[x; N]`.
pub fn total<T: Real>(elements: &[T]) -> T {
    elements.iter().copied().sum()
}

/// A tangent for an inactive argument: its zero gradient, or `()` where it has none.
#[doc(hidden)]
#[macro_export]
macro_rules! __scratch {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::{Unknown as _, WithGradient as _};
        (&$crate::__private::Probe($value)).scratch()
    }};
}

/// As [`__scratch!`](crate::__scratch), for an adjoint that nobody reads.
#[doc(hidden)]
#[macro_export]
macro_rules! __unread {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::{Unknown as _, WithGradient as _};
        (&$crate::__private::Probe($value)).unread()
    }};
}

/// As [`__scratch!`](crate::__scratch), for tangents side by side.
#[doc(hidden)]
#[macro_export]
macro_rules! __scratch_tangents {
    ($width:ident, $value:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::{Unknown as _, WithGradient as _};
        (&$crate::__private::Probe($value)).scratch_tangents::<$width>()
    }};
}

/// A part of an adjoint that nobody reads, where only rustc knows whether there is one.
pub fn part_of_unread<P: PartsOfUnread<R>, R>(whole: &mut P, range: R) -> P::Part<'_> {
    whole.part(range)
}

/// Adjoints of runs, which have parts, and `()`, which has none.
pub trait PartsOfUnread<R> {
    /// A part, to be lent.
    type Part<'a>
    where
        Self: 'a;
    /// The part at `range`.
    fn part(&mut self, range: R) -> Self::Part<'_>;
}

impl<G, R: SliceIndex<[G], Output = [G]>> PartsOfUnread<R> for Vec<G> {
    type Part<'a>
        = &'a mut [G]
    where
        G: 'a;
    fn part(&mut self, range: R) -> &mut [G] {
        &mut self[range]
    }
}

impl<G, R: SliceIndex<[G], Output = [G]>, const N: usize> PartsOfUnread<R> for [G; N] {
    type Part<'a>
        = &'a mut [G]
    where
        G: 'a;
    fn part(&mut self, range: R) -> &mut [G] {
        &mut self[range]
    }
}

impl<R> PartsOfUnread<R> for () {
    type Part<'a> = ();
    fn part(&mut self, _: R) {}
}

/// Method lookup prefers the implementation that needs fewer references: [`WithGradient`] where
/// the type has a gradient, [`Unknown`] elsewhere.
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// See [`Probe`].
pub trait WithGradient {
    /// The scratch adjoint's type.
    type Scratch;
    /// The scratch tangents' type.
    type ScratchTangents<const WIDTH: usize>;
    /// The zero tangent.
    fn scratch(&self) -> Self::Scratch;
    /// The adjoint that nobody reads.
    fn unread(&self) -> Self::Scratch;
    /// The scratch tangents.
    fn scratch_tangents<const WIDTH: usize>(&self) -> Self::ScratchTangents<WIDTH>;
}

impl<T: Differentiable + ?Sized> WithGradient for Probe<'_, T> {
    type Scratch = T::Gradient;
    type ScratchTangents<const WIDTH: usize> = T::Tangents<WIDTH>;
    fn scratch(&self) -> T::Gradient {
        self.0.zero_gradient()
    }
    fn unread(&self) -> T::Gradient {
        self.0.unread_gradient()
    }
    fn scratch_tangents<const WIDTH: usize>(&self) -> T::Tangents<WIDTH> {
        self.0.zero_tangents()
    }
}

/// See [`Probe`].
pub trait Unknown {
    /// Nothing to write to.
    fn scratch(&self) {}
    /// The same.
    fn unread(&self) {}
    /// As [`Unknown::scratch`], of any number of tangents.
    fn scratch_tangents<const WIDTH: usize>(&self) {}
}

impl<T: ?Sized> Unknown for &Probe<'_, T> {}

/// The adjoint at a place, which is zero from then on: that of a value that is overwritten there.
#[inline]
pub fn take<G: Gradient>(place: &mut G) -> G {
    let adjoint = place.clone();
    place.set_zero();
    adjoint
}

/// Clears the adjoint at a place.
#[inline]
pub fn clear<G: Gradient>(place: &mut G) {
    place.set_zero();
}

/// The shape of a value that is about to be overwritten, for [`reshape`]: its zero gradient, or
/// nothing where the type says it all.
#[inline]
pub fn shape_of<T: Differentiable + ?Sized>(value: &T) -> Option<T::Gradient> {
    (!T::Gradient::FIXED_SHAPE).then(|| value.zero_gradient())
}

/// Gives a run of zeros another length.
#[inline]
pub fn resize<R: Run>(zeros: &mut R, length: usize, zero: R::Element) {
    zeros.set_length(length, zero);
}

/// Adjoints of vectors and arrays.
pub trait Run {
    /// The adjoint of one element.
    type Element;
    /// Makes it as long; an array is already.
    fn set_length(&mut self, length: usize, zero: Self::Element);
}

impl<G: Gradient> Run for Vec<G> {
    type Element = G;

    #[inline]
    fn set_length(&mut self, length: usize, zero: G) {
        self.resize(length, zero);
    }
}

impl<G: Gradient, const N: usize> Run for [G; N] {
    type Element = G;

    #[inline]
    fn set_length(&mut self, _: usize, _: G) {}
}

/// Gives zeros another shape.
#[inline]
pub fn reshape<G: Gradient>(zeros: &mut G, shape: &Option<G>) {
    if let Some(shape) = shape {
        zeros.clone_from(shape);
    }
}

/// An active argument that the called function may change.
pub struct ActiveMut;

/// An inactive argument that the called function may change.
pub struct InactiveMut;

/// The marker for a `&mut` parameter that is differentiated.
pub type AnyChange<'a> = &'a dyn Change;

/// The marker for a `&mut` parameter that is not.
pub type MustStayInactive<'a> = &'a dyn ConstantChange;

/// How an argument is lent to a `&mut` parameter.
#[diagnostic::on_unimplemented(
    message = "a shared reference is passed where the called function takes `&mut` [autodiff::D1509]",
    label = "the macro took this for a shared reference",
    note = "why: the macro follows changes of `let mut` variables, of parts of them, and of what a `&mut` parameter refers to\n\
            instead: lend one of those: `&mut name`, or the parameter itself"
)]
pub trait Change {}

impl Change for ActiveMut {}
impl Change for InactiveMut {}

/// How an inactive argument is lent to a `&mut` parameter.
#[diagnostic::on_unimplemented(
    message = "an active value is lent to a `&mut` parameter that the called function does not differentiate [autodiff::D1510]",
    label = "active here",
    note = "why: the parameter is marked #[constant] there, or `wrt` leaves it out: the derivative through it would be lost\n\
            instead: make the parameter active there"
)]
pub trait ConstantChange {}

impl ConstantChange for InactiveMut {}

/// The marker for a receiver that is differentiated. A caller by `x.f(…)` does not see how `f` takes
/// `x`.
pub type AnyReceiver<'a> = &'a dyn Receiver;

/// The marker for a receiver that is not differentiated.
pub type InactiveReceiver<'a> = &'a dyn ConstantReceiver;

/// The activity of a receiver.
pub trait Receiver {}

impl Receiver for Active {}
impl Receiver for Inactive {}
impl<G> Receiver for ActivityOf<G> {}
impl Receiver for ActiveMut {}
impl Receiver for InactiveMut {}

/// The activity of an inactive receiver.
#[diagnostic::on_unimplemented(
    message = "a method that does not differentiate by `self` is called on an active value [autodiff::D1511]",
    label = "active here",
    note = "why: `self` is marked #[constant] there, or `wrt` leaves it out: the derivative through it would be lost\n\
            instead: make `self` active there"
)]
pub trait ConstantReceiver {}

impl ConstantReceiver for Inactive {}
impl ConstantReceiver for InactiveMut {}
impl<G: NoFloats> ConstantReceiver for ActivityOf<G> {}

/// A value for a variable before the first path of control gives it one; nobody reads it.
#[inline]
pub fn placeholder<T: Placeholder>() -> T {
    T::placeholder()
}

/// Types with a value to begin with.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` comes out of a branch or loop here, and some paths give it no value [autodiff::D1512]",
    note = "why: the derivative carries it along from the start, and needs a value of its type to begin with\n\
            instead: give the variable its value before or behind"
)]
pub trait Placeholder {
    /// Any value.
    fn placeholder() -> Self;
}

impl<T: Default> Placeholder for T {
    fn placeholder() -> T {
        T::default()
    }
}

/// Checks that what belongs to a slice, its tangent or the buffer for its gradient, is as long as the slice.
///
/// # Panics
/// If it is not.
#[inline]
#[track_caller]
pub fn same_length(function: &str, name: &str, values: usize, what: &str, other: usize) {
    assert!(
        values == other,
        "`{function}`: `{name}` has {values} elements, and {what} {other}"
    );
}

/// Checks that the indices in `range`, and `offset` beyond each, are those of a slice's elements: once
/// for a loop, which would find it in its last iteration.
///
/// # Panics
/// If they are not.
#[inline(always)]
#[track_caller]
pub fn in_bounds(range: Range<usize>, offset: usize, length: usize) {
    let fits = offset < length && range.end <= length - offset;
    assert!(
        range.is_empty() || fits,
        "index out of bounds: the len is {length} but the index is {}",
        (range.end - 1).saturating_add(offset)
    );
}

/// Whether a tape is small enough for the stack, as only rustc can tell where its length is a named
/// constant.
pub struct Fits<const YES: bool>;

/// The room for the `N` entries of a tape: an array where it fits.
pub trait Room<T, const N: usize> {
    /// An array, or the same on the heap.
    type Tape;
    /// The tape with every entry empty.
    fn filled(empty: impl FnMut() -> T) -> Self::Tape;
}

impl<T, const N: usize> Room<T, N> for Fits<true> {
    type Tape = [T; N];
    #[inline]
    fn filled(mut empty: impl FnMut() -> T) -> [T; N] {
        std::array::from_fn(|_| empty())
    }
}

impl<T, const N: usize> Room<T, N> for Fits<false> {
    type Tape = Box<[T]>;
    fn filled(mut empty: impl FnMut() -> T) -> Box<[T]> {
        (0..N).map(|_| empty()).collect()
    }
}

/// Arrays that a pullback keeps; when it is dropped, their memory is given back.
#[derive(Debug)]
pub struct Kept<V: Differentiable>(Option<V>);

impl<V: Differentiable> Kept<V> {
    /// Takes them.
    #[inline]
    pub fn new(arrays: V) -> Self {
        Kept(Some(arrays))
    }

    /// They are there to the end.
    #[inline]
    pub fn get(&self) -> &V {
        match &self.0 {
            Some(arrays) => arrays,
            None => unreachable!("only dropping takes them away"),
        }
    }
}

impl<V: Differentiable> Drop for Kept<V> {
    #[inline]
    fn drop(&mut self) {
        if let Some(arrays) = self.0.take() {
            arrays.give_back();
        }
    }
}
