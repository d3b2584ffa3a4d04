//! Instead of `changed` in `ui/closures/kept_as_written.rs`.

use autodiff_runtime::prelude::*;

fn largest_sum() -> (i32, i32) {
    let mut n = 0;
    let largest = (0..3).map(|i| {
        n += i;
        n
    });
    let largest = largest.max().unwrap_or(0);
    (largest, n)
}

#[differentiable]
fn changed(x: f64) -> f64 {
    let (largest, n) = largest_sum();
    x * (largest + n) as f64
}
