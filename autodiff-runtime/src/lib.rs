//! Compile-time automatic differentiation for stable Rust: the crate users depend on.
//!
//! `#[differentiable]` on an ordinary function declares, beside it, a type of the same name whose
//! associated functions are its derivatives:
//!
//! ```
//! use autodiff_runtime::prelude::*;
//!
//! #[differentiable]
//! fn loss(x: f64) -> f64 {
//!     let a = x.powi(2);
//!     let b = 5.0 * a;
//!     let c = a.ln();
//!     let g = b * c;
//!     -g
//! }
//!
//! let (value, slope) = loss::value_and_grad(2.0);
//! assert_eq!(value, loss(2.0));
//! assert!((slope - -47.725_887).abs() < 1e-6);
//! ```
//!
//! Beside the macros the crate holds what differentiable code is made of and used for:
//! [`activation`] and [`loss`](mod@loss), layers ([`nn`]), optimisers ([`optim`]), a training loop
//! and data sets (feature `train`; on several cores with `parallel`), weights in files (feature
//! `safetensors`), the static graph with its interpreter and pictures ([`graph`]),
//! [`gradcheck`](mod@gradcheck), and plots (feature `plot`). The repository's README is the tour.

#![forbid(unsafe_code)]

// The macros emit absolute paths to `::autodiff_runtime`; this lets the crate use them on itself.
extern crate self as autodiff_runtime;

pub mod activation;
pub mod checkpoint;
#[cfg(feature = "train")]
pub mod data;
pub mod differentiable;
pub mod gradcheck;
pub mod graph;
mod late;
#[cfg(feature = "ndarray")]
pub mod layers;
pub mod loss;
pub mod nn;
pub mod optim;
#[cfg(feature = "plot")]
pub mod plot;
mod progression;
mod protocol;
pub mod real;
mod simd;
pub mod support;
#[cfg(feature = "ndarray")]
pub mod tensor;
#[cfg(feature = "train")]
pub mod train;
#[cfg(feature = "safetensors")]
pub mod weights;

pub use autodiff_macros::{Differentiable, differentiable};
pub use differentiable::{Differentiable, Gradient, Leaf, LeafMut, Leaves, Name};
pub use real::Real;

/// Everything a user of `#[differentiable]` needs, for one glob import.
pub mod prelude {
    pub use crate::activation::*;
    pub use crate::differentiable::Dot as _;
    pub use crate::loss::*;
    pub use crate::nn::{Dense, Init, Mlp, dense, mlp};
    pub use crate::{Differentiable, Gradient, Leaves, Real, differentiable};
}

/// What generated code calls. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::activation::{
        elu, gaussian, gelu, leaky_relu, linear, log_sigmoid, relu, sigmoid, sign, silu, sinc,
        softplus, threshold,
    };
    pub use crate::late::Late;
    pub use crate::loss::{nll, nll_with_logits};
    pub use crate::progression::progression;
    pub use crate::protocol::*;
    pub use crate::support::*;

    #[cfg(feature = "ndarray")]
    /// What generated code calls for operations on arrays.
    pub mod tensor {
        pub use crate::tensor::kernel::product;
    }
}
