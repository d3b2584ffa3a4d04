use autodiff_runtime::prelude::*;

#[differentiable]
fn bound_again(x: f64, n: usize) -> f64 {
    let last = (0..n).map(|n| n * n).max().unwrap_or(0);
    x * last as f64
}

#[differentiable]
fn changed(x: f64) -> f64 {
    let mut n = 0;
    let largest = (0..3)
        .map(|i| {
            n += i;
            n
        })
        .max()
        .unwrap_or(0);
    x * (largest + n) as f64
}

fn main() {}
