//! The transformer's encoder block.

use ndarray::{Array2, Array3, ArrayRef3};

use super::attending::{MultiHeadAttention, attend};
use super::dense::{Linear, activate, affine};
use super::draw::Draw;
use super::normalisation::{LayerNorm, layer_norm};
use super::regularisation::{Mode, dropout};
use crate::activation::Activation;
use crate::nn::Init;
use crate::{Differentiable, Real, differentiable};

/// The parameters of [`transformer_block()`].
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct TransformerBlock<T: Real = f32> {
    /// The attention.
    pub self_attn: MultiHeadAttention<T>,
    /// What comes after it, from the width to the hidden one.
    pub linear1: Linear<T>,
    /// And back.
    pub linear2: Linear<T>,
    /// Before the attention.
    pub norm1: LayerNorm<T>,
    /// Before `linear1`.
    pub norm2: LayerNorm<T>,
    /// Between the two affine maps.
    #[constant]
    pub activation: Activation,
    /// The probability of [`dropout()`] of what either part adds.
    #[constant]
    pub dropout: f64,
}

impl<T: Real> TransformerBlock<T> {
    /// Weights of the stream of `seed`, uniform as by Glorot & Bengio ([`Init::Xavier`]); zero biases; GELU, no
    /// dropout.
    ///
    /// # Panics
    ///
    /// If the heads cannot have equal widths.
    pub fn new(width: usize, heads: usize, hidden: usize, seed: u64) -> Self {
        let mut draw = Draw::seeded(seed);
        Self {
            self_attn: MultiHeadAttention::draw(width, heads, &mut draw),
            linear1: Linear::draw(width, hidden, Init::Xavier, &mut draw),
            linear2: Linear::draw(hidden, width, Init::Xavier, &mut draw),
            norm1: LayerNorm::new(width),
            norm2: LayerNorm::new(width),
            activation: Activation::Gelu,
            dropout: 0.0,
        }
    }

    /// With dropout in training.
    pub fn dropout(self, probability: f64) -> Self {
        Self {
            dropout: probability,
            ..self
        }
    }
}

/// The encoder block of a transformer (Vaswani et al., *Attention is all you need*, 2017), with the
/// normalisation before each part, which needs no warm-up (Xiong et al., *On layer normalization in the
/// transformer architecture*, 2020): `h = x + attention(norm₁(x))`, `y = h + W₂·φ(W₁·norm₂(h) + b₁) + b₂`;
/// \[samples, time, width\] → the same shape. With `causal`, no step sees later ones.
///
/// # Panics
///
/// If the width is not that of the weights, or `x` is not in standard layout.
///
/// ```
/// use autodiff_runtime::layers::{Mode, TransformerBlock, transformer_block};
/// use ndarray::Array3;
///
/// let block = TransformerBlock::new(8, 2, 32, 1).dropout(0.1);
/// let y = transformer_block(&block, &Array3::<f32>::ones((3, 5, 8)), false, Mode::Train { seed: 1 });
/// assert_eq!(y.dim(), (3, 5, 8));
/// ```
#[differentiable]
pub fn transformer_block<T: Real>(
    block: &TransformerBlock<T>,
    x: &ArrayRef3<T>,
    causal: bool,
    #[constant] mode: Mode,
) -> Array3<T> {
    #[constant]
    let activation = block.activation;
    #[constant]
    let probability = block.dropout;
    let (samples, time, width) = x.dim();
    assert!(
        x.is_standard_layout(),
        "transformer_block: an input of shape {:?} with strides {:?} is not in standard layout; lend it `x.as_standard_layout()`",
        x.shape(),
        x.strides()
    );
    let rows = x
        .to_owned()
        .into_shape_with_order((samples * time, width))
        .unwrap();
    let normal: Array2<T> = layer_norm(&block.norm1, &rows);
    let seen: Array2<T> = attend(&block.self_attn, &normal, samples, causal);
    let seen: Array2<T> = dropout(&seen, probability, mode.part(0));
    let h = rows + &seen;
    let normal: Array2<T> = layer_norm(&block.norm2, &h);
    let wide: Array2<T> = affine(&block.linear1, &normal);
    let wide: Array2<T> = activate(&wide, activation);
    let back: Array2<T> = affine(&block.linear2, &wide);
    let back: Array2<T> = dropout(&back, probability, mode.part(1));
    assert!(
        back.ncols() == width,
        "transformer_block: an input of shape {:?} meets a second map with a weight of shape {:?}, which is to have as many rows as the input is wide",
        x.shape(),
        block.linear2.weight.shape()
    );
    let y = h + &back;
    y.into_shape_with_order((samples, time, width)).unwrap()
}
