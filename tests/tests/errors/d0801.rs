//! Instead of `leading` in `ui/iterators/unknown_adapter.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn leading(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for t in x {
        if *t <= 0.0 {
            break;
        }
        sum += t;
    }
    sum
}
