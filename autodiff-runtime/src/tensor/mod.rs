//! Functions of `ndarray` arrays with hand-written derivatives (feature `ndarray`).
//!
//! ```
//! use autodiff_runtime::{prelude::*, tensor};
//! use ndarray::{Array1, Array2, arr1, arr2};
//!
//! #[differentiable]
//! fn loss(w: &Array2<f32>, b: &Array1<f32>, x: &Array2<f32>, #[constant] labels: &[usize]) -> f32 {
//!     let z: Array2<f32> = tensor::affine(x, w, b);
//!     let h: Array2<f32> = tensor::tanh(&z);
//!     tensor::cross_entropy_with_logits(&h, labels)
//! }
//!
//! let (w, b) = (arr2(&[[1.0, -1.0], [0.5, 2.0]]), arr1(&[0.0, 0.1]));
//! let x = arr2(&[[1.0, 2.0], [3.0, -4.0], [0.0, 1.0]]);
//! let (value, (w_bar, b_bar, _)) = loss::value_and_grad(&w, &b, &x, &[0, 1, 1]);
//! assert!(value > 0.0 && w_bar.shape() == [2, 2] && b_bar.len() == 2);
//! ```
//!
//! Arguments are references to arrays of any storage: `&array`, `&view`, `&x.t()`, `&x.slice(…)`; the
//! numbers are `f32` or `f64`. The gradient has the argument's shape. Where nobody reads an adjoint
//! (the input of a network's first layer), nothing is computed for it.
//!
//! Shapes that do not go together are refused by a sentence with the name of the function and the shapes, in the
//! functions themselves as in their derivatives. Nothing else panics. (An operator of `ndarray` in a function of yours
//! has such a sentence in what `#[differentiable]` makes of it; the function itself stays as it is written.)
//!
//! | | |
//! | --- | --- |
//! | products | [`matmul()`], [`affine()`], [`outer()`], [`mode_product()`], [`tensordot()`] |
//! | along an axis, or of all elements | [`softmax()`], [`log_softmax()`], [`logsumexp()`], [`logsumexp_axis()`], [`norm()`] |
//! | images | [`conv2d()`], [`max_pool2d()`], [`avg_pool2d()`] |
//! | tables | [`embedding()`], [`one_hot()`] |
//! | element by element | [`tanh()`], [`sigmoid()`], [`relu()`], [`exp()`], [`softplus()`], [`log_sigmoid()`], [`silu()`], [`gelu()`] |
//! | losses | [`cross_entropy()`], [`cross_entropy_with_logits()`] |
//!
//! Matrix products are by `faer`, on the caller's thread, and faster than `x.dot(&w)`, whose value is that of
//! `ndarray`'s kernel; elementary functions are by [`vector`], several numbers per instruction, where
//! `x.mapv(f64::tanh)` takes one at a time. Memory comes from a [`pool`].

mod along_axis;
#[cfg(test)]
mod check;
mod contraction;
mod convolution;
mod elementwise;
mod embeddings;
#[doc(hidden)]
pub mod kernel;
mod length;
mod loss;
pub mod pool;
mod pooling;
mod product;
mod rows;
#[doc(hidden)]
pub mod rules;
pub(crate) mod shape;
pub mod vector;
mod window;

pub use along_axis::{log_softmax, logsumexp, logsumexp_axis, softmax};
pub use contraction::{mode_product, tensordot};
pub use convolution::conv2d;
pub use elementwise::{exp, gelu, log_sigmoid, relu, sigmoid, silu, softplus, tanh};
pub use embeddings::{embedding, one_hot};
pub use length::norm;
pub use loss::{cross_entropy, cross_entropy_with_logits};
pub use pooling::{avg_pool2d, max_pool2d};
pub use product::{affine, matmul, outer};
pub use rules::{max_axis, min_axis};
