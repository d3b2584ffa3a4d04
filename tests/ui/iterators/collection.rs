use autodiff_runtime::prelude::*;

use std::collections::VecDeque;

struct Reversed(Vec<f64>);

impl FromIterator<f64> for Reversed {
    fn from_iter<I: IntoIterator<Item = f64>>(items: I) -> Reversed {
        let mut items: Vec<f64> = items.into_iter().collect();
        items.reverse();
        Reversed(items)
    }
}

impl std::ops::Index<usize> for Reversed {
    type Output = f64;
    fn index(&self, k: usize) -> &f64 {
        &self.0[k]
    }
}

#[differentiable]
fn annotated(x: &[f64]) -> f64 {
    let back: Reversed = x.iter().map(|t| t * t).collect();
    back[0]
}

#[differentiable]
fn asked_for(x: &[f64]) -> f64 {
    x.iter().map(|t| t * t).collect::<VecDeque<_>>()[0]
}

fn main() {}
