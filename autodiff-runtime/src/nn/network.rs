//! A chain of dense layers.

// The type of a pullback is what the custom-rule form makes it; an alias cannot name `impl Fn`.
#![allow(clippy::type_complexity)]

use std::fmt;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::{Dense, Init, Summary};
use crate::activation::Activation;
use crate::{Differentiable, Real, differentiable};

/// A multilayer perceptron: dense layers, each fed by the one before; evaluate it with [`mlp()`].
///
/// The parameters are named `layers.0.weight`, `layers.0.bias`, `layers.1.weight`, ….
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Mlp<T: Real = f64> {
    /// The layers, in the order in which they are applied.
    pub layers: Vec<Dense<T>>,
}

impl Mlp<f64> {
    /// A network through the given sizes, inputs first, with one activation for the hidden layers
    /// and one for the last.
    ///
    /// Weights are drawn by `init` from the stream of `seed`; biases are 0. For more choice see
    /// [`Mlp::builder`], for another precision [`Mlp::cast`].
    ///
    /// # Errors
    ///
    /// If there are fewer than two sizes, a size is 0, or `init` has a limit that is not finite and
    /// positive.
    ///
    /// ```
    /// use autodiff_runtime::activation::Activation;
    /// use autodiff_runtime::nn::{Init, Mlp};
    ///
    /// let model = Mlp::new(&[4, 8, 3], Activation::Tanh, Activation::Linear, Init::Xavier, 7)?;
    /// assert_eq!((model.layers.len(), model.parameter_count()), (2, 67));
    /// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
    /// ```
    pub fn new(
        sizes: &[usize],
        hidden: Activation,
        output: Activation,
        init: Init,
        seed: u64,
    ) -> Result<Self, NetworkError> {
        let [inputs, hidden_sizes @ .., outputs] = sizes else {
            return Err(NetworkError::NoLayers);
        };
        let builder = Self::builder(*inputs).init(init).seed(seed);
        hidden_sizes
            .iter()
            .fold(builder, |builder, &size| builder.layer(size, hidden))
            .layer(*outputs, output)
            .build()
    }

    /// A network that is put together layer by layer.
    ///
    /// ```
    /// use autodiff_runtime::activation::Activation;
    /// use autodiff_runtime::nn::{Init, Mlp};
    ///
    /// let model = Mlp::builder(2)
    ///     .layer(16, Activation::Relu)
    ///     .layer(16, Activation::Tanh)
    ///     .layer(1, Activation::Linear)
    ///     .init(Init::He)
    ///     .seed(3)
    ///     .build()?;
    /// assert_eq!(model.layers[1].activation, Activation::Tanh);
    /// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
    /// ```
    pub fn builder(inputs: usize) -> MlpBuilder {
        MlpBuilder {
            inputs,
            layers: Vec::new(),
            bias: true,
            init: Init::default(),
            seed: 0,
        }
    }
}

impl<T: Real> Mlp<T> {
    /// A network from finished layers.
    ///
    /// # Errors
    ///
    /// If there is no layer, or one has not as many inputs as the one before has outputs.
    ///
    /// ```
    /// use autodiff_runtime::activation::Activation;
    /// use autodiff_runtime::nn::{Dense, Init, Mlp};
    ///
    /// let first = Dense::new(4, 8, Activation::Tanh, Init::Xavier, 1)?;
    /// let second = Dense::new(9, 3, Activation::Linear, Init::Xavier, 2)?;
    /// let error = Mlp::from_layers(vec![first, second]).unwrap_err();
    /// assert_eq!(error.to_string(), "layer 1 takes 9 inputs, but layer 0 has 8 outputs");
    /// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
    /// ```
    pub fn from_layers(layers: Vec<Dense<T>>) -> Result<Self, NetworkError> {
        if layers.is_empty() {
            return Err(NetworkError::NoLayers);
        }
        for (before, pair) in layers.windows(2).enumerate() {
            let (outputs, inputs) = (pair[0].outputs, pair[1].inputs);
            if outputs != inputs {
                return Err(NetworkError::Mismatch {
                    layer: before + 1,
                    inputs,
                    outputs,
                });
            }
        }
        Ok(Self { layers })
    }

    /// The same network in another precision.
    ///
    /// ```
    /// use autodiff_runtime::activation::Activation;
    /// use autodiff_runtime::nn::{Init, Mlp, mlp};
    ///
    /// let model = Mlp::new(&[2, 1], Activation::Tanh, Activation::Linear, Init::Xavier, 7)?.cast::<f32>();
    /// let y: Vec<f32> = mlp(&model, &[0.5, 0.25]);
    /// # assert_eq!(y.len(), 1);
    /// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
    /// ```
    pub fn cast<U: Real>(&self) -> Mlp<U> {
        Mlp {
            layers: self.layers.iter().map(Dense::cast).collect(),
        }
    }

