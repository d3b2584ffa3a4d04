//! Loops as the interpreter sees them: which inputs and parameters are what, and which integers a
//! range goes over.

use super::{EvaluateError, Graph, LoopKind, Node, NodeId, Op, Value};

/// A loop whose parts fit together.
pub(super) struct Loop {
    pub(super) header: &'static str,
    pub(super) body: Graph,
    pub(super) condition: Option<Graph>,
    pub(super) exits: bool,
    /// The place of the first carried value among the node's inputs.
    pub(super) first: usize,
    /// How many values are carried.
    pub(super) carried: usize,
    kind: LoopKind,
}

impl Loop {
    pub(super) fn of(graph: &Graph, node: &Node) -> Result<Self, EvaluateError> {
        let Op::Loop {
            header,
            kind,
            body,
            exits,
        } = node.op
        else {
            unreachable!("a loop");
        };
        let unsupported = |what: &str| {
            let what = format!("{what} the loop `{header}`");
            EvaluateError::unsupported(graph.name, node, what)
        };
        let carried = body.outputs.len().checked_sub(usize::from(exits));
        let carried = carried.ok_or_else(|| unsupported("no output is the flag that ends"))?;
        let first = kind.bounds();
        if node.inputs.len() < first + carried {
            return Err(unsupported("an initial value is missing for"));
        }
        let taken = node.inputs.len() - first;
        if body.params.len() != taken + kind.counters() {
            return Err(unsupported(
                "the parameters of the body do not fit to the inputs of",
            ));
        }
        let condition = match kind {
            LoopKind::While { condition } if condition.params.len() != taken => {
                return Err(unsupported(
                    "the parameters of the condition do not fit to the inputs of",
                ));
            }
            LoopKind::While { condition } if condition.outputs.len() != 1 => {
                return Err(unsupported(
                    "the condition has another number of outputs than one in",
                ));
            }
            LoopKind::While { condition } => Some(condition.named(graph.name)),
            LoopKind::Range { .. } | LoopKind::Endless => None,
        };
        Ok(Self {
            header,
            body: body.named(graph.name),
            condition,
            exits,
            first,
            carried,
            kind,
        })
    }

    /// The integers of a range; without an end for the other kinds, which count nothing.
    pub(super) fn integers(
        &self,
        graph: &Graph,
        node: &Node,
        inputs: &[&Value],
    ) -> Result<Integers, EvaluateError> {
        let LoopKind::Range { reversed } = self.kind else {
            return Ok(Integers {
                start: 0.0,
                step: 0.0,
                count: f64::INFINITY,
                reversed: false,
            });
        };
        let bounds: Vec<f64> = inputs[..self.first]
            .iter()
            .filter_map(|bound| bound.scalar())
            .collect();
        let is_integer = |x: f64| x.fract() == 0.0;
        match bounds[..] {
            [start, end, step]
                if is_integer(start)
                    && is_integer(step)
                    && step != 0.0
                    // `0..` has no end.
                    && (is_integer(end) || (end.is_infinite() && !reversed)) =>
            {
                let count = ((end - start) / step).ceil().max(0.0);
                Ok(Integers {
                    start,
                    step,
                    count,
                    reversed,
                })
            }
            _ => {
                let what = format!(
                    "the loop `{}` does not go over integers: its start, end and step are {bounds:?}",
                    self.header
                );
                Err(EvaluateError::unsupported(graph.name, node, what))
            }
        }
    }

    /// The arguments of one iteration, which the captured values are lent to.
    pub(super) fn arguments(
        &self,
        integer: f64,
        carried: &[Value],
        captured: &mut Vec<Value>,
    ) -> Vec<Value> {
        let mut arguments = Vec::with_capacity(self.body.params.len());
        arguments.extend((self.kind.counters() > 0).then_some(Value::Scalar(integer)));
        arguments.extend_from_slice(carried);
        arguments.append(captured);
        arguments
    }

    /// The parameters of the body that take the carried values.
    pub(super) fn changing(&self) -> &'static [NodeId] {
        let first = self.kind.counters();
        &self.body.params[first..first + self.carried]
    }

    /// The parameters of the body or of the condition that take the captured values.
    pub(super) fn lent(&self, graph: &Graph) -> &'static [NodeId] {
        let captured = self.body.params.len() - self.kind.counters() - self.carried;
        &graph.params[graph.params.len() - captured..]
    }
}

/// The integers that a loop goes over.
pub(super) struct Integers {
    start: f64,
    step: f64,
    count: f64,
    reversed: bool,
}

impl Integers {
    /// The one of an iteration, if there is that iteration.
    pub(super) fn get(&self, iteration: usize) -> Option<f64> {
        let iteration = iteration as f64;
        let place = if self.reversed {
            self.count - 1.0 - iteration
        } else {
            iteration
        };
        (iteration < self.count).then_some(self.start + place * self.step)
    }
}

impl LoopKind {
    /// How many inputs of the loop come before the carried values.
    pub(super) const fn bounds(self) -> usize {
        match self {
            Self::Range { .. } => 3,
            Self::While { .. } | Self::Endless => 0,
        }
    }

    /// How many parameters of the body come before the carried values.
    pub(super) const fn counters(self) -> usize {
        match self {
            Self::Range { .. } => 1,
            Self::While { .. } | Self::Endless => 0,
        }
    }
}
