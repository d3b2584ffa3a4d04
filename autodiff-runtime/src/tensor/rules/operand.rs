//! What elementwise operations take, and how an adjoint returns through broadcasting.

use ndarray::{
    Array, ArrayBase, ArrayRef, ArrayView, ArrayView1, ArrayViewMut, Data, DimMax, Dimension, Ix0,
    MathCell, Zip, aview0,
};

use crate::tensor::shape;
use crate::{Differentiable, Real};

/// An operand of `+`, `-`, `*` and `/`: an array or view of any dimension, or a number.
pub trait Operand: Differentiable {
    /// Its numbers.
    type Elem: Real;
    /// Its dimension; that of a number is `Ix0`.
    type Dim: Dimension + 'static;
    /// The operand as an array.
    fn view(&self) -> ArrayView<'_, Self::Elem, Self::Dim>;
    /// The same of a tangent.
    fn tangent(dot: &Self::Gradient) -> ArrayView<'_, Self::Elem, Self::Dim>;
    /// The same of an adjoint, to be added to.
    fn adjoint(bar: &mut Self::Gradient) -> ArrayViewMut<'_, Self::Elem, Self::Dim>;
}

impl<T: Real> Operand for T {
    type Elem = T;
    type Dim = Ix0;

    fn view(&self) -> ArrayView<'_, T, Ix0> {
        aview0(self)
    }

    fn tangent(dot: &T) -> ArrayView<'_, T, Ix0> {
        aview0(dot)
    }

    fn adjoint(bar: &mut T) -> ArrayViewMut<'_, T, Ix0> {
        ArrayViewMut::from_shape((), std::slice::from_mut(bar)).expect("one number is enough")
    }
}

impl<T: Real, D: Dimension + 'static> Operand for ArrayRef<T, D> {
    type Elem = T;
    type Dim = D;

    fn view(&self) -> ArrayView<'_, T, D> {
        ArrayRef::view(self)
    }

    fn tangent(dot: &Array<T, D>) -> ArrayView<'_, T, D> {
        dot.view()
    }

    fn adjoint(bar: &mut Array<T, D>) -> ArrayViewMut<'_, T, D> {
        bar.view_mut()
    }
}

impl<T: Real, S: Data<Elem = T>, D: Dimension + 'static> Operand for ArrayBase<S, D>
where
    ArrayBase<S, D>: Differentiable<Gradient = Array<T, D>>,
{
    type Elem = T;
    type Dim = D;

    fn view(&self) -> ArrayView<'_, T, D> {
        (**self).view()
    }

    fn tangent(dot: &Array<T, D>) -> ArrayView<'_, T, D> {
        dot.view()
    }

    fn adjoint(bar: &mut Array<T, D>) -> ArrayViewMut<'_, T, D> {
        bar.view_mut()
    }
}

/// The tangent of an argument.
///
/// # Panics
///
/// If it has elements, but not the argument's shape.
#[track_caller]
pub fn tangent<'d, X: Operand + ?Sized>(
    operation: &str,
    x: &X,
    dot: &'d X::Gradient,
) -> ArrayView<'d, X::Elem, X::Dim> {
    let dot = X::tangent(dot);
    if !dot.is_empty() {
        shape::expect_tangent(operation, x.view().shape(), dot.shape());
    }
    dot
}

/// The adjoint of an argument, without elements if nobody reads it.
///
/// # Panics
///
/// If it has elements, but not the argument's shape.
#[track_caller]
pub fn adjoint<'b, X: Operand + ?Sized>(
    operation: &str,
    x: &X,
    bar: &'b mut X::Gradient,
) -> ArrayViewMut<'b, X::Elem, X::Dim> {
    let bar = X::adjoint(bar);
    if !bar.is_empty() {
        shape::expect_adjoint(operation, x.view().shape(), bar.shape());
    }
    bar
}

/// Refuses a cotangent of another shape than the result of the function.
///
/// # Panics
///
/// If it has one.
#[track_caller]
pub fn expect_cotangent_of<D: Dimension>(function: &str, result: &D, cotangent: &D) {
    assert!(
        result == cotangent,
        "`{function}`: the result has shape {:?}, and its cotangent {:?}",
        result.slice(),
        cotangent.slice()
    );
}

/// An operand that fits another one, by broadcasting.
pub trait With<B: Operand<Elem = Self::Elem> + ?Sized>: Operand {
    /// The dimension of the result.
    type Out: Dimension + 'static;
}

