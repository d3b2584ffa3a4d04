//! What is handed over beside a value has the value's shape, or there is an error that names both: cotangents of
//! results, tangents and buffers of parameters.

use autodiff_runtime::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Differentiable, Clone)]
struct Model {
    bias: f64,
    weights: Vec<f64>,
    rows: Vec<Vec<f64>>,
}

#[differentiable]
fn squares(x: &[f64]) -> Vec<f64> {
    let mut squares = vec![0.0; x.len()];
    for i in 0..x.len() {
        squares[i] = x[i] * x[i];
    }
    squares
}

#[differentiable]
fn pushed(x: &[f64]) -> (Vec<[f64; 2]>, f64) {
    let mut rows = Vec::new();
    for x in x.iter() {
        rows.push([*x, x * x]);
    }
    (rows, x[0])
}

#[differentiable]
fn called(x: &[f64]) -> Vec<f64> {
    squares(x)
}

#[differentiable]
fn scaled(model: &Model, x: f64) -> Model {
    let mut scaled = model.clone();
    for i in 0..scaled.weights.len() {
        scaled.weights[i] *= x;
    }
    scaled
}

#[differentiable]
fn sum(model: &Model) -> f64 {
    let rows: f64 = model.rows.iter().map(|row| row[0] * row[0]).sum();
    model.bias + model.weights.iter().sum::<f64>() + rows
}

#[differentiable]
fn taken(model: Model) -> f64 {
    model.bias * model.weights[0]
}

fn double(x: &[f64]) -> (Vec<f64>, impl Fn(Vec<f64>, &mut [f64]) + use<>) {
    let value = x.iter().map(|x| 2.0 * x).collect();
    let pullback = |bar: Vec<f64>, x_bar: &mut [f64]| {
        for (x_bar, bar) in x_bar.iter_mut().zip(bar) {
            *x_bar += 2.0 * bar;
        }
    };
    (value, pullback)
}

fn double_jvp(x: &[f64], x_dot: &[f64]) -> (Vec<f64>, Vec<f64>) {
    (double(x).0, double(x_dot).0)
}

#[differentiable(pullback = double, jvp = double_jvp)]
fn by_hand(x: &[f64]) -> Vec<f64> {
    double(x).0
}

/// The message of a panic.
fn refused<R>(f: impl FnOnce() -> R) -> String {
    let panic = catch_unwind(AssertUnwindSafe(f)).err().expect("a panic");
    let sentence = *panic.downcast::<String>().expect("a sentence");
    let (function, sentence) = sentence.split_once(": ").expect("a name and a sentence");
    assert!(
        function.starts_with('`') && function.ends_with('`'),
        "{function}"
    );
    sentence.to_owned()
}

fn model(weights: usize, rows: &[usize]) -> Model {
    Model {
        bias: 1.0,
        weights: vec![1.0; weights],
        rows: rows.iter().map(|&length| vec![1.0; length]).collect(),
    }
}

fn gradient(weights: usize, rows: &[usize]) -> ModelGradient {
    model(weights, rows).zero_gradient()
}

#[test]
fn cotangents_of_vectors() {
    let x = [1.0, 2.0, 3.0];
    for length in [0, 2, 4] {
        let expected = format!("the result has shape [3], and its cotangent [{length}]");
        let bar = || vec![1.0; length];
        assert_eq!(refused(|| squares::vjp(&x, bar())), expected);
        assert_eq!(refused(|| called::vjp(&x, bar())), expected);
        assert_eq!(refused(|| by_hand::vjp(&x, bar())), expected);
        let (_, pullback) = squares::pullback(&x);
        assert_eq!(refused(|| pullback(bar(), &mut [0.0; 3])), expected);
        let (_, pullback) = by_hand::pullback(&x);
        assert_eq!(refused(|| pullback(bar(), &mut [0.0; 3])), expected);
    }
    assert_eq!(squares::vjp(&x, vec![1.0; 3]).1, [2.0, 4.0, 6.0]);
    assert_eq!(by_hand::vjp(&x, vec![1.0; 3]).1, [2.0; 3]);
}

#[test]
fn cotangents_of_tuples_and_structs() {
    let x = [1.0, 2.0, 3.0];
    assert_eq!(
        refused(|| pushed::vjp(&x, (vec![[1.0; 2]; 4], 1.0))),
        "the result has shapes [3, 2] [], and its cotangent [4, 2] []"
    );
    for (weights, rows, shapes) in [
        (4, &[2, 1][..], "[] [4] [2] [1]"),
        (3, &[2, 2], "[] [3] [2] [2]"),
        (3, &[2], "[] [3] [2]"),
        (3, &[2, 1, 0], "[] [3] [2] [1] [0]"),
    ] {
        assert_eq!(
            refused(|| scaled::vjp(&model(3, &[2, 1]), 2.0, gradient(weights, rows))),
            format!("the result has shapes [] [3] [2] [1], and its cotangent {shapes}")
        );
    }
}

#[test]
fn tangents_and_buffers() {
    let own = model(3, &[2, 1]);
    for (weights, rows, expected) in [
        (4, &[2, 1][..], "`model.weights` has shape [3], and {} [4]"),
        (3, &[2, 2], "`model.rows.1` has shape [1], and {} [2]"),
        (3, &[2], "`model.rows.1` is missing in {}"),
        (3, &[2, 1, 7], "{} has `model.rows.2`, which is not there"),
    ] {
        let sentence = |of: &str| expected.replace("{}", of);
        let other = || gradient(weights, rows);
        assert_eq!(
            refused(|| sum::jvp(&own, &other())),
            sentence("its tangent")
        );
        let buffer = sentence("the buffer for its gradient");
        assert_eq!(refused(|| sum::grad_into(&own, &mut other())), buffer);
        let (_, pullback) = sum::pullback(&own);
        assert_eq!(refused(|| pullback(1.0, &mut other())), buffer);
    }
}

#[test]
fn of_arguments_that_are_taken() {
    let own = || model(2, &[1]);
    assert_eq!(
        refused(|| taken::jvp(own(), gradient(3, &[1]))),
        "`model.weights` has shape [2], and its tangent [3]"
    );
    assert_eq!(
        refused(|| taken::grad_into(own(), &mut gradient(1, &[1]))),
        "`model.weights` has shape [2], and the buffer for its gradient [1]"
    );
    let (_, pullback) = taken::pullback(own());
    assert_eq!(
        refused(|| pullback(1.0, &mut gradient(3, &[1]))),
        "`model` has shapes [] [2] [1], and the buffer for its gradient [] [3] [1]"
    );
    let mut buffer = gradient(2, &[1]);
    pullback(1.0, &mut buffer);
    assert_eq!((buffer.bias, &buffer.weights[..]), (1.0, &[1.0, 0.0][..]));
}

#[test]
fn buffers_of_slices() {
    let (_, pullback) = squares::pullback(&[1.0, 2.0]);
    assert_eq!(
        refused(|| pullback(vec![1.0; 2], &mut [0.0; 3])),
        "`x` has 2 elements, and the buffer for its gradient 3"
    );
}
