//! Stable derivatives of naive formulas.
//!
//! A statement that computes, say, `ln(sigmoid(z))` keeps computing its value as written, but its
//! derivative is taken of `log_sigmoid(z)`: the pass records that view in [`Stmt::via`]. Patterns
//! are matched on the graph, so they see through `let`s and reused values; views made for earlier
//! statements are patterns for later ones.
//!
//! Side conditions: each view is mathematically the same function of the same values wherever the
//! written form is defined, so the derivative is the same wherever both are finite.

use proc_macro2::{Ident, TokenStream};

use crate::ids::IdMap;
use crate::ir::{Called, Callee, Composite, Function, Mode, Op, Step, Stmt, ValueId};
use crate::rules::Primitive::{self, *};
use crate::ty::Ty;

/// Records stable views. With `values`, the value is computed by the stable form, too.
///
/// Returns the identifiers that were taken for functions of the runtime, for rustc to confirm.
pub fn stabilise(function: &mut Function, values: bool, krate: &TokenStream) -> Vec<Ident> {
    let mut views = Views::default();
    let mut confirm = Vec::new();
    let stmts = std::mem::take(&mut function.body.stmts);
    function.body.stmts = views.region(stmts, function, values, krate, &mut confirm);
    confirm
}

/// Longer sums keep their naive derivative: a sum is a tree of values that may share subtrees, and
/// walking it must stay cheap.
const MOST_TERMS: usize = 64;

/// What is known of the values defined so far.
#[derive(Default)]
struct Views {
    composites: IdMap<Composite>,
    numbers: IdMap<f64>,
    /// Calls of `softmax` and the elements taken of them.
    softmaxes: IdMap<(Ident, ValueId)>,
    elements: IdMap<(ValueId, Class)>,
}

#[derive(Clone, Copy)]
enum Class {
    At(usize),
    Index(ValueId),
}

