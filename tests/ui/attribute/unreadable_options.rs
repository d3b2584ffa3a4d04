use autodiff_runtime::prelude::*;

#[differentiable(wrt(x) stable)]
fn separated_by_nothing(x: f64) -> f64 {
    x * x
}

#[differentiable(wrt(0))]
fn by_position(x: f64) -> f64 {
    x * x
}

fn main() {
    println!("{} {}", separated_by_nothing(2.0), by_position(2.0));
}
