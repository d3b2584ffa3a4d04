//! Instead of `chained` in `ui/control_flow/let_chain.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn chained(x: f64, #[constant] power: Option<i32>) -> f64 {
    match power {
        Some(n) if x > 0.0 => x.powi(n),
        _ => x,
    }
}