impl Views {
    fn region(
        &mut self,
        stmts: Vec<Stmt>,
        function: &mut Function,
        values: bool,
        krate: &TokenStream,
        confirm: &mut Vec<Ident>,
    ) -> Vec<Stmt> {
        let mut done = Vec::with_capacity(stmts.len());
        for mut stmt in stmts {
            for region in &mut stmt.regions {
                let stmts = std::mem::take(&mut region.stmts);
                region.stmts = self.region(stmts, function, values, krate, confirm);
            }
            stmt.via = self.stable_form(&stmt);
            if stmt.via.is_none()
                && let Some((softmax, entropy)) =
                    self.softmax_then_ln(&stmt, function, &mut done, krate)
            {
                stmt.via = Some(Composite {
                    function: Neg,
                    args: vec![entropy],
                });
                confirm.push(softmax);
            }
            if values && stmt.via.is_none() {
                stmt.via = self.stable_value(&stmt);
            }
            self.record(&stmt);
            if values
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

    fn record(&mut self, stmt: &Stmt) {
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
            (
                None,
                Op::Literal {
                    lit,
                    negative: false,
                },
            ) => {
                let number = match lit {
                    syn::Lit::Float(float) => float.base10_parse().ok(),
                    syn::Lit::Int(int) => int.base10_parse().ok(),
                    _ => None,
                };
                self.numbers.extend(number.map(|number| (result, number)));
            }
            (None, Op::Constant(number)) => {
                self.numbers.insert(result, *number);
            }
            (None, Op::Call(callee)) if callee.modes == [Mode::Reference] => {
                if let Some(ident) = callee.path.get_ident().filter(|ident| *ident == "softmax") {
                    self.softmaxes.insert(result, (ident.clone(), stmt.args[0]));
                }
            }
            (None, Op::Project(path)) => {
                let class = match (&path[..], &stmt.args[..]) {
                    ([Step::At(position)], [_]) => Class::At(*position),
                    ([Step::Index], &[_, index]) => Class::Index(index),
                    _ => return,
                };
                self.elements.insert(result, (stmt.args[0], class));
            }
            _ => {}
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

    fn is_one(&self, id: ValueId) -> bool {
        self.numbers.get(&id) == Some(&1.0)
    }

    /// `softmax(&z)[k].ln()`: appends `cross_entropy(&z, k)`, whose negative it is.
    fn softmax_then_ln(
        &self,
        stmt: &Stmt,
        function: &mut Function,
        stmts: &mut Vec<Stmt>,
        krate: &TokenStream,
    ) -> Option<(Ident, ValueId)> {
        if !matches!(stmt.op, Op::Apply(Ln)) {
            return None;
        }
        let &(probabilities, class) = self.elements.get(&stmt.args[0])?;
        let (softmax, logits) = self.softmaxes.get(&probabilities)?;
        let class = match class {
            Class::Index(index) => index,
            Class::At(position) => {
                let lit = syn::Lit::Int(syn::LitInt::new(&position.to_string(), stmt.span));
                let index = function.new_value(Ty::Inactive, None, stmt.span);
                let op = Op::Literal {
                    lit,
                    negative: false,
                };
                stmts.push(Stmt::new(vec![index], op, Vec::new(), stmt.span));
                index
            }
        };
        let ty = function.ty(stmt.results[0]).clone();
        let entropy = function.new_value(ty, None, stmt.span);
        let callee = Callee {
            path: syn::parse_quote!(#krate::prelude::cross_entropy),
            called: Called::Function,
            modes: vec![Mode::Reference, Mode::Value],
            spans: vec![stmt.span; 2],
            changes: Vec::new(),
            active: Vec::new(),
            detached: false,
        };
        let args = vec![*logits, class];
        stmts.push(Stmt::new(vec![entropy], Op::Call(callee), args, stmt.span));
        Some((softmax.clone(), entropy))
    }

    fn stable_form(&self, stmt: &Stmt) -> Option<Composite> {
        let Op::Apply(primitive) = stmt.op else {
            return None;
        };
        let form = |function, args: &[ValueId]| {
            Some(Composite {
                function,
                args: args.to_vec(),
            })
        };
        match (primitive, &stmt.args[..]) {
            (Ln, &[x]) => self.stable_ln(x),
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
            (Div, &[a, b]) => self.stable_quotient(a, b),
            (Recip, &[b]) => self.logistic_denominator(b, true),
            (Sqrt, &[x]) => {
                let mut terms = Vec::new();
                self.squares(x, &mut terms)?;
                form(Norm, &terms)
            }
            _ => None,
        }
    }

    /// `y·ln(p) + (1 − y)·ln(1 − p)` with `p = sigmoid(z)`.
    fn binary_likelihood(&self, hit: ValueId, miss: ValueId) -> Option<Composite> {
        let (y, z) = self.weighted(hit, LogSigmoid)?;
        let (rest, same) = self.weighted(miss, LnOneMinusSigmoid)?;
        let &[one, label] = self.args_of(rest, Sub)? else {
            return None;
        };
        let fits = z == same && label == y && self.is_one(one);
        fits.then(|| Composite {
            function: BinaryLogLikelihood,
            args: vec![z, y],
        })
    }

    /// The weight and the argument of `w·f(z)`.
    fn weighted(&self, product: ValueId, function: Primitive) -> Option<(ValueId, ValueId)> {
        let &[a, b] = self.args_of(product, Mul)? else {
            return None;
        };
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
        let form = |function, x| {
            Some(Composite {
                function,
                args: vec![x],
            })
        };
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

    fn stable_ln(&self, x: ValueId) -> Option<Composite> {
        let form = |function, args: &[ValueId]| {
            Some(Composite {
                function,
                args: args.to_vec(),
            })
        };
        if let Some(z) = self.arg_of(x, Sigmoid) {
            return form(LogSigmoid, &[z]);
        }
        if let Some(z) = self.arg_of(x, OneMinusSigmoid) {
            return form(LnOneMinusSigmoid, &[z]);
        }
        if let Some(args) = self.args_of(x, SoftmaxAt) {
            return form(LnSoftmaxAt, args);
        }
        if let Some(&[one, e]) = self.args_of(x, Sub)
            && self.is_one(one)
            && let Some(z) = self.arg_of(e, Exp)
        {
            return form(LnOneMinusExp, &[z]);
        }
        if let Some(&[a, b]) = self.args_of(x, Add) {
            let (one, other) = if self.is_one(a) { (a, b) } else { (b, a) };
            if self.is_one(one)
                && let Some(z) = self.arg_of(other, Exp)
            {
                return form(Softplus, &[z]);
            }
        }
        let mut exponents = Vec::new();
        self.exponents(x, &mut exponents)?;
        form(LogSumExp, &exponents)
    }

    /// `1/(1+exp(-z))`, `exp(z)/(1+exp(z))`, `exp(a)/(exp(a)+exp(b)+…)`.
    fn stable_quotient(&self, a: ValueId, b: ValueId) -> Option<Composite> {
        if self.is_one(a) {
            return self.logistic_denominator(b, true);
        }
        let chosen = self.arg_of(a, Exp)?;
        if let Some(logistic) = self.logistic_denominator(b, false)
            && logistic.args == [chosen]
        {
            return Some(logistic);
        }
        let mut args = Vec::new();
        self.exponents(b, &mut args)?;
        let position = args.iter().position(|&exponent| exponent == chosen)?;
        args[..=position].rotate_right(1);
        (args.len() > 1).then_some(Composite {
            function: SoftmaxAt,
            args,
        })
    }

    /// The `z` of a denominator `1 + exp(±z)`, as the sigmoid it makes.
    fn logistic_denominator(&self, b: ValueId, negated: bool) -> Option<Composite> {
        let &[x, y] = self.args_of(b, Add)? else {
            return None;
        };
        let e = if self.is_one(x) {
            y
        } else {
            self.is_one(y).then_some(x)?
        };
        let exponent = self.arg_of(e, Exp)?;
        let (function, z) = match self.arg_of(exponent, Neg) {
            Some(z) if negated => (Sigmoid, z),
            _ if negated => (OneMinusSigmoid, exponent),
            _ => (Sigmoid, exponent),
        };
        Some(Composite {
            function,
            args: vec![z],
        })
    }

    /// The exponents of a sum of at least one exponential.
    fn exponents(&self, x: ValueId, found: &mut Vec<ValueId>) -> Option<()> {
        if found.len() > MOST_TERMS {
            return None;
        }
        if let Some(z) = self.arg_of(x, Exp) {
            found.push(z);
            return Some(());
        }
        let &[a, b] = self.args_of(x, Add)? else {
            return None;
        };
        self.exponents(a, found)?;
        self.exponents(b, found)
    }

    /// The terms of a sum of squares.
    fn squares(&self, x: ValueId, found: &mut Vec<ValueId>) -> Option<()> {
        if found.len() > MOST_TERMS {
            return None;
        }
        match self
            .composites
            .get(&x)
            .map(|view| (view.function, &view.args[..]))
        {
            Some((Mul, &[a, b])) if a == b => found.push(a),
            Some((Powi, &[a, two])) if self.is_two(two) => found.push(a),
            Some((Add, &[a, b])) => {
                self.squares(a, found)?;
                self.squares(b, found)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn is_two(&self, id: ValueId) -> bool {
        self.numbers.get(&id) == Some(&2.0)
    }
}
