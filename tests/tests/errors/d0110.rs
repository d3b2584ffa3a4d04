//! Instead of `bare` in `ui/attribute/checkpoint_strategy.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(checkpoint = revolve(20))]
fn bare(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}
