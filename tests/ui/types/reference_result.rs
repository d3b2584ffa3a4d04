use autodiff_runtime::prelude::*;

#[differentiable]
fn larger<'a>(a: &'a f64, _b: &'a f64) -> &'a f64 {
    a
}

fn main() {
    println!("{}", larger(&1.0, &2.0));
}
