//! The reverse sweep: every node's adjoint.

use super::memory::Path;
use super::{EvaluateError, Function, NodeId, Op, Shape, Trace, Value};

/// Why the reverse sweep needs to check nothing.
pub(super) const DONE: &str = "it went well on the way forward";

impl Trace {
    /// The cotangents in the layout of the results.
    pub(super) fn seeds(&self, cotangents: &[f64]) -> Result<Vec<Value>, EvaluateError> {
        let results = Value::List(self.results());
        let expected = results.floats().len();
        if expected != cotangents.len() {
            return Err(EvaluateError::CotangentCount {
                graph: self.graph.name,
                expected,
                found: cotangents.len(),
            });
        }
        match results.filled_like(&mut cotangents.iter().copied()) {
            Some(Value::List(seeds)) => Ok(seeds),
            _ => unreachable!("the cotangents were counted"),
        }
    }

    /// Every node's adjoint, from the cotangents of the results. Those of the last parameters add
    /// up to the given totals instead of zero.
    pub(super) fn reverse(&mut self, seeds: Vec<Value>, mut totals: Vec<Value>) {
        let (_, last_params) = self
            .graph
            .params
            .split_at(self.graph.params.len() - totals.len());
        let start = |(position, value): (usize, &Value)| match last_params
            .iter()
            .position(|id| id.0 == position)
        {
            Some(place) => totals[place].take(),
            None => value.zero_like(),
        };
        self.adjoints = self.values.iter().enumerate().map(start).collect();
        for (id, seed) in self.graph.outputs.iter().zip(&seeds) {
            self.adjoints[id.0].add(seed);
        }
        for (position, node) in self.graph.nodes.iter().enumerate().rev() {
            // Its inputs stand before it, so nothing is added to it meanwhile.
            let adjoint = self.adjoints[position].take();
            // As on the way forward, recursion goes through short functions only.
            match node.op {
                Op::Call { .. } => self.pull_call(NodeId(position), &adjoint),
                Op::Branch { .. } => self.pull_branch(NodeId(position), &adjoint),
                Op::Loop { .. } => self.pull_loop(NodeId(position), &adjoint),
                _ => self.pull(NodeId(position), &adjoint),
            }
            self.adjoints[position] = adjoint;
        }
        for &id in self.graph.params {
            if let Op::Parameter {
                shape: Shape::Integer,
                ..
            } = self.graph.node(id).op
            {
                self.adjoints[id.0] = self.values[id.0].zero_like();
            }
        }
    }

    /// Adds what the adjoint of a node without anything inside contributes to those of its inputs.
    fn pull(&mut self, id: NodeId, adjoint: &Value) {
        let node = self.graph.node(id);
        match (node.op, adjoint) {
            (Op::Apply(function), Value::Scalar(adjoint)) => {
                let value = self.values[id.0].floats()[0];
                let inputs = self.inputs(id).expect(DONE);
                let numbers: Vec<f64> = inputs.iter().flat_map(|input| input.floats()).collect();
                let partials = function.partials(&numbers, value);
                for (input, partial) in node.inputs.iter().zip(partials) {
                    if let Some(contribution) = contribution(function, partial, *adjoint) {
                        self.adjoints[input.0].add(&contribution);
                    }
                }
            }
            (Op::Cast("f32" | "f64"), adjoint) => self.adjoints[node.inputs[0].0].add(adjoint),
            (Op::Index | Op::Slice | Op::Field(_), adjoint) => {
                let path = self.path(id);
                path.add(&mut self.adjoints[node.inputs[0].0], adjoint);
            }
            (Op::Store(_), adjoint) => {
                let path = self.path(id);
                let [aggregate, value, ..] = *node.inputs else {
                    unreachable!("both were there on the way forward");
                };
                // What was overwritten does not matter.
                let nothing = path.read(&self.values[aggregate.0]).zero_like();
                let mut rest = adjoint.clone();
                let part = path.exchange(&mut rest, nothing).expect(DONE);
                self.adjoints[aggregate.0].add(&rest);
                self.adjoints[value.0].add(&part);
            }
            (Op::Tuple | Op::Array | Op::Struct { .. }, Value::List(parts)) => {
                for (input, part) in node.inputs.iter().zip(parts) {
                    self.adjoints[input.0].add(part);
                }
            }
            (Op::Append, Value::List(parts)) => {
                let [list, last] = *node.inputs else {
                    unreachable!("both were there on the way forward");
                };
                let (last_part, parts) =
                    parts.split_last().expect("a list of one element at least");
                self.adjoints[list.0].add(&Value::List(parts.to_vec()));
                self.adjoints[last.0].add(last_part);
            }
            (Op::Repeat, Value::List(parts)) => {
                for part in parts {
                    self.adjoints[node.inputs[0].0].add(part);
                }
            }
            (Op::Result(k), adjoint) => {
                let source = node.inputs[0];
                match (self.result_count(source), &mut self.adjoints[source.0]) {
                    (Some(1), result) => result.add(adjoint),
                    (_, Value::List(results)) => results[k].add(adjoint),
                    (_, Value::Scalar(_)) => unreachable!("several results are a list"),
                }
            }
            // Constants, parameters and what gives flags or integers.
            _ => {}
        }
    }

    fn path(&self, id: NodeId) -> Path {
        let inputs = self.inputs(id).expect(DONE);
        Path::of(&self.graph, self.graph.node(id), &inputs).expect(DONE)
    }

    fn pull_call(&mut self, id: NodeId, adjoint: &Value) {
        let seeds = self.apart(id, adjoint);
        let inner = self.calls.get_mut(&id).expect(DONE);
        inner.reverse(seeds, Vec::new());
        for (input, param) in self.graph.node(id).inputs.iter().zip(inner.graph.params) {
            self.adjoints[input.0].add(&inner.adjoints[param.0]);
        }
    }

    /// The adjoint of a loop, branch or call, result by result.
    pub(super) fn apart(&self, id: NodeId, adjoint: &Value) -> Vec<Value> {
        match (self.result_count(id), adjoint) {
            (Some(1), adjoint) => vec![adjoint.clone()],
            (_, Value::List(results)) => results.clone(),
            (_, Value::Scalar(_)) => unreachable!("several results are a list"),
        }
    }
}

/// What an adjoint adds to that of an input through a partial derivative; nothing where either is
/// zero in the strong sense.
///
/// A zero adjoint says that the result does not matter, whatever the partial, except through the
/// operators `+ - *`, which have no poles and keep to the arithmetic of floats. A zero partial of
/// a step function or of the operand that was not chosen says that the input does not matter.
fn contribution(function: Function, partial: f64, adjoint: f64) -> Option<Value> {
    use Function::{
        Add, Ceil, Clamp, Copysign, Floor, Max, Min, Mul, MulAdd, Neg, Relu, Round, RoundTiesEven,
        Sign, Signum, Sub, Threshold, Trunc,
    };
    let has_no_pole = matches!(function, Neg | Add | Sub | Mul | MulAdd);
    let has_flat_parts = matches!(
        function,
        Floor
            | Ceil
            | Round
            | RoundTiesEven
            | Trunc
            | Signum
            | Sign
            | Threshold
            | Copysign
            | Relu
            | Max
            | Min
            | Clamp
    );
    let nothing = (adjoint == 0.0 && !has_no_pole) || (partial == 0.0 && has_flat_parts);
    (!nothing).then_some(Value::Scalar(adjoint * partial))
}
