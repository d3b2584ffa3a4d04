//! Instead of `boxed` in `ui/closures/passed_on.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn boxed(x: f64) -> f64 {
    let f = |t| t * x;
    f(x)
}
