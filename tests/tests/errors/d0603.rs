//! Instead of `taken_apart` in `ui/closures/in_a_tuple.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn taken_apart(x: f64) -> f64 {
    let f = |t: f64| t * x;
    f(x)
}
