//! Instead of `numbered` in `ui/iterators/behind_filter.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn numbered(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut i = 0;
    for t in x {
        if *t > 0.0 {
            sum += i as f64 * t;
            i += 1;
        }
    }
    sum
}
