use autodiff_runtime::prelude::*;

#[differentiable]
fn power(x: f64, n: usize) -> f64 {
    let mut result = 1.0;
    for _ in 0..n {
        result *= x;
    }
    while result > 1e9 {
        result /= x;
    }
    loop {
        result += x;
        break;
    }
    result
}

fn main() {
    let _: f64 = power::grad(2.0, 3);
}
