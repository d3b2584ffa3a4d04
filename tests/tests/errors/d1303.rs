//! Instead of `Point` in `ui/derive/option_before_derive.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct Point {
    #[constant]
    label: usize,
    x: f64,
}
