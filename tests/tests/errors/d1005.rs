//! Instead of `local_rate` in `ui/patterns/item_in_body.rs`.

use autodiff_runtime::prelude::*;

const RATE: f64 = 2.0;

#[differentiable]
fn local_rate(x: f64) -> f64 {
    const FAST_RATE: f64 = 3.0;
    let fast = x * FAST_RATE;
    fast + x * RATE
}
