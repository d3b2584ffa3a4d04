use autodiff_runtime::prelude::*;

#[differentiable]
fn waited(x: f64) -> f64 {
    let y = async { x * x };
    drop(y);
    x
}

fn main() {
    println!("{}", waited(2.0));
}
