use autodiff_runtime::prelude::*;

#[differentiable]
fn magnitude(x: f64) -> f64 {
    if x > 0.0 { x } else { -x }
}

fn main() {
    let slope: f64 = magnitude::grad(1.0);
    println!("{slope}");
}
