//! `+`, `-`, `*` and `/` of arrays and numbers, and the negative.
//!
//! What `ndarray` computes in the memory of an operand that is passed by value lies there as that
//! operand did. The modules [`left`] and [`right`] have the operators for that; here are those of two
//! references.

use ndarray::{Array, ArrayView, Dimension, Zip};

use super::operand::{Operand, With, adjoint, broadcast, pull, tangent};
use crate::tensor::{pool, shape};
use crate::{Real, differentiable};

/// Which operand's place in memory the result takes, where it has its shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    New,
    Left,
    Right,
    /// The left operand's, which has it: compound assignment changes no shape.
    Same,
}

#[track_caller]
fn value<A: With<B> + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(
    operation: &str,
    place: Place,
    (a, b): (&A, &B),
    f: impl Fn(A::Elem, A::Elem) -> A::Elem,
) -> Array<A::Elem, A::Out> {
    let (a, b) = (a.view(), b.view());
    let fits = "a number changes no shape";
    if b.ndim() == 0
        && let Some(&b) = b.first()
    {
        return mapped(&a, |a| f(a, b)).into_dimensionality().expect(fits);
    }
    if a.ndim() == 0
        && let Some(&a) = a.first()
    {
        return mapped(&b, |b| f(a, b)).into_dimensionality().expect(fits);
    }
    let [own, other] = broadcast::<A, B>(operation, &a, &b);
    assert!(
        place != Place::Same || a.shape() == own.shape(),
        "{operation}: an array of shape {:?} does not fit into the place of one of shape {:?}",
        b.shape(),
        a.shape()
    );
    match place {
        Place::Left | Place::Same if a.shape() == own.shape() => {
            let mut result = pool::copy(&a)
                .into_dimensionality()
                .expect("of equal shape");
            Zip::from(&mut result)
                .and(other)
                .for_each(|a, &b| *a = f(*a, b));
            result
        }
        Place::Right if b.shape() == other.shape() => {
            let mut result = pool::copy(&b)
                .into_dimensionality()
                .expect("of equal shape");
            Zip::from(&mut result)
                .and(own)
                .for_each(|b, &a| *b = f(a, *b));
            result
        }
        _ => match (own.as_slice(), other.as_slice()) {
            (Some(a), Some(b)) => {
                let numbers = a.iter().zip(b).map(|(&a, &b)| f(a, b));
                pool::collected(own.raw_dim(), numbers)
            }
            // A row of numbers beside an array, say a bias.
            (Some(_), None) => {
                let mut result = pool::copy(&own);
                Zip::from(&mut result)
                    .and(other)
                    .for_each(|a, &b| *a = f(*a, b));
                result
            }
            _ => Zip::from(own).and(other).map_collect(|&a, &b| f(a, b)),
        },
    }
}

/// `x.mapv(f)`.
fn mapped<T: Real, D: Dimension>(x: &ArrayView<'_, T, D>, f: impl Fn(T) -> T) -> Array<T, D> {
    match x.as_slice() {
        Some(numbers) => pool::collected(x.raw_dim(), numbers.iter().map(|&x| f(x))),
        None => x.mapv(f),
    }
}

/// `f(a, b, ȧ, ḃ)` for every element.
fn push<A: With<B> + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(
    operation: &str,
    (a, b): (&A, &B),
    (a_dot, b_dot): (&A::Gradient, &B::Gradient),
    f: impl Fn(A::Elem, A::Elem, A::Elem, A::Elem) -> A::Elem,
) -> Array<A::Elem, A::Out> {
    let (a_dot, b_dot) = (tangent(operation, a, a_dot), tangent(operation, b, b_dot));
    let (a, b) = (a.view(), b.view());
    let [a, b] = broadcast::<A, B>(operation, &a, &b);
    let [a_dot, b_dot] = broadcast::<A, B>(operation, &a_dot, &b_dot);
    Zip::from(a)
        .and(b)
        .and(a_dot)
        .and(b_dot)
        .map_collect(|&a, &b, &a_dot, &b_dot| f(a, b, a_dot, b_dot))
}

