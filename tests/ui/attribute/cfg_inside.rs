use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Point {
    x: f64,
}

#[differentiable]
fn conditional(x: f64) -> f64 {
    #[cfg(debug_assertions)]
    let x = 2.0 * x;
    let point = Point {
        #[cfg(debug_assertions)]
        x: 3.0 * x,
        #[cfg(not(debug_assertions))]
        x,
    };
    point.x
}

fn main() {
    let _: f64 = conditional::grad(1.0);
}
