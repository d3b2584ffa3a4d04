//! Instead of `tariff` in `ui/limits/long_chain.rs`.
//!
//! A table and a loop over it.

use autodiff_runtime::prelude::*;

const TARIFF: [(f64, f64); 3] = [(0.0, 0.0), (1.0, 1.5), (2.0, 2.5)];

#[differentiable]
fn tariff(x: f64) -> f64 {
    let mut rate = 200.0;
    for k in (0..TARIFF.len()).rev() {
        if x < TARIFF[k].0 {
            rate = TARIFF[k].1;
        }
    }
    rate * x
}
