//! The interpreter: node by node forward, then node by node back.
//!
//! It is the oracle that generated code is tested against, so it does nothing clever: no
//! simplification, no activity analysis, no caching decisions.

use super::{EvaluateError, Function, Graph, Node, NodeId, Op, Shape, Trace, Value};
use std::collections::BTreeMap;

/// How many calls may be nested. Calls in a graph without control flow end only if they are not
/// recursive, and nobody nests this many functions.
const DEEPEST_CALL: usize = 200;

impl Graph {
    /// Evaluates a function of one result and its derivatives by every node.
    ///
    /// `inputs` are the numbers of all parameters in the order of the signature, arrays and tuples
    /// flattened; integers are given as floats. All arithmetic is that of `f64`, also for a function
    /// of `f32`; only its casts round.
    ///
    /// # Panics
    ///
    /// With the message of the error that [`try_evaluate`](Self::try_evaluate) would return.
    ///
    /// ```
    /// use autodiff_runtime::graph::{Function, Graph, Node, NodeId, Op, Shape};
    ///
    /// // x.powi(3)
    /// const CUBE: Graph = Graph {
    ///     name: "cube",
    ///     nodes: &[
    ///         Node {
    ///             op: Op::Parameter { name: "x", shape: Shape::Scalar },
    ///             inputs: &[],
    ///             label: None,
    ///             line: 1,
    ///             column: 9,
    ///         },
    ///         Node { op: Op::Constant(3.0), inputs: &[], label: None, line: 2, column: 12 },
    ///         Node {
    ///             op: Op::Apply(Function::Powi),
    ///             inputs: &[NodeId(0), NodeId(1)],
    ///             label: Some("y"),
    ///             line: 2,
    ///             column: 5,
    ///         },
    ///     ],
    ///     params: &[NodeId(0)],
    ///     outputs: &[NodeId(2)],
    /// };
    ///
    /// let trace = CUBE.evaluate(&[2.0]);
    /// assert_eq!(trace.output(), 8.0);
    /// assert_eq!(trace.gradient(), [12.0]);
    /// assert_eq!(trace.value("y"), Some(8.0));
    /// ```
    #[must_use]
    pub fn evaluate(&self, inputs: &[f64]) -> Trace {
        self.evaluate_with(inputs, &[1.0])
    }

    /// Like [`evaluate`](Self::evaluate), but returns errors.
    ///
    /// # Errors
    ///
    /// If the number of inputs is wrong, the function returns anything but one number, or the graph
    /// holds something that cannot be evaluated.
    pub fn try_evaluate(&self, inputs: &[f64]) -> Result<Trace, EvaluateError> {
        self.try_evaluate_with(inputs, &[1.0])
    }

    /// Evaluates a function of any number of results, for the given cotangent of each.
    ///
    /// # Panics
    ///
    /// With the message of the error that [`try_evaluate_with`](Self::try_evaluate_with) would
    /// return.
    #[must_use]
    pub fn evaluate_with(&self, inputs: &[f64], cotangents: &[f64]) -> Trace {
        match self.try_evaluate_with(inputs, cotangents) {
            Ok(trace) => trace,
            Err(error) => panic!("{error}"),
        }
    }

    /// Like [`evaluate_with`](Self::evaluate_with), but returns errors.
    ///
    /// # Errors
    ///
    /// If the number of inputs or of cotangents is wrong, or the graph holds something that cannot
    /// be evaluated.
    pub fn try_evaluate_with(
        &self,
        inputs: &[f64],
        cotangents: &[f64],
    ) -> Result<Trace, EvaluateError> {
        let arguments = self.arguments(inputs)?;
        let mut trace = forward(self, &arguments, 0)?;
        let seeds = trace.seeds(cotangents)?;
        trace.reverse(&seeds);
        Ok(trace)
    }

    /// Divides the flat list of inputs among the parameters.
    fn arguments(&self, inputs: &[f64]) -> Result<Vec<Value>, EvaluateError> {
        let mut fixed = 0;
        let mut slices = 0;
        for &id in self.params {
            let node = self.node(id);
            let Op::Parameter { name, shape } = node.op else {
                return Err(EvaluateError::unsupported(
                    self.name,
                    node,
                    "a node among its parameters is none",
                ));
            };
            match count(shape) {
                Some(n) => fixed += n,
                None if shape == Shape::Slice && slices == 0 => slices += 1,
                None => {
                    return Err(EvaluateError::unsupported(
                        self.name,
                        node,
                        format!("how many numbers the parameter `{name}` holds is not known"),
                    ));
                }
            }
        }
        let rest = inputs.len().checked_sub(fixed);
        let Some(rest) = rest.filter(|&rest| slices == 1 || rest == 0) else {
            return Err(EvaluateError::InputCount {
                graph: self.name,
                expected: fixed,
                slice: slices == 1,
                found: inputs.len(),
            });
        };
        let mut numbers = inputs.iter().copied();
        let shape = |id: &NodeId| match self.node(*id).op {
            Op::Parameter { shape, .. } => shape,
            _ => unreachable!("checked above"),
        };
        Ok(self
            .params
            .iter()
            .map(|id| layout(shape(id), rest).filled_like(&mut numbers))
            .collect::<Option<_>>()
            .expect("the inputs were counted"))
    }
}

