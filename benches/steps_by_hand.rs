//! The step of the large network as somebody writes it who has the kernel and the formulas: all memory is there
//! before, and every product overwrites what it finds.

use autodiff_runtime::tensor::{kernel::product, vector};
use ndarray::Array2;

use super::steps::{IMAGES, Layers, RATE};

/// A network and the memory of its steps.
pub struct Step {
    pub layers: Layers,
    pub slope: Layers,
    /// Activations, and their adjoints, of each layer.
    h: [Array2<f32>; 3],
    d: [Array2<f32>; 3],
}

impl Step {
    pub fn new(batch: usize) -> Self {
        let layers = Layers::new(IMAGES);
        let like = [1, 2, 3].map(|k| Array2::zeros((batch, IMAGES[k])));
        Step {
            slope: layers.clone(),
            layers,
            d: like.clone(),
            h: like,
        }
    }

    /// One step, and the loss before it.
    pub fn run(&mut self, x: &Array2<f32>, labels: &[usize]) -> f32 {
        let Step {
            layers,
            slope,
            h,
            d,
        } = self;
        for k in 0..3 {
            let (before, rest) = h.split_at_mut(k);
            let (input, h) = (before.last().unwrap_or(x), &mut rest[0]);
            let bias = numbers(&layers.b[k]);
            let rows = numbers_mut(h).chunks_exact_mut(bias.len());
            rows.for_each(|row| row.copy_from_slice(bias));
            product(1.0, input.view(), layers.w[k].view(), 1.0, h.view_mut());
            if k < 2 {
                numbers_mut(h)
                    .iter_mut()
                    .for_each(|h| *h = if *h > 0.0 { *h } else { 0.0 });
            }
        }
        let loss = cross_entropy(&h[2], labels, &mut d[2]);
        for k in (0..3).rev() {
            let input = if k == 0 { x } else { &h[k - 1] };
            product(1.0, input.t(), d[k].view(), 0.0, slope.w[k].view_mut());
            slope.b[k].fill(0.0);
            d[k].rows().into_iter().for_each(|row| slope.b[k] += &row);
            if k > 0 {
                let (before, own) = d.split_at_mut(k);
                let below = &mut before[k - 1];
                product(1.0, own[0].view(), layers.w[k].t(), 0.0, below.view_mut());
                for (d, &h) in numbers_mut(below).iter_mut().zip(numbers(&h[k - 1])) {
                    *d = if h > 0.0 { *d } else { 0.0 };
                }
            }
        }
        for (weights, slopes) in layers.runs().zip(slope.runs()) {
            for (weight, slope) in weights.iter_mut().zip(slopes) {
                *weight -= RATE * *slope;
            }
        }
        loss
    }
}

/// The mean loss of softmax and logarithm, and its adjoint.
fn cross_entropy(z: &Array2<f32>, labels: &[usize], d: &mut Array2<f32>) -> f32 {
    let width = z.ncols();
    let share = 1.0 / labels.len() as f32;
    d.assign(z);
    let e = numbers_mut(d);
    for row in e.chunks_exact_mut(width) {
        let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut().for_each(|z| *z -= highest);
    }
    let shifted: f32 = labels
        .iter()
        .enumerate()
        .map(|(k, label)| e[k * width + label])
        .sum();
    vector::exp(e);
    let mut total = -shifted;
    for (row, &label) in e.chunks_exact_mut(width).zip(labels) {
        let sum: f32 = row.iter().sum();
        total += sum.ln();
        row.iter_mut().for_each(|p| *p *= share / sum);
        row[label] -= share;
    }
    total * share
}

fn numbers<D: ndarray::Dimension>(array: &ndarray::Array<f32, D>) -> &[f32] {
    array.as_slice().expect("in standard layout")
}

fn numbers_mut<D: ndarray::Dimension>(array: &mut ndarray::Array<f32, D>) -> &mut [f32] {
    array.as_slice_mut().expect("in standard layout")
}
