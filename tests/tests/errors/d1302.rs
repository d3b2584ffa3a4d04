//! Instead of `Bits` in `ui/derive/enum.rs`.

use autodiff_runtime::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Number {
    float: f64,
}
