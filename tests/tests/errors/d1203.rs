//! Instead of `cube` in `ui/rules/value_without_vjp.rs`.

use autodiff_runtime::prelude::*;

fn cube_vjp(x: f64, value: &f64, d: f64, x_bar: &mut f64) {
    *x_bar += d * 3.0 * value / x;
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x * x * x, 3.0 * x * x * x_dot)
}

#[differentiable(vjp = cube_vjp, jvp = cube_jvp, with_value)]
fn cube(x: f64) -> f64 {
    x * x * x
}
