//! The interpreter: node by node forward, then node by node back.
//!
//! It is the oracle that generated code is tested against, so it does nothing clever: no
//! simplification, no activity analysis, no caching decisions.

use super::forward::Forward;
use super::{EvaluateError, Graph, NodeId, Op, Shape, Trace, Value};

impl Graph {
    /// Evaluates a function of one result and its derivatives by every node.
    ///
    /// `inputs` are the numbers of all parameters in the order of the signature, arrays and tuples
    /// flattened; integers and flags are given as floats. All arithmetic is that of `f64`, also for a
    /// function of `f32`; only its casts round.
    ///
    /// Only what is reached is evaluated: an arm that is not taken may hold anything. An evaluation
    /// does a million iterations of loops at most, all of its loops taken together, and goes 500 calls,
    /// loops and branches deep.
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
    /// If the number of inputs is wrong, the function returns anything but one number, a loop or a
    /// recursion does not end, or something is reached that cannot be evaluated: a Rust expression
    /// that the graph only quotes, a call of a function with a hand-written derivative, a field of a
    /// struct whose layout is not known, or what would panic in Rust, such as an index out of bounds.
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
    /// As [`try_evaluate`](Self::try_evaluate), and if the number of cotangents is wrong.
    pub fn try_evaluate_with(
        &self,
        inputs: &[f64],
        cotangents: &[f64],
    ) -> Result<Trace, EvaluateError> {
        let arguments = self.arguments(inputs)?;
        let mut trace = Trace::of(self);
        Forward::default().run(&mut trace, arguments)?;
        let seeds = trace.seeds(cotangents)?;
        trace.reverse(seeds, Vec::new());
        Ok(trace)
    }

    /// As [`try_evaluate_with`](Self::try_evaluate_with) with a cotangent of one for each number of
    /// the results, given the numbers of every parameter, so that several may be slices.
    pub(crate) fn try_trace(&self, parameters: &[Vec<f64>]) -> Result<Trace, EvaluateError> {
        let argument = |(&id, numbers): (&NodeId, &Vec<f64>)| match self.node(id).op {
            Op::Parameter { shape, .. } => shape
                .zeros(numbers.len())
                .filled_like(&mut numbers.iter().copied()),
            _ => None,
        };
        let arguments: Option<Vec<Value>> =
            self.params.iter().zip(parameters).map(argument).collect();
        let Some(arguments) = arguments else {
            return Err(EvaluateError::InputCount {
                graph: self.name,
                expected: self.params.len(),
                slice: true,
                found: parameters.iter().map(Vec::len).sum(),
            });
        };
        let mut trace = Trace::of(self);
        Forward::default().run(&mut trace, arguments)?;
        let seeds = trace.seeds(&vec![1.0; trace.outputs().len()])?;
        trace.reverse(seeds, Vec::new());
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
            match shape.count() {
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
            .map(|id| shape(id).zeros(rest).filled_like(&mut numbers))
            .collect::<Option<_>>()
            .expect("the inputs were counted"))
    }
}
