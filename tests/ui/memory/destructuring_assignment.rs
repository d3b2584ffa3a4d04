use autodiff_runtime::prelude::*;

#[differentiable]
fn fibonacci_step(a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (a, b);
    (low, high) = (high, low + high);
    low * high
}

fn main() {
    let _: (f64, f64) = fibonacci_step::grad(1.0, 2.0);
}
