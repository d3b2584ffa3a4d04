use autodiff_runtime::prelude::*;

#[differentiable]
fn inside(x: f64, y: f64) -> f64 {
    let both = x > 0.0 && y > 0.0;
    let not = !(x < y);
    if both || not { x } else { y }
}

fn main() {
    let _: (f64, f64) = inside::grad(1.0, 2.0);
}
