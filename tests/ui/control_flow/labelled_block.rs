use autodiff_runtime::prelude::*;

#[differentiable]
fn chosen(x: f64) -> f64 {
    let y = 'pick: { break 'pick x * 2.0 };
    y * x
}

fn main() {
    let _: f64 = chosen::grad(2.0);
}
