//! Fully connected layers.

use ndarray::{Array1, Array2, ArrayRef2, Axis};

use super::draw::Draw;
use super::product::weigh;
use crate::activation::Activation;
use crate::nn::Init;
use crate::tensor::shape;
use crate::{Differentiable, Real, differentiable, tensor};

/// The parameters of an affine map, see [`affine()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Linear<T: Real = f32> {
    /// The matrix `W`, shape \[outputs, inputs\].
    pub weight: Array2<T>,
    /// The vector `b`, shape \[outputs\].
    pub bias: Array1<T>,
}

impl<T: Real> Linear<T> {
    /// Weights of the stream of `seed`, uniform with the variance of Glorot & Bengio
    /// ([`Init::Xavier`]); zero biases.
    pub fn new(inputs: usize, outputs: usize, seed: u64) -> Self {
        Self::draw(inputs, outputs, Init::Xavier, &mut Draw::seeded(seed))
    }

    /// Weights of the stream of `seed`, distributed as `init` says; zero biases.
    pub fn with_init(inputs: usize, outputs: usize, init: Init, seed: u64) -> Self {
        Self::draw(inputs, outputs, init, &mut Draw::seeded(seed))
    }

    pub(super) fn draw(inputs: usize, outputs: usize, init: Init, draw: &mut Draw) -> Self {
        Self {
            weight: draw.init(init, (outputs, inputs), inputs, outputs),
            bias: Array1::zeros(outputs),
        }
    }
}

/// The affine map `y = x·Wᵀ + b` of each row of `x`: \[samples, inputs\] → \[samples, outputs\].
///
/// # Panics
///
/// If the rows of `x` have not as many numbers as those of the weight.
///
/// ```
/// use autodiff_runtime::layers::{Linear, affine};
/// use ndarray::arr2;
///
/// let layer = Linear { weight: arr2(&[[1.0, 2.0], [3.0, 4.0]]), bias: ndarray::arr1(&[0.5, -0.5]) };
/// assert_eq!(affine(&layer, &arr2(&[[1.0, 10.0]])), arr2(&[[21.5, 42.5]]));
/// ```
#[differentiable]
pub fn affine<T: Real>(layer: &Linear<T>, x: &ArrayRef2<T>) -> Array2<T> {
    assert!(
        x.ncols() == layer.weight.ncols(),
        "affine: an input of shape {:?} meets a weight of shape {:?}, whose rows have another length",
        x.shape(),
        layer.weight.shape()
    );
    assert!(
        layer.bias.len() == layer.weight.nrows(),
        "affine: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each of its rows",
        layer.weight.shape(),
        layer.bias.shape()
    );
    let y: Array2<T> = weigh(x, &layer.weight);
    y + &layer.bias
}

/// The parameters of a multi-layer perceptron, see [`mlp()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Mlp<T: Real = f32> {
    /// The affine maps, from the input to the output.
    pub layers: Vec<Linear<T>>,
    /// What is applied between them.
    #[constant]
    pub activation: Activation,
}

impl<T: Real> Mlp<T> {
    /// Layers of the given widths: those of the input, of what is hidden, and of the output.
    ///
    /// The weights are of the stream of `seed`, uniform as by Glorot & Bengio ([`Init::Xavier`]), or
    /// normal as by He et al. ([`Init::He`]) where the activation is a rectifier.
    ///
    /// # Panics
    ///
    /// If there are fewer than two widths.
    pub fn new(widths: &[usize], activation: Activation, seed: u64) -> Self {
        assert!(
            widths.len() > 1,
            "Mlp: widths {widths:?} make no layer; there must be at least those of input and output"
        );
        let init = match activation {
            Activation::Relu | Activation::LeakyRelu(_) | Activation::Gelu => Init::He,
            _ => Init::Xavier,
        };
        let mut draw = Draw::seeded(seed);
        let layers = widths.windows(2);
        Self {
            layers: layers
                .map(|pair| Linear::draw(pair[0], pair[1], init, &mut draw))
                .collect(),
            activation,
        }
    }
}

