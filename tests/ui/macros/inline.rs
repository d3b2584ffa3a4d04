use autodiff_runtime::prelude::*;

macro_rules! later {
    ($x:ident) => {
        $x * 2.0
    };
}

#[differentiable]
fn unfinished(x: f64) -> f64 {
    let y = later!(x);
    println!("{}", y);
    y.sqrt()
}

fn main() {
    let _: f64 = unfinished::grad(1.0);
}
