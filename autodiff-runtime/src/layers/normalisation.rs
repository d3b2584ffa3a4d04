//! Layer and batch normalisation.

use ndarray::{Array1, Array2, Array4, ArrayRef2, ArrayRef4, Axis};

use crate::{Differentiable, Real, differentiable};

/// Added to variances, so that constant inputs are not divided by zero.
const EPSILON: f64 = 1e-5;

/// The parameters of [`layer_norm()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct LayerNorm<T: Real = f32> {
    /// The scale `γ`, shape \[features\].
    pub weight: Array1<T>,
    /// The shift `β`, shape \[features\].
    pub bias: Array1<T>,
}

impl<T: Real> LayerNorm<T> {
    /// Scale 1 and shift 0.
    pub fn new(features: usize) -> Self {
        Self {
            weight: Array1::ones(features),
            bias: Array1::zeros(features),
        }
    }
}

/// Layer normalisation of each row, `γ·(x − μ)/√(σ² + 10⁻⁵) + β` with the row's own mean `μ` and variance
/// `σ²` (Ba, Kiros & Hinton, *Layer normalization*, 2016): \[samples, features\] → the same shape.
///
/// # Panics
///
/// If the rows have not as many numbers as the weight.
///
/// ```
/// use autodiff_runtime::layers::{LayerNorm, layer_norm};
/// use ndarray::arr2;
///
/// let y = layer_norm(&LayerNorm::new(2), &arr2(&[[1.0, 3.0], [70.0, 50.0]]));
/// assert!((&y - &arr2(&[[-1.0, 1.0], [1.0, -1.0]])).iter().all(|d: &f64| d.abs() < 1e-5));
/// ```
#[differentiable]
pub fn layer_norm<T: Real>(norm: &LayerNorm<T>, x: &ArrayRef2<T>) -> Array2<T> {
    assert!(
        x.ncols() == norm.weight.len(),
        "layer_norm: an input of shape {:?} meets a weight of shape {:?}, which is no row of it",
        x.shape(),
        norm.weight.shape()
    );
    assert!(
        norm.bias.len() == norm.weight.len(),
        "layer_norm: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each of its numbers",
        norm.weight.shape(),
        norm.bias.shape()
    );
    let features = T::from_f64(x.ncols() as f64);
    let mean = x.sum_axis(Axis(1)) / features;
    let centred = &x.view() - &mean.insert_axis(Axis(1));
    let variance = (&centred * &centred).sum_axis(Axis(1)) / features;
    let scale = variance.mapv(|v| (v + T::from_f64(EPSILON)).sqrt());
    let normal = centred / &scale.insert_axis(Axis(1));
    normal * &norm.weight + &norm.bias
}

/// The parameters of [`batch_norm()`] and its like.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct BatchNorm<T: Real = f32> {
    /// The scale `γ`, shape \[features\].
    pub weight: Array1<T>,
    /// The shift `β`, shape \[features\].
    pub bias: Array1<T>,
}

impl<T: Real> BatchNorm<T> {
    /// Scale 1 and shift 0.
    pub fn new(features: usize) -> Self {
        Self {
            weight: Array1::ones(features),
            bias: Array1::zeros(features),
        }
    }
}

/// Mean and variance of each feature over what was seen in training, for [`batch_norm_eval()`]. They are no
/// parameters: training does not change them by a gradient, but by [`update`](Self::update).
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Moments<T: Real = f32> {
    /// The means, shape \[features\].
    pub running_mean: Array1<T>,
    /// The variances, shape \[features\].
    pub running_var: Array1<T>,
}

impl<T: Real> Moments<T> {
    /// Means 0 and variances 1.
    pub fn new(features: usize) -> Self {
        Self {
            running_mean: Array1::zeros(features),
            running_var: Array1::ones(features),
        }
    }

