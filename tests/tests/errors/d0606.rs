//! Instead of `early` in `ui/closures/returns.rs`.

use autodiff_runtime::prelude::*;

#[differentiable]
fn early(x: f64) -> f64 {
    let f = |t: f64| if t > 1.0 { t } else { t * t };
    f(x)
}
