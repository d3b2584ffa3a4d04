//! Instead of `WithAttribute` in `ui/derive/markers.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct WithAttribute {
    weight: f64,
}
