use autodiff_runtime::prelude::*;

fn cube_pullback(x: f64, out_bar: f64) -> f64 {
    out_bar * 3.0 * x * x
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x * x * x, x_dot * 3.0 * x * x)
}

#[differentiable(pullback = cube_pullback, jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn main() {
    let _: f64 = cube::grad(1.0);
}