    /// How many numbers training can change.
    pub fn parameter_count(&self) -> usize {
        self.layers.iter().map(Dense::parameter_count).sum()
    }

    /// A table of the layers with shape, activation and number of parameters.
    ///
    /// ```
    /// use autodiff_runtime::activation::Activation;
    /// use autodiff_runtime::nn::{Init, Mlp};
    ///
    /// let model = Mlp::new(&[4, 8, 3], Activation::Tanh, Activation::Linear, Init::Xavier, 7)?;
    /// assert_eq!(
    ///     model.summary().to_string(),
    ///     "\
    /// layer     shape   activation  parameters
    /// ----------------------------------------
    /// layers.0  4 -> 8  tanh                40
    /// layers.1  8 -> 3  linear              27
    /// ----------------------------------------
    /// total                                 67"
    /// );
    /// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
    /// ```
    pub fn summary(&self) -> Summary {
        Summary::of(&self.layers)
    }

    /// The output, with two buffers that take turns as input and output of a layer.
    fn forward(&self, x: &[T]) -> Vec<T> {
        self.check();
        let width = self
            .layers
            .iter()
            .map(|layer| layer.outputs)
            .max()
            .unwrap_or(0);
        let (mut input, mut output) = (Vec::with_capacity(width), Vec::with_capacity(width));
        for (index, layer) in self.layers.iter().enumerate() {
            output.clear();
            output.resize(layer.outputs, T::default());
            layer.forward(if index == 0 { x } else { &input }, &mut output);
            std::mem::swap(&mut input, &mut output);
        }
        input
    }

    fn check(&self) {
        assert!(!self.layers.is_empty(), "mlp: the network has no layers");
    }

    fn check_gradient(&self, gradient: &MlpGradient<T>) {
        let (layers, found) = (self.layers.len(), gradient.layers.len());
        assert_eq!(
            layers, found,
            "mlp: a gradient of {found} layers meets a network of {layers}"
        );
    }
}

/// Puts a network together layer by layer; made by [`Mlp::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct MlpBuilder {
    inputs: usize,
    layers: Vec<(usize, Activation)>,
    bias: bool,
    init: Init,
    seed: u64,
}

impl MlpBuilder {
    /// Adds a layer with that many outputs.
    pub fn layer(mut self, outputs: usize, activation: Activation) -> Self {
        self.layers.push((outputs, activation));
        self
    }

    /// Whether the layers have biases; they do unless told otherwise.
    pub fn bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }

    /// The distribution of the weights; [`Init::Xavier`] unless told otherwise.
    pub fn init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    /// The seed of the weights; 0 unless told otherwise.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The network.
    ///
    /// # Errors
    ///
    /// If it has no layer, a size is 0, or the distribution has a limit that is not finite and
    /// positive.
    pub fn build(self) -> Result<Mlp, NetworkError> {
        self.init.check()?;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut inputs = self.inputs;
        let mut layers = Vec::with_capacity(self.layers.len());
        for (layer, (outputs, activation)) in self.layers.into_iter().enumerate() {
            if inputs == 0 || outputs == 0 {
                return Err(NetworkError::ZeroWidth { layer });
            }
            let mut dense = Dense::draw(inputs, outputs, activation, self.init, &mut rng);
            if !self.bias {
                dense.bias.clear();
            }
            layers.push(dense);
            inputs = outputs;
        }
        Mlp::from_layers(layers)
    }
}

/// Why layers do not make a network.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NetworkError {
    /// There is no layer, or fewer than two sizes.
    NoLayers,
    /// The layer has no inputs or no outputs.
    ZeroWidth {
        /// Its index.
        layer: usize,
    },
    /// The layer does not take what the one before it gives.
    Mismatch {
        /// Its index.
        layer: usize,
        /// How many inputs it takes.
        inputs: usize,
        /// How many outputs the layer before has.
        outputs: usize,
    },
    /// The limit of [`Init::Uniform`] is not finite and positive.
    Limit(f64),
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayers => {
                f.write_str("a network needs at least one layer: the sizes of input and output")
            }
            Self::ZeroWidth { layer } => write!(f, "layer {layer} has a size of 0"),
            Self::Mismatch {
                layer,
                inputs,
                outputs,
            } => {
                let before = layer - 1;
                write!(
                    f,
                    "layer {layer} takes {inputs} inputs, but layer {before} has {outputs} outputs"
                )
            }
            Self::Limit(limit) => {
                write!(
                    f,
                    "weights cannot be uniform on ±{limit}: the limit has to be finite and positive"
                )
            }
        }
    }
}

