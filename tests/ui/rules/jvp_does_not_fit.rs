use autodiff_runtime::prelude::*;

fn dot_pullback<'a>(
    w: &'a [f64],
    x: f64,
) -> (f64, impl Fn(f64, &mut [f64], &mut f64) + use<'a>) {
    (w[0] * x, move |out_bar, w_bar: &mut [f64], x_bar: &mut f64| {
        w_bar[0] += out_bar * x;
        *x_bar += out_bar * w[0];
    })
}

fn dot_jvp(w: &[f64], x: f64, x_dot: f64) -> (f64, f64) {
    (w[0] * x, w[0] * x_dot)
}

#[differentiable(pullback = dot_pullback, jvp = dot_jvp)]
fn dot(w: &[f64], x: f64) -> f64 {
    w[0] * x
}

fn main() {
    let _: (Vec<f64>, f64) = dot::grad(&[1.0], 2.0);
}
