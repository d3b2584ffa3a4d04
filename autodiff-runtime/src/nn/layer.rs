//! One fully connected layer.

// The type of a pullback is what the custom-rule form makes it; an alias cannot name `impl Fn`.
#![allow(clippy::type_complexity)]

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::kernels::{axpy, dot};
use super::{Init, NetworkError};
use crate::activation::Activation;
use crate::{Differentiable, Real, differentiable};

/// A fully connected layer, `y = activation(W·x + b)`; evaluate it with [`dense()`].
///
/// `W` has one row per output and is stored row by row. The parameters are named `weight` and
/// `bias`; sizes and activation are no part of the gradient.
///
/// ```
/// use autodiff_runtime::activation::Activation;
/// use autodiff_runtime::nn::{Dense, dense};
///
/// let layer = Dense {
///     weight: vec![1.0, 2.0, 3.0, 4.0],
///     bias: vec![0.5, -0.5],
///     inputs: 2,
///     outputs: 2,
///     activation: Activation::Linear,
/// };
/// assert_eq!(dense(&layer, &[1.0, 10.0]), [21.5, 42.5]);
/// ```
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Dense<T: Real = f64> {
    /// The matrix `W`, row after row: `outputs × inputs` numbers.
    pub weight: Vec<T>,
    /// The vector `b`, one number per output; empty for a layer without it.
    pub bias: Vec<T>,
    /// The length of `x`.
    #[constant]
    pub inputs: usize,
    /// The length of `y`.
    #[constant]
    pub outputs: usize,
    /// What is applied to `W·x + b`.
    #[constant]
    pub activation: Activation,
}

impl Dense<f64> {
    /// A layer with weights drawn by `init` from the stream of `seed`, and zero biases.
    ///
    /// # Errors
    ///
    /// If a size is 0 or `init` has a limit that is not finite and positive.
    ///
    /// ```
    /// use autodiff_runtime::activation::Activation;
    /// use autodiff_runtime::nn::{Dense, Init};
    ///
    /// let layer = Dense::new(4, 8, Activation::Tanh, Init::Xavier, 1)?;
    /// assert_eq!((layer.weight.len(), layer.bias), (32, vec![0.0; 8]));
    /// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
    /// ```
    pub fn new(
        inputs: usize,
        outputs: usize,
        activation: Activation,
        init: Init,
        seed: u64,
    ) -> Result<Self, NetworkError> {
        if inputs == 0 || outputs == 0 {
            return Err(NetworkError::ZeroWidth { layer: 0 });
        }
        init.check()?;
        Ok(Self::draw(
            inputs,
            outputs,
            activation,
            init,
            &mut Xoshiro256PlusPlus::seed_from_u64(seed),
        ))
    }

    /// The next layer of a stream; sizes and `init` are known to be sound.
    pub(super) fn draw(
        inputs: usize,
        outputs: usize,
        activation: Activation,
        init: Init,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Self {
        let weight = (0..inputs * outputs)
            .map(|_| init.sample(rng, inputs, outputs))
            .collect();
        Self {
            weight,
            bias: vec![0.0; outputs],
            inputs,
            outputs,
            activation,
        }
    }
}

impl<T: Real> Dense<T> {
    /// The same layer in another precision.
    pub fn cast<U: Real>(&self) -> Dense<U> {
        let cast = |numbers: &[T]| numbers.iter().map(|x| U::from_f64(x.to_f64())).collect();
        Dense {
            weight: cast(&self.weight),
            bias: cast(&self.bias),
            inputs: self.inputs,
            outputs: self.outputs,
            activation: self.activation,
        }
    }

    /// How many numbers training can change.
    pub fn parameter_count(&self) -> usize {
        self.weight.len() + self.bias.len()
    }

    /// `z ← W·x + b`.
    fn affine(&self, x: &[T], z: &mut [T]) {
        self.check(x.len());
        for (z, row) in z.iter_mut().zip(self.weight.chunks_exact(self.inputs)) {
            *z = dot(row, x);
        }
        for (z, &b) in z.iter_mut().zip(&self.bias) {
            *z += b;
        }
    }

    /// `y ← activation(W·x + b)`.
    pub(super) fn forward(&self, x: &[T], y: &mut [T]) {
        self.affine(x, y);
        self.activation.apply_in_place(y);
    }

    /// [`forward`](Self::forward), with what the activation's derivative needs in `kept`.
    pub(super) fn forward_keeping(&self, x: &[T], y: &mut [T], kept: &mut [T]) {
        self.affine(x, y);
        self.activation.apply_keeping(y, kept);
    }

