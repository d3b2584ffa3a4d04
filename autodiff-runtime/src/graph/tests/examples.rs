//! Graphs with loops and branches, written by hand: examples for all tests.

use super::{apply, constant, node, parameter};
use crate::graph::{
    Arm, BranchKind, Comparison, Function, Graph, LoopKind, Node, NodeId, Op, Shape, Subgraph,
};

pub(super) const fn labelled(label: &'static str, op: Op, inputs: &'static [NodeId]) -> Node {
    node(op, inputs, Some(label))
}

pub(super) const fn integer(name: &'static str) -> Node {
    parameter(name, Shape::Integer)
}

pub(super) const fn scalar(name: &'static str) -> Node {
    parameter(name, Shape::Scalar)
}

pub(super) const fn compare(comparison: Comparison, inputs: &'static [NodeId]) -> Node {
    node(Op::Compare(comparison), inputs, None)
}

pub(super) const fn range(header: &'static str, body: &'static Subgraph) -> Op {
    Op::Loop {
        header,
        kind: LoopKind::Range { reversed: false },
        body,
        exits: false,
    }
}

/// `let mut s = 0.0; for i in 0..x.len() { s += x[i].sin(); } s`
pub(in crate::graph) const SUM: Graph = Graph {
    name: "sum",
    nodes: &[
        parameter("x", Shape::Slice),
        node(Op::Constant(0.0), &[], Some("s")),
        constant(0.0),
        node(Op::Length, &[NodeId(0)], None),
        constant(1.0),
        labelled(
            "s",
            range(
                "for i in 0..x.len()",
                &Subgraph {
                    nodes: &[
                        integer("i"),
                        scalar("s"),
                        parameter("x", Shape::Slice),
                        node(Op::Index, &[NodeId(2), NodeId(0)], None),
                        apply(Function::Sin, &[NodeId(3)]),
                        labelled("s", Op::Apply(Function::Add), &[NodeId(1), NodeId(4)]),
                    ],
                    params: &[NodeId(0), NodeId(1), NodeId(2)],
                    outputs: &[NodeId(5)],
                },
            ),
            &[NodeId(2), NodeId(3), NodeId(4), NodeId(1), NodeId(0)],
        ),
    ],
    params: &[NodeId(0)],
    outputs: &[NodeId(5)],
};

/// `if x > k { x.ln() * k } else { k }`
pub(in crate::graph) const CHOICE: Graph = Graph {
    name: "choice",
    nodes: &[
        scalar("x"),
        scalar("k"),
        compare(Comparison::Greater, &[NodeId(0), NodeId(1)]),
        node(
            Op::Branch {
                header: "if x > k",
                kind: BranchKind::If,
                arms: &[
                    Arm {
                        label: "then",
                        body: &Subgraph {
                            nodes: &[
                                scalar("x"),
                                scalar("k"),
                                apply(Function::Ln, &[NodeId(0)]),
                                apply(Function::Mul, &[NodeId(2), NodeId(1)]),
                            ],
                            params: &[NodeId(0), NodeId(1)],
                            outputs: &[NodeId(3)],
                        },
                    },
                    Arm {
                        label: "else",
                        body: &Subgraph {
                            nodes: &[scalar("x"), scalar("k")],
                            params: &[NodeId(0), NodeId(1)],
                            outputs: &[NodeId(1)],
                        },
                    },
                ],
            },
            &[NodeId(2), NodeId(0), NodeId(1)],
            None,
        ),
    ],
    params: &[NodeId(0), NodeId(1)],
    outputs: &[NodeId(3)],
};

/// `let mut y = a; while (y * y - a).abs() > 1e-12 { y = 0.5 * (y + a / y); } y`
pub(in crate::graph) const NEWTON: Graph = Graph {
    name: "newton",
    nodes: &[
        scalar("a"),
        labelled(
            "y",
            Op::Loop {
                header: "while (y * y - a).abs() > 1e-12",
                kind: LoopKind::While {
                    condition: &Subgraph {
                        nodes: &[
                            scalar("y"),
                            scalar("a"),
                            apply(Function::Mul, &[NodeId(0), NodeId(0)]),
                            apply(Function::Sub, &[NodeId(2), NodeId(1)]),
                            apply(Function::Abs, &[NodeId(3)]),
                            constant(1e-12),
                            compare(Comparison::Greater, &[NodeId(4), NodeId(5)]),
                        ],
                        params: &[NodeId(0), NodeId(1)],
                        outputs: &[NodeId(6)],
                    },
                },
                body: &Subgraph {
                    nodes: &[
                        scalar("y"),
                        scalar("a"),
                        apply(Function::Div, &[NodeId(1), NodeId(0)]),
                        apply(Function::Add, &[NodeId(0), NodeId(2)]),
                        constant(0.5),
                        labelled("y", Op::Apply(Function::Mul), &[NodeId(4), NodeId(3)]),
                    ],
                    params: &[NodeId(0), NodeId(1)],
                    outputs: &[NodeId(5)],
                },
                exits: false,
            },
            &[NodeId(0), NodeId(0)],
        ),
    ],
    params: &[NodeId(0)],
    outputs: &[NodeId(1)],
};

