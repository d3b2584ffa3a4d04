use autodiff_runtime::prelude::*;

#[differentiable]
fn bent(x: f64) -> f64 {
    let slope = x * 2.0;
    let line = |t: f64| slope * t;
    let square = |t: f64| t * t;
    line(1.0) + square(x)
}

fn main() {
    let _: f64 = bent::grad(1.0);
}
