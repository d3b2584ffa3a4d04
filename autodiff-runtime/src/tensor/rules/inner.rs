//! `a.dot(&b)` of vectors and matrices.

use ndarray::linalg::general_mat_mul;
use ndarray::{
    Array1, Array2, ArrayView, ArrayView1, ArrayView2, ArrayViewMut, Dimension, Ix1, Ix2,
    ShapeBuilder,
};

use super::operand::{Operand, adjoint, tangent};
use crate::tensor::{kernel, pool, shape};
use crate::{Differentiable, Real, differentiable};

/// Dimensions that have an inner product with the dimension `E`.
pub trait DotProduct<E: Dimension>: Dimension + 'static {
    /// The product: a number, a vector or a matrix.
    type Result<T: Real>: Differentiable<Gradient = Self::Result<T>>;
    /// The value, as `ndarray` computes it.
    fn dot<T: Real>(a: ArrayView<'_, T, Self>, b: ArrayView<'_, T, E>) -> Self::Result<T>;
    /// Refuses an adjoint of the product of arrays of these shapes that has not the product's.
    fn expect_cotangent<T: Real>(a: &[usize], b: &[usize], d: &Self::Result<T>);
    /// Adds the adjoint of `a` to `a_bar`.
    fn pull_left<T: Real>(
        b: ArrayView<'_, T, E>,
        d: &Self::Result<T>,
        a_bar: ArrayViewMut<'_, T, Self>,
    );
    /// Adds the adjoint of `b` to `b_bar`.
    fn pull_right<T: Real>(
        a: ArrayView<'_, T, Self>,
        d: &Self::Result<T>,
        b_bar: ArrayViewMut<'_, T, E>,
    );
    /// The sum of two products.
    fn sum<T: Real>(a: Self::Result<T>, b: Self::Result<T>) -> Self::Result<T>;
}

/// Refuses operands whose inner lengths differ.
#[track_caller]
fn expect_fit(a: &[usize], b: &[usize]) {
    assert!(
        a.last() == b.first(),
        "`dot`: arrays of shape {a:?} and {b:?} do not fit: the last length of the left one is to be the first of the right one"
    );
}

/// `row += factor * other`.
fn add_scaled<T: Real>(
    mut row: ndarray::ArrayViewMut1<'_, T>,
    factor: T,
    other: ArrayView1<'_, T>,
) {
    row.scaled_add(factor, &other);
}

impl DotProduct<Ix1> for Ix1 {
    type Result<T: Real> = T;

    fn dot<T: Real>(a: ArrayView1<'_, T>, b: ArrayView1<'_, T>) -> T {
        a.dot(&b)
    }

    fn expect_cotangent<T: Real>(_: &[usize], _: &[usize], _: &T) {}

    fn pull_left<T: Real>(b: ArrayView1<'_, T>, d: &T, a_bar: ArrayViewMut<'_, T, Ix1>) {
        add_scaled(a_bar, *d, b);
    }

    fn pull_right<T: Real>(a: ArrayView1<'_, T>, d: &T, b_bar: ArrayViewMut<'_, T, Ix1>) {
        add_scaled(b_bar, *d, a);
    }

    fn sum<T: Real>(a: T, b: T) -> T {
        a + b
    }
}

impl DotProduct<Ix1> for Ix2 {
    type Result<T: Real> = Array1<T>;

    fn dot<T: Real>(a: ArrayView2<'_, T>, b: ArrayView1<'_, T>) -> Array1<T> {
        a.dot(&b)
    }

    #[track_caller]
    fn expect_cotangent<T: Real>(a: &[usize], _: &[usize], d: &Array1<T>) {
        shape::expect_cotangent("`dot`", &a[..1], d.shape());
    }

    fn pull_left<T: Real>(
        b: ArrayView1<'_, T>,
        d: &Array1<T>,
        mut a_bar: ArrayViewMut<'_, T, Ix2>,
    ) {
        for (row, &d) in a_bar.rows_mut().into_iter().zip(d) {
            add_scaled(row, d, b);
        }
    }

    fn pull_right<T: Real>(
        a: ArrayView2<'_, T>,
        d: &Array1<T>,
        mut b_bar: ArrayViewMut<'_, T, Ix1>,
    ) {
        for (row, &d) in a.rows().into_iter().zip(d) {
            add_scaled(b_bar.view_mut(), d, row);
        }
    }

    fn sum<T: Real>(a: Array1<T>, b: Array1<T>) -> Array1<T> {
        a + b
    }
}

impl DotProduct<Ix2> for Ix1 {
    type Result<T: Real> = Array1<T>;

    fn dot<T: Real>(a: ArrayView1<'_, T>, b: ArrayView2<'_, T>) -> Array1<T> {
        a.dot(&b)
    }

    #[track_caller]
    fn expect_cotangent<T: Real>(_: &[usize], b: &[usize], d: &Array1<T>) {
        shape::expect_cotangent("`dot`", &b[1..], d.shape());
    }

