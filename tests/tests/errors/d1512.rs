//! Instead of `after` in `ui/types/no_value_to_begin_with.rs`.

use std::ops::RangeInclusive;

use autodiff_runtime::prelude::*;

#[differentiable]
fn after(x: f64, steps: RangeInclusive<usize>) -> f64 {
    let mut k = 0;
    loop {
        k += 1;
        if k > 3 {
            break;
        }
    }
    let chosen = steps;
    x * *chosen.end() as f64
}
