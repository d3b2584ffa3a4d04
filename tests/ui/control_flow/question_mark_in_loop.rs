use autodiff_runtime::prelude::*;

#[differentiable]
fn powers(x: f64, #[constant] ns: &[Option<i32>]) -> Option<f64> {
    let mut product = x;
    for n in ns {
        product *= x.powi((*n)?);
    }
    Some(product)
}

#[differentiable]
fn elements(x: &[f64]) -> Option<f64> {
    let mut sum = 0.0;
    for i in 0..3 {
        sum += x.get(i)?;
    }
    Some(sum)
}

fn main() {}
