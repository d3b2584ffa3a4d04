//! A view goes to another function by reference: the pullback of the call may run when the view is gone.

use autodiff_runtime::prelude::*;
use ndarray::{Array2, ArrayRef1, ArrayView1};

#[differentiable]
fn held(x: ArrayView1<'_, f64>) -> f64 {
    x.sum()
}

#[differentiable]
fn lent(x: &ArrayRef1<f64>) -> f64 {
    x.sum()
}

#[differentiable]
fn by_value(x: &Array2<f64>) -> f64 {
    held(x.row(0)) + lent(&x.row(1))
}

fn main() {}
