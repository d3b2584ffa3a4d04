//! The operations.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, Member, Path, Type};

use super::{ControlId, Loop, LoopKind, Mode, Rewind, States, Step, TapeKind, ValueId, indices};
use crate::rules::Primitive;
use crate::ty::Ty;

#[derive(Clone, Debug)]
pub enum Op {
    /// A number the macro can read, printed as the user wrote it.
    Literal {
        lit: syn::Lit,
        negative: bool,
    },
    /// A number that a rule or a pass introduced.
    Constant(f64),
    /// A constant item (`PI`, `Self::G`, a const parameter).
    Path(syn::ExprPath),
    /// Inactive code, printed as written. Arguments: its captures.
    Verbatim(Rc<Verbatim>),
    /// A macro that only looks (`println!`, `assert!`). Arguments: its captures. No result.
    Effect(Rc<Verbatim>),
    /// A scalar function of the rule table.
    Apply(Primitive),
    /// `as f32`, `as f64`.
    Cast,
    /// An integer, a flag or a length made from active values: derivative zero by definition.
    Observe(Observation),
    Aggregate(Shape),
    /// `[x; N]`.
    Repeat(Rc<Expr>),
    /// `x.clone()` of a value that may not be `Copy`.
    ///
    /// The identifier is the user's method; a dereference of a `Copy` value has none.
    Clone(Option<Ident>),
    /// Part of an aggregate. Arguments: the aggregate, then one index per [`Step::Index`].
    Project(Vec<Step>),
    /// A call to a differentiable function. Results: its value; in a reverse program also its
    /// pullback, in a forward program also its tangent (whose arguments then follow the values).
    Call(Callee),

    /// Argument: the condition. Regions: what is done if it holds, and if not.
    If(ControlId),
    /// Argument: the number of the region that is taken.
    Switch(ControlId),
    Loop(Loop),
    /// A value that is there for its type and never read.
    Dummy,
    /// `vec![x; n]`.
    Fill,
    /// A local that is changed in part; the result is its place. Argument: the first content.
    Memory,
    /// `place = value`. Arguments: memory, value, indices of the path. No result.
    Store(Vec<Step>),
    /// `place += value` and `place -= value`. Arguments as of `Store`.
    Update(Vec<Step>, Primitive),
    /// `v.push(x)`. Arguments: memory, value.
    Append,
    /// `v.pop();`. Argument: memory. No result.
    Shrink,

