//! Layers for images, \[samples, channels, height, width\].

use ndarray::{Array1, Array2, Array4, ArrayRef4};

use super::draw::Draw;
use crate::nn::Init;
use crate::{Differentiable, Real, differentiable, tensor};

/// The parameters of [`convolve2d()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Conv2d<T: Real = f32> {
    /// The kernels, shape \[output channels, channels, rows, columns\].
    pub weight: Array4<T>,
    /// Added to each output channel, shape \[output channels\].
    pub bias: Array1<T>,
    /// How far two neighbouring windows lie apart.
    pub stride: usize,
    /// How many zeros are put around the image.
    pub padding: usize,
}

impl<T: Real> Conv2d<T> {
    /// Square kernels with weights of the stream of `seed`, normal as by He et al. ([`Init::He`]), and zero
    /// biases; stride 1, no padding.
    pub fn new(channels: usize, outputs: usize, size: usize, seed: u64) -> Self {
        let (inputs, shape) = (channels * size * size, (outputs, channels, size, size));
        Self {
            weight: Draw::seeded(seed).init(Init::He, shape, inputs, outputs * size * size),
            bias: Array1::zeros(outputs),
            stride: 1,
            padding: 0,
        }
    }

    /// With another stride.
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// With so many zeros around the image.
    pub fn padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }
}

/// The convolution of images with the kernels of a layer, and its bias (LeCun et al., *Gradient-based learning applied
/// to document recognition*, 1998): \[samples, channels, height, width\] → \[samples, output channels, rows, columns\],
/// with `rows = (height + 2·padding − size)/stride + 1`, and columns alike. It is
/// [`tensor::conv2d`](fn@crate::tensor::conv2d)`(x, weight) + bias`. Pool with
/// [`tensor::max_pool2d`](fn@crate::tensor::max_pool2d) and
/// [`tensor::avg_pool2d`](fn@crate::tensor::avg_pool2d), go on with [`flatten()`].
///
/// # Panics
///
/// If the channels differ, or the kernel is larger than the padded image.
///
/// ```
/// use autodiff_runtime::layers::{Conv2d, Linear, affine, convolve2d, flatten};
/// use autodiff_runtime::prelude::*;
/// use autodiff_runtime::tensor;
/// use ndarray::{Array2, Array4};
///
/// #[derive(Clone, Debug, Differentiable)]
/// struct Model {
///     conv: Conv2d<f32>,
///     out: Linear<f32>,
/// }
///
/// #[differentiable(wrt(model))]
/// fn logits(model: &Model, images: &Array4<f32>) -> Array2<f32> {
///     let h: Array4<f32> = convolve2d(&model.conv, images);
///     let h: Array4<f32> = tensor::relu(&h);
///     let h: Array4<f32> = tensor::max_pool2d(&h, 2, 2);
///     let h: Array2<f32> = flatten(&h);
///     affine(&model.out, &h)
/// }
///
/// let model = Model { conv: Conv2d::new(1, 4, 3, 1).padding(1), out: Linear::new(64, 10, 2) };
/// assert_eq!(logits(&model, &Array4::ones((5, 1, 8, 8))).dim(), (5, 10));
/// ```
#[differentiable]
pub fn convolve2d<T: Real>(layer: &Conv2d<T>, x: &ArrayRef4<T>) -> Array4<T> {
    let bias: &Array1<T> = &layer.bias;
    assert!(
        bias.len() == layer.weight.shape()[0],
        "convolve2d: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each output channel",
        layer.weight.shape(),
        bias.shape()
    );
    let y: Array4<T> = tensor::conv2d(x, &layer.weight, layer.stride, layer.padding);
    let (channels, one) = (bias.len(), 1);
    y + &bias
        .clone()
        .into_shape_with_order((channels, one, one))
        .unwrap()
}

/// Images as rows: \[samples, channels, height, width\] → \[samples, channels·height·width\].
///
/// ```
/// use autodiff_runtime::layers::flatten;
/// use ndarray::Array4;
///
/// assert_eq!(flatten(&Array4::<f64>::zeros((5, 2, 3, 4))).dim(), (5, 24));
/// ```
#[differentiable]
pub fn flatten<T: Real>(x: &ArrayRef4<T>) -> Array2<T> {
    let (samples, features) = (x.shape()[0], x.shape()[1] * x.shape()[2] * x.shape()[3]);
    x.to_shape((samples, features)).unwrap().to_owned()
}
