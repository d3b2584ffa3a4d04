//! Instead of `grown` in `ui/memory/in_place_methods.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn grown(x: &[f64]) -> f64 {
    let mut all = vec![1.0];
    for t in x {
        all.push(t * t);
    }
    let last = all.len() - 1;
    all[last] * all[last - 1]
}
