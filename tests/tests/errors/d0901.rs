//! Instead of `constant` in `ui/memory/no_variable.rs`.

use autodiff_runtime::prelude::*;

const LIMIT: f64 = 1.0;

#[differentiable]
fn constant(x: f64) -> f64 {
    let mut limit = LIMIT;
    if x > limit {
        limit = x;
    }
    limit
}
