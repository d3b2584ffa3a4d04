use autodiff_runtime::prelude::*;

macro_rules! check {
    ($n:expr) => {
        if $n == 0 {
            return 0.0;
        }
    };
}

#[differentiable]
fn checked(x: f64, n: usize) -> f64 {
    check!(n);
    println!("{}", if n == 1 { return 0.0 } else { n });
    x * n as f64
}

fn main() {
    let _: f64 = checked::grad(1.0, 2);
}
