use autodiff_runtime::prelude::*;

#[differentiable]
fn drained(x: &[f64]) -> f64 {
    let mut left = x.to_vec();
    let mut sum = 0.0;
    while let Some(last) = left.pop() {
        sum += last * last;
    }
    sum
}

fn main() {}
