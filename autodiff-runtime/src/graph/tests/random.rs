//! Random programs of loops and branches: their derivatives against differences of their values, and
//! their pictures.

use super::examples::{integer, scalar};
use super::{constant, node};
use crate::graph::{
    Arm, BranchKind, Comparison, Function, Graph, LoopKind, Node, NodeId, Op, Subgraph, Trace,
};

/// Makes programs; the same for the same seed.
struct Writer {
    state: u64,
}

impl Writer {
    /// A number under `n`, by a linear congruential generator.
    fn below(&mut self, n: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % n
    }

    /// Nodes that hold one number.
    fn operands(&mut self, count: usize, nodes: &[Node]) -> Vec<NodeId> {
        let numbers: Vec<usize> = (0..nodes.len())
            .filter(|&k| !nodes[k].op.is_control())
            .collect();
        (0..count)
            .map(|_| NodeId(numbers[self.below(numbers.len())]))
            .collect()
    }

    fn push(&mut self, nodes: &mut Vec<Node>, op: Op, inputs: Vec<NodeId>) -> NodeId {
        nodes.push(node(op, inputs.leak(), None));
        NodeId(nodes.len() - 1)
    }

    fn statements(&mut self, nodes: &mut Vec<Node>, depth: usize) {
        nodes.push(constant(0.7));
        for _ in 0..1 + self.below(5) {
            match self.below(if depth == 0 { 3 } else { 6 }) {
                0 => nodes.push(constant(self.below(30) as f64 / 10.0)),
                1 => {
                    let inputs = self.operands(1, nodes);
                    self.push(nodes, Op::Apply(Function::Sin), inputs);
                }
                2 => {
                    let functions = [Function::Add, Function::Mul, Function::Hypot];
                    let function = functions[self.below(3)];
                    let inputs = self.operands(2, nodes);
                    self.push(nodes, Op::Apply(function), inputs);
                }
                3 => self.branch(nodes, depth),
                _ => self.range_loop(nodes, depth),
            }
        }
    }

    fn flag(&mut self, nodes: &mut Vec<Node>) -> NodeId {
        let inputs = self.operands(2, nodes);
        self.push(nodes, Op::Compare(Comparison::Less), inputs)
    }

    fn branch(&mut self, nodes: &mut Vec<Node>, depth: usize) {
        let (results, used) = (1 + self.below(3), self.below(4));
        let mut arm = |label| Arm {
            label,
            body: self.body(Vec::new(), used, results, false, depth - 1),
        };
        let arms = vec![arm("then"), arm("else")].leak();
        let mut inputs = vec![self.flag(nodes)];
        inputs.extend(self.operands(used, nodes));
        let (header, kind) = ("if …", BranchKind::If);
        let branch = self.push(nodes, Op::Branch { header, kind, arms }, inputs);
        for k in 0..results {
            self.push(nodes, Op::Result(k), vec![branch]);
        }
    }

    fn range_loop(&mut self, nodes: &mut Vec<Node>, depth: usize) {
        let (carried, captured) = (1 + self.below(3), self.below(3));
        let exits = self.below(3) == 0;
        let taken = carried + captured;
        let op = Op::Loop {
            header: "for i in …",
            kind: LoopKind::Range {
                reversed: self.below(2) == 0,
            },
            body: self.body(vec![integer("i")], taken, carried, exits, depth - 1),
            exits,
        };
        let bounds = [0.0, self.below(4) as f64, 1.0];
        let mut inputs: Vec<NodeId> = bounds
            .into_iter()
            .map(|bound| self.push(nodes, Op::Constant(bound), Vec::new()))
            .collect();
        inputs.extend(self.operands(taken, nodes));
        let results = self.push(nodes, op, inputs);
        for k in 0..carried {
            self.push(nodes, Op::Result(k), vec![results]);
        }
    }

    fn body(
        &mut self,
        mut nodes: Vec<Node>,
        params: usize,
        outputs: usize,
        exits: bool,
        depth: usize,
    ) -> &'static Subgraph {
        nodes.extend((0..params).map(|_| scalar("p")));
        let params: Vec<NodeId> = (0..nodes.len()).map(NodeId).collect();
        self.statements(&mut nodes, depth);
        let mut outputs = self.operands(outputs, &nodes);
        if exits {
            outputs.push(self.flag(&mut nodes));
        }
        Box::leak(Box::new(Subgraph {
            nodes: nodes.leak(),
            params: params.leak(),
            outputs: outputs.leak(),
        }))
    }
}

/// A program of two parameters that returns everything that it computes.
fn program(seed: u64) -> Graph {
    let mut writer = Writer { state: seed };
    let mut nodes = vec![scalar("x"), scalar("y")];
    writer.statements(&mut nodes, 2);
    let numbers = (2..nodes.len()).filter(|&k| !nodes[k].op.is_control());
    let outputs: Vec<NodeId> = numbers.map(NodeId).collect();
    Graph {
        name: "program",
        nodes: nodes.leak(),
        params: &[NodeId(0), NodeId(1)],
        outputs: outputs.leak(),
    }
}

fn evaluate(graph: &Graph, inputs: &[f64]) -> Trace {
    graph.evaluate_with(inputs, &vec![1.0; graph.outputs.len()])
}

#[test]
fn gradients_are_the_slopes_of_the_values() {
    const AT: [f64; 2] = [0.3, -0.6];
    let mut compared = 0;
    for seed in 0..300 {
        let graph = program(seed);
        let gradient = evaluate(&graph, &AT).gradient();
        for (place, derivative) in gradient.into_iter().enumerate() {
            let slope = |step: f64| {
                let at = |step: f64| -> f64 {
                    let mut moved = AT;
                    moved[place] += step;
                    evaluate(&graph, &moved).outputs().iter().sum()
                };
                (at(step) - at(-step)) / (2.0 * step)
            };
            // Two steps tell a smooth place from one next to a jump.
            let (near, far) = (slope(1e-5), slope(2e-5));
            let scale = near.abs().max(1.0);
            if (near - far).abs() < 1e-6 * scale && near != 0.0 {
                compared += 1;
                let error = (derivative - near).abs() / scale;
                assert!(error < 1e-6, "seed {seed}: {derivative} instead of {near}");
            }
        }
    }
    assert!(compared > 200, "{compared} derivatives were compared");
}

#[cfg(feature = "draw")]
#[test]
fn pictures_are_well_formed() {
    for seed in 0..40 {
        let graph = program(seed);
        for svg in [graph.to_svg(), evaluate(&graph, &[0.3, -0.6]).to_svg()] {
            super::pictures::svg::texts(&svg);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "seed {seed}");
        }
    }
}
