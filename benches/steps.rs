//! Training steps of networks over arrays: value, gradient and descent, against their matrix products alone.

use std::cell::RefCell;
use std::hint::black_box;

use autodiff_benches::measure::{Run, paired_within};
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor::{self, kernel::product};
use ndarray::{Array1, Array2, s};

use crate::numbers;

/// For each table line.
const SECONDS: f64 = 2.0;

/// How many steps come before those that count, which follow on them as in a training.
const IN_A_ROW: usize = 8;

/// Of the descent.
pub const RATE: f32 = 1e-4;

/// Weights and biases of three layers.
#[derive(Clone, Differentiable)]
pub struct Layers {
    pub w: [Array2<f32>; 3],
    pub b: [Array1<f32>; 3],
}

#[differentiable]
fn classified(layers: &Layers, #[constant] x: &Array2<f32>, #[constant] labels: &[usize]) -> f32 {
    let z: Array2<f32> = tensor::affine(x, &layers.w[0], &layers.b[0]);
    let h: Array2<f32> = tensor::relu(&z);
    let z: Array2<f32> = tensor::affine(&h, &layers.w[1], &layers.b[1]);
    let h: Array2<f32> = tensor::relu(&z);
    let z: Array2<f32> = tensor::affine(&h, &layers.w[2], &layers.b[2]);
    tensor::cross_entropy_with_logits(&z, labels)
}

#[differentiable]
fn fitted(layers: &Layers, #[constant] x: &Array2<f32>, #[constant] y: &Array2<f32>) -> f32 {
    let z: Array2<f32> = tensor::affine(x, &layers.w[0], &layers.b[0]);
    let h: Array2<f32> = tensor::tanh(&z);
    let z: Array2<f32> = tensor::affine(&h, &layers.w[1], &layers.b[1]);
    let h: Array2<f32> = tensor::tanh(&z);
    let z: Array2<f32> = tensor::affine(&h, &layers.w[2], &layers.b[2]);
    let error = z - y;
    (&error * &error).sum() / 64.0
}

/// Widths of the large network.
pub const IMAGES: [usize; 4] = [784, 128, 64, 10];
const CURVE: [usize; 4] = [2, 16, 16, 1];

/// All lines of the table.
pub fn steps() {
    println!("\nmedian, and in brackets the fastest twentieth");
    println!(
        "whole steps                    step µs          products µs      share  GFLOP/s  of the kernel's"
    );
    let images = large(128);
    report("784-128-64-10 ReLU, 128", IMAGES, [128], &images);

    let (x, y) = (numbers(64, CURVE[0]), numbers(64, CURVE[3]));
    let curve = step(CURVE, move |layers, slope| {
        fitted::grad_into(layers, &x, &y, slope);
    });
    report("2-16-16-1 tanh, 64", CURVE, [64], &curve);

    report(
        "two threads, 2 × 64 images",
        IMAGES,
        [64; 2],
        &two_threads(64),
    );
    report(
        "two threads, 2 × 128 images",
        IMAGES,
        [128; 2],
        &two_threads(128),
    );

    let paired = paired_within(SECONDS, IN_A_ROW, &images, &by_hand(128));
    let [generated, by_hand] = paired.fastest.map(|time| 128e9 / time);
    println!(
        "by hand, 784-128-64-10         {:>6.1} ({:>6.1})   generated / by hand {:.3}, fastest {:.0} and {:.0} samples/s",
        paired.second / 1e3,
        paired.fastest[1] / 1e3,
        paired.ratio,
        generated,
        by_hand
    );
}

fn labels(count: usize) -> Vec<usize> {
    (0..count).map(|k| k % 10).collect()
}

fn large(batch: usize) -> Run {
    let (x, labels) = (numbers(batch, IMAGES[0]), labels(batch));
    step(IMAGES, move |layers, slope| {
        classified::grad_into(layers, &x, &labels, slope);
    })
}

