use autodiff_runtime::prelude::*;

fn length(range: std::ops::Range<f64>) -> f64 {
    range.end - range.start
}

#[differentiable]
fn width(x: f64) -> f64 {
    let range = 0.0..x;
    range.end - range.start
}

#[differentiable]
fn passed_on(x: f64) -> f64 {
    length(0.0..x)
}

fn main() {
    println!("{}", width(2.0) + passed_on(2.0));
}
