//! One evaluation of a graph.

use super::{Graph, NodeId, Value};
use std::collections::BTreeMap;

/// One evaluation of a [`Graph`]: what every node holds, and the derivative of the result by it.
///
/// See [`Graph::evaluate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The graph that was evaluated.
    pub graph: Graph,
    /// The value of every node, in the order of [`Graph::nodes`].
    pub values: Vec<Value>,
    /// The adjoint of every node: the derivative of the result by it, or, for several results, of
    /// their sum weighted with the cotangents.
    pub adjoints: Vec<Value>,
    /// The evaluation inside of every call.
    pub calls: BTreeMap<NodeId, Trace>,
    /// The evaluation inside of every branch.
    pub branches: BTreeMap<NodeId, BranchTrace>,
    /// The evaluation inside of every loop.
    pub loops: BTreeMap<NodeId, LoopTrace>,
}

/// What happened inside of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchTrace {
    /// Which arm was taken, counted from 0.
    pub arm: usize,
    /// The evaluation of that arm.
    pub inside: Trace,
}

/// What happened inside of a loop.
///
/// Of the iterations, the last one is kept with everything inside: its values, and its adjoints,
/// which are what that one iteration adds to the derivative. So the chain rule can be followed from
/// node to node. What all iterations together contribute is in the adjoints of the loop's inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct LoopTrace {
    /// The carried values before each iteration; the last entry is those after the last iteration.
    pub carried: Vec<Vec<Value>>,
    /// The derivatives of the result by all of these.
    pub adjoints: Vec<Vec<Value>>,
    /// The last iteration; `None` where there was not any.
    pub last: Option<Trace>,
    /// The last check of the condition, if the loop has one.
    pub condition: Option<Trace>,
}

impl LoopTrace {
    /// How many iterations there were.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.carried.len().saturating_sub(1)
    }
}

impl Trace {
    /// The number that a variable holds; `None` if there is no such variable or it is not a single
    /// number. Of several variables of that name, the last.
    #[must_use]
    pub fn value(&self, label: &str) -> Option<f64> {
        self.values[self.graph.find(label)?.0].scalar()
    }

    /// The derivative of the result by a variable; `None` if there is no such variable or it is
    /// not a single number. Of several variables of that name, the last.
    #[must_use]
    pub fn adjoint(&self, label: &str) -> Option<f64> {
        self.adjoints[self.graph.find(label)?.0].scalar()
    }

    /// The result of a function that returns one number.
    ///
    /// # Panics
    ///
    /// If it returns more or nothing; [`outputs`](Self::outputs) gives all of them.
    #[must_use]
    pub fn output(&self) -> f64 {
        match self.outputs()[..] {
            [output] => output,
            ref outputs => panic!(
                "`{}` returns {} numbers, not one: `outputs` gives all of them",
                self.graph.name,
                outputs.len()
            ),
        }
    }

    /// All numbers that the function returns, in order.
    #[must_use]
    pub fn outputs(&self) -> Vec<f64> {
        let numbers = |id: &NodeId| self.values[id.0].floats();
        self.graph.outputs.iter().flat_map(numbers).collect()
    }

    /// The derivative of the result by every number of the parameters, in the order in which
    /// [`Graph::evaluate`] takes them; 0 for integers.
    #[must_use]
    pub fn gradient(&self) -> Vec<f64> {
        let numbers = |id: &NodeId| self.adjoints[id.0].floats();
        self.graph.params.iter().flat_map(numbers).collect()
    }
}
