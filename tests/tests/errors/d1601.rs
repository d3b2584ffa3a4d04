//! Instead of `remainders` in `ui/arrays/operator_without_rule.rs`.

use autodiff_runtime::prelude::*;
use ndarray::Array1;

#[differentiable]
fn remainders(x: &Array1<f64>) -> f64 {
    x.mapv(|x| x % 2.0).sum()
}
