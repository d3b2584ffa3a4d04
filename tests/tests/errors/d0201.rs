//! Instead of `risky` in `ui/signature/qualifiers.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn safe(x: f64) -> f64 {
    x
}

async fn fetched(x: f64) -> f64 {
    safe(x)
}

extern "C" fn exported(x: f64) -> f64 {
    safe(x)
}
