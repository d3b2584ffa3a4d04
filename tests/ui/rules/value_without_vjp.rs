use autodiff_runtime::prelude::*;

#[differentiable(with_value)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn main() {
    let _: f64 = cube::grad(1.0);
}
