//! The forward sweep: every node's value.

use super::memory::Path;
use super::{EvaluateError, Graph, Node, NodeId, Op, Trace, Value};
use std::collections::BTreeMap;

/// How deep functions, loops and branches may be nested in an evaluation, so that a recursion without
/// an end is an error. In a build without optimisation they fit into the stack of a thread.
const DEEPEST: usize = 500;

/// A forward sweep under way.
#[derive(Debug, Default)]
pub(super) struct Forward {
    /// How many graphs are being evaluated, one in the other.
    depth: usize,
    /// How many iterations of loops were done, those of loops in loops and in calls included.
    pub(super) iterations: usize,
}

impl Forward {
    /// Evaluates the graph of a new trace. The adjoints are left out: the reverse sweep starts with
    /// them.
    ///
    /// Recursion goes through this function and the ones that it calls, except [`plain`]. What they
    /// prepare and finish is done by others, so that their own frames on the stack are small.
    pub(super) fn run(
        &mut self,
        trace: &mut Trace,
        mut arguments: Vec<Value>,
    ) -> Result<(), EvaluateError> {
        if self.depth == DEEPEST {
            let graph = trace.graph.name;
            return Err(EvaluateError::TooDeep { graph });
        }
        self.depth += 1;
        for position in 0..trace.graph.nodes.len() {
            let value = match trace.graph.nodes[position].op {
                Op::Call { .. } => self.call(trace, NodeId(position)),
                Op::Branch { .. } => self.branch(trace, NodeId(position)),
                Op::Loop { .. } => self.go_round(trace, NodeId(position)),
                _ => plain(trace, position, &mut arguments),
            };
            trace.values.push(value?);
        }
        self.depth -= 1;
        Ok(())
    }

    fn call(&mut self, trace: &mut Trace, id: NodeId) -> Result<Value, EvaluateError> {
        let arguments = enter(trace, id)?;
        let inner = trace.calls.get_mut(&id).expect("it was entered");
        self.run(inner, arguments)?;
        Ok(together(inner.results()))
    }
}

/// Adds the trace of a call that is still to be evaluated, and gives the arguments.
fn enter(trace: &mut Trace, id: NodeId) -> Result<Vec<Value>, EvaluateError> {
    let node = trace.graph.node(id);
    let unsupported = |what: String| EvaluateError::unsupported(trace.graph.name, node, what);
    let Op::Call { name, graph } = node.op else {
        unreachable!("a call");
    };
    let Some(callee) = graph else {
        return Err(unsupported(format!(
            "it calls `{name}`, whose derivative is written by hand"
        )));
    };
    let callee = callee();
    let arguments: Vec<Value> = trace.inputs(id)?.into_iter().cloned().collect();
    let accepted = callee.params.len() == arguments.len()
        && callee.params.iter().zip(&arguments).all(|(&id, argument)| {
            matches!(callee.node(id).op, Op::Parameter { shape, .. } if shape.fits(argument))
        });
    if !accepted {
        return Err(unsupported(format!(
            "the arguments of its call of `{name}` do not have the parameters' shapes"
        )));
    }
    trace.calls.insert(id, Trace::of(&callee));
    Ok(arguments)
}

/// The value of a node without anything inside.
fn plain(trace: &Trace, position: usize, arguments: &mut [Value]) -> Result<Value, EvaluateError> {
    let graph = &trace.graph;
    let node = graph.node(NodeId(position));
    let inputs = trace.inputs(NodeId(position))?;
    let unsupported = |what: &str| EvaluateError::unsupported(graph.name, node, what);
    Ok(match node.op {
        Op::Parameter { .. } => {
            let place = graph.params.iter().position(|id| id.0 == position);
            let argument = place.and_then(|place| arguments.get_mut(place));
            let missing = || unsupported("a parameter is missing in the list of them");
            argument.ok_or_else(missing)?.take()
        }
        Op::Constant(x) => Value::Scalar(x),
        Op::Apply(function) => {
            let numbers = numbers(graph, node, &inputs)?;
            if numbers.len() != function.arity() {
                return Err(unsupported("a function has a wrong number of inputs"));
            }
            Value::Scalar(function.apply(&numbers))
        }
        Op::Cast(target) => {
            let [x] = numbers(graph, node, &inputs)?[..] else {
                return Err(unsupported("a cast has more than one input"));
            };
            let unknown = || unsupported(&format!("it holds a cast to `{target}`"));
            Value::Scalar(cast(target, x).ok_or_else(unknown)?)
        }
        Op::Compare(comparison) => {
            let [a, b] = numbers(graph, node, &inputs)?[..] else {
                return Err(unsupported("a comparison has not two inputs"));
            };
            from_flag(comparison.holds(a, b))
        }
        Op::Not | Op::And | Op::Or => {
            let flags: Vec<bool> = inputs
                .iter()
                .map(|input| flag(graph.name, node, input))
                .collect::<Result<_, _>>()?;
            match (node.op, &flags[..]) {
                (Op::Not, [a]) => from_flag(!a),
                (Op::And, [a, b]) => from_flag(*a && *b),
                (Op::Or, [a, b]) => from_flag(*a || *b),
                _ => {
                    return Err(unsupported(
                        "a logical operator has a wrong number of inputs",
                    ));
                }
            }
        }
        Op::Index | Op::Slice | Op::Field(_) => {
            let path = Path::of(graph, node, &inputs)?;
            path.read(inputs[0])
        }
        Op::Length => match inputs[..] {
            [Value::List(parts)] => Value::Scalar(parts.len() as f64),
            _ => return Err(unsupported("the length of a single number is taken")),
        },
        Op::Store(_) => {
            let path = Path::of(graph, node, &inputs)?;
            let mut changed = inputs[0].clone();
            if path.exchange(&mut changed, inputs[1].clone()).is_none() {
                return Err(unsupported(
                    "a range of a list is overwritten with another number of elements",
                ));
            }
            changed
        }
        Op::Append => match inputs[..] {
            [Value::List(parts), last] => {
                Value::List(parts.iter().chain([last]).cloned().collect())
            }
            _ => return Err(unsupported("an element is appended to a single number")),
        },
        Op::Tuple | Op::Array | Op::Struct { .. } => {
            Value::List(inputs.into_iter().cloned().collect())
        }
        Op::Repeat => match inputs[..] {
            [value, Value::Scalar(length)] if *length >= 0.0 && length.fract() == 0.0 => {
                Value::List(vec![value.clone(); *length as usize])
            }
            _ => return Err(unsupported("the length of a list is not a natural number")),
        },
        Op::Result(k) => {
            let [source] = *node.inputs else {
                return Err(unsupported("the origin of a result is not known"));
            };
            let unknown = || unsupported("a result is taken of what does not have it");
            let count = trace.result_count(source).filter(|&count| k < count);
            match (count.ok_or_else(unknown)?, inputs[0]) {
                (1, value) => value.clone(),
                (_, Value::List(results)) => results[k].clone(),
                (_, Value::Scalar(_)) => unreachable!("several results are a list"),
            }
        }
        Op::Expression(text) => {
            return Err(unsupported(&format!(
                "it holds the Rust expression `{text}`"
            )));
        }
        Op::Call { .. } | Op::Branch { .. } | Op::Loop { .. } => {
            unreachable!("nothing is inside")
        }
    })
}