fn by_hand(batch: usize) -> Run {
    let (x, labels) = (numbers(batch, IMAGES[0]), labels(batch));
    let mut step = super::steps_by_hand::Step::new(batch);
    let mut slope = step.layers.zero_gradient();
    let generated = classified::grad_into(&step.layers, &x, &labels, &mut slope);
    let loss = step.run(&x, &labels);
    assert!((loss - generated).abs() < 1e-5, "{loss} {generated}");
    for (own, generated) in step.slope.runs().zip(runs(&mut slope)) {
        let differences = own.iter().zip(generated).map(|(a, b)| (*a - *b).abs());
        let largest = differences.fold(0.0, f32::max);
        assert!(largest < 1e-5, "{largest}");
    }
    let state = RefCell::new(step);
    Box::new(move |times| {
        let step = &mut *state.borrow_mut();
        (0..times).for_each(|_| {
            black_box(step.run(&x, &labels));
        });
    })
}

impl Layers {
    pub fn new(sizes: [usize; 4]) -> Self {
        Layers {
            w: [0, 1, 2].map(|k| 0.1 * numbers::<f32>(sizes[k], sizes[k + 1])),
            b: [0, 1, 2].map(|k| Array1::zeros(sizes[k + 1])),
        }
    }

    /// The runs of numbers, in order.
    pub fn runs(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let w = self.w.iter_mut().map(|w| w.as_slice_mut());
        let b = self.b.iter_mut().map(|b| b.as_slice_mut());
        w.chain(b).map(|run| run.expect("in standard layout"))
    }
}

/// The same of a gradient.
fn runs(slope: &mut LayersGradient) -> impl Iterator<Item = &mut [f32]> {
    let w = slope.w.iter_mut().map(|w| w.as_slice_mut());
    let b = slope.b.iter_mut().map(|b| b.as_slice_mut());
    w.chain(b).map(|run| run.expect("in standard layout"))
}

/// Gradient descent, which leaves the slopes at zero for the next step.
fn descend(weights: &mut [f32], slopes: &mut [f32]) {
    for (weight, slope) in weights.iter_mut().zip(slopes) {
        *weight -= RATE * *slope;
        *slope = 0.0;
    }
}

/// The same by the sum of two.
fn descend_both(weights: &mut [f32], first: &[f32], second: &[f32]) {
    for ((weight, first), second) in weights.iter_mut().zip(first).zip(second) {
        *weight -= RATE * (*first + *second);
    }
}

fn step(sizes: [usize; 4], gradient: impl Fn(&Layers, &mut LayersGradient) + 'static) -> Run {
    let layers = Layers::new(sizes);
    let slope = layers.zero_gradient();
    let state = RefCell::new((layers, slope));
    Box::new(move |times| {
        let (layers, slope) = &mut *state.borrow_mut();
        for _ in 0..times {
            gradient(layers, slope);
            layers
                .runs()
                .zip(runs(slope))
                .for_each(|(weights, slopes)| descend(weights, slopes));
        }
    })
}

/// A step with a part of the batch on each of two threads. Their gradients are added in order, each thread at
/// one half of the weights; each sets its own slopes to zero, or it would take the other one's out of their cache.
fn two_threads(part: usize) -> Run {
    let layers = Layers::new(IMAGES);
    let slopes = [layers.zero_gradient(), layers.zero_gradient()];
    let x = numbers::<f32>(2 * part, IMAGES[0]);
    let x = [
        x.slice(s![..part, ..]).to_owned(),
        x.slice(s![part.., ..]).to_owned(),
    ];
    let labels = labels(part);
    let state = RefCell::new((layers, slopes));
    let pool = pool();
    Box::new(move |times| {
        let (layers, [first, second]) = &mut *state.borrow_mut();
        let mut once = || {
            let gradient = |x: &Array2<f32>, slope: &mut LayersGradient| {
                runs(slope).for_each(|slopes| slopes.fill(0.0));
                classified::grad_into(layers, x, &labels, slope);
            };
            rayon::join(|| gradient(&x[0], first), || gradient(&x[1], second));
            let all = layers.runs().zip(runs(first)).zip(runs(second));
            all.for_each(|((weights, first), second)| {
                let middle = weights.len() / 2;
                if middle < 1024 {
                    return descend_both(weights, first, second);
                }
                let weights = weights.split_at_mut(middle);
                let (first, second) = (first.split_at(middle), second.split_at(middle));
                rayon::join(
                    || descend_both(weights.0, first.0, second.0),
                    || descend_both(weights.1, first.1, second.1),
                );
            });
        };
        pool.install(|| (0..times).for_each(|_| once()));
    })
}

