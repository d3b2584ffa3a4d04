//! Instead of `Nameless` in `ui/derive/options.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
#[differentiable(crate = autodiff_runtime)]
struct Nameless {
    x: f64,
}
