use autodiff_runtime::prelude::*;

#[differentiable]
fn scaled(x: f64, #[constant] scale: Option<f64>) -> f64 {
    let Some(scale) = scale else { panic!("no scale") };
    x * scale
}

fn main() {
    let _: f64 = scaled::grad(2.0, Some(1.0));
}
