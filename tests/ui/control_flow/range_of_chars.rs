use autodiff_runtime::prelude::*;

#[differentiable]
fn compounded(x: f64) -> f64 {
    let mut y = x;
    for _letter in ('a'..'e').step_by(2) {
        y *= y;
    }
    y
}

fn main() {
    println!("{}", compounded::grad(2.0));
}
