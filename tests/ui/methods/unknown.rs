use autodiff_runtime::prelude::*;

#[differentiable]
fn stringly(rate: f64) -> f64 {
    rate.to_string().len() as f64 * rate.next_up()
}

fn main() {
    let _: f64 = stringly::grad(1.0);
}
