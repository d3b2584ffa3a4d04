use autodiff_runtime::prelude::*;

#[differentiable]
fn mixed(single: f32, double: f64) -> f64 {
    let product = double * f64::from(single);
    let wrong: f64 = 2.0_f32 * double;
    product + wrong
}

fn main() {}
