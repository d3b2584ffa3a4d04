use autodiff_runtime::prelude::*;

#[differentiable(pullback = missing_pullback, jvp = missing_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn main() {
    let _: f64 = cube::grad(1.0);
}
