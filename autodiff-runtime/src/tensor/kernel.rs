//! The one place where matrices are multiplied.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, LinalgScalar, ScalarOperand};

use crate::Real;

/// C ← α·A·B + β·C, for matrices of any strides; with β = 0 what C held is not read.
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
pub trait Scalar: LinalgScalar + ScalarOperand {
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
                mut c: ArrayViewMut2<'_, Self>,
            ) {
                general_mat_mul(alpha, &a, &b, beta, &mut c);
            }
        }
    )*};
}

scalars! { f32 f64 }

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, Slice, arr2};

    use super::*;

    fn numbers<T: Real>(rows: usize, columns: usize, seed: f64) -> Array2<T> {
        Array2::from_shape_fn((rows, columns), |(i, j)| {
            T::from_f64((seed + 0.7 * i as f64 - 1.3 * j as f64).sin())
        })
    }

    fn agrees_with_loops<T: Real>(tolerance: f64) {
        for (rows, inner, columns) in [(1, 1, 1), (3, 5, 2), (17, 33, 9), (64, 70, 65), (4, 0, 3)] {
            let a = numbers::<T>(rows, inner, 0.1);
            let b = numbers::<T>(inner, columns, 0.2);
            // Every layout: rows first, columns first, every second column.
            let a_columns_first = a.t().as_standard_layout().into_owned();
            let wide = Array2::from_shape_fn((inner, 2 * columns), |(i, j)| b[[i, j / 2]]);
            for (a, b) in [
                (a.view(), b.view()),
                (
                    a_columns_first.t(),
                    wide.slice_axis(Axis(1), Slice::new(0, None, 2)),
                ),
            ] {
                let before = numbers::<T>(columns, rows, 0.3);
                let mut c = before.clone();
                product(
                    T::from_f64(0.5),
                    a,
                    b,
                    T::from_f64(2.0),
                    c.view_mut().reversed_axes(),
                );
                for ((j, i), &c) in c.indexed_iter() {
                    let sum: f64 = (0..inner)
                        .map(|k| a[[i, k]].to_f64() * b[[k, j]].to_f64())
                        .sum();
                    let expected = 0.5 * sum + 2.0 * before[[j, i]].to_f64();
                    assert!(
                        (c.to_f64() - expected).abs() < tolerance,
                        "{c:?}, not {expected:e}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_layout_gives_what_loops_give() {
        agrees_with_loops::<f32>(1e-4);
        agrees_with_loops::<f64>(1e-12);
    }

    #[test]
    fn with_beta_zero_what_was_there_does_not_count() {
        let mut c = Array2::from_elem((1, 1), f64::NAN);
        product(
            1.0,
            arr2(&[[2.0]]).view(),
            arr2(&[[3.0]]).view(),
            0.0,
            c.view_mut(),
        );
        assert_eq!(c, arr2(&[[6.0]]));
    }
}
