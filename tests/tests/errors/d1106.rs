//! Instead of `square` in `ui/types/other_operators.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn square(x: f64) -> f64 {
    x.powi(2)
}