/// A multi-layer perceptron (Rumelhart, Hinton & Williams, *Learning representations by back-propagating errors*,
/// 1986): affine maps with the activation between them and nothing behind the last, `y = Wₙ·…σ(W₁·x + b₁)… + bₙ` for each row of `x`; \[samples, inputs\] → \[samples, outputs\].
///
/// # Panics
///
/// If the rows of `x` have not as many numbers as the first weight has columns.
///
/// ```
/// use autodiff_runtime::activation::Activation;
/// use autodiff_runtime::layers::{Mlp, mlp};
/// use ndarray::Array2;
///
/// let model = Mlp::new(&[4, 8, 3], Activation::Relu, 1);
/// let logits = mlp(&model, &Array2::<f32>::ones((5, 4)));
/// assert_eq!(logits.dim(), (5, 3));
/// ```
#[differentiable]
pub fn mlp<T: Real>(model: &Mlp<T>, x: &ArrayRef2<T>) -> Array2<T> {
    #[constant]
    let activation = model.activation;
    assert!(
        !model.layers.is_empty(),
        "mlp: an input of shape {:?} meets a model without layers",
        x.shape()
    );
    let mut h: Array2<T> = affine(&model.layers[0], x);
    for k in 1..model.layers.len() {
        h = activate(&h, activation);
        h = affine(&model.layers[k], &h);
    }
    h
}

/// An activation that was chosen at run time, of each number; [`Activation::Softmax`] and
/// [`Activation::LogSoftmax`] of each row.
///
/// ```
/// use autodiff_runtime::activation::Activation;
/// use autodiff_runtime::layers::activate;
/// use ndarray::arr2;
///
/// assert_eq!(activate(&arr2(&[[-1.0, 2.0]]), Activation::Relu), arr2(&[[0.0, 2.0]]));
/// ```
#[differentiable]
pub fn activate<T: Real>(x: &ArrayRef2<T>, #[constant] activation: Activation) -> Array2<T> {
    match activation {
        Activation::Linear => x.to_owned(),
        Activation::Relu => tensor::relu(x),
        Activation::Tanh => tensor::tanh(x),
        Activation::Sigmoid => tensor::sigmoid(x),
        Activation::Gelu => tensor::gelu(x),
        Activation::Silu => tensor::silu(x),
        Activation::Softplus => tensor::softplus(x),
        Activation::LogSigmoid => tensor::log_sigmoid(x),
        Activation::Softmax => tensor::softmax(x, Axis(1)),
        Activation::LogSoftmax => tensor::log_softmax(x, Axis(1)),
        _ => by_rows(x, activation),
    }
}

/// The activations that have no function of arrays.
#[differentiable(vjp = by_rows_vjp, jvp = by_rows_jvp)]
fn by_rows<T: Real>(x: &ArrayRef2<T>, #[constant] activation: Activation) -> Array2<T> {
    let mut y = x.as_standard_layout().into_owned();
    for mut row in y.rows_mut() {
        activation.apply_in_place(numbers(&mut row));
    }
    y
}

fn by_rows_vjp<T: Real>(
    x: &ArrayRef2<T>,
    activation: Activation,
    y_bar: Array2<T>,
    x_bar: &mut Array2<T>,
) {
    shape::expect_cotangent("activate", x.shape(), y_bar.shape());
    let Some(x_bar) = shape::read("activate", x, x_bar) else {
        return;
    };
    let (_, kept) = keeping(x, activation);
    let mut bar = y_bar.as_standard_layout().into_owned();
    for (mut bar, kept) in bar.rows_mut().into_iter().zip(kept.rows()) {
        let kept = kept.to_slice().expect("made in standard layout");
        activation.pull(kept, numbers(&mut bar));
    }
    *x_bar += &bar;
}

fn by_rows_jvp<T: Real>(
    x: &ArrayRef2<T>,
    activation: Activation,
    x_dot: &Array2<T>,
) -> (Array2<T>, Array2<T>) {
    let (y, kept) = keeping(x, activation);
    let Some(x_dot) = shape::moving("activate", x, x_dot) else {
        return (y, Array2::zeros(x.raw_dim()));
    };
    let mut dot = x_dot.as_standard_layout().into_owned();
    for (mut dot, kept) in dot.rows_mut().into_iter().zip(kept.rows()) {
        let kept = kept.to_slice().expect("made in standard layout");
        activation.push(kept, numbers(&mut dot));
    }
    (y, dot)
}

/// The value, and what the rules of the activation want of it.
fn keeping<T: Real>(x: &ArrayRef2<T>, activation: Activation) -> (Array2<T>, Array2<T>) {
    let mut y = x.as_standard_layout().into_owned();
    let mut kept = Array2::zeros(y.raw_dim());
    for (mut y, mut kept) in y.rows_mut().into_iter().zip(kept.rows_mut()) {
        activation.apply_keeping(numbers(&mut y), numbers(&mut kept));
    }
    (y, kept)
}

/// The numbers of a row of an array in standard layout.
fn numbers<'r, T>(row: &'r mut ndarray::ArrayViewMut1<'_, T>) -> &'r mut [T] {
    row.as_slice_mut().expect("made in standard layout")
}
