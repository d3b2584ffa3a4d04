use autodiff_runtime::prelude::*;

#[differentiable]
fn unit(x: f64) -> f64 {
    let mut s = x;
    let () = for _ in 0..3 {
        s *= x;
    };
    s
}

fn main() {}
