use autodiff_runtime::prelude::*;

#[differentiable]
fn deep(x: &&f64) -> f64 {
    **x * 2.0
}

fn main() {
    println!("{}", deep(&&1.0));
}
