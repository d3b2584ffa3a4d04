use autodiff_runtime::prelude::*;

#[differentiable]
fn square(x: f64) -> f64 {
    x ^ 2.0
}

fn main() {
    println!("{}", square(2.0));
}
