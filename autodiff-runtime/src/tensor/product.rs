//! Products of matrices and of vectors.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2};

use super::kernel::product;
use super::{pool, shape};
use crate::simd::vectorised;
use crate::{Real, differentiable};

/// The product of two matrices, `cᵢⱼ = Σₖ aᵢₖ·bₖⱼ`, of shapes \[m, k\] and \[k, n\].
///
/// Adjoints `ā += c̄·bᵀ`, `b̄ += aᵀ·c̄`. Transposed and sliced views are as good as arrays: pass
/// `&x`, `&x.view()`, `&w.t()`.
///
/// Unlike `a.dot(&b)`, whose value is `ndarray`'s own, the value is by the same fast kernel as the
/// derivatives.
///
/// # Panics
///
/// If the left matrix has not as many columns as the right one has rows.
///
/// ```
/// use autodiff_runtime::{prelude::*, tensor::matmul};
/// use ndarray::{Array2, arr2};
///
/// #[differentiable]
/// fn energy(w: &Array2<f64>, x: &Array2<f64>) -> f64 {
///     let y: Array2<f64> = matmul(w, x);
///     (&y * &y).sum()
/// }
///
/// let (w, x) = (arr2(&[[1.0, 2.0], [3.0, 4.0]]), arr2(&[[1.0], [1.0]]));
/// assert_eq!(matmul(&w.t(), &x), arr2(&[[4.0], [6.0]]));
/// assert_eq!(energy::grad(&w, &x).0, 2.0 * w.dot(&x).dot(&x.t()));
/// ```
#[track_caller]
#[differentiable(vjp = matmul_vjp, jvp = matmul_jvp)]
pub fn matmul<T: Real>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Array2<T> {
    expect_meeting(a, b);
    let mut c = pool::array_of_any((a.nrows(), b.ncols()));
    product(T::one(), a.view(), b.view(), T::zero(), c.view_mut());
    c
}

fn matmul_vjp<T: Real>(
    a: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
    c_bar: Array2<T>,
    a_bar: &mut Array2<T>,
    b_bar: &mut Array2<T>,
) {
    shape::expect_cotangent("matmul", &[a.nrows(), b.ncols()], c_bar.shape());
    if let Some(a_bar) = shape::read("matmul", a, a_bar) {
        product(T::one(), c_bar.view(), b.t(), T::one(), a_bar.view_mut());
    }
    if let Some(b_bar) = shape::read("matmul", b, b_bar) {
        product(T::one(), a.t(), c_bar.view(), T::one(), b_bar.view_mut());
    }
    pool::give_array(c_bar);
}

fn matmul_jvp<T: Real>(
    a: &ArrayRef2<T>,
    b: &ArrayRef2<T>,
    a_dot: &Array2<T>,
    b_dot: &Array2<T>,
) -> (Array2<T>, Array2<T>) {
    let mut c_dot = Array2::zeros((a.nrows(), b.ncols()));
    let c = matmul(a, b);
    if let Some(a_dot) = shape::moving("matmul", a, a_dot) {
        product(T::one(), a_dot.view(), b.view(), T::one(), c_dot.view_mut());
    }
    if let Some(b_dot) = shape::moving("matmul", b, b_dot) {
        product(T::one(), a.view(), b_dot.view(), T::one(), c_dot.view_mut());
    }
    (c, c_dot)
}

#[track_caller]
fn expect_meeting<T>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) {
    assert!(
        a.ncols() == b.nrows(),
        "matmul: the left operand has shape {:?} and the right one {:?}; the {} columns must meet as many rows",
        a.shape(),
        b.shape(),
        a.ncols()
    );
}

/// A layer without its activation: `yᵢⱼ = Σₖ xᵢₖ·wₖⱼ + bⱼ`, a row per sample; shapes \[m, k\], \[k, n\] and \[n\].
///
/// Adjoints `x̄ += ȳ·wᵀ`, `w̄ += xᵀ·ȳ`, `b̄ⱼ += Σᵢ ȳᵢⱼ`. The same as `matmul(x, w) + b` in one pass.
///
/// # Panics
///
/// If the input has not as many columns as the matrix has rows, or the bias is not as long as the matrix has columns.
///
/// ```
/// use autodiff_runtime::tensor::affine;
/// use ndarray::{arr1, arr2};
///
/// let (x, w) = (arr2(&[[1.0, 2.0], [3.0, 4.0]]), arr2(&[[1.0], [10.0]]));
/// assert_eq!(affine(&x, &w, &arr1(&[0.5])), arr2(&[[21.5], [43.5]]));
/// ```
#[track_caller]
#[differentiable(vjp = affine_vjp, jvp = affine_jvp)]
pub fn affine<T: Real>(x: &ArrayRef2<T>, w: &ArrayRef2<T>, b: &ArrayRef1<T>) -> Array2<T> {
    assert!(
        x.ncols() == w.nrows() && w.ncols() == b.len(),
        "affine: the input has shape {:?}, the matrix {:?} and the bias {:?}; columns must meet as many rows, and numbers of the bias",
        x.shape(),
        w.shape(),
        b.shape()
    );
    let bias = b.as_standard_layout();
    let bias = bias.as_slice().expect("in standard layout");
    let mut y = pool::room(x.nrows() * bias.len());
    (0..x.nrows()).for_each(|_| y.extend_from_slice(bias));
    let y = Array2::from_shape_vec((x.nrows(), bias.len()), y);
    let mut y = y.expect("as many numbers");
    product(T::one(), x.view(), w.view(), T::one(), y.view_mut());
    y
}

