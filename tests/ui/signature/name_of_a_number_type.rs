use autodiff_runtime::prelude::*;

#[differentiable(name = f64)]
fn energy(x: f64) -> f64 {
    x * x
}

fn main() {
    println!("{}", energy(2.0));
}
