//! Instead of `written` in `ui/closures/passed_on.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn written(x: f64) -> f64 {
    let f = |t| t * x;
    f(f(2.0))
}
