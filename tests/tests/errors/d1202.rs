//! Instead of `cube` in `ui/rules/two_reverse_rules.rs`.

use autodiff_runtime::prelude::*;

fn cube_vjp(x: f64, d: f64, x_bar: &mut f64) {
    *x_bar += d * 3.0 * x * x;
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x * x * x, 3.0 * x * x * x_dot)
}

#[differentiable(vjp = cube_vjp, jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}
