use autodiff_runtime::prelude::*;

#[differentiable]
fn mixed(single: f32, double: f64) -> f64 {
    double * f64::from(single)
}

#[differentiable]
fn meeting(single: f32, double: f64) -> f64 {
    single * double
}

fn main() {
    let _: (f32, f64) = mixed::grad(1.0, 2.0);
}
