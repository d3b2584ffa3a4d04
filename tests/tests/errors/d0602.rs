//! Instead of `named` in `ui/closures/passed_on.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn named(x: f64) -> f64 {
    let f = |t: f64| t * x;
    f(f(2.0))
}
