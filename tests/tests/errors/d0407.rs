//! Instead of `mapped` in `ui/closures/unknown_function.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn mapped(x: &[f64], k: usize) -> f64 {
    x.iter()
        .map(|t| if k > 0 { t.sin() } else { t.cos() })
        .sum()
}