impl std::error::Error for NetworkError {}

/// The output of a network: each layer applied to the output of the one before.
///
/// The pullback keeps the output of each layer and one number per output for its activation, in one
/// allocation; it recomputes nothing.
///
/// # Panics
///
/// If the network has no layers, or an input of one of them (`x` for the first) has not the length
/// that the layer takes; the message names both lengths.
///
/// ```
/// use autodiff_runtime::activation::Activation;
/// use autodiff_runtime::nn::{Init, Mlp, mlp};
///
/// let model = Mlp::new(&[2, 3, 1], Activation::Tanh, Activation::Sigmoid, Init::Zeros, 0)?;
/// assert_eq!(mlp(&model, &[1.0, -1.0]), [0.5]);
/// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
/// ```
#[differentiable(pullback = mlp_pullback, jvp = mlp_jvp)]
pub fn mlp<T: Real>(model: &Mlp<T>, x: &[T]) -> Vec<T> {
    model.forward(x)
}

pub(super) fn mlp_pullback<'a, T: Real>(
    model: &'a Mlp<T>,
    x: &'a [T],
) -> (
    Vec<T>,
    impl Fn(Vec<T>, &mut MlpGradient<T>, &mut [T]) + use<'a, T>,
) {
    let (y, record) = Record::run(model, x);
    let pullback = move |y_bar: Vec<T>, model_bar: &mut MlpGradient<T>, x_bar: &mut [T]| {
        record.pull(y_bar, model_bar, x_bar);
    };
    (y, pullback)
}

pub(super) fn mlp_jvp<T: Real>(
    model: &Mlp<T>,
    x: &[T],
    model_dot: &MlpGradient<T>,
    x_dot: &[T],
) -> (Vec<T>, Vec<T>) {
    model.check();
    model.check_gradient(model_dot);
    let mut layers = model.layers.iter().zip(&model_dot.layers);
    let (first, first_dot) = layers.next().expect("the network has a layer, as checked");
    let start = first.push(x, first_dot, x_dot);
    layers.fold(start, |(x, x_dot), (layer, layer_dot)| {
        layer.push(&x, layer_dot, &x_dot)
    })
}

/// A forward run of a network, as its reverse pass needs it.
struct Record<'a, T: Real> {
    model: &'a Mlp<T>,
    x: &'a [T],
    /// The outputs of all layers, end to end, and then in the same layout what their activations
    /// keep.
    numbers: Vec<T>,
}

impl<'a, T: Real> Record<'a, T> {
    fn run(model: &'a Mlp<T>, x: &'a [T]) -> (Vec<T>, Self) {
        model.check();
        let total = model.layers.iter().map(|layer| layer.outputs).sum();
        let mut numbers = vec![T::default(); 2 * total];
        let (outputs, kept) = numbers.split_at_mut(total);
        let (mut input, mut outputs_left, mut kept_left) = (x, outputs, kept);
        for layer in &model.layers {
            let (y, outputs_rest) = outputs_left.split_at_mut(layer.outputs);
            let (kept, kept_rest) = kept_left.split_at_mut(layer.outputs);
            layer.forward_keeping(input, y, kept);
            (input, outputs_left, kept_left) = (y, outputs_rest, kept_rest);
        }
        let y = input.to_vec();
        (y, Self { model, x, numbers })
    }

    fn pull(&self, y_bar: Vec<T>, model_bar: &mut MlpGradient<T>, x_bar: &mut [T]) {
        self.model.check_gradient(model_bar);
        let layers = &self.model.layers;
        let (mut outputs, mut kept) = self.numbers.split_at(self.numbers.len() / 2);
        let (mut bar, mut input_bar) = (y_bar, Vec::new());
        for (index, (layer, layer_bar)) in
            layers.iter().zip(&mut model_bar.layers).enumerate().rev()
        {
            let at = outputs.len() - layer.outputs;
            let layer_kept;
            (kept, layer_kept) = kept.split_at(at);
            outputs = &outputs[..at];
            if index == 0 {
                layer.pull(self.x, layer_kept, &mut bar, layer_bar, x_bar);
            } else {
                let input = &outputs[at - layer.inputs..];
                input_bar.clear();
                input_bar.resize(layer.inputs, T::default());
                layer.pull(input, layer_kept, &mut bar, layer_bar, &mut input_bar);
                std::mem::swap(&mut bar, &mut input_bar);
            }
        }
    }
}
