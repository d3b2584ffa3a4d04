use autodiff_runtime::prelude::*;

#[differentiable]
fn shifted(x: f64, #[constant] offset: Option<f64>) -> f64 {
    if let Some(offset) = offset { x + offset } else { x }
}

fn main() {
    let _: f64 = shifted::grad(1.0, None);
}
