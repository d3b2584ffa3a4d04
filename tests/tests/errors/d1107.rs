//! Instead of `waited` in `ui/types/other_expressions.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn waited(x: f64) -> f64 {
    x * x
}

async fn later(x: f64) -> f64 {
    waited(x)
}