/// The value of a node with these results: the only one, or the list of them.
pub(super) fn together(mut results: Vec<Value>) -> Value {
    match results.len() {
        1 => results.remove(0),
        _ => Value::List(results),
    }
}

/// What a flag says.
pub(super) fn flag(graph: &'static str, node: &Node, value: &Value) -> Result<bool, EvaluateError> {
    match value {
        Value::Scalar(1.0) => Ok(true),
        Value::Scalar(0.0) => Ok(false),
        _ => Err(EvaluateError::unsupported(
            graph,
            node,
            "a flag is neither 0 nor 1",
        )),
    }
}

fn from_flag(holds: bool) -> Value {
    Value::Scalar(f64::from(u8::from(holds)))
}

/// The inputs of an operation on numbers.
fn numbers(graph: &Graph, node: &Node, inputs: &[&Value]) -> Result<Vec<f64>, EvaluateError> {
    inputs
        .iter()
        .map(|input| input.scalar())
        .collect::<Option<_>>()
        .ok_or_else(|| {
            EvaluateError::unsupported(
                graph.name,
                node,
                "a scalar function is applied to an array, tuple or struct",
            )
        })
}

/// `x as target`, for the targets that exist.
fn cast(target: &str, x: f64) -> Option<f64> {
    macro_rules! through {
        ($($integer:ident)+) => {
            match target {
                "f64" => x,
                "f32" => f64::from(x as f32),
                $(stringify!($integer) => x as $integer as f64,)+
                _ => return None,
            }
        };
    }
    Some(through!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize))
}

impl Trace {
    /// The trace of a graph that is still to be evaluated.
    pub(super) const fn of(graph: &Graph) -> Self {
        Self {
            graph: *graph,
            values: Vec::new(),
            adjoints: Vec::new(),
            calls: BTreeMap::new(),
            branches: BTreeMap::new(),
            loops: BTreeMap::new(),
        }
    }

    /// The values of a node's inputs.
    pub(super) fn inputs(&self, id: NodeId) -> Result<Vec<&Value>, EvaluateError> {
        let node = self.graph.node(id);
        let stands_before = |input: &&NodeId| input.0 < id.0;
        let value = |input: &NodeId| {
            let input = Some(input).filter(stands_before)?;
            self.values.get(input.0)
        };
        let values: Option<_> = node.inputs.iter().map(value).collect();
        let what = "an input of a node does not stand before it";
        values.ok_or_else(|| EvaluateError::unsupported(self.graph.name, node, what))
    }

    /// What the function returned, output by output.
    pub(super) fn results(&self) -> Vec<Value> {
        let value = |id: &NodeId| self.values[id.0].clone();
        self.graph.outputs.iter().map(value).collect()
    }

    /// How many results a loop, branch or call has.
    pub(super) fn result_count(&self, id: NodeId) -> Option<usize> {
        match self.graph.node(id).op {
            Op::Call { .. } => Some(self.calls.get(&id)?.graph.outputs.len()),
            Op::Branch { .. } => Some(self.branches.get(&id)?.inside.graph.outputs.len()),
            Op::Loop { .. } => Some(self.loops.get(&id)?.carried.first()?.len()),
            _ => None,
        }
    }
}
