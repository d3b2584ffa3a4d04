//! Instead of `computed` in `ui/attribute/checkpoint_strategy.rs`.

use autodiff_runtime::prelude::*;

const SLOTS: usize = 10;

#[differentiable(checkpoint = revolve(SLOTS))]
fn computed(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}
