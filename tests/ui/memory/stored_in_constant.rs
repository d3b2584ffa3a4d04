use autodiff_runtime::prelude::*;

#[differentiable]
fn buffered(x: f64, #[constant] buffer: &mut [f64]) -> f64 {
    buffer[0] = x;
    buffer[0] * x
}

#[differentiable]
fn indices(x: f64) -> f64 {
    let mut index = [0; 3];
    index[0] = x as usize;
    x * index[0] as f64
}

fn main() {}
