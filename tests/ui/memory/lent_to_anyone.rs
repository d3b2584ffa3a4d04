use autodiff_runtime::prelude::*;

#[differentiable]
fn doubled(x: f64) -> f64 {
    let r = &mut (2.0 * x);
    *r * x
}

fn main() {
    println!("{}", doubled(2.0));
}
