//! Instead of `largest` in `ui/arrays/method_without_rule.rs`.

use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use ndarray::{Array1, Array2, Axis};

#[differentiable]
fn largest(x: &Array2<f64>) -> f64 {
    let largest: Array1<f64> = tensor::max_axis(x, Axis(1));
    largest.sum()
}
