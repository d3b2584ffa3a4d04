use autodiff_runtime::prelude::*;

#[differentiable]
fn many(x: f64, y: f64, n: usize) -> f64 {
    let a = x.to_string().len() as f64;
    let b = y.next_up() + x.pow(2);
    let c = if x > 0.0 { x } else { -x };
    let d = (y * x) as i32;
    let e = dbg!(y);
    for _ in 0..n {
        assert!(x.is_finite());
    }
    let f = Some(x);
    a + b + c + d as f64 + e + f.unwrap()
}

fn main() {
    let _: (f64, f64) = many::grad(1.0, 2.0, 2);
}
