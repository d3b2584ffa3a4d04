//! Compile-time automatic differentiation for stable Rust: the crate users depend on.

// The macros emit absolute paths to `::autodiff_runtime`; this lets the crate use them on itself.
extern crate self as autodiff_runtime;

pub mod differentiable;
pub mod real;

pub use autodiff_macros::{Differentiable, differentiable};
pub use differentiable::{Differentiable, Gradient, Leaf, LeafMut, Leaves, Name};
pub use real::Real;

/// Everything a user of `#[differentiable]` needs, for one glob import.
pub mod prelude {
    pub use crate::{Differentiable, Gradient, Leaves, Real, differentiable};
}
