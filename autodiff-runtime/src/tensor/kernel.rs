//! The one place where matrices are multiplied.
//!
//! `faer`'s kernel is the default: of the pure Rust ones it was the fastest at the sizes of small
//! networks (`benches/README.md`, *Tensors*). With the feature `blas` it is `ndarray`'s, behind which
//! there may be a BLAS.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, LinalgScalar, ScalarOperand};

use super::pool::Pooled;
use super::vector::Elementary;
use crate::Real;

/// C ← α·A·B + β·C, for matrices of any strides; with β = 0 what C held is not read.
///
/// On the caller's thread: who has several of them divides the batch.
///
/// # Panics
///
/// If the shapes do not fit; callers have compared them and named the operation.
#[inline]
pub fn product<T: Real>(
    alpha: T,
    a: ArrayView2<'_, T>,
    b: ArrayView2<'_, T>,
    beta: T,
    c: ArrayViewMut2<'_, T>,
) {
    T::matrix_product(alpha, a, b, beta, c);
}

/// What arrays of a scalar need of it: known of `f32` and `f64`, hence of every [`Real`].
pub trait Scalar: LinalgScalar + ScalarOperand + Elementary + Pooled {
    /// As [`product()`].
    fn matrix_product(
        alpha: Self,
        a: ArrayView2<'_, Self>,
        b: ArrayView2<'_, Self>,
        beta: Self,
        c: ArrayViewMut2<'_, Self>,
    );
}

macro_rules! scalars {
    ($($float:ident)*) => {$(
        impl Scalar for $float {
            fn matrix_product(
                alpha: Self,
                a: ArrayView2<'_, Self>,
                b: ArrayView2<'_, Self>,
                beta: Self,
                c: ArrayViewMut2<'_, Self>,
            ) {
                if cfg!(feature = "blas") {
                    by_ndarray(alpha, a, b, beta, c);
                } else {
                    by_faer(alpha, a, b, beta, c);
                }
            }
        }
    )*};
}

scalars! { f32 f64 }

fn by_ndarray<T: LinalgScalar>(
    alpha: T,
    a: ArrayView2<'_, T>,
    b: ArrayView2<'_, T>,
    beta: T,
    mut c: ArrayViewMut2<'_, T>,
) {
    general_mat_mul(alpha, &a, &b, beta, &mut c);
}

/// A product by `faer`, which wants to be lent slices: a matrix whose numbers do not lie side by side
/// is copied, which costs little beside the product.
fn by_faer<T: Real + faer::traits::ComplexField>(
    alpha: T,
    a: ArrayView2<'_, T>,
    b: ArrayView2<'_, T>,
    beta: T,
    mut c: ArrayViewMut2<'_, T>,
) {
    let (zero, one) = (T::default(), T::from_f64(1.0));
    let accumulate = if beta == zero {
        Accum::Replace
    } else {
        if beta != one {
            c.map_inplace(|c| *c *= beta);
        }
        Accum::Add
    };
    let (mut a_copy, mut b_copy) = (None, None);
    let a = lend(a).unwrap_or_else(|| lend_copy(a, &mut a_copy));
    let b = lend(b).unwrap_or_else(|| lend_copy(b, &mut b_copy));
    if let Some(c) = lend_mut(c.view_mut()) {
        matmul(c, accumulate, a, b, alpha, Par::Seq);
    } else {
        let mut copy = c.as_standard_layout().into_owned();
        let lent = lend_mut(copy.view_mut()).expect("a copy in standard layout is contiguous");
        matmul(lent, accumulate, a, b, alpha, Par::Seq);
        c.assign(&copy);
    }
    free_upper_halves();
}

/// `faer`'s kernel for x86 leaves the upper halves of the vector registers in use. As long as they are, code for
/// 128 bits, scalar code among it, has to preserve them, and runs at less than half its speed.
fn free_upper_halves() {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.avx._mm256_zeroupper();
    }
}

/// A matrix whose rows or columns lie one after the other.
fn lend<T>(matrix: ArrayView2<'_, T>) -> Option<MatRef<'_, T>> {
    let (rows, columns) = matrix.dim();
    if let Some(numbers) = matrix.to_slice() {
        return Some(MatRef::from_row_major_slice(numbers, rows, columns));
    }
    let numbers = matrix.reversed_axes().to_slice()?;
    Some(MatRef::from_column_major_slice(numbers, rows, columns))
}

fn lend_mut<T>(matrix: ArrayViewMut2<'_, T>) -> Option<MatMut<'_, T>> {
    let (rows, columns) = matrix.dim();
    if matrix.is_standard_layout() {
        let numbers = matrix.into_slice()?;
        return Some(MatMut::from_row_major_slice_mut(numbers, rows, columns));
    }
    let numbers = matrix.reversed_axes().into_slice()?;
    Some(MatMut::from_column_major_slice_mut(numbers, rows, columns))
}

/// A copy of a matrix, row after row.
fn lend_copy<'a, T: Copy>(
    matrix: ArrayView2<'_, T>,
    copy: &'a mut Option<Array2<T>>,
) -> MatRef<'a, T> {
    let copy = copy.insert(matrix.as_standard_layout().into_owned());
    lend(copy.view()).expect("a copy in standard layout is contiguous")
}

