use autodiff_runtime::prelude::*;

#[differentiable]
fn nested(matrix: &mut [[f64; 2]; 2], vector: &&[f64]) -> f64 {
    matrix[0][0] * vector[0]
}

fn main() {}
