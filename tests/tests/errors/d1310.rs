//! Instead of `Settings` in `ui/derive/markers.rs`.

use autodiff_runtime::prelude::*;

struct Settings {
    rate: f64,
}

#[differentiable]
fn step(#[constant] settings: &Settings, x: f64) -> f64 {
    #[constant]
    let rate = settings.rate;
    rate * x
}
