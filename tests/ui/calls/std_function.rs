use autodiff_runtime::prelude::*;

#[differentiable]
fn taken(x: f64) -> f64 {
    let mut y = x;
    let old = std::mem::replace(&mut y, 2.0 * x);
    old * y + f64::from_bits(x.to_bits())
}

fn main() {
    let _: f64 = taken::grad(1.0);
}