    /// Moves by the fraction `momentum` towards mean and (unbiased) variance of a batch,
    /// \[samples, features\]. 0.1 is common.
    ///
    /// # Panics
    ///
    /// If the features are not as many, or there are fewer than two samples, which have no variance.
    pub fn update(&mut self, x: &ArrayRef2<T>, momentum: f64) {
        assert!(
            x.ncols() == self.running_mean.len()
                && self.running_var.dim() == self.running_mean.dim()
                && x.nrows() > 1,
            "Moments::update: a batch of shape {:?} meets means of shape {:?} and variances of shape {:?}; it is to be [samples, features], with two samples or more",
            x.shape(),
            self.running_mean.shape(),
            self.running_var.shape()
        );
        let count = x.nrows() as f64;
        let mean = x.sum_axis(Axis(0)) / T::from_f64(count);
        let centred = x.to_owned() - &mean;
        let variance = (&centred * &centred).sum_axis(Axis(0)) / T::from_f64(count - 1.0);
        let step = T::from_f64(momentum);
        self.running_mean
            .zip_mut_with(&mean, |own, &new| *own += step * (new - *own));
        self.running_var
            .zip_mut_with(&variance, |own, &new| *own += step * (new - *own));
    }

    /// As [`update`](Self::update), for images \[samples, channels, height, width\].
    ///
    /// # Panics
    ///
    /// As [`update`](Self::update).
    pub fn update2d(&mut self, x: &ArrayRef4<T>, momentum: f64) {
        let (samples, channels, height, width) = x.dim();
        let last = x.view().permuted_axes([0, 2, 3, 1]);
        let pixels = last.to_shape((samples * height * width, channels));
        self.update(&pixels.expect("as many numbers"), momentum);
    }
}

/// Batch normalisation in training: `γ·(x − μ)/√(σ² + 10⁻⁵) + β`, with mean `μ` and (biased) variance `σ²` of
/// each feature over the batch (Ioffe & Szegedy, *Batch normalization*, 2015): \[samples, features\] → the same shape.
///
/// The derivative goes through mean and variance, too.
///
/// # Panics
///
/// If the features are not as many as the weights, or there is no sample.
///
/// ```
/// use autodiff_runtime::layers::{BatchNorm, Moments, batch_norm, batch_norm_eval};
/// use ndarray::arr2;
///
/// let (layer, mut moments) = (BatchNorm::<f64>::new(1), Moments::new(1));
/// let x = arr2(&[[1.0], [3.0]]);
/// assert!((batch_norm(&layer, &x)[[0, 0]] + 1.0).abs() < 1e-5);
/// for _ in 0..200 {
///     moments.update(&x, 0.1);
/// }
/// assert!((batch_norm_eval(&layer, &moments, &x)[[0, 0]] + 0.5_f64.sqrt()).abs() < 1e-5);
/// ```
#[differentiable]
pub fn batch_norm<T: Real>(layer: &BatchNorm<T>, x: &ArrayRef2<T>) -> Array2<T> {
    assert!(
        x.ncols() == layer.weight.len() && x.nrows() > 0,
        "batch_norm: an input of shape {:?} meets a weight of shape {:?}; it is to be [samples, features]",
        x.shape(),
        layer.weight.shape()
    );
    assert!(
        layer.bias.len() == layer.weight.len(),
        "batch_norm: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each of its numbers",
        layer.weight.shape(),
        layer.bias.shape()
    );
    let samples = T::from_f64(x.nrows() as f64);
    let mean = x.sum_axis(Axis(0)) / samples;
    let centred = &x.view() - &mean;
    let variance = (&centred * &centred).sum_axis(Axis(0)) / samples;
    let scale = variance.mapv(|v| (v + T::from_f64(EPSILON)).sqrt());
    centred / &scale * &layer.weight + &layer.bias
}

