use autodiff_runtime::prelude::*;

#[differentiable]
fn first(_values: *const f64, scale: f64) -> f64 {
    scale
}

fn main() {
    println!("{}", first(std::ptr::null(), 2.0));
}
