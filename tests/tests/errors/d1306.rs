//! Instead of `Bare` in `ui/derive/options.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct Bare {
    x: f64,
}
