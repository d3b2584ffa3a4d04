//! The product of layers, whose weights are \[outputs, inputs\].

use ndarray::{Array2, ArrayRef2};

use crate::tensor::kernel::product;
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
        "an input of shape {:?} meets a weight of shape {:?}, whose rows have another length",
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
    if !x_bar.is_empty() {
        product(T::one(), y_bar.view(), w.view(), T::one(), x_bar.view_mut());
    }
    if !w_bar.is_empty() {
        product(T::one(), y_bar.t(), x.view(), T::one(), w_bar.view_mut());
    }
}

fn weigh_jvp<T: Real>(
    x: &ArrayRef2<T>,
    w: &ArrayRef2<T>,
    x_dot: &Array2<T>,
    w_dot: &Array2<T>,
) -> (Array2<T>, Array2<T>) {
    let mut y_dot = Array2::zeros((x.nrows(), w.nrows()));
    if !x_dot.is_empty() {
        product(T::one(), x_dot.view(), w.t(), T::one(), y_dot.view_mut());
    }
    if !w_dot.is_empty() {
        product(T::one(), x.view(), w_dot.t(), T::one(), y_dot.view_mut());
    }
    (weigh(x, w), y_dot)
}
