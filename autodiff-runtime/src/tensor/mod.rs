//! Functions of `ndarray` arrays with hand-written derivatives.

#[doc(hidden)]
pub mod kernel;
pub mod vector;
