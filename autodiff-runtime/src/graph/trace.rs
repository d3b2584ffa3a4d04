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
