use autodiff_runtime::prelude::*;

fn cube_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
    (x * x * x, move |out_bar, x_bar: &mut f64| *x_bar += out_bar * 3.0 * x * x)
}

#[differentiable(pullback = cube_pullback)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn main() {
    let _: f64 = cube::grad(1.0);
}