    // Operations of derived programs.
    /// An adjoint buffer. Argument: the value whose zero gradient it starts from.
    Zero,
    /// As `Zero`, made before the value is moved into a call.
    Template,
    /// For an inactive argument of a call: an adjoint that nobody reads, or a tangent of zero, which
    /// is read. Argument: the value.
    Scratch {
        read: bool,
    },
    /// A number cast back to the gradient of a value whose type only rustc knows: a float, or an
    /// integer that has none. Arguments: number, value.
    CastLike,
    /// The tangent of a cast from such a value. Argument: its tangent.
    CastTangent,
    /// The sum of an array's elements: the adjoint of `[x; N]`.
    Total,
    /// The inner product of two rows of numbers, summed in an order of its own.
    Dot,
    /// An adjoint buffer that starts from the argument's number.
    Buffer,
    /// `place += contribution`. Arguments: buffer, contribution, indices of the path. No result.
    Accumulate(Vec<Step>),
    /// `place += element`, for each element of a vector or array: the adjoint of `vec![x; n]` where
    /// `x` is no scalar. Arguments: buffer, elements. No result.
    AccumulateEach,
    /// As `Accumulate` for a field whose type the macro cannot see, by the gradient's own method.
    AccumulateField {
        path: Vec<Step>,
        field: Member,
    },
    /// The tangent of such a field.
    ProjectField {
        path: Vec<Step>,
        field: Member,
    },
    /// Fails unless the indices of a range, and as many beyond, are those of elements. Arguments: the
    /// bounds, the slice. No result.
    InBounds(usize),
    /// Runs a pullback. Arguments: pullback, cotangent, then per argument of the call a buffer
    /// followed by its indices.
    Pull(Vec<Vec<Step>>),
    /// The adjoint at a place, which is zero from then on. Arguments: buffer, indices of the path.
    Take(Vec<Step>),
    /// Gives a place of zeros the shape of the content that was overwritten there: of a vector of
    /// such elements its length, else what [`Observation::Shape`] kept. Arguments: buffer, shape,
    /// indices of the path. No result.
    Reshape {
        path: Vec<Step>,
        element: Option<Ty>,
    },
    /// The adjoint of an appended element, which leaves the buffer.
    PopAdjoint,
    /// A zero adjoint for an element that was popped. Argument: buffer. No result.
    Grow,
    /// Buffers get new values, all at once. Arguments: the buffers, then the values.
    Assign,
    /// How many iterations a loop makes. Arguments: those of its kind.
    Count(LoopKind),
    /// What a loop keeps for its reverse.
    Tape(TapeKind),
    /// Empties a growing tape for the next round. Arguments: the tape, and the number of entries if it
    /// is known. No result.
    Empty,
    /// Puts values on a tape. Arguments: the tape, the indices of an array, the values.
    Save(usize),
    /// Gets values from it, as a reverse loop runs. Arguments: the tape (or, if it grows, a cursor
    /// on it), then indices. Results: the values.
    Restore,
    /// A cursor on a growing tape, from its end. Argument: the tape.
    Cursor,
    /// The states that a loop keeps for its reverse. Arguments: those of the loop's kind.
    States(States),
    /// The state at the start of a step, to be kept if it is due. Arguments: the kept states, the
    /// values of this one. No result.
    Visit,
    /// The reverse of a loop that kept states. Arguments: the kept states, those of the loop's
    /// kind, then what stands for memories that changed meanwhile. Its regions are one step from a
    /// state, which yields the carried values, and a step with its reverse. Their parameters: the
    /// index, the values of the state, the memories that are stood for.
    Rewind(Rewind),
    /// Arguments: arrays of the program's own that nobody reads any more. No result.
    GiveBack,
    /// `Some(x)`: a value that only one arm of a branch has; without an argument, `None`.
    Optional,
    /// What is in it.
    Unwrap,
}

/// Where the two operands are written, if they are mere names: so that what rustc says of their types, it says
/// of the user's code, and only once.
pub type Sides = [Option<Span>; 2];

#[derive(Clone, Debug)]
pub enum Observation {
    /// `floor(x) as usize`.
    Integer(Rc<Type>),
    /// `a < b` and its like.
    Compare(syn::BinOp, Sides),
    /// `x.len()`, `x.is_nan()`.
    Method(Ident),
    /// `!flag`.
    Not,
    /// In derived programs: the shape of a value, for a zero gradient when the value is gone.
    Shape,
}

/// What an aggregate is built as.
#[derive(Clone, Debug)]
pub enum Shape {
    Tuple,
    Array,
    /// `vec![a, b]`.
    Vec,
    /// The one element of a late value.
    Late,
    Struct {
        path: Path,
        members: Vec<Member>,
        positional: bool,
    },
}

/// An inactive Rust expression kept as written; its captured locals are the statement's arguments.
#[derive(Debug)]
pub struct Verbatim {
    pub tokens: TokenStream,
    pub captures: Vec<Capture>,
    /// The positions of the captures that it changes.
    pub changes: Vec<usize>,
    /// Whether it is code of the macro's own, for its value only.
    pub pure: bool,
}

#[derive(Debug)]
pub struct Capture {
    pub ident: Ident,
    pub references: usize,
}

/// How a differentiable function is called, and with that where its derivatives are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// A free function: its derivatives belong to the type of its name.
    Function,
    /// `Type::f(…)`: they stand beside it and bear its name.
    Associated,
    /// `x.f(…)` of a function of the same `impl` block, whose signature is known; by path as above.
    Sibling,
    /// `x.f(…)`: of what type, and how it takes `x`, only rustc knows.
    Method,
}

/// A call to another differentiable function.
#[derive(Clone, Debug)]
pub struct Callee {
    /// Of a method only its name.
    pub path: Path,
    pub called: Called,
    pub modes: Vec<Mode>,
    /// Where each argument is written.
    pub spans: Vec<Span>,
    /// The memories that it is lent mutably, or parts of.
    pub changes: Vec<ValueId>,
    /// In derived programs: per argument, whether it is active here.
    pub active: Vec<bool>,
    /// In reverse programs: whether the pullback must borrow nothing of the call.
    pub detached: bool,
    /// Whether it is one of the runtime's functions that stand for operators and methods.
    pub rule: bool,
}

