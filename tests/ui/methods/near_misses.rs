use autodiff_runtime::prelude::*;

#[differentiable]
fn misspelt(x: f64, y: f64) -> f64 {
    let a = x.expp();
    let b = x.pow(2);
    let c = x.log1p();
    let d = y.arctan();
    let e = y.tahn();
    let f = f64::sqr(y);
    a + b + c + d + e + f
}

fn main() {}
