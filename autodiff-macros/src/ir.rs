//! The static computation graph: structured SSA over an arena of values.
//!
//! A [`Function`] is a region of statements in program order; a statement applies one [`Op`] to
//! values. Statements may hold nested regions (the bodies of branches and loops), so control flow
//! stays structured: what a region changes in scalars comes out of it as *yields*, and what a loop
//! carries from one iteration to the next comes in by the region's *parameters*. Aggregates that are
//! changed in part are *memory*: one place, read and stored to in program order.
//!
//! Derived programs (reverse, tangent) are functions of the same IR: besides pure values they hold
//! *buffers*, adjoints that are accumulated in place, and *tapes*, what a loop keeps for its reverse.
//! The same value may be computed, or restored, in a forward and in a reverse region: under one id.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, Member, Path, Type};

use crate::ids::{IdMap, IdSet};
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
    /// By `&mut`.
    Mutable,
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
    /// What the statement hands in: the index of a range loop, then the carried values.
    pub params: Vec<ValueId>,
    pub stmts: Vec<Stmt>,
    /// What it gets back: results of a branch, the carried values' next ones.
    pub yields: Vec<ValueId>,
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

impl Composite {
    pub fn new(function: Primitive, args: &[ValueId]) -> Self {
        Composite {
            function,
            args: args.to_vec(),
        }
    }

    /// The composite that a pattern has found.
    pub fn of(function: Primitive, args: &[ValueId]) -> Option<Self> {
        Some(Composite::new(function, args))
    }
}

/// One step of a path into an aggregate.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Field(Member),
    /// An index known to the macro.
    At(usize),
    /// An index computed at run time: the next argument of the statement.
    Index,
    /// A sub-slice `[from..to]`, whose given bounds are the next arguments.
    Slice {
        from: bool,
        to: bool,
        inclusive: bool,
    },
    /// An element of an array of `ndarray`, `[i]` or `[[i, j]]`: as many indices, which are the next
    /// arguments.
    Element(usize),
    /// A view of such an array, by one of its methods: `row(i)`. The method's arguments are the next
    /// ones.
    View(View),
}

/// A method that views an array.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub method: Ident,
    /// How many arguments it takes.
    pub arity: usize,
}

impl Step {
    /// Whether it is one into an array of `ndarray`.
    pub fn is_of_tensor(&self) -> bool {
        matches!(self, Step::Element(_) | Step::View(_))
    }

    /// How many of the statement's arguments the step takes.
    pub fn arity(&self) -> usize {
        match self {
            Step::Field(_) | Step::At(_) => 0,
            Step::Index => 1,
            Step::Slice { from, to, .. } => usize::from(*from) + usize::from(*to),
            Step::Element(indices) => *indices,
            Step::View(view) => view.arity,
        }
    }
}

/// How many arguments the steps of a path take.
pub fn indices(path: &[Step]) -> usize {
    path.iter().map(Step::arity).sum()
}

/// A branch or a loop of the primal program; its derived forms bear the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ControlId(pub u32);

/// A loop. Arguments: those of its kind, then the initial carried values. Results: the carried
/// values after it.
#[derive(Clone, Debug)]
pub struct Loop {
    pub id: ControlId,
    pub kind: LoopKind,
    /// Whether the body's last yield says whether to go on.
    pub exits: bool,
    /// In derived programs: whether the last result is the number of iterations done.
    pub counted: bool,
}

#[derive(Clone, Debug)]
pub enum LoopKind {
    /// `for i in (start..end).rev().step_by(k)`. Arguments: the bounds, then one per adapter that
    /// takes one. The body's first parameter is the index.
    Range {
        inclusive: bool,
        adapters: Vec<Adapter>,
    },
    /// `while condition { … }`. Its regions are the condition and the body, of the same parameters.
    While,
    /// As often as the argument says.
    Times,
}

/// What stands behind the range of a `for` loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    Rev,
    StepBy,
    Take,
    /// In derived programs: `rev()` behind the others. Of few integer types can rustc tell how many
    /// items are left then, so the range is made one of the runtime's own.
    Back,
}

impl Adapter {
    /// Whether it says how many.
    pub fn has_argument(self) -> bool {
        matches!(self, Adapter::StepBy | Adapter::Take)
    }
}

impl LoopKind {
    /// How many of the arguments come before the carried values.
    pub fn arity(&self) -> usize {
        match self {
            LoopKind::Range { adapters, .. } => {
                2 + adapters
                    .iter()
                    .filter(|adapter| adapter.has_argument())
                    .count()
            }
            LoopKind::While => 0,
            LoopKind::Times => 1,
        }
    }

    /// Whether the body has an index for its first parameter.
    pub fn has_index(&self) -> bool {
        matches!(self, LoopKind::Range { .. })
    }
}

impl Loop {
    /// The region that is repeated.
    pub fn body<'r>(&self, regions: &'r [Region]) -> &'r Region {
        regions.last().expect("a loop has a body")
    }

    /// The carried values at the start of an iteration.
    pub fn carried_params<'r>(&self, body: &'r Region) -> &'r [ValueId] {
        &body.params[self.first_carried()..]
    }

    /// The position of the first carried value among the body's parameters.
    pub fn first_carried(&self) -> usize {
        usize::from(self.kind.has_index())
    }
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

