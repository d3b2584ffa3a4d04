use autodiff_runtime::prelude::*;

#[differentiable]
fn filled(buffer: &mut [f64; 2], x: f64) -> f64 {
    buffer[0] = 2.0;
    buffer[0] * x
}

#[differentiable]
fn lent(x: f64, buffer: (&mut [f64; 2], usize)) -> f64 {
    filled(buffer.0, x)
}

fn main() {
    println!("{}", lent(2.0, (&mut [1.0, 2.0], 1)));
}
