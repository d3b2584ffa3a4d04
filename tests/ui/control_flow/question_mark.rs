use autodiff_runtime::prelude::*;

#[differentiable]
fn parsed(x: f64, #[constant] text: &str) -> Result<f64, std::num::ParseFloatError> {
    let scale: f64 = text.parse()?;
    Ok(x * scale)
}

fn main() {
    let _ = parsed::vjp(2.0, "3.0", 1.0);
}