    fn pull_left<T: Real>(
        b: ArrayView2<'_, T>,
        d: &Array1<T>,
        mut a_bar: ArrayViewMut<'_, T, Ix1>,
    ) {
        for (row, a_bar) in b.rows().into_iter().zip(&mut a_bar) {
            *a_bar += row.dot(d);
        }
    }

    fn pull_right<T: Real>(
        a: ArrayView1<'_, T>,
        d: &Array1<T>,
        mut b_bar: ArrayViewMut<'_, T, Ix2>,
    ) {
        for (row, &a) in b_bar.rows_mut().into_iter().zip(a) {
            add_scaled(row, a, d.view());
        }
    }

    fn sum<T: Real>(a: Array1<T>, b: Array1<T>) -> Array1<T> {
        a + b
    }
}

impl DotProduct<Ix2> for Ix2 {
    type Result<T: Real> = Array2<T>;

    fn dot<T: Real>(a: ArrayView2<'_, T>, b: ArrayView2<'_, T>) -> Array2<T> {
        // What `a.dot(&b)` is, in memory that is there.
        let by_columns = a.strides()[0] == 1 && b.strides()[0] == 1;
        let mut c = pool::array_of_any((a.nrows(), b.ncols()).set_f(by_columns));
        general_mat_mul(T::one(), &a, &b, T::zero(), &mut c);
        c
    }

    #[track_caller]
    fn expect_cotangent<T: Real>(a: &[usize], b: &[usize], d: &Array2<T>) {
        shape::expect_cotangent("`dot`", &[a[0], b[1]], d.shape());
    }

    fn pull_left<T: Real>(b: ArrayView2<'_, T>, d: &Array2<T>, a_bar: ArrayViewMut<'_, T, Ix2>) {
        let one = T::from_f64(1.0);
        kernel::product(one, d.view(), b.reversed_axes(), one, a_bar);
    }

    fn pull_right<T: Real>(a: ArrayView2<'_, T>, d: &Array2<T>, b_bar: ArrayViewMut<'_, T, Ix2>) {
        let one = T::from_f64(1.0);
        kernel::product(one, a.reversed_axes(), d.view(), one, b_bar);
    }

    fn sum<T: Real>(a: Array2<T>, b: Array2<T>) -> Array2<T> {
        a + b
    }
}

/// The product of two arrays of these dimensions.
type Product<A, B> =
    <<A as Operand>::Dim as DotProduct<<B as Operand>::Dim>>::Result<<A as Operand>::Elem>;

/// The three forms differ in which operand is transposed; the letter says how its view is turned.
macro_rules! products {
    ($(
        $(#[$documentation:meta])*
        $name:ident $vjp:ident $jvp:ident |$a:ident| $left:expr, |$b:ident| $right:expr;
    )*) => {$(
        $(#[$documentation])*
        #[track_caller]
        #[differentiable(vjp = $vjp, jvp = $jvp)]
        pub fn $name<A: Operand + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(a: &A, b: &B) -> Product<A, B>
        where
            A::Dim: DotProduct<B::Dim>,
        {
            let ($a, $b) = (a.view(), b.view());
            let (a, b) = ($left, $right);
            expect_fit(a.shape(), b.shape());
            A::Dim::dot(a, b)
        }

        fn $vjp<A: Operand + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(
            a: &A,
            b: &B,
            d: Product<A, B>,
            a_bar: &mut A::Gradient,
            b_bar: &mut B::Gradient,
        ) where
            A::Dim: DotProduct<B::Dim>,
        {
            {
                let ($a, $b) = (a.view(), b.view());
                A::Dim::expect_cotangent($left.shape(), $right.shape(), &d);
            }
            let a_bar = adjoint("`dot`", a, a_bar);
            if !a_bar.is_empty() {
                let ($a, $b) = (a_bar, b.view());
                A::Dim::pull_left($right, &d, $left);
            }
            let b_bar = adjoint("`dot`", b, b_bar);
            if !b_bar.is_empty() {
                let ($a, $b) = (a.view(), b_bar);
                A::Dim::pull_right($left, &d, $right);
            }
            d.give_back();
        }

        fn $jvp<A: Operand + ?Sized, B: Operand<Elem = A::Elem> + ?Sized>(
            a: &A,
            b: &B,
            a_dot: &A::Gradient,
            b_dot: &B::Gradient,
        ) -> (Product<A, B>, Product<A, B>)
        where
            A::Dim: DotProduct<B::Dim>,
        {
            // It finds out whether they fit.
            let value = $name(a, b);
            let ($a, $b) = (tangent("`dot`", a, a_dot), b.view());
            let left = A::Dim::dot($left, $right);
            let ($a, $b) = (a.view(), tangent("`dot`", b, b_dot));
            let right = A::Dim::dot($left, $right);
            (value, A::Dim::sum(left, right))
        }
    )*};
}

products! {
    /// `a.dot(&b)`.
    dot dot_vjp dot_jvp |a| a, |b| b;

    /// `a.dot(&b.t())`.
    dot_transposed dot_transposed_vjp dot_transposed_jvp |a| a, |b| b.reversed_axes();

    /// `a.t().dot(&b)`.
    transposed_dot transposed_dot_vjp transposed_dot_jvp |a| a.reversed_axes(), |b| b;
}
