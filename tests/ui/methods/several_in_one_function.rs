use autodiff_runtime::prelude::*;

#[differentiable]
fn many(x: f64, n: usize) -> f64 {
    let a = x.foo();
    let b = a.powi(2) + x.gamma();
    let c = if b > 0.0 { b } else { -b };
    let d = (c * x) as i32;
    for _ in 0..n {}
    a + b + c + d as f64
}

fn main() {
    let _: f64 = many::grad(1.0, 2);
}
