//! What the integration tests share: a companion type as a value, and the checks that hold for
//! every one of them.

/// The README's code blocks, each compiled and run as a documentation test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

pub mod check;
pub mod derivatives;
pub mod document;
pub mod points;
pub mod reference;
