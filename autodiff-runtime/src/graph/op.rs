//! The operations that the nodes of a graph stand for.

use super::{Arm, BranchKind, Comparison, Function, Graph, LoopKind, Shape, Step, Subgraph};

/// What a [`Node`](super::Node) computes from its inputs.
///
/// A flag is a number, 0 or 1.
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
    /// The flag of a comparison of two numbers.
    Compare(Comparison),
    /// The opposite flag.
    Not,
    /// Whether both flags are 1. The second one is evaluated in any case.
    And,
    /// Whether one of two flags is 1. The second one is evaluated in any case.
    Or,
    /// The element of the first input (a list) at the position that the second one holds.
    Index,
    /// The elements of the first input from the position that the second one holds to before the
    /// one that the third one holds.
    Slice,
    /// A part of a tuple (`"0"`) or of a struct (`"x"`).
    Field(&'static str),
    /// How many elements a list has.
    Length,
    /// The first input, with the second one in place of the part that the steps lead to. Further
    /// inputs are the positions that the steps need. `a[i] = v` is `Store(&[Step::Index])` of `a`,
    /// `v` and `i`.
    Store(&'static [Step]),
    /// The first input, a list, with the second one as a further element: `v.push(x)`.
    Append,
    /// A tuple of the inputs.
    Tuple,
    /// An array of the inputs.
    Array,
    /// A list of the first input over and over, as long as the second one says: `vec![x; n]`.
    Repeat,
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
    /// A choice between several ways, of which the others are not evaluated.
    ///
    /// Its first input says which arm is taken; each of the others is a parameter of every arm. Its
    /// results are the outputs of the arm.
    Branch {
        /// The source up to the first brace: `if x > 0.0`.
        header: &'static str,
        /// What the first input says.
        kind: BranchKind,
        /// What there is to choose from; all have the same number of outputs.
        arms: &'static [Arm],
    },
    /// A loop. Its results are the values that it carries from one iteration to the next, after
    /// the last one.
    Loop {
        /// The source up to the brace: `for i in 0..n`.
        header: &'static str,
        /// What makes it go on, and what its inputs are.
        kind: LoopKind,
        /// One iteration.
        body: &'static Subgraph,
        /// Whether the body has one output more: the flag that says whether to go on after this
        /// iteration.
        exits: bool,
    },
    /// One result, counted from 0, of its input: a loop, a branch or a call.
    ///
    /// Where there is a single result, the loop, branch or call is that result itself.
    Result(usize),
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
            (Self::Compare(a), Self::Compare(b)) => a == b,
            (Self::Store(a), Self::Store(b)) => a == b,
            (Self::Result(a), Self::Result(b)) => a == b,
            (Self::Not, Self::Not)
            | (Self::And, Self::And)
            | (Self::Or, Self::Or)
            | (Self::Index, Self::Index)
            | (Self::Slice, Self::Slice)
            | (Self::Length, Self::Length)
            | (Self::Append, Self::Append)
            | (Self::Tuple, Self::Tuple)
            | (Self::Array, Self::Array)
            | (Self::Repeat, Self::Repeat) => true,
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
                Self::Branch { header, kind, arms },
                Self::Branch {
                    header: other_header,
                    kind: other_kind,
                    arms: other_arms,
                },
            ) => header == other_header && kind == other_kind && arms == other_arms,
            (
                Self::Loop {
                    header,
                    kind,
                    body,
                    exits,
                },
                Self::Loop {
                    header: other_header,
                    kind: other_kind,
                    body: other_body,
                    exits: other_exits,
                },
            ) => {
                header == other_header
                    && kind == other_kind
                    && body == other_body
                    && exits == other_exits
            }
            _ => false,
        }
    }
}
