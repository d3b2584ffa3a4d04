use autodiff_runtime::prelude::*;
use std::collections::HashMap;

#[derive(Differentiable)]
struct Table {
    scale: f64,
    entries: HashMap<String, f64>,
}

fn main() {
    let _ = TableGradient { scale: 1.0, entries: () };
}
