//! Building derived statements: the small algebra in which the rules are written.

mod algebra;
mod site;

pub use site::{Computed, Site, Term};

use std::cell::RefCell;
use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};

use crate::ids::IdMap;
use crate::ir::{Composite, Function, Op, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

/// Appends statements to a function under construction.
///
/// The interior is a `RefCell` so that [`Term`]s can be `Copy` and rules read like formulas.
pub struct Builder {
    state: RefCell<State>,
}

struct State {
    function: Function,
    stmts: Vec<Stmt>,
    numbers: IdMap<f64>,
    /// How derived values are computed.
    applied: IdMap<(Primitive, Vec<ValueId>)>,
    /// The values that are products or negatives, for quotients to cancel against.
    factors: IdMap<(Primitive, Vec<ValueId>)>,
    /// The logarithms that are viewed as something stable, and the arithmetic on values: both only if
    /// there are such logarithms.
    logarithms: IdMap<Composite>,
    arithmetic: IdMap<Composite>,
    /// The last dividend and divisor, and their quotient, for the rule of the divisor.
    quotient: Option<(ValueId, ValueId, ValueId)>,
    /// Function calls computed so far: a rule that asks for `x.sin()` finds the user's.
    calls: Calls,
}

/// The function calls that a region has computed.
pub type Calls = BTreeMap<(Primitive, Vec<ValueId>), ValueId>;

/// What was under construction when a region was entered.
pub struct Outside {
    stmts: Vec<Stmt>,
    calls: Calls,
}

impl Builder {
    /// Starts from the values of `function`; its statements are not copied.
    pub fn new(function: &Function) -> Self {
        let mut numbers = IdMap::new();
        let mut factors = IdMap::new();
        function.body.for_each(&mut |stmt| {
            factors.extend(stmt.result().zip(factors_of(&stmt.op, &stmt.args)));
            if let (Some(result), Some(number)) = (stmt.result(), stmt.op.number()) {
                numbers.insert(result, number);
            }
        });
        let (logarithms, arithmetic) = logarithms(function);
        let function = Function {
            body: Default::default(),
            ..function.clone()
        };
        Builder {
            state: RefCell::new(State {
                function,
                stmts: Vec::new(),
                numbers,
                applied: IdMap::new(),
                factors,
                logarithms,
                arithmetic,
                quotient: None,
                calls: BTreeMap::new(),
            }),
        }
    }

    /// The statements appended since the last call.
    pub fn take_stmts(&self) -> Vec<Stmt> {
        std::mem::take(&mut self.state.borrow_mut().stmts)
    }

    /// Starts a region: its statements, and the calls that it finds computed.
    pub fn enter(&self, calls: Option<&Calls>) -> Outside {
        let mut state = self.state.borrow_mut();
        let known = state.calls.clone();
        if let Some(calls) = calls {
            state.calls.clone_from(calls);
        }
        Outside {
            stmts: std::mem::take(&mut state.stmts),
            calls: known,
        }
    }

    /// Ends the region: its statements, and the calls that are computed at its end.
    pub fn leave(&self, outside: Outside) -> (Vec<Stmt>, Calls) {
        let mut state = self.state.borrow_mut();
        (
            std::mem::replace(&mut state.stmts, outside.stmts),
            std::mem::replace(&mut state.calls, outside.calls),
        )
    }

    pub fn finish(self) -> Function {
        self.state.into_inner().function
    }

    pub fn ty(&self, id: ValueId) -> Ty {
        self.state.borrow().function.ty(id).clone()
    }

    pub fn name_of(&self, id: ValueId) -> Option<Ident> {
        self.state.borrow().function.value(id).name.clone()
    }

    pub fn set_name(&self, id: ValueId, name: Ident) {
        self.state.borrow_mut().function.value_mut(id).name = Some(name);
    }

    pub fn new_value(&self, ty: Ty, name: Option<Ident>, span: Span) -> ValueId {
        self.state.borrow_mut().function.new_value(ty, name, span)
    }

    /// Makes the value a place.
    pub fn set_memory(&self, id: ValueId) {
        self.state.borrow_mut().function.memories.insert(id);
    }

    /// Appends a statement with one result.
    pub fn push(
        &self,
        op: Op,
        args: Vec<ValueId>,
        ty: Ty,
        name: Option<Ident>,
        span: Span,
    ) -> ValueId {
        let result = self.new_value(ty, name, span);
        let mut state = self.state.borrow_mut();
        if let Some(number) = op.number() {
            state.numbers.insert(result, number);
        }
        state
            .factors
            .extend(factors_of(&op, &args).map(|factors| (result, factors)));
        if let Op::Apply(primitive) = op {
            state.applied.insert(result, (primitive, args.clone()));
        }
        state.stmts.push(Stmt::new(vec![result], op, args, span));
        result
    }

    /// Appends a statement as it is. How the derivative views it is of no use in derived code, and
    /// must not keep alive what only the view mentions.
    pub fn push_stmt(&self, mut stmt: Stmt) {
        stmt.via = None;
        let mut state = self.state.borrow_mut();
        if let (Op::Apply(primitive), &[result]) = (&stmt.op, &stmt.results[..])
            && primitive.is_call()
        {
            state
                .calls
                .entry((*primitive, stmt.args.clone()))
                .or_insert(result);
        }
        state.stmts.push(stmt);
    }

    pub fn constant(&self, number: f64, ty: Ty, span: Span) -> ValueId {
        self.push(Op::Constant(number), Vec::new(), ty, None, span)
    }

    pub fn number(&self, id: ValueId) -> Option<f64> {
        self.state.borrow().numbers.get(&id).copied()
    }

    /// Applies a primitive, with the algebra that is exact in floating point: factors of one,
    /// double negation, products of known numbers.
    pub fn apply(&self, primitive: Primitive, args: &[ValueId], span: Span) -> ValueId {
        let ty = self.ty(args[0]);
        let known: Vec<Option<f64>> = args.iter().map(|&arg| self.number(arg)).collect();
        match (primitive, &known[..]) {
            (Primitive::Neg, [Some(number)]) => return self.constant(-number, ty, span),
            (Primitive::Mul, [Some(a), Some(b)]) => return self.constant(a * b, ty, span),
            (Primitive::Mul, [Some(1.0), _]) => return args[1],
            (Primitive::Mul | Primitive::Div, [_, Some(1.0)]) => return args[0],
            (Primitive::Mul, [Some(-1.0), _]) => {
                return self.apply(Primitive::Neg, &args[1..], span);
            }
            (Primitive::Mul | Primitive::Div, [_, Some(-1.0)]) => {
                return self.apply(Primitive::Neg, &args[..1], span);
            }
            (Primitive::Neg, [None]) => {
                if let Some((Primitive::Neg, negated)) = self.state.borrow().factors.get(&args[0]) {
                    return negated[0];
                }
            }
            _ => {}
        }
        if !primitive.is_call() {
            return self.push(Op::Apply(primitive), args.to_vec(), ty, None, span);
        }
        let key = (primitive, args.to_vec());
        let known = self.state.borrow().calls.get(&key).copied();
        known.unwrap_or_else(|| {
            let result = self.push(Op::Apply(primitive), args.to_vec(), ty, None, span);
            self.state.borrow_mut().calls.insert(key, result);
            result
        })
    }
}

/// The logarithms with a stable view and, if there are any, the arithmetic of the function.
fn logarithms(function: &Function) -> (IdMap<Composite>, IdMap<Composite>) {
    use Primitive::{Add, Div, Ln, Ln1p, Mul, Neg, Sub};
    let mut logarithms = IdMap::new();
    let mut arithmetic = IdMap::new();
    function
        .body
        .for_each(&mut |stmt| match (&stmt.op, &stmt.via) {
            (Op::Apply(Ln | Ln1p), Some(view)) => {
                logarithms.insert(stmt.results[0], view.clone());
            }
            (Op::Apply(function @ (Add | Sub | Mul | Div | Neg)), _) => {
                arithmetic.insert(stmt.results[0], Composite::new(*function, &stmt.args));
            }
            _ => {}
        });
    if logarithms.values().next().is_none() {
        arithmetic = IdMap::new();
    }
    (logarithms, arithmetic)
}

fn factors_of(op: &Op, args: &[ValueId]) -> Option<(Primitive, Vec<ValueId>)> {
    match op {
        Op::Apply(primitive @ (Primitive::Mul | Primitive::Neg)) => {
            Some((*primitive, args.to_vec()))
        }
        _ => None,
    }
}
