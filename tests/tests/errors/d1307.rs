//! Instead of `Bad` in `ui/derive/option_before_derive.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct Good {
    #[constant]
    x: f64,
}
