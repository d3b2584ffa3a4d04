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

mod control;
mod op;
mod step;

use proc_macro2::{Ident, Span};
use syn::Type;

use crate::ids::{IdMap, IdSet};
use crate::rules::Primitive;
use crate::ty::Ty;

pub use control::{Adapter, ControlId, Loop, LoopKind, Rewind, States, Strategy, TapeKind};
pub use op::{Called, Callee, Capture, Observation, Op, Shape, Sides, Verbatim};
pub use step::{Step, View, indices};

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
