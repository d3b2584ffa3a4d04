use autodiff_runtime::prelude::*;

#[differentiable]
fn broken_off(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..20 {
        if y > 10.0 {
            break x;
        }
        y = y * y;
    }
    y
}

fn main() {}