fn affine_vjp<T: Real>(
    x: &ArrayRef2<T>,
    w: &ArrayRef2<T>,
    b: &ArrayRef1<T>,
    y_bar: Array2<T>,
    x_bar: &mut Array2<T>,
    w_bar: &mut Array2<T>,
    b_bar: &mut Array1<T>,
) {
    shape::expect_cotangent("affine", &[x.nrows(), b.len()], y_bar.shape());
    if let Some(x_bar) = shape::read("affine", x, x_bar) {
        product(T::one(), y_bar.view(), w.t(), T::one(), x_bar.view_mut());
    }
    if let Some(w_bar) = shape::read("affine", w, w_bar) {
        product(T::one(), x.t(), y_bar.view(), T::one(), w_bar.view_mut());
    }
    if let Some(b_bar) = shape::read("affine", b, b_bar) {
        add_rows(b_bar, &y_bar);
    }
    pool::give_array(y_bar);
}

/// Adds every row of a matrix to a vector.
fn add_rows<T: Real>(sum: &mut Array1<T>, matrix: &Array2<T>) {
    let width = sum.len();
    if let (Some(sum), Some(numbers)) = (sum.as_slice_mut(), matrix.as_slice())
        && width > 0
    {
        return vectorised(
            #[inline(always)]
            || {
                let mut fours = numbers.chunks_exact(4 * width);
                for rows in &mut fours {
                    let (first, second) = rows.split_at(2 * width);
                    let (a, b) = first.split_at(width);
                    let (c, d) = second.split_at(width);
                    for ((((sum, &a), &b), &c), &d) in sum.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                        *sum += (a + b) + (c + d);
                    }
                }
                for row in fours.remainder().chunks_exact(width) {
                    for (sum, &x) in sum.iter_mut().zip(row) {
                        *sum += x;
                    }
                }
            },
        );
    }
    matrix.rows().into_iter().for_each(|row| *sum += &row);
}

fn affine_jvp<T: Real>(
    x: &ArrayRef2<T>,
    w: &ArrayRef2<T>,
    b: &ArrayRef1<T>,
    x_dot: &Array2<T>,
    w_dot: &Array2<T>,
    b_dot: &Array1<T>,
) -> (Array2<T>, Array2<T>) {
    let y = affine(x, w, b);
    let mut y_dot = Array2::zeros(y.raw_dim());
    if let Some(x_dot) = shape::moving("affine", x, x_dot) {
        product(T::one(), x_dot.view(), w.view(), T::one(), y_dot.view_mut());
    }
    if let Some(w_dot) = shape::moving("affine", w, w_dot) {
        product(T::one(), x.view(), w_dot.view(), T::one(), y_dot.view_mut());
    }
    if let Some(b_dot) = shape::moving("affine", b, b_dot) {
        y_dot += b_dot;
    }
    (y, y_dot)
}

/// The outer product of two vectors, `cᵢⱼ = aᵢ·bⱼ`.
///
/// Adjoints `ā += c̄·b`, `b̄ += c̄ᵀ·a`.
///
/// ```
/// use autodiff_runtime::tensor::outer;
/// use ndarray::{arr1, arr2};
///
/// let c = outer(&arr1(&[1.0, 2.0]), &arr1(&[3.0, 4.0, 5.0]));
/// assert_eq!(c, arr2(&[[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]));
/// ```
#[differentiable(vjp = outer_vjp, jvp = outer_jvp)]
pub fn outer<T: Real>(a: &ArrayRef1<T>, b: &ArrayRef1<T>) -> Array2<T> {
    let mut c = pool::room(a.len() * b.len());
    a.iter().for_each(|&a| c.extend(b.iter().map(|&b| a * b)));
    Array2::from_shape_vec((a.len(), b.len()), c).expect("a number for each pair")
}

fn outer_vjp<T: Real>(
    a: &ArrayRef1<T>,
    b: &ArrayRef1<T>,
    c_bar: Array2<T>,
    a_bar: &mut Array1<T>,
    b_bar: &mut Array1<T>,
) {
    shape::expect_cotangent("outer", &[a.len(), b.len()], c_bar.shape());
    if let Some(a_bar) = shape::read("outer", a, a_bar) {
        for (a_bar, row) in a_bar.iter_mut().zip(c_bar.rows()) {
            *a_bar += row.dot(b);
        }
    }
    if let Some(b_bar) = shape::read("outer", b, b_bar) {
        for (&a, row) in a.iter().zip(c_bar.rows()) {
            b_bar.scaled_add(a, &row);
        }
    }
    pool::give_array(c_bar);
}

fn outer_jvp<T: Real>(
    a: &ArrayRef1<T>,
    b: &ArrayRef1<T>,
    a_dot: &Array1<T>,
    b_dot: &Array1<T>,
) -> (Array2<T>, Array2<T>) {
    let mut c_dot = Array2::zeros((a.len(), b.len()));
    if let Some(a_dot) = shape::moving("outer", a, a_dot) {
        c_dot += &outer(a_dot, b);
    }
    if let Some(b_dot) = shape::moving("outer", b, b_dot) {
        c_dot += &outer(a, b_dot);
    }
    (outer(a, b), c_dot)
}

#[cfg(test)]
mod tests;
