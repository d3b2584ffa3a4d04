//! The constant data of control flow: what loops and branches hold.

use super::{Node, NodeId};

/// A stretch of a function inside of a loop or a branch.
///
/// Its nodes are numbered on their own, from zero. What it uses of the outside comes in through its
/// parameters, whose names and shapes are for pictures only, except that a parameter of
/// [`Shape::Integer`](super::Shape::Integer) has no derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subgraph {
    /// In topological order: the inputs of a node stand before it.
    pub nodes: &'static [Node],
    /// The [`Parameter`](super::Op::Parameter) nodes that take the values from outside.
    pub params: &'static [NodeId],
    /// What it gives.
    pub outputs: &'static [NodeId],
}

/// One of the ways that a branch can take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// When it is taken: `then` and `else`, or the pattern of a `match`.
    pub label: &'static str,
    /// What it computes.
    pub body: &'static Subgraph,
}

/// How a branch chooses among its arms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BranchKind {
    /// By a flag: the first arm for 1, the second one for 0.
    If,
    /// By the number of the arm, counted from 0.
    Match,
    /// By a number: the first arm that names a range with it, the bounds of the range included.
    ///
    /// `match k { 0 | 1 => …, 2..=5 => …, _ => … }` is
    /// `Cases(&[&[(0.0, 0.0), (1.0, 1.0)], &[(2.0, 5.0)], &[(-INFINITY, INFINITY)]])`.
    Cases(&'static [&'static [(f64, f64)]]),
}

/// What makes a loop go on, and with it what its inputs are.
///
/// In every kind, the *carried* values are those that an iteration changes: the inputs are their
/// initial values, the body's outputs those after an iteration, the loop's results those after the
/// last one. *Captured* values are the others that the loop uses; they stay as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LoopKind {
    /// An iteration for each of the integers start, start + step, start + 2·step, … before the
    /// end; a negative step counts down, and an infinite end is none.
    ///
    /// Inputs: start, end (exclusive), step, carried…, captured…. Parameters of the body: the
    /// integer, carried…, captured….
    Range {
        /// Whether the same integers come in the opposite order.
        reversed: bool,
    },
    /// As long as the condition holds, which is checked before each iteration.
    ///
    /// Inputs, and parameters of the body: carried…, captured….
    While {
        /// A subgraph with the parameters of the body and one output, a flag.
        condition: &'static Subgraph,
    },
    /// Until the body's own flag ends it: `loop`. Inputs and parameters are those of `While`.
    Endless,
}

/// A comparison of two numbers. It gives a flag: 1 where it holds, else 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `a < b`
    Less,
    /// `a <= b`
    LessOrEqual,
    /// `a > b`
    Greater,
    /// `a >= b`
    GreaterOrEqual,
    /// `a == b`
    Equal,
    /// `a != b`
    NotEqual,
}

impl Comparison {
    /// The operator in Rust.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// Whether it holds.
    ///
    /// ```
    /// use autodiff_runtime::graph::Comparison;
    ///
    /// assert!(Comparison::LessOrEqual.holds(1.0, 1.0));
    /// assert!(Comparison::NotEqual.holds(f64::NAN, f64::NAN));
    /// ```
    #[must_use]
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
            Self::Equal => a == b,
            Self::NotEqual => a != b,
        }
    }
}

/// One step of the way from a value to a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The element at a position, which is the next of the node's inputs.
    Index,
    /// A part of a tuple (`"0"`) or of a struct (`"x"`).
    Field(&'static str),
    /// The elements from a position on to before another, which are the next two inputs.
    Slice,
}
