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
//! # Loops and branches
//!
//! A loop or a branch is a node that holds subgraphs. A [`Subgraph`] is numbered on its own; what it
//! uses of the outside comes in by parameters.
//!
//! | node | inputs | parameters of what it holds | outputs of what it holds |
//! | --- | --- | --- | --- |
//! | [`Op::Branch`] | flag or number of the arm, used… | of each arm: used… | the results |
//! | [`LoopKind::Range`] | start, end, step, carried…, captured… | index, carried…, captured… | the next carried… |
//! | [`LoopKind::While`] | carried…, captured… | of condition and body: carried…, captured… | a flag; the next carried… |
//! | [`LoopKind::Endless`] | carried…, captured… | carried…, captured… | the next carried… |
//!
//! A loop's results are the carried values after it. Where there is one result, the node is that
//! result; several are taken apart by [`Op::Result`]. A loop that is left by `break` has
//! `exits: true`, and its body one output more, the flag that says whether to go on.
//!
//! `let mut s = 0.0; for i in 0..x.len() { s += x[i].sin(); } s` as a graph:
//!
//! ```
//! use autodiff_runtime::graph::{Function, Graph, LoopKind, Node, NodeId, Op, Shape, Subgraph};
//!
//! const fn node(op: Op, inputs: &'static [NodeId], label: Option<&'static str>) -> Node {
//!     Node { op, inputs, label, line: 0, column: 0 }
//! }
//! const X: Op = Op::Parameter { name: "x", shape: Shape::Slice };
//! const SUM: Graph = Graph {
//!     name: "sum",
//!     nodes: &[
//!         node(X, &[], None),
//!         node(Op::Constant(0.0), &[], Some("s")),
//!         node(Op::Constant(0.0), &[], None),
//!         node(Op::Length, &[NodeId(0)], None),
//!         node(Op::Constant(1.0), &[], None),
//!         node(
//!             Op::Loop {
//!                 header: "for i in 0..x.len()",
//!                 kind: LoopKind::Range { reversed: false },
//!                 body: &Subgraph {
//!                     nodes: &[
//!                         node(Op::Parameter { name: "i", shape: Shape::Integer }, &[], None),
//!                         node(Op::Parameter { name: "s", shape: Shape::Scalar }, &[], None),
//!                         node(X, &[], None),
//!                         node(Op::Index, &[NodeId(2), NodeId(0)], None),
//!                         node(Op::Apply(Function::Sin), &[NodeId(3)], None),
//!                         node(Op::Apply(Function::Add), &[NodeId(1), NodeId(4)], Some("s")),
//!                     ],
//!                     params: &[NodeId(0), NodeId(1), NodeId(2)],
//!                     outputs: &[NodeId(5)],
//!                 },
//!                 exits: false,
//!             },
//!             // start, end, step, the carried s, the captured x
//!             &[NodeId(2), NodeId(3), NodeId(4), NodeId(1), NodeId(0)],
//!             Some("s"),
//!         ),
//!     ],
//!     params: &[NodeId(0)],
//!     outputs: &[NodeId(5)],
//! };
//!
//! let x = [0.5, 1.0, 1.5];
//! let trace = SUM.evaluate(&x);
//! assert_eq!(trace.gradient(), x.map(f64::cos));
//!
//! let inside = &trace.loops[&NodeId(5)];
//! assert_eq!(inside.iterations(), 3);
//! assert_eq!(inside.carried[1][0].scalar(), Some(0.5_f64.sin()));
//! let last = inside.last.as_ref().unwrap();
//! assert_eq!(last.value("i"), Some(2.0));
//! assert_eq!(last.adjoints[3].scalar(), Some(1.5_f64.cos()));
//! ```
//!
//! `if x > 1.0 { x.ln() } else { 0.0 }` as a graph:
//!
//! ```
//! # use autodiff_runtime::graph::{
//! #     Arm, BranchKind, Comparison, Function, Graph, Node, NodeId, Op, Shape, Subgraph,
//! # };
//! # const fn node(op: Op, inputs: &'static [NodeId], label: Option<&'static str>) -> Node {
//! #     Node { op, inputs, label, line: 0, column: 0 }
//! # }
//! const X: Op = Op::Parameter { name: "x", shape: Shape::Scalar };
//! const POSITIVE_LOG: Graph = Graph {
//!     name: "positive_log",
//!     nodes: &[
//!         node(X, &[], None),
//!         node(Op::Constant(1.0), &[], None),
//!         node(Op::Compare(Comparison::Greater), &[NodeId(0), NodeId(1)], None),
//!         node(
//!             Op::Branch {
//!                 header: "if x > 1.0",
//!                 kind: BranchKind::If,
//!                 arms: &[
//!                     Arm {
//!                         label: "then",
//!                         body: &Subgraph {
//!                             nodes: &[
//!                                 node(X, &[], None),
//!                                 node(Op::Apply(Function::Ln), &[NodeId(0)], None),
//!                             ],
//!                             params: &[NodeId(0)],
//!                             outputs: &[NodeId(1)],
//!                         },
//!                     },
//!                     Arm {
//!                         label: "else",
//!                         body: &Subgraph {
//!                             nodes: &[node(X, &[], None), node(Op::Constant(0.0), &[], None)],
//!                             params: &[NodeId(0)],
//!                             outputs: &[NodeId(1)],
//!                         },
//!                     },
//!                 ],
//!             },
//!             // the flag, then what the arms use
//!             &[NodeId(2), NodeId(0)],
//!             None,
//!         ),
//!     ],
//!     params: &[NodeId(0)],
//!     outputs: &[NodeId(3)],
//! };
//!
//! assert_eq!(POSITIVE_LOG.evaluate(&[4.0]).gradient(), [0.25]);
//! // The logarithm of -4 is not even looked at.
//! let trace = POSITIVE_LOG.evaluate(&[-4.0]);
//! assert_eq!((trace.output(), trace.gradient()), (0.0, vec![0.0]));
//! assert!(trace.to_mermaid().contains("then (not taken)"));
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

mod branches;
mod caption;
mod control;
mod dot;
mod error;
mod evaluate;
mod forward;
mod function;
mod links;
mod loops;
mod memory;
mod mermaid;
mod node;
mod op;
mod partials;
mod pictures;
mod reverse;
mod rounds;
mod scope;
mod shape;
#[cfg(feature = "draw")]
mod svg;
mod trace;
mod value;
mod view;

#[cfg(test)]
mod tests;

pub use control::{Arm, BranchKind, Comparison, LoopKind, Step, Subgraph};
pub use error::EvaluateError;
pub use function::Function;
pub use node::{Graph, Node, NodeId};
pub use op::Op;
pub use shape::Shape;
pub use trace::{BranchTrace, LoopTrace, Trace};
pub use value::Value;
