use autodiff_runtime::prelude::*;

#[differentiable]
fn inspected(x: f64) -> f64 {
    let y = dbg!(x * x);
    dbg!(y);
    y
}

fn main() {
    let _: f64 = inspected::grad(1.0);
}