impl Callee {
    /// Whether there is a program of value and derivative at once that the macro can name. What a call
    /// changes, its pullback wants to find as it was afterwards.
    pub fn has_joint(&self) -> bool {
        self.called != Called::Method && !self.modes.contains(&Mode::Mutable)
    }
}

impl Op {
    /// The number that a literal or constant stands for.
    pub fn number(&self) -> Option<f64> {
        match self {
            Op::Constant(number) => Some(*number),
            Op::Literal { lit, negative } => {
                let magnitude = match lit {
                    syn::Lit::Float(float) => float.base10_parse::<f64>().ok()?,
                    syn::Lit::Int(int) => int.base10_parse::<u64>().ok()? as f64,
                    _ => return None,
                };
                Some(if *negative { -magnitude } else { magnitude })
            }
            _ => None,
        }
    }

    /// Whether the statement may be dropped, merged or moved when only its result counts.
    pub fn is_pure(&self) -> bool {
        if let Op::Verbatim(verbatim) = self {
            return verbatim.pure;
        }
        !matches!(
            self,
            Op::Effect(_)
                | Op::Call(_)
                | Op::If(_)
                | Op::Switch(_)
                | Op::Loop(_)
                | Op::Memory
                | Op::Store(_)
                | Op::Update(..)
                | Op::Append
                | Op::Shrink
                | Op::Grow
                | Op::InBounds(_)
                | Op::Zero
                | Op::Template
                | Op::Scratch { .. }
                | Op::Buffer
                | Op::Accumulate(_)
                | Op::AccumulateField { .. }
                | Op::AccumulateEach
                | Op::Pull(_)
                | Op::Take(_)
                | Op::Reshape { .. }
                | Op::PopAdjoint
                | Op::Assign
                | Op::Tape(_)
                | Op::States(_)
                | Op::Visit
                | Op::Rewind(_)
                | Op::Empty
                | Op::Save(_)
                | Op::Restore
                | Op::Cursor
                | Op::GiveBack
        )
    }

    /// Whether the result is a place that later statements change.
    pub fn is_buffer(&self) -> bool {
        matches!(
            self,
            Op::Zero | Op::Template | Op::Scratch { .. } | Op::Buffer
        )
    }

    /// The places whose content the operation changes.
    pub fn changes(&self, args: &[ValueId]) -> Vec<ValueId> {
        match self {
            Op::Call(callee) => callee.changes.clone(),
            Op::Verbatim(verbatim) => verbatim.changes.iter().map(|&k| args[k]).collect(),
            Op::Store(_)
            | Op::Update(..)
            | Op::Append
            | Op::Shrink
            | Op::Grow
            | Op::Accumulate(_)
            | Op::AccumulateField { .. }
            | Op::AccumulateEach
            | Op::Take(_)
            | Op::Reshape { .. }
            | Op::PopAdjoint
            | Op::Empty
            | Op::Save(_)
            | Op::Visit
            | Op::Restore => vec![args[0]],
            Op::Pull(paths) => {
                let mut rest = &args[2..];
                let mut buffers = Vec::new();
                for path in paths {
                    buffers.push(rest[0]);
                    rest = &rest[1 + indices(path)..];
                }
                buffers
            }
            Op::Assign => args[..args.len() / 2].to_vec(),
            _ => Vec::new(),
        }
    }
}

impl Shape {
    /// The element that `step` picks.
    pub fn position(&self, step: &Step) -> Option<usize> {
        match (self, step) {
            (Shape::Tuple, Step::Field(Member::Unnamed(index))) => Some(index.index as usize),
            (Shape::Array | Shape::Vec | Shape::Late, Step::At(index)) => Some(*index),
            (Shape::Struct { members, .. }, Step::Field(member)) => {
                members.iter().position(|own| own == member)
            }
            _ => None,
        }
    }

    /// The step that picks the `k`-th element.
    pub fn step(&self, k: usize) -> Step {
        match self {
            Shape::Tuple => Step::Field(Member::from(k)),
            Shape::Array | Shape::Vec | Shape::Late => Step::At(k),
            Shape::Struct { members, .. } => Step::Field(members[k].clone()),
        }
    }
}
