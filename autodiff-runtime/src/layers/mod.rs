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
//! | regularisation | | [`dropout()`] |
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

mod dense;
mod draw;
mod regularisation;

pub use dense::{Linear, LinearGradient, Mlp, MlpGradient, activate, affine, mlp};
pub use regularisation::{Mode, dropout};
