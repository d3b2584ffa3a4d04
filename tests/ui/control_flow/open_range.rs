use autodiff_runtime::prelude::*;

#[differentiable]
fn counted(x: f64) -> f64 {
    let mut s = x;
    for i in 0.. {
        if i > 3 {
            break;
        }
        s *= x;
    }
    s
}

#[differentiable]
fn summed(x: f64) -> f64 {
    (1..).map(|n| x / n as f64).sum()
}

fn main() {}
