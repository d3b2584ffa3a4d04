use autodiff_runtime::prelude::*;

#[differentiable]
fn curried(x: f64) -> impl Fn(f64) -> f64 {
    move |y| x * y
}

fn main() {
    println!("{}", curried(1.0)(2.0));
}
