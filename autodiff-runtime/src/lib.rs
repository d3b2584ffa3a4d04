//! Compile-time automatic differentiation for stable Rust: the crate users depend on.

// The macros emit absolute paths to `::autodiff_runtime`; this lets the crate use them on itself.
extern crate self as autodiff_runtime;

pub mod activation;
#[cfg(feature = "train")]
pub mod data;
pub mod differentiable;
pub mod gradcheck;
pub mod graph;
pub mod loss;
pub mod nn;
pub mod optim;
#[cfg(feature = "plot")]
pub mod plot;
pub mod real;
mod support;
#[cfg(feature = "train")]
pub mod train;

pub use autodiff_macros::{Differentiable, differentiable};
pub use differentiable::{Differentiable, Gradient, Leaf, LeafMut, Leaves, Name};
pub use real::Real;

/// Everything a user of `#[differentiable]` needs, for one glob import.
pub mod prelude {
    pub use crate::activation::*;
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
    pub use crate::loss::{nll, nll_with_logits};
    pub use crate::support::*;
}
