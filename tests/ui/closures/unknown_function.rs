use autodiff_runtime::prelude::*;

#[differentiable]
fn parameter<F: Fn(f64) -> f64>(x: f64, #[constant] f: F) -> f64 {
    f(x)
}

#[differentiable]
fn mapped(x: &[f64], k: usize) -> f64 {
    x.iter()
        .copied()
        .map(if k > 0 { f64::sin } else { f64::cos })
        .sum()
}

fn main() {}
