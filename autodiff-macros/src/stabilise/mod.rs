//! Stable derivatives of naive formulas.
//!
//! A statement that computes, say, `ln(sigmoid(z))` keeps computing its value as written, but its
//! derivative is taken of `log_sigmoid(z)`: the pass records that view in [`Stmt::via`]. Patterns
//! are matched on the graph, so they see through `let`s and reused values; views made for earlier
//! statements are patterns for later ones. What a view needs and nobody has computed is appended
//! before the statement; it vanishes again where only the value is wanted.
//!
//! Side conditions: each view is mathematically the same function of the same values wherever the
//! written form is defined, so the derivative is the same wherever both are finite. Where a
//! written quotient has a hole (`sin(x) / x` at 0), the view is its continuation.

mod logarithm;
mod quotient;
mod softmax;
mod squares;

use proc_macro2::{Ident, Span, TokenStream};

use crate::ids::{IdMap, IdSet};
use crate::ir::{Composite, Function, Op, Stmt, ValueId};
use crate::rules::Primitive::{self, *};

/// Records stable views. With `values`, the value is computed by the stable form, too.
///
/// Returns the identifiers that were taken for functions of the runtime, for rustc to confirm.
pub fn stabilise(function: &mut Function, values: bool, krate: &TokenStream) -> Vec<Ident> {
    let mut pass = Pass {
        views: Views::default(),
        values,
        krate,
        confirm: Vec::new(),
    };
    let stmts = std::mem::take(&mut function.body.stmts);
    function.body.stmts = pass.region(stmts, function);
    pass.confirm
}

/// Longer sums keep their naive derivative: a sum is a tree of values that may share subtrees, and
/// walking it must stay cheap.
const MOST_TERMS: usize = 64;

struct Pass<'a> {
    views: Views,
    values: bool,
    krate: &'a TokenStream,
    confirm: Vec<Ident>,
}

impl Pass<'_> {
    fn region(&mut self, stmts: Vec<Stmt>, function: &mut Function) -> Vec<Stmt> {
        let mut done = Vec::with_capacity(stmts.len());
        for mut stmt in stmts {
            for region in &mut stmt.regions {
                let stmts = std::mem::take(&mut region.stmts);
                region.stmts = self.region(stmts, function);
            }
            let mut append = Append {
                function,
                stmts: &mut done,
                span: stmt.span,
            };
            stmt.via = self.views.stable_form(&stmt, &mut append);
            if stmt.via.is_none()
                && let Some((softmax, form)) =
                    self.views.softmax_then_ln(&stmt, &mut append, self.krate)
            {
                stmt.via = Some(form);
                self.confirm.push(softmax);
            }
            if self.values && stmt.via.is_none() {
                stmt.via = self.views.stable_value(&stmt);
            }
            self.views.record(&stmt, function);
            if self.values
                && let Some(Composite {
                    function: primitive,
                    args,
                }) = stmt.via.take()
            {
                stmt.op = Op::Apply(primitive);
                stmt.args = args;
            }
            done.push(stmt);
        }
        done
    }
}

/// Where views append what they need.
struct Append<'a> {
    function: &'a mut Function,
    stmts: &'a mut Vec<Stmt>,
    span: Span,
}

impl Append<'_> {
    fn apply(&mut self, primitive: Primitive, args: &[ValueId]) -> ValueId {
        let result = self.value_like(args[0]);
        let op = Op::Apply(primitive);
        self.push(Stmt::new(vec![result], op, args.to_vec(), self.span));
        result
    }

    /// `number` in the type of `like`.
    fn constant(&mut self, number: f64, like: ValueId) -> ValueId {
        let result = self.value_like(like);
        self.push(Stmt::new(
            vec![result],
            Op::Constant(number),
            Vec::new(),
            self.span,
        ));
        result
    }

    fn value_like(&mut self, like: ValueId) -> ValueId {
        let ty = self.function.ty(like).clone();
        self.function.new_value(ty, None, self.span)
    }

    fn push(&mut self, stmt: Stmt) {
        self.stmts.push(stmt);
    }
}

/// What is known of the values defined so far.
#[derive(Default)]
struct Views {
    composites: IdMap<Composite>,
    numbers: IdMap<f64>,
    /// Values that no active value enters.
    inactive: IdSet,
    softmaxes: softmax::Calls,
    /// What a value that a branch or loop hands out may be.
    joins: IdMap<Vec<ValueId>>,
}

impl Views {
    fn record(&mut self, stmt: &Stmt, function: &Function) {
        self.record_joins(stmt);
        let Some(result) = stmt.result() else { return };
        match (&stmt.via, &stmt.op) {
            (Some(via), _) => {
                self.composites.insert(result, via.clone());
            }
            (None, Op::Apply(function)) => {
                self.composites.insert(
                    result,
                    Composite {
                        function: *function,
                        args: stmt.args.clone(),
                    },
                );
            }
            (None, op) => {
                self.numbers
                    .extend(op.number().map(|number| (result, number)));
                let of_inactive = match op {
                    Op::Verbatim(_) => true,
                    Op::Cast => function.ty(stmt.args[0]).is_inactive(),
                    _ => false,
                };
                if of_inactive {
                    self.inactive.insert(result);
                }
                self.softmaxes.record(stmt, result);
            }
        }
    }

