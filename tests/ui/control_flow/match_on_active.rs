use autodiff_runtime::prelude::*;

#[differentiable]
fn kernel(kind: u8, distance: f64) -> f64 {
    let scale = 2.0 * distance;
    match kind {
        0 => scale,
        _ => scale * scale,
    }
}

fn main() {
    let _: f64 = kernel::grad(1, 2.0);
}
