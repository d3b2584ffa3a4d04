mod control;
mod evaluating;
pub(in crate::graph) mod examples;
mod frames;
mod functions;
mod memory;
mod pictures;
mod random;

use super::{Function, Graph, Node, NodeId, Op, Shape};

/// A node without a place in a source.
const fn node(op: Op, inputs: &'static [NodeId], label: Option<&'static str>) -> Node {
    Node {
        op,
        inputs,
        label,
        line: 0,
        column: 0,
    }
}

const fn parameter(name: &'static str, shape: Shape) -> Node {
    node(Op::Parameter { name, shape }, &[], None)
}

const fn apply(function: Function, inputs: &'static [NodeId]) -> Node {
    node(Op::Apply(function), inputs, None)
}

const fn call(
    name: &'static str,
    graph: Option<fn() -> Graph>,
    inputs: &'static [NodeId],
    label: Option<&'static str>,
) -> Node {
    node(Op::Call { name, graph }, inputs, label)
}

const fn constant(x: f64) -> Node {
    node(Op::Constant(x), &[], None)
}

/// `let a = x.powi(2); let b = 5.0 * a; let c = a.ln(); let g = b * c; -g`
const LOSS: Graph = Graph {
    name: "loss",
    nodes: &[
        parameter("x", Shape::Scalar),
        constant(2.0),
        node(
            Op::Apply(Function::Powi),
            &[NodeId(0), NodeId(1)],
            Some("a"),
        ),
        constant(5.0),
        node(Op::Apply(Function::Mul), &[NodeId(3), NodeId(2)], Some("b")),
        node(Op::Apply(Function::Ln), &[NodeId(2)], Some("c")),
        node(Op::Apply(Function::Mul), &[NodeId(4), NodeId(5)], Some("g")),
        apply(Function::Neg, &[NodeId(6)]),
    ],
    params: &[NodeId(0)],
    outputs: &[NodeId(7)],
};
