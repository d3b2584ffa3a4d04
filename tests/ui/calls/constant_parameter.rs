use autodiff_runtime::prelude::*;

#[differentiable]
fn scaled(#[constant] scale: f64, x: f64) -> f64 {
    scale * x
}

#[differentiable]
fn filled(#[constant] buffer: &mut [f64; 2], x: f64) -> f64 {
    buffer[0] = 2.0;
    buffer[0] * x
}

#[differentiable]
fn square(x: f64) -> f64 {
    scaled(x, x)
}

#[differentiable]
fn lent(x: f64) -> f64 {
    let mut buffer = [x, 1.0];
    filled(&mut buffer, x) * buffer[0]
}

fn main() {
    println!("{} {}", square(2.0), lent(2.0));
    let _: f64 = square::grad(2.0) + lent::grad(2.0);
}