/// How many numbers a value of the shape holds, if that is known.
fn count(shape: Shape) -> Option<usize> {
    match shape {
        Shape::Scalar | Shape::Integer => Some(1),
        Shape::Array(lengths) => Some(lengths.iter().product()),
        Shape::Tuple(parts) => parts.iter().map(|&part| count(part)).sum(),
        Shape::Slice | Shape::Opaque => None,
    }
}

/// A value of the shape, full of zeros; `rest` is the length of a slice.
fn layout(shape: Shape, rest: usize) -> Value {
    let zero = Value::Scalar(0.0);
    match shape {
        Shape::Scalar | Shape::Integer | Shape::Opaque => zero,
        Shape::Array(lengths) => lengths
            .iter()
            .rev()
            .fold(zero, |inner, &n| Value::List(vec![inner; n])),
        Shape::Tuple(parts) => Value::List(parts.iter().map(|&part| layout(part, rest)).collect()),
        Shape::Slice => Value::List(vec![zero; rest]),
    }
}

/// Whether an argument is what a parameter of the shape can take.
fn fits(shape: Shape, argument: &Value) -> bool {
    let rest = match argument {
        Value::Scalar(_) => 0,
        Value::List(parts) => parts.len(),
    };
    shape == Shape::Opaque || layout(shape, rest) == argument.zero_like()
}

