use autodiff_runtime::prelude::*;

fn helper(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn outer(x: f64) -> f64 {
    helper(x) + 1.0
}

fn main() {
    let _: f64 = outer::grad(1.0);
}
