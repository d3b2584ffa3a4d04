use autodiff_runtime::prelude::*;

#[differentiable]
fn parsed(x: f64, #[constant] text: &str) -> Result<f64, std::num::ParseFloatError> {
    let scale: f64 = text.parse()?;
    Ok(x * scale)
}

#[differentiable]
fn unwrapped(x: f64, #[constant] scale: Option<f64>) -> Option<f64> {
    let scaled = x * scale?;
    Some(scaled)
}

fn main() {
    println!("{:?} {:?}", parsed(2.0, "3.0"), unwrapped(2.0, None));
}
