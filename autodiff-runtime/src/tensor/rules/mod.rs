//! What operators and methods of arrays become in generated code: functions of references with
//! hand-written rules. Values are computed by `ndarray` itself, operation by operation as the user
//! wrote them, so that they have the same bits, and results lie in memory as `ndarray`'s do.
//!
//! An adjoint without elements is one that nobody reads, see
//! [`Differentiable::unread_gradient`](crate::Differentiable::unread_gradient): nothing is computed for it.

#![allow(
    clippy::type_complexity,
    reason = "values and tangents in pairs are the contract of a rule"
)]

mod elementwise;
mod inner;
mod join;
mod make;
mod numbers;
mod operand;
mod parts;
mod reduction;
mod shape;

pub use elementwise::{add, compound, div, left, mul, neg, right, sub};
pub use inner::{DotProduct, dot, dot_transposed, transposed_dot};
pub use join::{concatenate, stack};
pub use make::{filled, from_numbers};
pub use numbers::{Layout, elements, flat, folded, layout_of, shaped};
pub use operand::{Operand, With};
pub use parts::{Parts, PartsMut, WithParts};
pub use reduction::{max_axis, mean, mean_axis, min_axis, product, sum, sum_axis};
pub use shape::{copied, insert_axis, reshape, to_shape, transposed};
