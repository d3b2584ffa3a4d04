//! Instead of `cube` in `ui/rules/only_one.rs`.

use autodiff_runtime::prelude::*;

fn cube_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
    (x * x * x, move |d, x_bar: &mut f64| {
        *x_bar += 3.0 * x * x * d
    })
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x * x * x, 3.0 * x * x * x_dot)
}

#[differentiable(pullback = cube_pullback, jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}
