use autodiff_runtime::prelude::*;

#[differentiable]
fn mixed(single: f32, double: f64) -> f64 {
    double * f64::from(single)
}

fn main() {
    let _: (f32, f64) = mixed::grad(1.0, 2.0);
}