fn pool() -> rayon::ThreadPool {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
    pool.expect("two threads can be started")
}

/// A step against its products alone, which are the kernel's own rate: with a thread for each part of the batch.
fn report<const PARTS: usize>(name: &str, sizes: [usize; 4], batch: [usize; PARTS], step: &Run) {
    let products = products_alone(sizes, batch);
    let paired = paired_within(SECONDS, IN_A_ROW, step, &products);
    let samples: usize = batch.iter().sum();
    let first = 2 * sizes[0] * sizes[1];
    let others = 3 * (sizes[1] * sizes[2] + sizes[2] * sizes[3]);
    let operations = (2 * samples * (first + others)) as f64;
    let [step, products] = paired.fastest;
    println!(
        "{name:<30} {:>6.1} ({:>6.1})  {:>6.1} ({:>6.1})  {:>3.0} %  {:>5.1} of {:>5.1}  {:>8.0} ({:>8.0}) samples/s, {:>7.0} ({:>7.0}) steps/s",
        paired.first / 1e3,
        step / 1e3,
        paired.second / 1e3,
        products / 1e3,
        100.0 * products / step,
        operations / step,
        operations / products,
        samples as f64 / paired.first * 1e9,
        samples as f64 / step * 1e9,
        1e9 / paired.first,
        1e9 / step
    );
}

/// The products of a step, with a thread for each part of the batch.
fn products_alone<const PARTS: usize>(sizes: [usize; 4], batch: [usize; PARTS]) -> Run {
    let parts = batch.map(|rows| Products::new(sizes, rows));
    let state = RefCell::new(parts);
    if PARTS == 1 {
        return Box::new(move |times| {
            let part = &mut state.borrow_mut()[0];
            (0..times).for_each(|_| part.run());
        });
    }
    let pool = pool();
    Box::new(move |times| {
        let parts = &mut *state.borrow_mut();
        let (first, second) = parts.split_at_mut(1);
        pool.install(|| {
            (0..times).for_each(|_| {
                rayon::join(|| first[0].run(), || second[0].run());
            });
        });
    })
}

/// What the products of a step are of, and go to.
struct Products {
    w: [Array2<f32>; 3],
    x: [Array2<f32>; 4],
    slope: [Array2<f32>; 3],
    bars: [Array2<f32>; 4],
}

impl Products {
    fn new(sizes: [usize; 4], rows: usize) -> Self {
        let w = Layers::new(sizes).w;
        let x = sizes.map(|size| numbers::<f32>(rows, size));
        Products {
            slope: w.clone(),
            w,
            bars: x.clone(),
            x,
        }
    }

    /// Forwards, those of the weights' adjoints, and those of the inputs' but the first. The weights' are added to
    /// what is there, as in a step, where it is zero; here, so that numbers do not grow, with a factor of zero.
    fn run(&mut self) {
        let Products { w, x, slope, bars } = self;
        for k in 0..3 {
            let y = bars[k + 1].view_mut();
            product(1.0, x[k].view(), w[k].view(), 0.0, y);
        }
        for k in (0..3).rev() {
            product(0.0, x[k].t(), x[k + 1].view(), 1.0, slope[k].view_mut());
            if k > 0 {
                product(0.0, x[k + 1].view(), w[k].t(), 1.0, bars[k].view_mut());
            }
        }
        black_box(&bars);
    }
}
