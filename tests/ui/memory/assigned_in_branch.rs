use autodiff_runtime::prelude::*;

#[differentiable]
fn chosen(x: f64, fast: bool) -> f64 {
    let rate;
    if fast {
        rate = 2.0;
    } else {
        rate = 1.0;
    }
    x * rate
}

fn main() {
    let _: f64 = chosen::grad(1.0, true);
}
