use autodiff_runtime::prelude::*;

#[differentiable]
fn listed(x: f64, y: f64) -> Vec<f64> {
    vec![x * y, x + y]
}

fn main() {
    let _ = listed::vjp(1.0, 2.0, vec![1.0, 0.0]);
}