/// `d · partial`, where a cotangent of zero stays zero whatever the partial is.
fn strong<T: Real>(d: T, term: impl Fn(T) -> T) -> T {
    if d == T::default() { d } else { term(d) }
}

macro_rules! operators {
    ($place:ident $(
        $name:ident $vjp:ident $jvp:ident $symbol:literal
        $value:expr, $left:expr, $right:expr, $tangent:expr;
    )*) => {$(
        #[doc = concat!("`a ", $symbol, " b`, element by element, broadcast where the shapes differ.")]
        #[track_caller]
        #[differentiable(vjp = $vjp, jvp = $jvp)]
        pub fn $name<A: With<B> + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(a: &A, b: &B) -> Array<A::Elem, A::Out> {
            value(concat!("`", $symbol, "`"), Place::$place, (a, b), $value)
        }

        fn $vjp<A: With<B> + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(
            a: &A,
            b: &B,
            d: Array<A::Elem, A::Out>,
            a_bar: &mut A::Gradient,
            b_bar: &mut B::Gradient,
        ) {
            let operation = concat!("`", $symbol, "`");
            let views = (a.view(), b.view());
            let operands = broadcast::<A, B>(operation, &views.0, &views.1);
            shape::expect_cotangent(operation, operands[0].shape(), d.shape());
            pull(adjoint(operation, a, a_bar), d.view(), &operands, $left);
            pull(adjoint(operation, b, b_bar), d.view(), &operands, $right);
            pool::give_array(d);
        }

        fn $jvp<A: With<B> + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(
            a: &A,
            b: &B,
            a_dot: &A::Gradient,
            b_dot: &B::Gradient,
        ) -> (Array<A::Elem, A::Out>, Array<A::Elem, A::Out>) {
            let tangent = push(concat!("`", $symbol, "`"), (a, b), (a_dot, b_dot), $tangent);
            ($name(a, b), tangent)
        }
    )*};
}

macro_rules! all_operators {
    ($place:ident) => {
        operators! {
            $place
            add add_vjp add_jvp "+"
            |a, b| a + b, |d, _, _| d, |d, _, _| d, |_, _, a_dot, b_dot| a_dot + b_dot;

            sub sub_vjp sub_jvp "-"
            |a, b| a - b, |d, _, _| d, |d, _, _| -d, |_, _, a_dot, b_dot| a_dot - b_dot;

            mul mul_vjp mul_jvp "*"
            |a, b| a * b, |d, _, b| d * b, |d, a, _| d * a,
            |a, b, a_dot, b_dot| a_dot * b + a * b_dot;

            div div_vjp div_jvp "/"
            |a, b| a / b,
            |d, _, b| strong(d, |d| d / b),
            |d, a, b| strong(d, |d| -(d / b) * (a / b)),
            |a, b, a_dot, b_dot| strong(a_dot, |d| d / b) - strong(b_dot, |d| (d / b) * (a / b));
        }
    };
}

all_operators!(New);

/// Operators whose left operand was passed by value.
pub mod left {
    use super::*;

    all_operators!(Left);
}

/// Operators whose right operand alone was passed by value.
pub mod right {
    use super::*;

    all_operators!(Right);
}

/// Compound assignment: `a += b` is `a = compound::add(a, b)`.
pub mod compound {
    use super::*;

    all_operators!(Same);
}

/// The array of an operand.
type Own<X> = Array<<X as Operand>::Elem, <X as Operand>::Dim>;

/// `-x`.
#[differentiable(vjp = neg_vjp, jvp = neg_jvp)]
pub fn neg<X: Operand + ?Sized>(x: &X) -> Own<X> {
    mapped(&x.view(), |x| -x)
}

fn neg_vjp<X: Operand + ?Sized>(x: &X, d: Own<X>, x_bar: &mut X::Gradient) {
    shape::expect_cotangent("`-`", x.view().shape(), d.shape());
    let mut x_bar = adjoint("`-`", x, x_bar);
    if !x_bar.is_empty() {
        x_bar -= &d;
    }
    pool::give_array(d);
}

fn neg_jvp<X: Operand + ?Sized>(x: &X, x_dot: &X::Gradient) -> (Own<X>, Own<X>) {
    (neg(x), tangent("`-`", x, x_dot).mapv(|x| -x))
}