impl<A, B, Out> With<B> for A
where
    A: Operand + ?Sized,
    B: Operand<Elem = A::Elem> + ?Sized,
    A::Dim: DimMax<B::Dim, Output = Out>,
    Out: Dimension + 'static,
{
    type Out = Out;
}

/// Both operands in the shape of the result.
///
/// # Panics
///
/// If neither can be broadcast to the other's shape.
#[track_caller]
pub fn broadcast<'v, A: With<B> + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(
    operation: &str,
    a: &'v ArrayView<'_, A::Elem, A::Dim>,
    b: &'v ArrayView<'_, B::Elem, B::Dim>,
) -> [ArrayView<'v, A::Elem, A::Out>; 2] {
    let dimensions = a.ndim().max(b.ndim());
    let mut shape = A::Out::zeros(dimensions);
    for (k, length) in shape.slice_mut().iter_mut().rev().enumerate() {
        let of = |shape: &[usize]| shape.iter().rev().nth(k).copied().unwrap_or(1);
        *length = match (of(a.shape()), of(b.shape())) {
            (a, 1) => a,
            (1, b) => b,
            (own, other) if own == other => own,
            _ => panic!(
                "{operation}: arrays of shape {:?} and {:?} do not fit, not even by broadcasting",
                a.shape(),
                b.shape()
            ),
        };
    }
    let fits = "each fits the common shape";
    [
        a.broadcast(shape.clone()).expect(fits),
        b.broadcast(shape).expect(fits),
    ]
}

/// `bar += f(d, a, b)` for every element of the result, summed over the axes along which the operand of
/// the adjoint `bar` was broadcast.
pub fn pull<T: Real, D: Dimension + 'static, O: Dimension + 'static>(
    bar: ArrayViewMut<'_, T, D>,
    d: ArrayView<'_, T, O>,
    [a, b]: &[ArrayView<'_, T, O>; 2],
    f: impl Fn(T, T, T) -> T,
) {
    if bar.is_empty() {
        return;
    }
    if bar.shape() == d.shape() {
        let bar = bar
            .into_dimensionality::<O>()
            .expect("equal shapes have equal dimensions");
        return match (repeated(a), repeated(b)) {
            (_, Some(b)) => {
                Zip::from(bar)
                    .and(d)
                    .and(a)
                    .for_each(|bar, &d, &a| *bar += f(d, a, b));
            }
            (Some(a), _) => {
                Zip::from(bar)
                    .and(d)
                    .and(b)
                    .for_each(|bar, &d, &b| *bar += f(d, a, b));
            }
            _ => Zip::from(bar)
                .and(d)
                .and(a)
                .and(b)
                .for_each(|bar, &d, &a, &b| *bar += f(d, a, b)),
        };
    }
    if bar.len() == 1 {
        let sum = Zip::from(d)
            .and(a)
            .and(b)
            .fold(T::zero(), |sum, &d, &a, &b| sum + f(d, a, b));
        bar.into_iter().for_each(|bar| *bar += sum);
        return;
    }
    // Places that several elements of the result share are cells.
    let bar = bar.into_cell_view();
    let bar = bar
        .broadcast(d.raw_dim())
        .expect("the operand was broadcast to this shape");
    Zip::from(bar.rows())
        .and(d.rows())
        .and(a.rows())
        .and(b.rows())
        .for_each(|bar, d, a, b| pull_row(bar, d, a, b, &f));
}

/// As [`pull`], for one row. The row of the adjoint may be one place that all elements share.
fn pull_row<T: Real>(
    bar: ArrayView1<'_, MathCell<T>>,
    d: ArrayView1<'_, T>,
    a: ArrayView1<'_, T>,
    b: ArrayView1<'_, T>,
    f: &impl Fn(T, T, T) -> T,
) {
    let operands = Zip::from(d).and(a).and(b);
    if bar.len() > 1 && bar.strides() == [0] {
        let sum = operands.fold(T::zero(), |sum, &d, &a, &b| sum + f(d, a, b));
        bar[0].set(bar[0].get() + sum);
    } else {
        operands
            .and(bar)
            .for_each(|&d, &a, &b, bar| bar.set(bar.get() + f(d, a, b)));
    }
}

/// The number that the array has everywhere, as it was broadcast from one.
fn repeated<T: Real, D: Dimension>(array: &ArrayView<'_, T, D>) -> Option<T> {
    let same = array.strides().iter().all(|&stride| stride == 0);
    same.then(|| array.first().copied()).flatten()
}
