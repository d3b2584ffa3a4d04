//! The static computation graph: structured SSA over an arena of values.
//!
//! A [`Function`] is a region of statements in program order; a statement applies one [`Op`] to
//! values and defines at most two results. Statements may hold nested regions (the bodies of
//! branches and loops), so control flow stays structured. Derived programs (reverse, tangent) are
//! functions of the same IR: besides pure values they hold *buffers*, adjoints that are accumulated
//! in place.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Member, Path, Type};

use crate::ids::IdMap;
use crate::rules::Primitive;
use crate::ty::Ty;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueId(pub u32);

/// What is known of a value besides the statement that defines it.
#[derive(Clone, Debug)]
pub struct Value {
    pub ty: Ty,
    /// The name to print: the user's, or one derived from it (`a_bar`). Unnamed values are folded
    /// into the expression that uses them where that is possible.
    pub name: Option<Ident>,
    pub span: Span,
}

/// How a parameter or argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Value,
    Reference,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub value: ValueId,
    pub mode: Mode,
    /// Whether its derivative is asked for.
    pub active: bool,
    /// The parameter's own name (patterns in parameter position have one made up).
    pub name: Ident,
}

#[derive(Clone, Debug, Default)]
pub struct Region {
    pub stmts: Vec<Stmt>,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub results: Vec<ValueId>,
    pub op: Op,
    pub args: Vec<ValueId>,
    /// Bodies of control flow; empty for all other operations.
    pub regions: Vec<Region>,
    /// The stable form the derivative is taken of instead, where the user's form is naive.
    pub via: Option<Composite>,
    pub span: Span,
}

/// A function applied to values: how the derivative views a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Composite {
    pub function: Primitive,
    pub args: Vec<ValueId>,
}

/// One step of a path into an aggregate.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Field(Member),
    /// An index known to the macro.
    At(usize),
    /// An index computed at run time: the next argument of the statement.
    Index,
}

/// A call to another differentiable function.
#[derive(Clone, Debug)]
pub struct Callee {
    pub path: Path,
    pub modes: Vec<Mode>,
    /// Where each argument is written.
    pub spans: Vec<Span>,
    /// In derived programs: per argument, whether it is active here.
    pub active: Vec<bool>,
}

/// What an aggregate is built as.
#[derive(Clone, Debug)]
pub enum Shape {
    Tuple,
    Array,
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
}

#[derive(Debug)]
pub struct Capture {
    pub ident: Ident,
    pub references: usize,
}

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
    Repeat(Rc<syn::Expr>),
    /// `x.clone()` of a value that may not be `Copy`.
    ///
    /// The identifier is the user's method; a dereference of a `Copy` value has none.
    Clone(Option<Ident>),
    /// Part of an aggregate. Arguments: the aggregate, then one index per [`Step::Index`].
    Project(Vec<Step>),
    /// A call to a differentiable function. Results: its value; in a reverse program also its
    /// pullback, in a forward program also its tangent (whose arguments then follow the values).
    Call(Callee),

    // Operations of derived programs.
    /// An adjoint buffer. Argument: the value whose zero gradient it starts from.
    Zero,
    /// A zero adjoint that nobody reads, for an inactive argument of a call. Argument: the value.
    Scratch,
    /// A number cast back to the gradient of a value whose type only rustc knows: a float, or an
    /// integer that has none. Arguments: number, value.
    CastLike,
    /// The tangent of a cast from such a value. Argument: its tangent.
    CastTangent,
    /// The sum of an array's elements: the adjoint of `[x; N]`.
    Total,
    /// An adjoint buffer that starts from the argument's number.
    Buffer,
    /// `place += contribution`. Arguments: buffer, contribution, indices of the path. No result.
    Accumulate(Vec<Step>),
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
    /// Runs a pullback. Arguments: pullback, cotangent, then per argument of the call a buffer
    /// followed by its indices.
    Pull(Vec<Vec<Step>>),
}

#[derive(Clone, Debug)]
pub enum Observation {
    /// `floor(x) as usize`.
    Integer(Rc<Type>),
    /// `a < b` and its like.
    Compare(syn::BinOp),
    /// `x.len()`, `x.is_nan()`.
    Method(Ident),
}

/// A primal or derived function.
#[derive(Clone, Debug)]
pub struct Function {
    pub values: Vec<Value>,
    pub params: Vec<Param>,
    pub body: Region,
    pub output: ValueId,
}

impl Function {
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0 as usize]
    }

    pub fn value_mut(&mut self, id: ValueId) -> &mut Value {
        &mut self.values[id.0 as usize]
    }

    pub fn ty(&self, id: ValueId) -> &Ty {
        &self.value(id).ty
    }

    pub fn new_value(&mut self, ty: Ty, name: Option<Ident>, span: Span) -> ValueId {
        let id = ValueId(self.values.len() as u32);
        self.values.push(Value { ty, name, span });
        id
    }

    /// The statement that defines each value.
    pub fn definitions(&self) -> IdMap<&Stmt> {
        let stmts = self.body.stmts.iter();
        stmts
            .flat_map(|stmt| stmt.results.iter().map(move |&id| (id, stmt)))
            .collect()
    }

    pub fn param(&self, id: ValueId) -> Option<&Param> {
        self.params.iter().find(|param| param.value == id)
    }
}

impl Region {
    /// Every statement, nested ones included, in program order.
    pub fn for_each<'a>(&'a self, f: &mut dyn FnMut(&'a Stmt)) {
        for stmt in &self.stmts {
            f(stmt);
            for region in &stmt.regions {
                region.for_each(f);
            }
        }
    }
}

impl Stmt {
    pub fn new(results: Vec<ValueId>, op: Op, args: Vec<ValueId>, span: Span) -> Self {
        Stmt {
            results,
            op,
            args,
            regions: Vec::new(),
            via: None,
            span,
        }
    }

    pub fn result(&self) -> Option<ValueId> {
        self.results.first().copied()
    }

    /// The statement as the derivative sees it, if it is a scalar function.
    pub fn derivative_view(&self) -> Option<(Primitive, &[ValueId])> {
        match (&self.via, &self.op) {
            (Some(via), _) => Some((via.function, &via.args)),
            (None, Op::Apply(function)) => Some((*function, &self.args)),
            (None, _) => None,
        }
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
        !matches!(
            self,
            Op::Effect(_)
                | Op::Verbatim(_)
                | Op::Call(_)
                | Op::Zero
                | Op::Scratch
                | Op::Buffer
                | Op::Accumulate(_)
                | Op::AccumulateField { .. }
                | Op::Pull(_)
        )
    }

    /// Whether the result is a place that later statements change.
    pub fn is_buffer(&self) -> bool {
        matches!(self, Op::Zero | Op::Scratch | Op::Buffer)
    }
}

impl Shape {
    /// The element that `step` picks.
    pub fn position(&self, step: &Step) -> Option<usize> {
        match (self, step) {
            (Shape::Tuple, Step::Field(Member::Unnamed(index))) => Some(index.index as usize),
            (Shape::Array, Step::At(index)) => Some(*index),
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
            Shape::Array => Step::At(k),
            Shape::Struct { members, .. } => Step::Field(members[k].clone()),
        }
    }
}
