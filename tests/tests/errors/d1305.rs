//! Instead of `Quoted` in `ui/derive/options.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
#[differentiable(crate = autodiff_runtime)]
struct Quoted {
    x: f64,
}
