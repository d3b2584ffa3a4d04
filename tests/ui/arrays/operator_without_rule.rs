use autodiff_runtime::prelude::*;
use ndarray::Array1;

#[differentiable]
fn remainders(x: &Array1<f64>) -> f64 {
    (x % 2.0).sum()
}

fn main() {
    let _: Array1<f64> = remainders::grad(&Array1::zeros(2));
}
