//! Instead of `passed_on` in `ui/iterators/range_of_active.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn length(start: f64, end: f64) -> f64 {
    end - start
}

#[differentiable]
fn passed_on(x: f64) -> f64 {
    length(0.0, x)
}
