//! Fully connected layers and dropout.

use autodiff_runtime::activation::Activation;
use autodiff_runtime::differentiable::leaves;
use autodiff_runtime::layers::{Linear, Mlp, Mode, activate, affine, dropout, mlp};
use autodiff_tests::check;
use ndarray::{Array2, Array3};

use super::numbers::{array, expect, expect_all};

#[test]
fn affine_maps() {
    let layer = Linear {
        weight: array((3, 4), 1.0),
        bias: array(3, 2.0),
    };
    let x: Array2<f64> = array((5, 4), 3.0);
    let (layer_bar, x_bar) = check!(affine(&layer, &x) => array((5, 3), 4.0));
    expect(&affine(&layer, &x), "affine");
    expect_all(&layer_bar, "affine");
    expect(&x_bar, "affine x");
}

#[test]
#[should_panic(
    expected = "affine: an input of shape [5, 3] meets a weight of shape [3, 4], whose rows have another length"
)]
fn affine_maps_of_another_width() {
    affine(&Linear::new(4, 3, 1), &Array2::<f32>::zeros((5, 3)));
}

/// A perceptron whose biases are not all zero.
fn model(activation: Activation) -> Mlp<f64> {
    let mut model = Mlp::new(&[4, 6, 5, 3], activation, 7);
    for (k, layer) in model.layers.iter_mut().enumerate() {
        layer.weight = array(layer.weight.raw_dim(), k as f64);
        layer.bias = array(layer.bias.raw_dim(), 9.0 + k as f64);
    }
    model
}

#[test]
fn perceptrons() {
    let x: Array2<f64> = array((5, 4), 3.0);
    let (model_bar, x_bar) = check!(mlp(&model(Activation::Tanh), &x) => array((5, 3), 4.0));
    expect(&mlp(&model(Activation::Tanh), &x), "mlp");
    for (k, layer) in model_bar.layers.iter().enumerate() {
        expect(&layer.weight, &format!("mlp weight {k}"));
        expect(&layer.bias, &format!("mlp bias {k}"));
    }
    expect(&x_bar, "mlp x");
    for activation in [Activation::Relu, Activation::Gelu, Activation::Softmax] {
        check!(mlp(&model(activation), &x) => array((5, 3), 4.0));
    }
    let columns_first = array((4, 5), 3.0).reversed_axes();
    check!(activate(&columns_first, const Activation::LogSoftmax) => array((5, 4), 4.0));
    let names: Vec<String> = leaves(&model(Activation::Tanh))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names[..2], ["layers.0.weight", "layers.0.bias"]);
}

#[test]
fn weights_start_as_glorot_and_he_say() {
    let deviation = |weight: &Array2<f64>| (weight * weight).mean().unwrap().sqrt();
    let glorot = Linear::<f64>::new(300, 100, 1).weight;
    assert!((deviation(&glorot) / (2.0_f64 / 400.0).sqrt() - 1.0).abs() < 0.02);
    let he = Mlp::<f64>::new(&[300, 100], Activation::Relu, 1);
    assert!((deviation(&he.layers[0].weight) / (2.0_f64 / 300.0).sqrt() - 1.0).abs() < 0.02);
    assert_eq!(Linear::<f32>::new(3, 2, 5), Linear::new(3, 2, 5));
    assert_ne!(Linear::<f32>::new(3, 2, 5), Linear::new(3, 2, 6));
}

#[test]
fn dropout_masks() {
    let x: Array3<f64> = array((2, 3, 4), 1.0);
    for mode in [Mode::Train { seed: 3 }, Mode::Eval] {
        check!(dropout(&x, const 0.4, const mode) => array((2, 3, 4), 2.0));
    }
    let zeros = |mode| {
        let y = dropout(&x, 0.4, mode);
        y.iter().map(|y| *y == 0.0).collect::<Vec<_>>()
    };
    let train = Mode::Train { seed: 3 };
    assert_eq!(zeros(train), zeros(train));
    assert_ne!(zeros(train.part(0)), zeros(train.part(1)));
    assert!(!zeros(Mode::Eval.part(1)).contains(&true));
}
