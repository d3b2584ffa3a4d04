//! Instead of `no_slots` in `ui/attribute/checkpoint_strategy.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(checkpoint = revolve(1))]
fn no_slots(x: f64) -> f64 {
    let mut x = x;
    for _ in 0..100 {
        x *= x.sin();
    }
    x
}
