use autodiff_runtime::prelude::*;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[differentiable]
fn via_macro(x: f64) -> f64 {
    square!(x + 1.0)
}

fn main() {
    let _: f64 = via_macro::grad(1.0);
}