/// What an aggregate is built as.
#[derive(Clone, Debug)]
pub enum Shape {
    Tuple,
    Array,
    /// `vec![a, b]`.
    Vec,
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
    /// `Some(x)`: a value that only one arm of a branch has; without an argument, `None`.
    Optional,
    /// What is in it.
    Unwrap,
}

/// Which states of a long loop are kept.
#[derive(Clone, Debug)]
pub enum Strategy {
    /// What the reverse needs of every step, and no step runs again.
    StoreAll,
    /// Every so many steps one.
    Periodic(Box<Expr>),
    /// At most so many.
    Revolve(Box<Expr>),
}

#[derive(Clone, Debug)]
pub struct States {
    pub kind: LoopKind,
    pub strategy: Strategy,
    /// Whether they are used up by one reverse.
    pub once: bool,
}

#[derive(Clone, Debug)]
pub struct Rewind {
    pub id: ControlId,
    pub kind: LoopKind,
    /// The number of the step, from zero.
    pub step: ValueId,
    /// How many values of the state are carried ones; they come before the memories.
    pub carried: usize,
    /// How many values the state has.
    pub state: usize,
}

/// Where a tape lives.
#[derive(Clone, Debug)]
pub enum TapeKind {
    /// In an array of known lengths, by the loops' indices.
    Fixed(Vec<Expr>),
    /// The same where only rustc knows how long that is: on the stack if the `chosen` lengths, named
    /// constants, have a product within the limit.
    Chosen {
        lengths: Vec<Expr>,
        chosen: Vec<Expr>,
        limit: usize,
    },
    /// In a vector as long as the loop, by its index. Argument: its end.
    Sized,
    /// In a vector that is filled from its start. Argument: the number of entries, if it is known.
    Growing,
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

/// A primal or derived function.
#[derive(Clone, Debug)]
pub struct Function {
    pub values: Vec<Value>,
    pub params: Vec<Param>,
    pub body: Region,
    pub output: ValueId,
    /// The values that are places, changed by later statements.
    pub memories: IdSet,
    /// Parts of aggregates that the user gave a name by reference.
    pub borrowed: IdSet,
    pub generics: Generics,
}

/// The type and const parameters that are in scope.
#[derive(Clone, Debug, Default)]
pub struct Generics {
    pub names: Vec<Ident>,
    /// Those that are lengths: of type `usize`.
    pub lengths: Vec<Ident>,
}

impl Generics {
    pub fn of<'g>(params: impl Iterator<Item = &'g syn::GenericParam>) -> Generics {
        let mut generics = Generics::default();
        for param in params {
            match param {
                syn::GenericParam::Type(param) => generics.names.push(param.ident.clone()),
                syn::GenericParam::Const(param) => {
                    generics.names.push(param.ident.clone());
                    if matches!(&param.ty, Type::Path(ty) if ty.path.is_ident("usize")) {
                        generics.lengths.push(param.ident.clone());
                    }
                }
                syn::GenericParam::Lifetime(_) => {}
            }
        }
        generics
    }
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
        let mut definitions = IdMap::new();
        self.body.for_each(&mut |stmt| {
            definitions.extend(stmt.results.iter().map(|&id| (id, stmt)));
        });
        definitions
    }

    /// Whether the value is a place, so that reading it has its moment.
    pub fn is_memory(&self, id: ValueId) -> bool {
        self.memories.contains(&id)
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

    /// Every value that the statement and what is nested in it use.
    pub fn for_each_use(&self, f: &mut dyn FnMut(ValueId)) {
        self.args.iter().copied().for_each(&mut *f);
        if let Op::Rewind(_) = self.op {
            // What it defines again is defined outside, too.
            for region in &self.regions {
                let mut own: IdSet = region.params.iter().copied().collect();
                region.for_each(&mut |stmt| own.extend(&stmt.results));
                let mut outer = |id: ValueId| {
                    if !own.contains(&id) {
                        f(id);
                    }
                };
                region.yields.iter().copied().for_each(&mut outer);
                for stmt in &region.stmts {
                    stmt.for_each_use(&mut outer);
                }
            }
            return;
        }
        for region in &self.regions {
            region.yields.iter().copied().for_each(&mut *f);
            for stmt in &region.stmts {
                stmt.for_each_use(f);
            }
        }
    }

    /// A statement with regions.
    pub fn control(
        results: Vec<ValueId>,
        op: Op,
        args: Vec<ValueId>,
        regions: Vec<Region>,
        span: Span,
    ) -> Self {
        Stmt {
            regions,
            ..Stmt::new(results, op, args, span)
        }
    }

    pub fn result(&self) -> Option<ValueId> {
        self.results.first().copied()
    }

    /// The branch or loop that the statement is.
    pub fn control_id(&self) -> Option<ControlId> {
        match &self.op {
            Op::If(id) | Op::Switch(id) => Some(*id),
            Op::Loop(own) => Some(own.id),
            _ => None,
        }
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
            (Shape::Array | Shape::Vec, Step::At(index)) => Some(*index),
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
            Shape::Array | Shape::Vec => Step::At(k),
            Shape::Struct { members, .. } => Step::Field(members[k].clone()),
        }
    }
}
