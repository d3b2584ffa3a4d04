//! Instead of `mixed` in `ui/types/mixed_precision.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn mixed(single: f32, double: f64) -> f64 {
    double * single as f64
}
