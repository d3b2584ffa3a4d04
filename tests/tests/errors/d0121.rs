//! Instead of `Model` in `ui/attribute/on_struct.rs`.

use autodiff_runtime::prelude::*;

#[derive(Differentiable)]
struct Model {
    weight: f64,
}
