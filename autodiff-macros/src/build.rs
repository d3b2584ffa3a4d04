//! Building derived statements: the small algebra in which the rules are written.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Add, Div, Mul, Neg, Sub};

use proc_macro2::{Ident, Span};

use crate::ids::IdMap;
use crate::ir::{Composite, Function, Op, Stmt, ValueId};
use crate::rules::{Partials, Primitive};
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

    /// What `id` is a multiple of `base` by, if it is one: `base · (p + q)` instead of
    /// `base · p + base · q` leaves one multiplication between two values of a recurrence.
    pub fn coefficient(&self, id: ValueId, base: ValueId, span: Span) -> Option<ValueId> {
        if id == base {
            return Some(self.constant(1.0, self.ty(base), span));
        }
        let (primitive, args) = self.state.borrow().applied.get(&id).cloned()?;
        let of = |id: ValueId| self.coefficient(id, base, span);
        let independent = |id: ValueId| !self.depends(id, base);
        match (primitive, &args[..]) {
            (Primitive::Neg, &[x]) => Some(self.apply(Primitive::Neg, &[of(x)?], span)),
            (Primitive::Add | Primitive::Sub, &[x, y]) => {
                Some(self.apply(primitive, &[of(x)?, of(y)?], span))
            }
            (Primitive::Mul, &[x, y]) if independent(x) => {
                Some(self.apply(Primitive::Mul, &[x, of(y)?], span))
            }
            (Primitive::Mul | Primitive::Div, &[x, y]) if independent(y) => {
                Some(self.apply(primitive, &[of(x)?, y], span))
            }
            _ => None,
        }
    }

    fn depends(&self, id: ValueId, base: ValueId) -> bool {
        if id == base {
            return true;
        }
        let args = self
            .state
            .borrow()
            .applied
            .get(&id)
            .map(|(_, args)| args.clone());
        args.into_iter()
            .flatten()
            .any(|arg| self.depends(arg, base))
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

    /// `a + b` as a person writes it: what is negated is subtracted, and twice the same product is
    /// the double of one. The former is exact, the latter better.
    pub fn add(&self, a: ValueId, b: ValueId, span: Span) -> ValueId {
        match (self.negated(a, span), self.negated(b, span)) {
            (Some(a), Some(b)) => {
                let sum = self.add(a, b, span);
                self.apply(Primitive::Neg, &[sum], span)
            }
            (None, Some(b)) => self.apply(Primitive::Sub, &[a, b], span),
            (Some(a), None) => self.apply(Primitive::Sub, &[b, a], span),
            (None, None) if self.is_same_product(a, b) => {
                let two = self.constant(2.0, self.ty(a), span);
                self.apply(Primitive::Mul, &[two, a], span)
            }
            (None, None) => self.apply(Primitive::Add, &[a, b], span),
        }
    }

    /// What the value is the negative of, if it is written so, or as a product of such. What has a
    /// name is looked at as it is.
    fn negated(&self, id: ValueId, span: Span) -> Option<ValueId> {
        if self.name_of(id).is_some() {
            return None;
        }
        let (primitive, args) = self.state.borrow().factors.get(&id).cloned()?;
        match args[..] {
            [x] if primitive == Primitive::Neg => Some(x),
            [x, y] => {
                let factors = match (self.negated(x, span), self.negated(y, span)) {
                    (Some(x), None) => [x, y],
                    (None, Some(y)) => [x, y],
                    _ => return None,
                };
                Some(self.apply(Primitive::Mul, &factors, span))
            }
            _ => None,
        }
    }

    fn is_same_product(&self, a: ValueId, b: ValueId) -> bool {
        const DEPTH: usize = 4;
        let is_product = |id: ValueId| self.state.borrow().factors.contains_key(&id);
        let factors = |id: ValueId| {
            let (mut numbers, mut others) = (1.0, Vec::new());
            self.gather_factors(id, DEPTH, &mut numbers, &mut others);
            others.sort_unstable();
            (numbers, others)
        };
        is_product(a) && is_product(b) && factors(a) == factors(b)
    }

    fn gather_factors(
        &self,
        id: ValueId,
        depth: usize,
        numbers: &mut f64,
        others: &mut Vec<ValueId>,
    ) {
        if let Some(number) = self.number(id) {
            *numbers *= number;
            return;
        }
        let product = self.state.borrow().factors.get(&id).cloned();
        match product {
            Some((Primitive::Mul, args)) if depth > 0 => {
                for arg in args {
                    self.gather_factors(arg, depth - 1, numbers, others);
                }
            }
            _ => others.push(id),
        }
    }

    /// `(u·x) / x` as `u`, through products and negatives of values that are computed anyway.
    ///
    /// Not exact in floating point but better: it spares two roundings, and is finite where `x` is
    /// zero or infinite. Only derivatives are simplified so.
    fn cancel(
        &self,
        dividend: ValueId,
        divisor: ValueId,
        span: Span,
        depth: usize,
    ) -> Option<ValueId> {
        let (primitive, args) = self
            .state
            .borrow()
            .factors
            .get(&dividend)
            .cloned()
            .filter(|_| depth > 0)?;
        if primitive == Primitive::Neg {
            let rest = self.cancel(args[0], divisor, span, depth - 1)?;
            return Some(self.apply(Primitive::Neg, &[rest], span));
        }
        match args[..] {
            [a, b] if b == divisor => Some(a),
            [a, b] if a == divisor => Some(b),
            [a, b] => {
                if let Some(rest) = self.cancel(a, divisor, span, depth - 1) {
                    return Some(self.apply(Primitive::Mul, &[rest, b], span));
                }
                let rest = self.cancel(b, divisor, span, depth - 1)?;
                Some(self.apply(Primitive::Mul, &[a, rest], span))
            }
            _ => None,
        }
    }

    /// `id` as a factor in a derivative: where a logarithm enters it that overflows the way it is
    /// written, computed once more from the stable form. What it is multiplied by may well vanish
    /// faster than the logarithm grows, as in `p·ln(p)`.
    fn factor(&self, id: ValueId, span: Span, depth: usize) -> ValueId {
        let view = self.state.borrow().logarithms.get(&id).cloned();
        if let Some(view) = view {
            return self.apply(view.function, &view.args, span);
        }
        let Some(of) = self
            .state
            .borrow()
            .arithmetic
            .get(&id)
            .cloned()
            .filter(|_| depth > 0)
        else {
            return id;
        };
        let factor = |&arg: &ValueId| self.factor(arg, span, depth - 1);
        let args: Vec<ValueId> = of.args.iter().map(factor).collect();
        if args == of.args {
            id
        } else {
            self.apply(of.function, &args, span)
        }
    }

    /// The contribution of the `k`-th argument of `primitive`, or nothing if it is zero.
    pub fn contribution(
        &self,
        primitive: Primitive,
        args: &[ValueId],
        result: Computed,
        k: usize,
        d: ValueId,
        span: Span,
    ) -> Option<ValueId> {
        if !primitive.depends_on(k) {
            return None;
        }
        let d = Term {
            build: self,
            id: d,
            span,
        };
        let site = Site {
            d,
            primitive,
            args,
            computed: result,
        };
        let term = match primitive.rule().partials {
            Partials::Each(rows) => rows[k](&site),
            Partials::Every(row) => row(&site, k),
        };
        (self.number(term.id) != Some(0.0)).then_some(term.id)
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

/// How the value of the statement that a rule is for was computed.
#[derive(Clone, Copy)]
pub enum Computed {
    /// By the rule's own function.
    Result(ValueId),
    /// By the naive form that the user wrote.
    Naively(ValueId),
}

impl Computed {
    /// How `stmt` computes its result.
    pub fn of(stmt: &Stmt) -> Computed {
        match stmt.via {
            None => Computed::Result(stmt.results[0]),
            Some(_) => Computed::Naively(stmt.results[0]),
        }
    }
}

/// What a rule sees: the adjoint or tangent `d`, the arguments, and the result if it asks.
pub struct Site<'b> {
    pub d: Term<'b>,
    primitive: Primitive,
    args: &'b [ValueId],
    /// Where the derivative views the statement as another function than the one that computed its
    /// value, the rule's result is computed anew, in the stable form.
    computed: Computed,
}

impl<'b> Site<'b> {
    pub fn arg(&self, k: usize) -> Term<'b> {
        Term {
            id: self.args[k],
            ..self.d
        }
    }

    pub fn x(&self) -> Term<'b> {
        self.arg(0)
    }

    pub fn y(&self) -> Term<'b> {
        self.arg(1)
    }

    pub fn z(&self) -> Term<'b> {
        self.arg(2)
    }

    /// The `k`-th argument where it multiplies `d`.
    pub fn factor(&self, k: usize) -> Term<'b> {
        const DEPTH: usize = 4;
        Term {
            id: self.d.build.factor(self.args[k], self.d.span, DEPTH),
            ..self.d
        }
    }

    /// Whether the first two arguments are the same value.
    pub fn is_square(&self) -> bool {
        self.args[0] == self.args[1]
    }

    pub fn result(&self) -> Term<'b> {
        let id = match self.computed {
            Computed::Result(result) => result,
            Computed::Naively(_) => self.d.build.apply(self.primitive, self.args, self.d.span),
        };
        Term { id, ..self.d }
    }

    /// The result as the user's own, naive form gives it.
    pub fn naive(&self) -> Option<Term<'b>> {
        match self.computed {
            Computed::Result(_) => None,
            Computed::Naively(id) => Some(Term { id, ..self.d }),
        }
    }

    /// The `k`-th argument as an integer, if it is a literal.
    pub fn integer(&self, k: usize) -> Option<i64> {
        self.d
            .build
            .number(self.args[k])
            .map(|number| number as i64)
    }

    pub fn constant(&self, number: f64) -> Term<'b> {
        let Term { build, id, span } = self.d;
        Term {
            id: build.constant(number, build.ty(id), span),
            ..self.d
        }
    }

    /// `term`, or zero where `d` is exactly zero.
    pub fn strong_zero(&self, term: Term<'b>) -> Term<'b> {
        self.call(Primitive::StrongZero, &[self.d, term])
    }

    /// `d / x`: strong, and cancelled where `d` is a multiple of `x`.
    pub fn quotient(&self, x: Term<'b>) -> Term<'b> {
        const DEPTH: usize = 4;
        let build = self.d.build;
        let quotient = match build.cancel(self.d.id, x.id, self.d.span, DEPTH) {
            Some(id) => Term { id, ..self.d },
            None => self.strong_zero(self.d / x),
        };
        build.state.borrow_mut().quotient = Some((self.d.id, x.id, quotient.id));
        quotient
    }

    /// The share of the divisor in x / y: −d·(x/y)/y, from d / y where the dividend's rule had it.
    pub fn divisor_share(&self) -> Term<'b> {
        let (result, y) = (self.result(), self.y());
        let known = self.d.build.state.borrow().quotient;
        let share = match known {
            Some((d, divisor, id)) if (d, divisor) == (self.d.id, y.id) => {
                -(Term { id, ..self.d }) * result
            }
            _ if self.d.build.number(self.args[0]) == Some(1.0) => -self.d * result * result,
            _ => -self.d * result / y,
        };
        self.strong_zero(share)
    }

    pub fn call(&self, primitive: Primitive, args: &[Term<'b>]) -> Term<'b> {
        let args: Vec<ValueId> = args.iter().map(|term| term.id).collect();
        Term {
            id: self.d.build.apply(primitive, &args, self.d.span),
            ..self.d
        }
    }

    /// `primitive` on `first`, then all arguments from the `from`-th on.
    pub fn call_with_all(&self, primitive: Primitive, first: &[Term<'b>], from: usize) -> Term<'b> {
        let all = self.args[from..].iter().map(|&id| Term { id, ..self.d });
        let args: Vec<Term<'b>> = first.iter().copied().chain(all).collect();
        self.call(primitive, &args)
    }

    /// `d` times the softmax of the `k`-th argument among all. What does not depend on `k` is
    /// computed once for all of them.
    pub fn share_of(&self, d: Term<'b>, k: usize) -> Term<'b> {
        let (largest, sum) = self.shifted_sum(0);
        self.call(Primitive::LogSumExpAdjoint, &[d, self.arg(k), largest, sum])
    }

    /// `d` times the softmax of all arguments but the first.
    pub fn share_of_others(&self, d: Term<'b>) -> Term<'b> {
        let (_, sum) = self.shifted_sum(0);
        let (_, others) = self.shifted_sum(1);
        self.strong_zero(d * (others / sum))
    }

    /// The contribution of the `k`-th argument of the logarithm of `Σ w·exp(x)`, where weights and
    /// exponents alternate.
    pub fn weighted_share(&self, k: usize) -> Term<'b> {
        let largest = self.call_with_all(Primitive::WeightedLargest, &[], 0);
        let sum = self.call_with_all(Primitive::WeightedSumExp, &[largest], 0);
        let (d, exponent) = match k % 2 {
            0 => (self.d, self.arg(k + 1)),
            _ => (self.d * self.arg(k - 1), self.arg(k)),
        };
        self.call(Primitive::LogSumExpAdjoint, &[d, exponent, largest, sum])
    }

    /// The largest of all arguments, and the sum of the exponentials of those from the `from`-th on,
    /// shifted by it.
    fn shifted_sum(&self, from: usize) -> (Term<'b>, Term<'b>) {
        let largest = self.call_with_all(Primitive::Largest, &[], 0);
        let sum = self.call_with_all(Primitive::SumExp, &[largest], from);
        (largest, sum)
    }
}

/// A value in a rule; arithmetic on it appends statements.
#[derive(Clone, Copy)]
pub struct Term<'b> {
    build: &'b Builder,
    pub id: ValueId,
    span: Span,
}

impl<'b> Term<'b> {
    pub fn apply(self, primitive: Primitive) -> Term<'b> {
        Term {
            id: self.build.apply(primitive, &[self.id], self.span),
            ..self
        }
    }

    pub fn apply2(self, primitive: Primitive, other: Term<'b>) -> Term<'b> {
        Term {
            id: self.build.apply(primitive, &[self.id, other.id], self.span),
            ..self
        }
    }
}

impl Neg for Term<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.apply(Primitive::Neg)
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident;)*) => {$(
        impl $operator for Term<'_> {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                self.apply2(Primitive::$operator, other)
            }
        }
    )*};
}

operators! { Add add; Sub sub; Mul mul; Div div; }
