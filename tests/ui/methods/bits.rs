use autodiff_runtime::prelude::*;

#[differentiable]
fn laundered(x: f64) -> f64 {
    let bits = x.to_bits();
    f64::from_bits(bits)
}

fn main() {
    let _: f64 = laundered::grad(1.0);
}
