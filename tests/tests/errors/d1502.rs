//! Instead of `Table` in `ui/derive/field_without_gradient.rs`.

use autodiff_runtime::prelude::*;
use std::collections::HashMap;

#[derive(Differentiable)]
struct Table {
    scale: f64,
    #[constant]
    entries: HashMap<String, f64>,
}
