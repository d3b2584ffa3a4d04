//! Instead of `unknown` in `ui/attribute/checkpoint_strategy.rs`.

use autodiff_runtime::prelude::*;

#[differentiable(checkpoint = periodic(10))]
fn unknown(x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x *= x.sin();
    }
    x
}
