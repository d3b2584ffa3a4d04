//! The constant data that a graph consists of.

use super::{Op, Subgraph};

/// The position of a node in [`Graph::nodes`] or [`Subgraph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub usize);

/// One step of the computation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// From what; all of them stand before this node.
    pub inputs: &'static [NodeId],
    /// The variable that the user bound the result to.
    pub label: Option<&'static str>,
    /// The line in the user's source, counted from 1; 0 where it is unknown.
    pub line: u32,
    /// The column in the user's source, counted from 1; 0 where it is unknown.
    pub column: u32,
}

/// The computation graph of one function.
///
/// `#[differentiable]` emits it as the constant `GRAPH` of the function's companion type. It is
/// constant data, without an allocation, so it can be used in `const` contexts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Graph {
    /// The function's name.
    pub name: &'static str,
    /// In topological order: the inputs of a node stand before it.
    pub nodes: &'static [Node],
    /// The parameters' nodes, in the order of the signature.
    pub params: &'static [NodeId],
    /// What the function returns.
    pub outputs: &'static [NodeId],
}

impl Graph {
    /// The node of that id.
    ///
    /// # Panics
    ///
    /// If the graph has no such node.
    #[must_use]
    pub const fn node(&self, id: NodeId) -> &'static Node {
        &self.nodes[id.0]
    }

    /// The last node that carries the label, which is what the variable ends up as when its name
    /// is used again; a parameter's name counts as its label. Nodes inside of loops and branches
    /// are not looked at.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<NodeId> {
        let named = |node: &Node| {
            node.label == Some(label)
                || matches!(node.op, Op::Parameter { name, .. } if name == label)
        };
        self.nodes.iter().rposition(named).map(NodeId)
    }
}

impl Subgraph {
    /// The same as a graph of its own, which a function's name makes it.
    #[must_use]
    pub const fn named(&self, name: &'static str) -> Graph {
        Graph {
            name,
            nodes: self.nodes,
            params: self.params,
            outputs: self.outputs,
        }
    }
}