/// The forward sweep: every node's value, with adjoints of zero.
fn forward(graph: &Graph, arguments: &[Value], depth: usize) -> Result<Trace, EvaluateError> {
    if depth > DEEPEST_CALL {
        return Err(EvaluateError::TooDeep { graph: graph.name });
    }
    let mut values: Vec<Value> = Vec::with_capacity(graph.nodes.len());
    let mut calls = BTreeMap::new();
    for (position, node) in graph.nodes.iter().enumerate() {
        let unsupported = |what: &str| EvaluateError::unsupported(graph.name, node, what);
        let inputs: Vec<&Value> = node
            .inputs
            .iter()
            .map(|id| values.get(id.0))
            .collect::<Option<_>>()
            .ok_or_else(|| unsupported("an input of a node does not stand before it"))?;
        let value = match node.op {
            Op::Parameter { .. } => graph
                .params
                .iter()
                .position(|id| id.0 == position)
                .and_then(|parameter| arguments.get(parameter))
                .ok_or_else(|| unsupported("a parameter is missing in the list of them"))?
                .clone(),
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
            Op::Index | Op::Field(_) => {
                let part = part(graph, node, &inputs)?;
                match inputs[0] {
                    Value::List(parts) => parts[part].clone(),
                    Value::Scalar(_) => unreachable!("a number has no parts"),
                }
            }
            Op::Tuple | Op::Array | Op::Struct { .. } => {
                Value::List(inputs.into_iter().cloned().collect())
            }
            Op::Call { name, graph: None } => {
                return Err(unsupported(&format!(
                    "it calls `{name}`, whose derivative is written by hand"
                )));
            }
            Op::Call {
                name,
                graph: Some(callee),
            } => {
                let callee = callee();
                let arguments: Vec<Value> = inputs.into_iter().cloned().collect();
                let accepted = callee.params.len() == arguments.len()
                    && callee.params.iter().zip(&arguments).all(|(&id, argument)| {
                        matches!(callee.node(id).op, Op::Parameter { shape, .. } if fits(shape, argument))
                    });
                if !accepted {
                    return Err(unsupported(&format!(
                        "the arguments of its call of `{name}` do not have the parameters' shapes"
                    )));
                }
                let inner = forward(&callee, &arguments, depth + 1)?;
                let result = inner.result();
                calls.insert(NodeId(position), inner);
                result
            }
            Op::Expression(text) => {
                return Err(unsupported(&format!(
                    "it holds the Rust expression `{text}`"
                )));
            }
            Op::Region { kind, .. } => {
                return Err(unsupported(&format!("it holds control flow (`{kind}`)")));
            }
        };
        values.push(value);
    }
    let adjoints = values.iter().map(Value::zero_like).collect();
    Ok(Trace {
        graph: *graph,
        values,
        adjoints,
        calls,
    })
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

/// Which part of its first input an `Index` or `Field` node takes.
fn part(graph: &Graph, node: &Node, inputs: &[&Value]) -> Result<usize, EvaluateError> {
    let unsupported = |what: String| EvaluateError::unsupported(graph.name, node, what);
    let Some(Value::List(parts)) = inputs.first() else {
        return Err(unsupported("a part is taken of a single number".into()));
    };
    let length = parts.len();
    match (node.op, inputs) {
        (Op::Field(field), [_]) => {
            let position = match graph.node(node.inputs[0]).op {
                Op::Struct { fields, .. } => fields.iter().position(|&known| known == field),
                // The layout of a struct is not known here, not even when its fields are numbered.
                Op::Parameter {
                    shape: Shape::Opaque,
                    ..
                } => None,
                _ => field.parse().ok(),
            };
            position
                .filter(|&position| position < length)
                .ok_or_else(|| {
                    unsupported(format!("the place of the field `{field}` is not known"))
                })
        }
        (Op::Index, [_, Value::Scalar(index)]) => {
            if *index >= 0.0 && *index < length as f64 && index.fract() == 0.0 {
                Ok(*index as usize)
            } else {
                Err(unsupported(format!(
                    "the index {index} is not one of a list of length {length}"
                )))
            }
        }
        _ => Err(unsupported("the index is not a number".into())),
    }
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
    /// What the function returned: the output, or the list of them where there are several.
    fn result(&self) -> Value {
        match self.graph.outputs {
            [id] => self.values[id.0].clone(),
            ids => Value::List(ids.iter().map(|id| self.values[id.0].clone()).collect()),
        }
    }

    /// The cotangents in the layout of the results.
    fn seeds(&self, cotangents: &[f64]) -> Result<Value, EvaluateError> {
        let result = self.result();
        let expected = result.floats().len();
        if expected != cotangents.len() {
            return Err(EvaluateError::CotangentCount {
                graph: self.graph.name,
                expected,
                found: cotangents.len(),
            });
        }
        let seeds = result.filled_like(&mut cotangents.iter().copied());
        Ok(seeds.expect("the cotangents were counted"))
    }

    /// The reverse sweep: every node's adjoint, from the cotangent of the result.
    fn reverse(&mut self, seeds: &Value) {
        match (self.graph.outputs, seeds) {
            ([id], seed) => self.adjoints[id.0].add(seed),
            (ids, Value::List(seeds)) => {
                for (id, seed) in ids.iter().zip(seeds) {
                    self.adjoints[id.0].add(seed);
                }
            }
            (_, Value::Scalar(_)) => unreachable!("several results have several cotangents"),
        }
        for (position, node) in self.graph.nodes.iter().enumerate().rev() {
            let adjoint = self.adjoints[position].clone();
            for (id, contribution) in node.inputs.iter().zip(self.pull(position, node, adjoint)) {
                if let Some(contribution) = contribution {
                    self.adjoints[id.0].add(&contribution);
                }
            }
        }
        for &id in self.graph.params {
            if let Op::Parameter {
                shape: Shape::Integer,
                ..
            } = self.graph.node(id).op
            {
                self.adjoints[id.0] = Value::Scalar(0.0);
            }
        }
    }

    /// What the adjoint of a node adds to that of each of its inputs.
    fn pull(&mut self, position: usize, node: &Node, adjoint: Value) -> Vec<Option<Value>> {
        let inputs: Vec<&Value> = node.inputs.iter().map(|id| &self.values[id.0]).collect();
        match (node.op, adjoint) {
            (Op::Apply(function), Value::Scalar(adjoint)) => {
                let value = self.values[position].floats()[0];
                let numbers: Vec<f64> = inputs.iter().flat_map(|input| input.floats()).collect();
                let partials = function.partials(&numbers, value);
                let contribution = |partial| contribution(function, partial, adjoint);
                partials.into_iter().map(contribution).collect()
            }
            (Op::Cast("f32" | "f64"), adjoint) => vec![Some(adjoint)],
            (Op::Index | Op::Field(_), adjoint) => {
                let part =
                    part(&self.graph, node, &inputs).expect("it was found on the way forward");
                let Value::List(mut parts) = inputs[0].zero_like() else {
                    unreachable!("a number has no parts");
                };
                parts[part] = adjoint;
                vec![Some(Value::List(parts)), None]
            }
            (Op::Tuple | Op::Array | Op::Struct { .. }, Value::List(parts)) => {
                parts.into_iter().map(Some).collect()
            }
            (Op::Call { .. }, adjoint) => {
                let call = self.calls.get_mut(&NodeId(position));
                let inner = call.expect("every call was evaluated on the way forward");
                inner.reverse(&adjoint);
                let adjoint_of = |id: &NodeId| Some(inner.adjoints[id.0].clone());
                inner.graph.params.iter().map(adjoint_of).collect()
            }
            _ => vec![None; node.inputs.len()],
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
