//! Instead of `either` in `ui/patterns/refutable.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn either(x: f64) -> f64 {
    let (y, _) = (x, 3);
    y
}
