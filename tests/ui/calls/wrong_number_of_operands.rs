use autodiff_runtime::prelude::*;

#[differentiable]
fn angle(x: f64, y: f64) -> f64 {
    y.atan2(x, 1.0) + x.clamp(0.0)
}

fn main() {}
