use autodiff_runtime::prelude::*;

fn root_vjp(_x: f64, root: f64, root_bar: f64, x_bar: &mut f64) {
    *x_bar += 0.5 * root_bar / root;
}

fn root_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x.sqrt(), 0.5 * x_dot / x.sqrt())
}

#[differentiable(vjp = root_vjp, jvp = root_jvp, with_value)]
fn root(x: f64) -> f64 {
    x.sqrt()
}

fn main() {
    let _: f64 = root::grad(1.0);
}
