//! Random programs in the accepted subset, for finding what nobody thought of.
//!
//! A program is generated from a seed ([`generate`]), compiled with `#[differentiable]` together with many
//! others ([`harness`]), and its derivatives are compared with each other, with central differences and with an
//! evaluator that reads the same text and shares nothing with the macro ([`check`], [`evaluate`]). What fails
//! is made small ([`shrink`]).

pub mod check;
pub mod evaluate;
pub mod generate;
pub mod harness;
pub mod random;
pub mod shrink;
pub mod types;
