//! The constant data that a graph consists of.

use super::Function;

/// The position of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub usize);

/// What is known at compile time about how many floats a parameter holds.
///
/// [`Graph::evaluate`] takes the floats of all parameters in one flat list; the shapes say how to
/// divide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One float.
    Scalar,
    /// A (nested) array of floats; the lengths are given from the outside in, so that
    /// `[[f64; 3]; 2]` is `Array(&[2, 3])`.
    Array(&'static [usize]),
    /// A tuple, part by part.
    Tuple(&'static [Shape]),
    /// A flat list of floats whose length is known at run time only: `&[f64]`, `Vec<f64>`.
    /// At most one parameter of an evaluated graph may be of this shape: it takes what the others
    /// leave over.
    Slice,
    /// An integer or a `bool`: one number without a derivative.
    Integer,
    /// Anything else (structs, generics): can be drawn but not evaluated.
    Opaque,
}

/// What a [`Node`] computes from its inputs.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// A whole parameter of the function.
    Parameter {
        /// The name in the function's signature.
        name: &'static str,
        /// Its layout.
        shape: Shape,
    },
    /// A number that is known at compile time.
    Constant(f64),
    /// An inactive Rust expression, as text: it can be drawn but not evaluated.
    Expression(&'static str),
    /// A scalar function of the inputs.
    Apply(Function),
    /// An `as` between number types: the name of the type cast to. To `f32` it rounds to single
    /// precision, to `f64` it does nothing, to an integer type it truncates (and has no
    /// derivative).
    Cast(&'static str),
    /// The element of the first input (a list) at the position that the second one holds.
    Index,
    /// A part of a tuple (`"0"`) or of a struct (`"x"`).
    Field(&'static str),
    /// A tuple of the inputs.
    Tuple,
    /// An array of the inputs.
    Array,
    /// A struct built of the inputs.
    Struct {
        /// The struct's name.
        name: &'static str,
        /// The field that each input goes to, in the order of the inputs.
        fields: &'static [&'static str],
    },
    /// A call of another differentiable function; the inputs are its arguments.
    Call {
        /// The function's name, as the caller wrote it.
        name: &'static str,
        /// Gives the function's own graph; `None` for one that has a hand-written derivative only.
        /// It is a function pointer so that a recursive function needs no cyclic constant.
        graph: Option<fn() -> Graph>,
    },
    /// Control flow: drawn with its bodies inside.
    Region {
        /// The keyword: `"if"`, `"match"`, `"for"`, …
        kind: &'static str,
        /// One graph for each branch or loop body.
        bodies: &'static [Graph],
    },
}

impl PartialEq for Op {
    /// Structural equality. Calls are equal when their names are and both or neither have a graph:
    /// addresses of functions mean nothing.
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (
                Self::Parameter { name, shape },
                Self::Parameter {
                    name: other_name,
                    shape: other_shape,
                },
            ) => name == other_name && shape == other_shape,
            (Self::Constant(a), Self::Constant(b)) => a == b,
            (Self::Expression(a), Self::Expression(b)) => a == b,
            (Self::Apply(a), Self::Apply(b)) => a == b,
            (Self::Cast(a), Self::Cast(b)) | (Self::Field(a), Self::Field(b)) => a == b,
            (Self::Index, Self::Index)
            | (Self::Tuple, Self::Tuple)
            | (Self::Array, Self::Array) => true,
            (
                Self::Struct { name, fields },
                Self::Struct {
                    name: other_name,
                    fields: other_fields,
                },
            ) => name == other_name && fields == other_fields,
            (
                Self::Call { name, graph },
                Self::Call {
                    name: other_name,
                    graph: other_graph,
                },
            ) => name == other_name && graph.is_some() == other_graph.is_some(),
            (
                Self::Region { kind, bodies },
                Self::Region {
                    kind: other_kind,
                    bodies: other_bodies,
                },
            ) => kind == other_kind && bodies == other_bodies,
            _ => false,
        }
    }
}

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
    /// is used again; a parameter's name counts as its label.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<NodeId> {
        let named = |node: &Node| {
            node.label == Some(label)
                || matches!(node.op, Op::Parameter { name, .. } if name == label)
        };
        self.nodes.iter().rposition(named).map(NodeId)
    }
}
