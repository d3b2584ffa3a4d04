//! What a training step over arrays allocates once its first one is over: nothing, or what is said here.

use allocation_counter::measure;
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor;
use ndarray::{Array1, Array2};

fn numbers(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        ((i * 7 + j * 3) % 11) as f32 * 0.1 - 0.5
    })
}

/// Weights and biases of three layers.
#[derive(Clone, Differentiable)]
struct Layers {
    w: [Array2<f32>; 3],
    b: [Array1<f32>; 3],
}

impl Layers {
    fn new(sizes: [usize; 4]) -> Self {
        Layers {
            w: [0, 1, 2].map(|k| numbers(sizes[k], sizes[k + 1])),
            b: [0, 1, 2].map(|k| Array1::zeros(sizes[k + 1])),
        }
    }
}

/// Steps of `gradient` on a net of these sizes: how often the second and those behind it allocate, each alike.
#[track_caller]
fn allocations(sizes: [usize; 4], gradient: impl Fn(&Layers, &mut LayersGradient)) -> u64 {
    let layers = Layers::new(sizes);
    let mut slope = layers.zero_gradient();
    let first = measure(|| gradient(&layers, &mut slope)).count_total;
    assert!(first > 0, "the first step makes its arrays");
    let before = slope.clone();
    let counts = [(); 3].map(|()| {
        slope.set_zero();
        measure(|| gradient(&layers, &mut slope)).count_total
    });
    assert_eq!(counts[1..], counts[..2], "all steps are alike");
    assert_eq!(slope, before, "memory that was used before changes no bit");
    counts[0]
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

#[test]
fn a_network_of_tensor_functions_allocates_nothing() {
    let x = numbers(128, 784);
    let labels: Vec<usize> = (0..128).map(|k| k % 10).collect();
    let count = allocations([784, 128, 64, 10], |layers, slope| {
        classified::grad_into(layers, &x, &labels, slope);
    });
    assert_eq!(count, 0);
}

#[differentiable]
fn fitted(layers: &Layers, #[constant] x: &Array2<f32>, #[constant] y: &Array2<f32>) -> f32 {
    let z: Array2<f32> = tensor::affine(x, &layers.w[0], &layers.b[0]);
    let h: Array2<f32> = tensor::tanh(&z);
    let z: Array2<f32> = tensor::affine(&h, &layers.w[1], &layers.b[1]);
    let h: Array2<f32> = tensor::tanh(&z);
    let z: Array2<f32> = tensor::matmul(&h, &layers.w[2]) + &layers.b[2];
    let error = z - y;
    (&error * &error).sum() / 64.0
}

#[test]
fn nor_do_operators_of_arrays() {
    let (x, y) = (numbers(64, 2), numbers(64, 1));
    let count = allocations([2, 16, 16, 1], |layers, slope| {
        fitted::grad_into(layers, &x, &y, slope);
    });
    assert_eq!(count, 0);
}

/// A layer of the user's own. Its pullback keeps the arrays that the reverse reads, and gives them back when it is
/// dropped.
#[differentiable]
fn dense(w: &Array2<f32>, b: &Array1<f32>, x: &Array2<f32>) -> Array2<f32> {
    let z: Array2<f32> = tensor::matmul(x, w);
    let z = z + b;
    tensor::tanh(&z)
}

#[differentiable]
fn by_calls(layers: &Layers, #[constant] x: &Array2<f32>, #[constant] labels: &[usize]) -> f32 {
    let h = dense(&layers.w[0], &layers.b[0], x);
    let h = dense(&layers.w[1], &layers.b[1], &h);
    let z = dense(&layers.w[2], &layers.b[2], &h);
    tensor::cross_entropy_with_logits(&z, labels)
}

#[test]
fn nor_do_calls_of_functions_of_arrays() {
    let x = numbers(32, 5);
    let labels: Vec<usize> = (0..32).map(|k| k % 3).collect();
    let count = allocations([5, 8, 4, 3], |layers, slope| {
        by_calls::grad_into(layers, &x, &labels, slope);
    });
    assert_eq!(count, 0);
}

#[test]
fn nor_does_a_pullback_that_is_called_again() {
    let (w, b, x) = (numbers(4, 3), Array1::zeros(3), numbers(6, 4));
    let (mut w_bar, mut b_bar, mut x_bar) =
        (w.zero_gradient(), b.zero_gradient(), x.zero_gradient());
    let mut twice = || {
        let (y, pullback) = dense::pullback(&w, &b, &x);
        pullback(y.zero_gradient(), &mut w_bar, &mut b_bar, &mut x_bar);
        pullback(y.zero_gradient(), &mut w_bar, &mut b_bar, &mut x_bar);
        y.give_back();
    };
    twice();
    assert_eq!(measure(twice).count_total, 0);
}

#[differentiable]
fn by_ndarray(layers: &Layers, #[constant] x: &Array2<f32>, #[constant] y: &Array2<f32>) -> f32 {
    let error = x.dot(&layers.w[0]) + &layers.b[0] - y;
    (&error * &error).sum()
}

/// What remains, first: the value of `x.dot(&w)` is by `ndarray`'s own kernel, which packs its operands into a block
/// that it allocates for every product. (The derivatives are by the kernel of [`tensor::matmul()`].)
#[test]
fn products_by_ndarray_allocate_once_each() {
    let (x, y) = (numbers(64, 16), numbers(64, 8));
    let count = allocations([16, 8, 1, 1], |layers, slope| {
        by_ndarray::grad_into(layers, &x, &y, slope);
    });
    assert_eq!(count, 1);
}

#[differentiable]
fn by_closure(layers: &Layers) -> f32 {
    let w: &Array2<f32> = &layers.w[0];
    let h = w.mapv(|w| w.tanh());
    h.sum()
}

/// Second: `mapv` is a loop over vectors of numbers, of which those of the argument, of the result and of the
/// argument's adjoint are made anew.
#[test]
fn closures_allocate_three_vectors_each() {
    let count = allocations([16, 8, 1, 1], |layers, slope| {
        by_closure::grad_into(layers, slope);
    });
    assert_eq!(count, 3);
}

#[differentiable]
fn in_a_loop(layers: &Layers, #[constant] x: &Array2<f32>) -> f32 {
    let mut h: Array2<f32> = x.clone();
    for k in 0..3 {
        h = tensor::affine(&h, &layers.w[k], &layers.b[k]);
        h = tensor::tanh(&h);
    }
    h.sum()
}

/// Third: what is made in a loop goes onto a tape, and is freed with it. (Adjoints are not among it.)
#[test]
fn loops_allocate_in_every_iteration() {
    let x = numbers(16, 5);
    let count = allocations([5, 8, 4, 3], |layers, slope| {
        in_a_loop::grad_into(layers, &x, slope);
    });
    assert_eq!(count, 13);
}

#[test]
fn a_thread_keeps_what_it_was_given_until_it_is_told_not_to() {
    let work = || numbers(30, 50).zero_gradient().give_back();
    work();
    let zeros = || {
        let numbers = tensor::pool::zeros::<f32, _, _>((30, 50));
        numbers.give_back();
    };
    assert_eq!(measure(zeros).count_total, 0);
    tensor::pool::release();
    assert!(measure(zeros).count_total > 0);
}

/// A program may give back what it never took: that must not pile up.
#[test]
fn what_was_made_elsewhere_is_freed() {
    tensor::pool::release();
    let alive = || {
        for _ in 0..100 {
            Array2::<f64>::zeros((10, 10)).give_back();
        }
    };
    assert_eq!(measure(alive).count_current, 0);
}
