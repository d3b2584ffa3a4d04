//! The static computation graph of a differentiable function: data, pictures and an interpreter.
//!
//! `#[differentiable]` emits the [`Graph`] of a function as a constant of its companion type:
//! `loss::GRAPH`. It can be drawn ([`Graph::to_svg`], [`Graph::to_dot`], [`Graph::to_mermaid`]), and
//! [`Graph::evaluate`] interprets it: the resulting [`Trace`] holds the value and the derivative of
//! every node, for pictures that show them and for tests that hold generated code against them. The
//! interpreter shares no derivative with the macro: its partial derivatives are in
//! [`Function::partials`].
//!
//! The function `let a = x.powi(2); let b = 5.0 * a; b * a.ln()`, its graph written by hand:
//!
//! ```
//! use autodiff_runtime::graph::{Function, Graph, Node, NodeId, Op, Shape};
//!
//! const fn node(op: Op, inputs: &'static [NodeId], label: Option<&'static str>) -> Node {
//!     Node { op, inputs, label, line: 0, column: 0 }
//! }
//! const LOSS: Graph = Graph {
//!     name: "loss",
//!     nodes: &[
//!         node(Op::Parameter { name: "x", shape: Shape::Scalar }, &[], None),
//!         node(Op::Constant(2.0), &[], None),
//!         node(Op::Apply(Function::Powi), &[NodeId(0), NodeId(1)], Some("a")),
//!         node(Op::Constant(5.0), &[], None),
//!         node(Op::Apply(Function::Mul), &[NodeId(3), NodeId(2)], Some("b")),
//!         node(Op::Apply(Function::Ln), &[NodeId(2)], None),
//!         node(Op::Apply(Function::Mul), &[NodeId(4), NodeId(5)], None),
//!     ],
//!     params: &[NodeId(0)],
//!     outputs: &[NodeId(6)],
//! };
//!
//! let trace = LOSS.evaluate(&[1.0]);
//! assert_eq!(trace.output(), 0.0);
//! assert_eq!(trace.gradient(), [10.0]);
//! assert_eq!(trace.adjoint("a"), Some(5.0));
//!
//! assert!(LOSS.to_mermaid().contains("b = 5 · a"));
//! assert!(trace.to_dot().contains("a = x² | data 1.0000 | grad 5.0000"));
//! ```
//!
//! # At the kinks
//!
//! Where a function has no derivative, the midpoint of its subdifferential is taken, with `relu`
//! aside, which has 0 as everywhere else. Where the derivative is infinite, it is infinite; but an
//! adjoint that is exactly zero contributes nothing through it.
//!
//! | point | derivative |
//! | --- | --- |
//! | `relu(0)`, `abs(0)`, `copysign(0, y)` | 0 |
//! | `leaky_relu(0, s)`, `elu(0, s)` | (1 + s)/2 |
//! | `max(a, a)`, `min(a, a)` | ½ for either |
//! | `clamp` at a bound | ½, and ½ for the bound |
//! | `signum`, `sign`, `threshold`, `floor`, `ceil`, `round`, `trunc` | 0 everywhere |
//! | `fract` | 1 everywhere |
//! | `a % b` | 1 by `a`, −trunc(a/b) by `b` |
//! | `hypot(0, 0)`, `atan2(0, 0)` | 0 by either |
//! | `sqrt(±0)`, `cbrt(0)`, `ln(0)` | +∞ |
//! | `0.powi(0)`, `0.powi(1)`, `0.powf(1)` | 0, 1, 1 |
//! | `0.powf(p)` | 0 for p = 0, +∞ for 0 < p < 1, 0 for p > 1; 0 by `p` |
//! | `powf` of a negative base, by `p` | NaN |

mod caption;
mod dot;
mod error;
mod evaluate;
mod function;
mod mermaid;
mod node;
mod partials;
mod pictures;
#[cfg(feature = "draw")]
mod svg;
mod trace;
mod value;
mod view;

#[cfg(test)]
mod tests;

pub use error::EvaluateError;
pub use function::Function;
pub use node::{Graph, Node, NodeId, Op, Shape};
pub use trace::Trace;
pub use value::Value;
