//! Attention.

use ndarray::{Array1, Array2, Array3, ArrayRef2, ArrayRef3, Axis, Slice};

use super::dense::{Linear, affine};
use super::draw::Draw;
use super::grid::grid;
use super::product::weigh;
use crate::nn::Init;
use crate::tensor::{self, matmul};
use crate::{Differentiable, Real, differentiable};

/// Scaled dot-product attention, `softmax(Q·Kᵀ/√d)·V` with the width `d` of queries and keys (Vaswani et al.,
/// *Attention is all you need*, 2017): queries \[n, d\], keys \[m, d\], values \[m, e\] → \[n, e\]. With
/// `causal`, query `i` sees the keys up to number `i` only.
///
/// # Panics
///
/// If the shapes do not fit.
///
/// ```
/// use autodiff_runtime::layers::attention;
/// use ndarray::{Array2, arr2};
///
/// let (q, k) = (Array2::<f64>::zeros((2, 3)), Array2::zeros((2, 3)));
/// let v = arr2(&[[1.0], [2.0]]);
/// assert_eq!(attention(&q, &k, &v, false), arr2(&[[1.5], [1.5]]));
/// assert_eq!(attention(&q, &k, &v, true), arr2(&[[1.0], [1.5]]));
/// ```
#[differentiable]
pub fn attention<T: Real>(
    query: &ArrayRef2<T>,
    key: &ArrayRef2<T>,
    value: &ArrayRef2<T>,
    causal: bool,
) -> Array2<T> {
    assert!(
        query.ncols() == key.ncols() && key.nrows() == value.nrows() && query.ncols() > 0,
        "attention: queries of shape {:?} meet keys of shape {:?} and values of shape {:?}",
        query.shape(),
        key.shape(),
        value.shape()
    );
    let scale = T::from_f64(1.0 / (query.ncols() as f64).sqrt());
    let products: Array2<T> = weigh(query, key);
    let mut scores = products * scale;
    if causal {
        let (queries, keys) = (scores.nrows(), scores.ncols());
        let future: Array2<T> = later_keys(queries, keys);
        scores += &future;
    }
    let weights: Array2<T> = tensor::softmax(&scores, Axis(1));
    matmul(&weights, value)
}

/// −∞ for the keys behind the query's own place, else 0.
fn later_keys<T: Real>(queries: usize, keys: usize) -> Array2<T> {
    Array2::from_shape_fn((queries, keys), |(query, key)| match key > query {
        true => T::from_f64(f64::NEG_INFINITY),
        false => T::default(),
    })
}

/// The parameters of [`multi_head_attention()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct MultiHeadAttention<T: Real = f32> {
    /// The matrices that make queries, keys and values, beneath each other, shape \[3·width, width\].
    pub in_proj_weight: Array2<T>,
    /// Their shifts, shape \[3·width\].
    pub in_proj_bias: Array1<T>,
    /// What mixes the heads.
    pub out_proj: Linear<T>,
    /// The number of heads.
    pub heads: usize,
}

impl<T: Real> MultiHeadAttention<T> {
    /// Weights of the stream of `seed`, uniform as by Glorot & Bengio ([`Init::Xavier`]); zero biases.
    ///
    /// # Panics
    ///
    /// If the heads cannot have equal widths.
    pub fn new(width: usize, heads: usize, seed: u64) -> Self {
        Self::draw(width, heads, &mut Draw::seeded(seed))
    }

    pub(super) fn draw(width: usize, heads: usize, draw: &mut Draw) -> Self {
        assert!(
            heads > 0 && width.is_multiple_of(heads),
            "MultiHeadAttention: a width of {width} is not divided by {heads} heads"
        );
        Self {
            in_proj_weight: draw.init(Init::Xavier, (3 * width, width), width, width),
            in_proj_bias: Array1::zeros(3 * width),
            out_proj: Linear::draw(width, width, Init::Xavier, draw),
            heads,
        }
    }
}

/// Multi-head self-attention (Vaswani et al., 2017): \[samples, time, width\] → the same shape.
///
/// Queries, keys and values are affine maps of `x`; each head has its own `width/heads` of their
/// columns, goes through [`attention()`], and an affine map mixes what they find. With `causal`, no step sees
/// later ones.
///
/// # Panics
///
/// If the width is not that of the weights.
///
/// ```
/// use autodiff_runtime::layers::{MultiHeadAttention, multi_head_attention};
/// use ndarray::Array3;
///
/// let layer = MultiHeadAttention::new(8, 2, 1);
/// assert_eq!(multi_head_attention(&layer, &Array3::<f32>::ones((3, 5, 8)), true).dim(), (3, 5, 8));
/// ```
#[differentiable]
pub fn multi_head_attention<T: Real>(
    layer: &MultiHeadAttention<T>,
    x: &ArrayRef3<T>,
    causal: bool,
) -> Array3<T> {
    let (samples, time, width) = x.dim();
    let rows = x.to_shape((samples * time, width)).unwrap();
    let mixed: Array2<T> = attend(layer, &rows, samples, causal);
    mixed.into_shape_with_order((samples, time, width)).unwrap()
}

/// [`multi_head_attention()`] of samples beneath each other.
#[differentiable]
pub(super) fn attend<T: Real>(
    layer: &MultiHeadAttention<T>,
    x: &ArrayRef2<T>,
    samples: usize,
    causal: bool,
) -> Array2<T> {
    assert!(
        x.ncols() == layer.in_proj_weight.ncols() && samples > 0,
        "multi_head_attention: an input of {samples} samples and width {} meets a weight of shape {:?}",
        x.ncols(),
        layer.in_proj_weight.shape()
    );
    let (time, width, heads) = (x.nrows() / samples, x.ncols(), layer.heads);
    assert!(
        layer.in_proj_weight.nrows() == 3 * width && heads > 0 && width.is_multiple_of(heads),
        "multi_head_attention: a weight of shape {:?} does not make queries, keys and values of width {width}, or {heads} heads do not divide it",
        layer.in_proj_weight.shape()
    );
    assert!(
        layer.out_proj.weight.nrows() == width,
        "multi_head_attention: an input of width {width} meets an output's weight of shape {:?}, which is to have as many rows",
        layer.out_proj.weight.shape()
    );
    assert!(
        layer.in_proj_bias.len() == layer.in_proj_weight.nrows(),
        "multi_head_attention: a weight of shape {:?} meets a bias of shape {:?}, which is to have a number for each of its rows",
        layer.in_proj_weight.shape(),
        layer.in_proj_bias.shape()
    );
    let size = width / heads;
    let projected: Array2<T> = weigh(x, &layer.in_proj_weight);
    let projected = projected + &layer.in_proj_bias;
    let mut found = Vec::new();
    for sample in 0..samples {
        let own = projected.slice_axis(Axis(0), Slice::from(sample * time..(sample + 1) * time));
        for head in 0..heads {
            let (k, v) = (width + head * size, 2 * width + head * size);
            let query = own.slice_axis(Axis(1), Slice::from(head * size..(head + 1) * size));
            let key = own.slice_axis(Axis(1), Slice::from(k..k + size));
            let value = own.slice_axis(Axis(1), Slice::from(v..v + size));
            let seen: Array2<T> = attention(&query, &key, &value, causal);
            found.push(seen);
        }
    }
    let joined: Array2<T> = grid(&found, heads);
    affine(&layer.out_proj, &joined)
}