    /// Adds to `layer_bar` and `x_bar`. `bar` enters as the adjoint of the output and leaves as that
    /// of `W·x + b`.
    pub(super) fn pull(
        &self,
        x: &[T],
        kept: &[T],
        bar: &mut [T],
        layer_bar: &mut DenseGradient<T>,
        x_bar: &mut [T],
    ) {
        let found = (
            bar.len(),
            layer_bar.weight.len(),
            layer_bar.bias.len(),
            x_bar.len(),
        );
        let fitting = (
            self.outputs,
            self.weight.len(),
            self.bias.len(),
            self.inputs,
        );
        assert_eq!(
            found, fitting,
            "dense: lengths of the adjoints of output, weight, bias and input do not fit the layer"
        );
        self.activation.pull(kept, bar);
        for (bias_bar, &bar) in layer_bar.bias.iter_mut().zip(&*bar) {
            *bias_bar += bar;
        }
        let rows = self.weight.chunks_exact(self.inputs);
        let rows_bar = layer_bar.weight.chunks_exact_mut(self.inputs);
        for ((&bar, row), row_bar) in bar.iter().zip(rows).zip(rows_bar) {
            // A rectifier that is shut leaves nothing to do for its row.
            if bar != T::default() {
                axpy(bar, x, row_bar);
                axpy(bar, row, x_bar);
            }
        }
    }

    /// The output and its tangent.
    pub(super) fn push(
        &self,
        x: &[T],
        layer_dot: &DenseGradient<T>,
        x_dot: &[T],
    ) -> (Vec<T>, Vec<T>) {
        let found = (layer_dot.weight.len(), layer_dot.bias.len(), x_dot.len());
        let fitting = (self.weight.len(), self.bias.len(), self.inputs);
        assert_eq!(
            found, fitting,
            "dense: lengths of the tangents of weight, bias and input do not fit the layer"
        );
        let (mut y, mut kept) = (
            vec![T::default(); self.outputs],
            vec![T::default(); self.outputs],
        );
        self.forward_keeping(x, &mut y, &mut kept);
        let rows = self.weight.chunks_exact(self.inputs);
        let rows_dot = layer_dot.weight.chunks_exact(self.inputs);
        let mut y_dot: Vec<T> = rows
            .zip(rows_dot)
            .map(|(row, row_dot)| dot(row, x_dot) + dot(row_dot, x))
            .collect();
        for (y_dot, &b_dot) in y_dot.iter_mut().zip(&layer_dot.bias) {
            *y_dot += b_dot;
        }
        self.activation.push(&kept, &mut y_dot);
        (y, y_dot)
    }

    /// Holds the public fields against each other and against the length of an input.
    fn check(&self, length: usize) {
        let Self {
            inputs, outputs, ..
        } = *self;
        let (weights, biases) = (self.weight.len(), self.bias.len());
        assert_eq!(
            length, inputs,
            "dense: an input of length {length} meets a layer with {inputs} inputs"
        );
        assert!(
            inputs > 0 && weights == inputs * outputs && (biases == 0 || biases == outputs),
            "dense: {weights} weights and {biases} biases do not make a layer of {inputs} inputs and \
             {outputs} outputs"
        );
    }
}

/// The output of a layer, `activation(W·x + b)`.
///
/// Derivatives, with `z = W·x + b`, its adjoint `z̄ = activation′(z)ᵀ·ȳ` and tangent `ż`:
/// `W̄ += z̄·xᵀ`, `b̄ += z̄`, `x̄ += Wᵀ·z̄`; `ẏ = activation′(z)·(W·ẋ + Ẇ·x + ḃ)`. The pullback keeps
/// one number per output from the forward run.
///
/// # Panics
///
/// If the length of `x` is not `layer.inputs`, or the lengths of weight and bias do not fit the
/// sizes of the layer. The message names both lengths.
///
/// ```
/// use autodiff_runtime::activation::Activation;
/// use autodiff_runtime::nn::{Dense, Init, dense};
///
/// let layer = Dense::new(3, 2, Activation::Relu, Init::Zeros, 0)?;
/// assert_eq!(dense(&layer, &[1.0, 2.0, 3.0]), [0.0, 0.0]);
/// # Ok::<(), autodiff_runtime::nn::NetworkError>(())
/// ```
#[differentiable(pullback = dense_pullback, jvp = dense_jvp)]
pub fn dense<T: Real>(layer: &Dense<T>, x: &[T]) -> Vec<T> {
    let mut y = vec![T::default(); layer.outputs];
    layer.forward(x, &mut y);
    y
}

pub(super) fn dense_pullback<'a, T: Real>(
    layer: &'a Dense<T>,
    x: &'a [T],
) -> (
    Vec<T>,
    impl Fn(Vec<T>, &mut DenseGradient<T>, &mut [T]) + use<'a, T>,
) {
    let (mut y, mut kept) = (
        vec![T::default(); layer.outputs],
        vec![T::default(); layer.outputs],
    );
    layer.forward_keeping(x, &mut y, &mut kept);
    let pullback = move |mut y_bar: Vec<T>, layer_bar: &mut DenseGradient<T>, x_bar: &mut [T]| {
        layer.pull(x, &kept, &mut y_bar, layer_bar, x_bar);
    };
    (y, pullback)
}

pub(super) fn dense_jvp<T: Real>(
    layer: &Dense<T>,
    x: &[T],
    layer_dot: &DenseGradient<T>,
    x_dot: &[T],
) -> (Vec<T>, Vec<T>) {
    layer.push(x, layer_dot, x_dot)
}
