//! What the macro had to assume, for rustc to check: which arguments are active, what is a scalar, what has no
//! derivative.

use std::marker::PhantomData;

use super::Castable;
use crate::differentiable::Differentiable;
use crate::real::Real;

/// An active argument of a call.
pub struct Active;

/// An inactive argument of a call.
pub struct Inactive;

/// An argument whose type only rustc knows: it is active if its gradient `G` holds a float.
pub struct ActivityOf<G>(PhantomData<G>);

/// The activity of an argument whose type only rustc knows.
pub fn activity_of<T: Differentiable + ?Sized>(_: &T) -> ActivityOf<T::Gradient> {
    ActivityOf(PhantomData)
}

/// The marker for a parameter that is differentiated: any argument will do.
pub type AnyActivity<'a> = &'a dyn Activity;

/// The marker for a parameter that is not differentiated: an active argument is refused, because
/// the derivative through it would silently be zero.
pub type MustBeInactive<'a> = &'a dyn Constant;

/// The activity of an argument.
#[diagnostic::on_unimplemented(
    message = "a mutable reference is passed to a parameter that is a shared one [autodiff::D1514]",
    label = "lent mutably here",
    note = "why: the macro does not see the called function's parameters, and takes a bare mutable reference as lent to be changed\n\
            instead: write `&*name`"
)]
pub trait Activity {}

impl Activity for Active {}
impl Activity for Inactive {}
impl<G> Activity for ActivityOf<G> {}

/// The activity of an inactive argument.
#[diagnostic::on_unimplemented(
    message = "an active value is passed to a parameter that the called function does not differentiate [autodiff::D1504]",
    label = "active here",
    note = "why: the parameter is marked #[constant] there, or `wrt` leaves it out: the derivative through it would be lost\n\
            instead: bind the argument with `#[constant] let name = …;` if it is a constant here, or make the parameter active there"
)]
pub trait Constant {}

impl Constant for Inactive {}
impl<G: NoFloats> Constant for ActivityOf<G> {}

/// Gradients of values without floats.
#[diagnostic::on_unimplemented(
    message = "an active value is passed to a parameter that the called function does not differentiate [autodiff::D1504]",
    label = "active here",
    note = "why: the parameter is marked #[constant] there, or `wrt` leaves it out: the derivative through it would be lost\n\
            instead: bind the argument with `#[constant] let name = …;` if it is a constant here, or make the parameter active there"
)]
pub trait NoFloats {}

impl NoFloats for () {}
impl<G: NoFloats, const N: usize> NoFloats for [G; N] {}
impl<G: NoFloats> NoFloats for Vec<G> {}
impl<A: NoFloats, B: NoFloats> NoFloats for (A, B) {}
impl<A: NoFloats, B: NoFloats, C: NoFloats> NoFloats for (A, B, C) {}

/// Compiles only if the two functions are the same: called with a function that the macro took for
/// one of the runtime's by its name, and with the runtime's.
pub const fn the_runtime_function<Pair: SameFunction>(_: &Pair) {}

/// A pair of one and the same function.
#[diagnostic::on_unimplemented(
    message = "this function has the name of one of the runtime's, but is not it [autodiff::D1505]",
    label = "not the runtime's function of this name",
    note = "why: the derivative of a bare `sigmoid(x)`, `relu(x)`, … is taken from the runtime's rule table\n\
            instead: call your own function by a path, such as `self::name(x)` or `crate::module::name(x)`, or rename it"
)]
pub trait SameFunction {}

impl<T> SameFunction for (T, T) {}

/// Compiles only for scalars: called for named types that took part in arithmetic.
pub const fn a_scalar<T: Real>() {}

/// Compiles only if the value is a scalar, as the macro inferred from its use in arithmetic.
pub fn a_scalar_value<T: Real>(_: &T) {}

/// An integer or flag whose type the macro could not see; floats are refused.
#[inline]
pub fn integer<T: Integer>(value: &T) -> T {
    *value
}

/// Types that carry no derivative and can be cast to numbers.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` is cast here, and the macro cannot see whether it is active [autodiff::D1506]",
    note = "why: the cast of a float would cut the derivative off without a sign of it in the code\n\
            instead: of a float cast `.floor()` (or `ceil`, `round`, `trunc`), whose derivative is zero; anything else \
            bind first, with its type: `let name: {Self} = …;`"
)]
pub trait Integer: Copy {
    /// The value as the graph sees it.
    fn to_f64(self) -> f64;
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl Castable for $ty {
            #[inline]
            fn cast_back(_: f64) {}
        }

        impl Integer for $ty {
            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl Integer for bool {
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
}

/// What a method such as `len` or `is_nan` gives, which the macro takes for inactive.
#[inline]
pub fn observed<T: Observed>(value: T) -> T {
    value
}

/// Integers, flags and shapes.
#[diagnostic::on_unimplemented(
    message = "this method gives a `{Self}`, but the macro takes its result for an integer or a flag [autodiff::D1507]",
    label = "gives a `{Self}`",
    note = "why: `len`, `is_nan` and their like have no derivative, and a method of the same name may have one\n\
            instead: call a free function marked #[differentiable]"
)]
pub trait Observed {}

impl<T: Integer> Observed for T {}
impl Observed for () {}
impl Observed for (usize, usize) {}
impl Observed for (usize, usize, usize) {}
impl Observed for (usize, usize, usize, usize) {}
impl Observed for (usize, usize, usize, usize, usize) {}
impl Observed for (usize, usize, usize, usize, usize, usize) {}
#[cfg(feature = "ndarray")]
impl<I> Observed for ndarray::Dim<I> {}

/// Compiles only if the value is of a type without a derivative, as the macro inferred from its use
/// with integers.
pub fn no_derivative<T: NoDerivative + ?Sized>(_: &T) {}

/// Integers, flags and text.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` is used with integers, and the macro takes it for one [autodiff::D1508]",
    note = "why: what meets an integer has no derivative\n\
            instead: convert the integer, `n as f64`; what is no float bind first, with its type: `let name: {Self} = …;`"
)]
pub trait NoDerivative {}

impl<T: Integer> NoDerivative for T {}
impl NoDerivative for char {}
impl NoDerivative for str {}
impl NoDerivative for String {}