/// Batch normalisation in use: `γ·(x − μ)/√(σ² + 10⁻⁵) + β` as [`batch_norm()`], with the mean and variance that were
/// gathered in training; \[samples, features\] → the same shape. No sample has an effect on another.
///
/// # Panics
///
/// If the features are not as many as the weights or the moments.
///
/// ```
/// use autodiff_runtime::layers::{BatchNorm, Moments, batch_norm_eval};
/// use ndarray::{arr1, arr2};
///
/// let moments = Moments { running_mean: arr1(&[2.0]), running_var: arr1(&[4.0]) };
/// let y = batch_norm_eval(&BatchNorm::<f64>::new(1), &moments, &arr2(&[[2.0], [6.0]]));
/// assert!(y[[0, 0]] == 0.0 && (y[[1, 0]] - 2.0).abs() < 1e-5);
/// ```
#[differentiable]
pub fn batch_norm_eval<T: Real>(
    layer: &BatchNorm<T>,
    #[constant] moments: &Moments<T>,
    x: &ArrayRef2<T>,
) -> Array2<T> {
    assert!(
        x.ncols() == layer.weight.len()
            && x.ncols() == moments.running_mean.len()
            && x.ncols() == moments.running_var.len(),
        "batch_norm_eval: an input of shape {:?} meets a weight of shape {:?} and moments of shape {:?} and {:?}",
        x.shape(),
        layer.weight.shape(),
        moments.running_mean.shape(),
        moments.running_var.shape()
    );
    assert!(
        layer.bias.len() == layer.weight.len(),
        "batch_norm_eval: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each of its numbers",
        layer.weight.shape(),
        layer.bias.shape()
    );
    let mean: &Array1<T> = &moments.running_mean;
    let scale: Array1<T> = deviations(&moments.running_var);
    (&x.view() - mean) / &scale * &layer.weight + &layer.bias
}

/// `√(σ² + ε)`.
#[differentiable]
fn deviations<T: Real>(variance: &Array1<T>) -> Array1<T> {
    variance.mapv(|v| (v + T::from_f64(EPSILON)).sqrt())
}

/// [`batch_norm()`] of images, \[samples, channels, height, width\]: one mean and variance for each channel, over
/// all samples and places.
///
/// # Panics
///
/// If the channels are not as many as the weights, or there is no number.
///
/// ```
/// use autodiff_runtime::layers::{BatchNorm, batch_norm2d};
/// use ndarray::Array4;
///
/// let x = Array4::from_shape_fn((2, 1, 1, 2), |(sample, _, _, column)| (2 * sample + column) as f64);
/// let y = batch_norm2d(&BatchNorm::new(1), &x);
/// assert!(y.sum().abs() < 1e-12 && (y[[1, 0, 0, 1]] - 1.5 / 1.25_f64.sqrt()).abs() < 1e-5);
/// ```
#[differentiable]
pub fn batch_norm2d<T: Real>(layer: &BatchNorm<T>, x: &ArrayRef4<T>) -> Array4<T> {
    assert!(
        x.shape()[1] == layer.weight.len() && !x.is_empty(),
        "batch_norm2d: images of shape {:?} meet a weight of shape {:?}; they are to be [samples, channels, height, width]",
        x.shape(),
        layer.weight.shape()
    );
    assert!(
        layer.bias.len() == layer.weight.len(),
        "batch_norm2d: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each of its numbers",
        layer.weight.shape(),
        layer.bias.shape()
    );
    let weight: &Array1<T> = &layer.weight;
    let bias: &Array1<T> = &layer.bias;
    let count = T::from_f64((x.shape()[0] * x.shape()[2] * x.shape()[3]) as f64);
    let mean = x.sum_axis(Axis(3)).sum_axis(Axis(2)).sum_axis(Axis(0)) / count;
    let centred = &x.view() - &mean.insert_axis(Axis(1)).insert_axis(Axis(2));
    let squares = &centred * &centred;
    let variance = squares
        .sum_axis(Axis(3))
        .sum_axis(Axis(2))
        .sum_axis(Axis(0))
        / count;
    let gain = weight / &variance.mapv(|v| (v + T::from_f64(EPSILON)).sqrt());
    let shift = bias.clone().insert_axis(Axis(1)).insert_axis(Axis(2));
    centred * &gain.insert_axis(Axis(1)).insert_axis(Axis(2)) + &shift
}
