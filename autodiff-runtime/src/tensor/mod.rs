//! Functions of `ndarray` arrays with hand-written derivatives.

#[doc(hidden)]
pub mod kernel;
#[doc(hidden)]
pub mod rules;
pub mod vector;

pub use rules::{max_axis, min_axis};
