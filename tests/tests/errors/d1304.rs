//! Instead of `Twice` in `ui/derive/options.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
#[differentiable(crate = autodiff_runtime)]
struct Twice {
    x: f64,
}