/// `let mut s = 0.0; for i in 0..n { for j in 0..i { s += x * w[j] * s.cos(); } } s`
pub(in crate::graph) const NESTED: Graph = Graph {
    name: "nested",
    nodes: &[
        scalar("x"),
        parameter("w", Shape::Array(&[3])),
        integer("n"),
        labelled("s", Op::Constant(0.0), &[]),
        constant(0.0),
        constant(1.0),
        labelled(
            "s",
            range(
                "for i in 0..n",
                &Subgraph {
                    nodes: &[
                        integer("i"),
                        scalar("s"),
                        scalar("x"),
                        parameter("w", Shape::Array(&[3])),
                        constant(0.0),
                        constant(1.0),
                        labelled(
                            "s",
                            range(
                                "for j in 0..i",
                                &Subgraph {
                                    nodes: &[
                                        integer("j"),
                                        scalar("s"),
                                        scalar("x"),
                                        parameter("w", Shape::Array(&[3])),
                                        node(Op::Index, &[NodeId(3), NodeId(0)], None),
                                        apply(Function::Mul, &[NodeId(2), NodeId(4)]),
                                        apply(Function::Cos, &[NodeId(1)]),
                                        apply(Function::Mul, &[NodeId(5), NodeId(6)]),
                                        labelled(
                                            "s",
                                            Op::Apply(Function::Add),
                                            &[NodeId(1), NodeId(7)],
                                        ),
                                    ],
                                    params: &[NodeId(0), NodeId(1), NodeId(2), NodeId(3)],
                                    outputs: &[NodeId(8)],
                                },
                            ),
                            &[
                                NodeId(4),
                                NodeId(0),
                                NodeId(5),
                                NodeId(1),
                                NodeId(2),
                                NodeId(3),
                            ],
                        ),
                    ],
                    params: &[NodeId(0), NodeId(1), NodeId(2), NodeId(3)],
                    outputs: &[NodeId(6)],
                },
            ),
            &[
                NodeId(4),
                NodeId(2),
                NodeId(5),
                NodeId(3),
                NodeId(0),
                NodeId(1),
            ],
        ),
    ],
    params: &[NodeId(0), NodeId(1), NodeId(2)],
    outputs: &[NodeId(6)],
};

/// `let mut s = 0.0; for i in 0..3 { if x[i] > 0.0 { s += x[i].sqrt(); } } 2.0 * s`
pub(in crate::graph) const BRANCH_IN_LOOP: Graph = Graph {
    name: "roots",
    nodes: &[
        parameter("x", Shape::Array(&[3])),
        labelled("s", Op::Constant(0.0), &[]),
        constant(0.0),
        constant(3.0),
        constant(1.0),
        labelled(
            "s",
            range(
                "for i in 0..3",
                &Subgraph {
                    nodes: &[
                        integer("i"),
                        scalar("s"),
                        parameter("x", Shape::Array(&[3])),
                        node(Op::Index, &[NodeId(2), NodeId(0)], None),
                        constant(0.0),
                        compare(Comparison::Greater, &[NodeId(3), NodeId(4)]),
                        labelled(
                            "s",
                            Op::Branch {
                                header: "if x[i] > 0.0",
                                kind: BranchKind::If,
                                arms: &[
                                    Arm {
                                        label: "then",
                                        body: &Subgraph {
                                            nodes: &[
                                                scalar("s"),
                                                parameter("x", Shape::Array(&[3])),
                                                integer("i"),
                                                node(Op::Index, &[NodeId(1), NodeId(2)], None),
                                                apply(Function::Sqrt, &[NodeId(3)]),
                                                labelled(
                                                    "s",
                                                    Op::Apply(Function::Add),
                                                    &[NodeId(0), NodeId(4)],
                                                ),
                                            ],
                                            params: &[NodeId(0), NodeId(1), NodeId(2)],
                                            outputs: &[NodeId(5)],
                                        },
                                    },
                                    Arm {
                                        label: "else",
                                        body: &Subgraph {
                                            nodes: &[
                                                scalar("s"),
                                                parameter("x", Shape::Array(&[3])),
                                                integer("i"),
                                            ],
                                            params: &[NodeId(0), NodeId(1), NodeId(2)],
                                            outputs: &[NodeId(0)],
                                        },
                                    },
                                ],
                            },
                            &[NodeId(5), NodeId(1), NodeId(2), NodeId(0)],
                        ),
                    ],
                    params: &[NodeId(0), NodeId(1), NodeId(2)],
                    outputs: &[NodeId(6)],
                },
            ),
            &[NodeId(2), NodeId(3), NodeId(4), NodeId(1), NodeId(0)],
        ),
        constant(2.0),
        apply(Function::Mul, &[NodeId(6), NodeId(5)]),
    ],
    params: &[NodeId(0)],
    outputs: &[NodeId(7)],
};

/// `let (mut a, mut b) = (x, y); for _ in 0..n { (a, b) = (b, a + b); } a * b`
pub(in crate::graph) const FIBONACCI: Graph = Graph {
    name: "fibonacci",
    nodes: &[
        scalar("x"),
        scalar("y"),
        integer("n"),
        constant(0.0),
        constant(1.0),
        node(
            range(
                "for _ in 0..n",
                &Subgraph {
                    nodes: &[
                        integer("_"),
                        scalar("a"),
                        scalar("b"),
                        labelled("b", Op::Apply(Function::Add), &[NodeId(1), NodeId(2)]),
                    ],
                    params: &[NodeId(0), NodeId(1), NodeId(2)],
                    outputs: &[NodeId(2), NodeId(3)],
                },
            ),
            &[NodeId(3), NodeId(2), NodeId(4), NodeId(0), NodeId(1)],
            None,
        ),
        labelled("a", Op::Result(0), &[NodeId(5)]),
        labelled("b", Op::Result(1), &[NodeId(5)]),
        apply(Function::Mul, &[NodeId(6), NodeId(7)]),
    ],
    params: &[NodeId(0), NodeId(1), NodeId(2)],
    outputs: &[NodeId(8)],
};
