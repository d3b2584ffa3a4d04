//! The product of layers, whose weights are \[outputs, inputs\].

use ndarray::{Array2, ArrayRef2};

use crate::tensor::kernel::product;
use crate::tensor::shape;
use crate::{Real, differentiable};

/// `y = x·wᵀ`: \[samples, inputs\] and \[outputs, inputs\] → \[samples, outputs\].
///
/// A rule of its own, because the adjoint of the view in `matmul(x, &w.t())` would be a matrix of its own, which is
/// turned round when it is added to that of `w`.
#[track_caller]
#[differentiable(vjp = weigh_vjp, jvp = weigh_jvp)]
pub(super) fn weigh<T: Real>(x: &ArrayRef2<T>, w: &ArrayRef2<T>) -> Array2<T> {
    assert!(
        x.ncols() == w.ncols(),
        "affine: an input of shape {:?} meets a weight of shape {:?}, whose rows have another length",
        x.shape(),
        w.shape()
    );
    let mut y = Array2::zeros((x.nrows(), w.nrows()));
    product(T::one(), x.view(), w.t(), T::zero(), y.view_mut());
    y
}

fn weigh_vjp<T: Real>(
    x: &ArrayRef2<T>,
    w: &ArrayRef2<T>,
    y_bar: Array2<T>,
    x_bar: &mut Array2<T>,
    w_bar: &mut Array2<T>,
) {
    shape::expect_cotangent("affine", &[x.nrows(), w.nrows()], y_bar.shape());
    if let Some(x_bar) = shape::read("affine", x, x_bar) {
        product(T::one(), y_bar.view(), w.view(), T::one(), x_bar.view_mut());
    }
    if let Some(w_bar) = shape::read("affine", w, w_bar) {
        product(T::one(), y_bar.t(), x.view(), T::one(), w_bar.view_mut());
    }
}

fn weigh_jvp<T: Real>(
    x: &ArrayRef2<T>,
    w: &ArrayRef2<T>,
    x_dot: &Array2<T>,
    w_dot: &Array2<T>,
) -> (Array2<T>, Array2<T>) {
    let y = weigh(x, w);
    let mut y_dot = Array2::zeros(y.raw_dim());
    if let Some(x_dot) = shape::moving("affine", x, x_dot) {
        product(T::one(), x_dot.view(), w.t(), T::one(), y_dot.view_mut());
    }
    if let Some(w_dot) = shape::moving("affine", w, w_dot) {
        product(T::one(), x.view(), w_dot.t(), T::one(), y_dot.view_mut());
    }
    (y, y_dot)
}