#[cfg(test)]
mod tests {
    use ndarray::{Axis, Slice};

    use super::*;

    type Product<T> = fn(T, ArrayView2<'_, T>, ArrayView2<'_, T>, T, ArrayViewMut2<'_, T>);

    fn numbers<T: Real>(rows: usize, columns: usize, seed: f64) -> Array2<T> {
        Array2::from_shape_fn((rows, columns), |(i, j)| {
            T::from_f64((seed + 0.7 * i as f64 - 1.3 * j as f64).sin())
        })
    }

    /// Rows first, columns first, every second column.
    fn layouts<T: Real>(matrix: &Array2<T>) -> [Array2<T>; 3] {
        let columns = matrix.ncols();
        let wide =
            Array2::from_shape_fn((matrix.nrows(), 2 * columns), |(i, j)| matrix[[i, j / 2]]);
        [
            matrix.clone(),
            matrix.t().as_standard_layout().into_owned(),
            wide,
        ]
    }

    fn laid_out<T: Real>(stored: &mut [Array2<T>; 3]) -> [ArrayViewMut2<'_, T>; 3] {
        let [rows, columns, wide] = stored;
        [
            rows.view_mut(),
            columns.view_mut().reversed_axes(),
            wide.slice_axis_mut(Axis(1), Slice::new(0, None, 2)),
        ]
    }

    fn agrees_with_loops<T: Real>(product: Product<T>, tolerance: f64) {
        for (rows, inner, columns) in [(1, 1, 1), (3, 5, 2), (17, 33, 9), (64, 70, 65), (4, 0, 3)] {
            let a = numbers::<T>(rows, inner, 0.1);
            let b = numbers::<T>(inner, columns, 0.2);
            let before = numbers::<T>(rows, columns, 0.3);
            for (k, beta) in [(0, 0.0), (1, 1.0), (2, 2.0), (4, 2.0), (5, 0.0), (7, 1.0)] {
                let (mut left, mut right) = (layouts(&a), layouts(&b));
                let mut result = layouts(&before);
                let [_, _, wide] = &mut result;
                wide.slice_axis_mut(Axis(1), Slice::new(1, None, 2))
                    .fill(T::from_f64(7.0));
                let left = &laid_out(&mut left)[k % 3];
                let right = &laid_out(&mut right)[(k + k / 3) % 3];
                let c = &mut laid_out(&mut result)[(2 * k) % 3];
                if beta == 0.0 {
                    c.fill(T::from_f64(f64::NAN));
                }
                let (alpha, factor) = (T::from_f64(0.5), T::from_f64(beta));
                product(alpha, left.view(), right.view(), factor, c.view_mut());
                for ((i, j), &c) in c.indexed_iter() {
                    let terms = (0..inner).map(|k| a[[i, k]].to_f64() * b[[k, j]].to_f64());
                    let expected = 0.5 * terms.sum::<f64>() + beta * before[[i, j]].to_f64();
                    let error = (c.to_f64() - expected).abs();
                    assert!(
                        error < tolerance,
                        "{rows} {inner} {columns}, {k}: {error:e}"
                    );
                }
                assert!(
                    result[2]
                        .iter()
                        .skip(1)
                        .step_by(2)
                        .all(|&gap| gap.to_f64() == 7.0)
                );
            }
        }
    }

    #[test]
    fn every_layout_and_kernel_gives_what_loops_give() {
        agrees_with_loops::<f32>(by_faer, 1e-5);
        agrees_with_loops::<f64>(by_faer, 1e-13);
        agrees_with_loops::<f32>(by_ndarray, 1e-5);
        agrees_with_loops::<f64>(by_ndarray, 1e-13);
        agrees_with_loops::<f32>(product, 1e-5);
    }

    #[test]
    fn a_product_allocates_nothing_after_the_first() {
        for (rows, inner, columns) in [(64, 2, 16), (128, 300, 70)] {
            let (a, b) = (
                numbers::<f32>(rows, inner, 0.1),
                numbers(inner, columns, 0.2),
            );
            let mut c = numbers(rows, columns, 0.3);
            let mut run = || by_faer(1.0, a.view(), b.view(), 1.0, c.view_mut());
            run();
            assert_eq!(allocation_counter::measure(run).count_total, 0);
        }
    }
}
