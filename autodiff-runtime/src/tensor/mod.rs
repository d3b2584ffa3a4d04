//! Functions of `ndarray` arrays with hand-written derivatives.

#[cfg(test)]
mod check;
mod contraction;
#[doc(hidden)]
pub mod kernel;
mod product;
#[doc(hidden)]
pub mod rules;
mod shape;
pub mod vector;

pub use contraction::{mode_product, tensordot};
pub use product::{matmul, outer};
pub use rules::{max_axis, min_axis};
