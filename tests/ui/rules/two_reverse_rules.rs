use autodiff_runtime::prelude::*;

fn cube_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
    (x * x * x, move |d, x_bar: &mut f64| *x_bar += d * 3.0 * x * x)
}

fn cube_vjp(x: f64, d: f64, x_bar: &mut f64) {
    *x_bar += d * 3.0 * x * x;
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x * x * x, 3.0 * x * x * x_dot)
}

#[differentiable(pullback = cube_pullback, vjp = cube_vjp, jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn main() {
    let _ = (cube_pullback, cube_vjp, cube_jvp);
    let _: f64 = cube::grad(1.0);
}
