//! The building blocks of networks over `ndarray` arrays: parameters and the functions that use them.
//!
//! A layer is a struct of arrays with `#[derive(Differentiable)]` and a `#[differentiable]` function of
//! it, to be called in functions of one's own. The functions are ordinary Rust over arrays, which the
//! macro differentiates; by hand are only the rules of kernels such as the convolution's. All are generic
//! over [`Real`](crate::Real).
//!
//! | | parameters | functions |
//! | --- | --- | --- |
//! | fully connected | [`Linear`], [`Mlp`] | [`affine()`], [`mlp()`], [`activate()`] |
//! | normalisation | [`LayerNorm`], [`BatchNorm`] with [`Moments`] | [`layer_norm()`], [`batch_norm()`], [`batch_norm_eval()`], [`batch_norm2d()`] |
//! | regularisation | [`Mode`] | [`dropout()`] |
//! | tables | [`Embedding`] | [`embed()`] |
//! | sequences | [`Rnn`], [`Lstm`], [`Gru`] | [`rnn()`], [`lstm()`], [`lstm_step()`], [`gru()`] |
//! | attention | [`MultiHeadAttention`], [`TransformerBlock`] | [`attention()`], [`multi_head_attention()`], [`transformer_block()`] |
//! | images | [`Conv2d`] | [`convolve2d()`], [`flatten()`], and [`tensor::max_pool2d`](fn@crate::tensor::max_pool2d), [`tensor::avg_pool2d`](fn@crate::tensor::avg_pool2d) |
//! | graphs | [`GraphConvolution`] | [`graph_convolution()`], [`normalised_adjacency`] |
//!
//! Parameters have the names and the shapes of PyTorch's modules, so that weights can be exchanged by
//! name. Arrays of several samples have these along their first axis, sequences have time there. A
//! function whose arrays do not fit panics with one sentence that names it and both shapes.
//!
//! ```
//! use autodiff_runtime::activation::Activation;
//! use autodiff_runtime::layers::{Mlp, mlp};
//! use autodiff_runtime::prelude::*;
//! use ndarray::{Array2, arr2};
//!
//! #[differentiable(wrt(model))]
//! fn miss(model: &Mlp<f32>, x: &Array2<f32>, y: &Array2<f32>) -> f32 {
//!     let out: Array2<f32> = mlp(model, x);
//!     let miss = out - y;
//!     (&miss * &miss).mean().unwrap()
//! }
//!
//! let model = Mlp::new(&[2, 8, 1], Activation::Tanh, 7);
//! let (x, y) = (arr2(&[[0.0, 1.0], [1.0, 1.0]]), arr2(&[[1.0], [0.0]]));
//! let (value, gradient) = miss::value_and_grad(&model, &x, &y);
//! assert!(value > 0.0 && gradient.layers[0].weight.dim() == (8, 2));
//! ```

#![allow(
    clippy::op_ref,
    reason = "operands of arrays are borrowed, owned or not, so that formulas read the same"
)]

mod attending;
mod dense;
mod draw;
mod graphs;
mod grid;
mod images;
mod lookup;
mod normalisation;
mod product;
mod recurrent;
mod regularisation;
mod transformer;

pub use attending::{
    MultiHeadAttention, MultiHeadAttentionGradient, attention, multi_head_attention,
};
pub use dense::{Linear, LinearGradient, Mlp, MlpGradient, activate, affine, mlp};
pub use graphs::{
    GraphConvolution, GraphConvolutionGradient, graph_convolution, normalised_adjacency,
};
pub use images::{Conv2d, Conv2dGradient, convolve2d, flatten};
pub use lookup::{Embedding, EmbeddingGradient, embed};
pub use normalisation::{
    BatchNorm, BatchNormGradient, LayerNorm, LayerNormGradient, Moments, MomentsGradient,
    batch_norm, batch_norm_eval, batch_norm2d, layer_norm,
};
pub use recurrent::{
    Gru, GruGradient, Lstm, LstmGradient, LstmState, LstmStateGradient, Rnn, RnnGradient, gru,
    lstm, lstm_step, rnn,
};
pub use regularisation::{Mode, dropout};
pub use transformer::{TransformerBlock, TransformerBlockGradient, transformer_block};
