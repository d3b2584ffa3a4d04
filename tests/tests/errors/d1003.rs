//! Instead of `deferred` in `ui/patterns/deferred_tuple.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn deferred(x: f64) -> f64 {
    let a = x;
    let b = 2.0 * x;
    a * b
}
