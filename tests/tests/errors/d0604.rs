//! Instead of `added` in `ui/closures/changes_capture.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn added(x: f64) -> f64 {
    let mut sum = 0.0;
    for t in [x, x * x] {
        sum += t;
    }
    sum
}
