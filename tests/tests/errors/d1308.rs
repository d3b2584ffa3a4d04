//! Instead of `MarkedTwice` in `ui/derive/markers.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct MarkedTwice {
    weight: f64,
    #[constant]
    rate: f64,
}
