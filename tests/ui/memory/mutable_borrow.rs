use autodiff_runtime::prelude::*;

fn double(value: &mut f64) {
    *value *= 2.0;
}

#[differentiable]
fn doubled(x: f64) -> f64 {
    let mut y = x * x;
    double(&mut y);
    y
}

fn main() {
    let _: f64 = doubled::grad(1.0);
}
