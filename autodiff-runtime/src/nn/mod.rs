//! Layers and networks whose sizes are chosen at run time.
//!
//! [`Dense`] and [`Mlp`] are plain data with `#[derive(Differentiable)]`; [`dense()`] and [`mlp()`]
//! evaluate them and are differentiable in parameters and input. Inside a `#[differentiable]`
//! function they are used like any other value:
//!
//! ```
//! use autodiff_runtime::activation::Activation;
//! use autodiff_runtime::nn::{Init, Mlp, mlp};
//!
//! let model = Mlp::new(&[4, 8, 3], Activation::Tanh, Activation::Linear, Init::Xavier, 7)?;
//! let logits = mlp(&model, &[5.1, 3.5, 1.4, 0.2]);
//! assert_eq!(logits.len(), 3);
//! println!("{}", model.summary());
//! # Ok::<(), autodiff_runtime::nn::NetworkError>(())
//! ```

pub(crate) mod init;
mod kernels;
mod layer;
mod network;
mod summary;

pub use init::Init;
pub use layer::{Dense, DenseGradient, dense};
pub use network::{Mlp, MlpBuilder, MlpGradient, NetworkError, mlp};
pub use summary::{Summary, SummaryRow};

#[cfg(test)]
mod tests;