    /// The arguments of `id` if it is computed by `primitive`.
    fn args_of(&self, id: ValueId, primitive: Primitive) -> Option<&[ValueId]> {
        self.composites
            .get(&id)
            .filter(|view| view.function == primitive)
            .map(|view| &view.args[..])
    }

    fn arg_of(&self, id: ValueId, primitive: Primitive) -> Option<ValueId> {
        self.args_of(id, primitive).map(|args| args[0])
    }

    /// The two operands of `id` if it is computed by `primitive`.
    fn operands(&self, id: ValueId, primitive: Primitive) -> Option<[ValueId; 2]> {
        self.args_of(id, primitive)?.try_into().ok()
    }

    fn is_one(&self, id: ValueId) -> bool {
        self.numbers.get(&id) == Some(&1.0)
    }

    fn stable_form(&self, stmt: &Stmt, append: &mut Append) -> Option<Composite> {
        let Op::Apply(primitive) = stmt.op else {
            return None;
        };
        let form = Composite::of;
        match (primitive, &stmt.args[..]) {
            (Ln, &[x]) => self.stable_ln(x, append),
            (Nll, &[p, y]) => form(NllWithLogits, &[self.arg_of(p, Sigmoid)?, y]),
            (Ln1p, &[x]) => {
                // ln_1p(exp(z)) and ln_1p(-exp(z)).
                if let Some(z) = self.arg_of(x, Exp) {
                    return form(Softplus, &[z]);
                }
                let negated = self.arg_of(x, Neg)?;
                if let Some(z) = self.arg_of(negated, Exp) {
                    return form(LnOneMinusExp, &[z]);
                }
                form(LnOneMinusSigmoid, &[self.arg_of(negated, Sigmoid)?])
            }
            (Add, &[a, b]) => self
                .binary_likelihood(a, b)
                .or_else(|| self.binary_likelihood(b, a)),
            (Sub, &[one, x]) if self.is_one(one) => {
                form(OneMinusSigmoid, &[self.arg_of(x, Sigmoid)?])
            }
            (Div, &[a, b]) => self.stable_quotient(a, b, append),
            (Recip, &[b]) => self.logistic_denominator(b, true),
            (Powi, &[b, n]) if self.numbers.get(&n) == Some(&-1.0) => {
                self.logistic_denominator(b, true)
            }
            (Sqrt, &[x]) => self.stable_root(x),
            // √x·√x.
            (Mul, &[a, b]) if a == b => form(Linear, &[self.arg_of(a, Sqrt)?]),
            (Powi, &[a, two]) if self.numbers.get(&two) == Some(&2.0) => {
                form(Linear, &[self.arg_of(a, Sqrt)?])
            }
            _ => None,
        }
    }

    /// `y·ln(p) + (1 − y)·ln(1 − p)` with `p = sigmoid(z)`.
    fn binary_likelihood(&self, hit: ValueId, miss: ValueId) -> Option<Composite> {
        let (y, z) = self.weighted(hit, LogSigmoid)?;
        let (rest, same) = self.weighted(miss, LnOneMinusSigmoid)?;
        let [one, label] = self.operands(rest, Sub)?;
        let fits = z == same && label == y && self.is_one(one);
        fits.then(|| Composite::new(BinaryLogLikelihood, &[z, y]))
    }

    /// The weight and the argument of `w·f(z)`.
    fn weighted(&self, product: ValueId, function: Primitive) -> Option<(ValueId, ValueId)> {
        let [a, b] = self.operands(product, Mul)?;
        match (self.arg_of(b, function), self.arg_of(a, function)) {
            (Some(z), _) => Some((a, z)),
            (_, Some(z)) => Some((b, z)),
            _ => None,
        }
    }

    /// Forms whose derivative by the chain rule is stable as it is, and whose value is not.
    fn stable_value(&self, stmt: &Stmt) -> Option<Composite> {
        let Op::Apply(primitive) = stmt.op else {
            return None;
        };
        let form = |function, x| Composite::of(function, &[x]);
        match (primitive, &stmt.args[..]) {
            (Sub, &[e, one]) if self.is_one(one) => form(ExpM1, self.arg_of(e, Exp)?),
            (Ln, &[sum]) => match *self.args_of(sum, Add)? {
                [one, x] if self.is_one(one) => form(Ln1p, x),
                [x, one] if self.is_one(one) => form(Ln1p, x),
                _ => None,
            },
            _ => None,
        }
    }
}
