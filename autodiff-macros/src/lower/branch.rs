//! Branches: every arm is lowered from the same state, and what the arms leave different becomes a
//! result of the branch.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprIf, ExprMatch, Ident};

use super::exits::{Flow, Signal};
use super::{Key, Local, Lowered, Lowerer, Operand, Reported};
use crate::diagnostics::Cause;
use crate::ir::{ControlId, Observation, Op, Region, Stmt, ValueId};
use crate::ty::Ty;

/// What an arm gives: nothing if it is a statement, or never reaches its end.
pub(super) type ArmValue = Result<Option<Operand>, Reported>;

/// The state at the end of an arm.
struct End {
    stmts: Vec<Stmt>,
    scopes: Vec<std::collections::BTreeMap<Key, Local>>,
    flow: Flow,
    value: Option<Operand>,
}

impl Lowerer<'_> {
    pub(super) fn control(&mut self) -> ControlId {
        self.controls += 1;
        ControlId(self.controls)
    }

    /// Lowers statements into a region of their own.
    pub(super) fn apart<T>(&mut self, lower: impl FnOnce(&mut Self) -> T) -> (Vec<Stmt>, T) {
        let outer = std::mem::take(&mut self.stmts);
        let value = lower(self);
        (std::mem::replace(&mut self.stmts, outer), value)
    }

    /// A branch of `count` arms.
    pub(super) fn branch(
        &mut self,
        op: fn(ControlId) -> Op,
        selector: ValueId,
        count: usize,
        span: Span,
        arm: &mut dyn FnMut(&mut Self, usize) -> ArmValue,
    ) -> ArmValue {
        let op = op(self.control());
        let (before, flow) = (self.scopes.clone(), self.flow.clone());
        let mut outcome = Ok(());
        let mut ends = Vec::new();
        for k in 0..count {
            self.scopes.clone_from(&before);
            self.flow.clone_from(&flow);
            let (stmts, value) = self.apart(|this| {
                let value = arm(this, k)?;
                Ok(value.map(|value| this.owned(value, span)))
            });
            let value = value.unwrap_or_else(|_: Reported| {
                outcome = Err(Reported);
                None
            });
            ends.push(End {
                stmts,
                scopes: self.scopes.clone(),
                flow: self.flow.clone(),
                value,
            });
        }
        self.scopes = before;
        let mut results = Vec::new();
        let mut yields: Vec<Vec<ValueId>> = vec![Vec::new(); count];
        self.merge_locals(&mut ends, &mut results, &mut yields, span);
        let value = self.merge_values(&mut ends, &mut results, &mut yields, span);
        self.merge_flow(&mut ends, &mut results, &mut yields, span);
        let regions = ends
            .into_iter()
            .zip(yields)
            .map(|(end, yields)| Region {
                params: Vec::new(),
                stmts: end.stmts,
                yields,
            })
            .collect();
        self.stmts
            .push(Stmt::control(results, op, vec![selector], regions, span));
        outcome.map(|()| value)
    }

    fn merge_locals(
        &mut self,
        ends: &mut [End],
        results: &mut Vec<ValueId>,
        yields: &mut [Vec<ValueId>],
        span: Span,
    ) {
        for depth in 0..self.scopes.len() {
            let keys: Vec<Key> = self.scopes[depth].keys().cloned().collect();
            for key in keys {
                let values: Vec<Option<ValueId>> = ends
                    .iter()
                    .map(|end| end.scopes[depth].get(&key).and_then(|local| local.value))
                    .collect();
                let first = ends[0].scopes[depth].get(&key).cloned();
                // (What the one arm of a `match` assigns is a value of its inside.)
                let same = values.iter().all(|value| *value == values[0]);
                let before = self.scopes[depth][&key].value;
                if same && (values.len() > 1 || values[0] == before) {
                    self.scopes[depth].extend(first.map(|local| (key, local)));
                    continue;
                }
                let references = ends
                    .iter()
                    .filter_map(|end| end.scopes[depth].get(&key))
                    .find(|local| local.value.is_some())
                    .map_or(0, |local| local.references);
                let result = self.merged(&values, ends, yields, span);
                results.push(result);
                let local = self.scopes[depth]
                    .get_mut(&key)
                    .expect("the key is the scope's");
                local.value = Some(result);
                local.references = references;
                if let Some(ident) = local.ident.clone() {
                    self.name_value(result, &ident);
                }
            }
        }
    }

    /// A result of the branch, which is another value in each arm and nothing in some.
    fn merged(
        &mut self,
        values: &[Option<ValueId>],
        ends: &mut [End],
        yields: &mut [Vec<ValueId>],
        span: Span,
    ) -> ValueId {
        let known: Vec<ValueId> = values.iter().flatten().copied().collect();
        let ty = self.function.ty(known[0]).clone();
        for &value in &known[1..] {
            let other = self.function.ty(value).clone();
            self.unify(&ty, &other, span);
        }
        let result = self.function.new_value(ty.clone(), None, span);
        if known.iter().any(|value| self.varied.contains(value)) {
            self.varied.insert(result);
        }
        if known.iter().any(|value| self.poisoned.contains(value)) {
            self.poisoned.insert(result);
        }
        for ((value, end), yields) in values.iter().zip(ends).zip(yields) {
            yields.push(value.unwrap_or_else(|| {
                let dummy = self.function.new_value(ty.clone(), None, span);
                let stmt = Stmt::new(vec![dummy], Op::Dummy, Vec::new(), span);
                end.stmts.push(stmt);
                dummy
            }));
        }
        result
    }

    fn merge_values(
        &mut self,
        ends: &mut [End],
        results: &mut Vec<ValueId>,
        yields: &mut [Vec<ValueId>],
        span: Span,
    ) -> Option<Operand> {
        let operands: Vec<Option<Operand>> = ends
            .iter()
            .map(|end| {
                end.value
                    .filter(|operand| end.flow.may_go_on() && !self.is_unit(operand.id))
            })
            .collect();
        let first = operands.iter().flatten().next().copied()?;
        let values: Vec<Option<ValueId>> = operands
            .iter()
            .map(|operand| operand.map(|operand| operand.id))
            .collect();
        let id = self.merged(&values, ends, yields, span);
        results.push(id);
        Some(Operand {
            id,
            references: first.references,
        })
    }

    fn merge_flow(
        &mut self,
        ends: &mut [End],
        results: &mut Vec<ValueId>,
        yields: &mut [Vec<ValueId>],
        span: Span,
    ) {
        let codes = ends
            .iter()
            .flat_map(|end| end.flow.codes.iter().copied())
            .collect();
        self.flow = Flow {
            codes,
            signal: None,
        };
        if self.flow.known().is_some() {
            return;
        }
        let [code, normal, goes_on] =
            std::array::from_fn(|_| self.function.new_value(Ty::Inactive, None, span));
        results.extend([code, normal, goes_on]);
        for (end, yields) in ends.iter_mut().zip(yields) {
            let signal = match (end.flow.signal, end.flow.known()) {
                (Some(signal), None) => signal,
                (_, known) => {
                    let known = known.expect("a flow without a signal has one code");
                    let (stmts, signal) = self.apart(|this| this.signal(known, span));
                    end.stmts.extend(stmts);
                    signal
                }
            };
            yields.extend([signal.code, signal.normal, signal.goes_on]);
        }
        self.flow.signal = Some(Signal {
            code,
            normal,
            goes_on,
        });
    }

    /// The signal of a known code.
    pub(super) fn signal(&mut self, code: usize, span: Span) -> Signal {
        Signal {
            code: self.integer(code, span),
            normal: self.flag(code == 0, span),
            goes_on: self.flag(code < 2, span),
        }
    }

    /// What is done only if control has not left before.
    pub(super) fn guarded(
        &mut self,
        span: Span,
        lower: &mut dyn FnMut(&mut Self) -> Result<(), Reported>,
    ) -> Result<(), Reported> {
        if self.flow.is_normal() {
            return lower(self);
        }
        if !self.flow.may_go_on() {
            return Ok(());
        }
        let flow = self.flow.clone();
        let signal = flow.signal.expect("several codes have a signal");
        let mut left = flow;
        left.codes.remove(&0);
        self.branch(Op::If, signal.normal, 2, span, &mut |this, k| {
            if k == 0 {
                this.flow = Flow::default();
                lower(this)?;
            } else {
                this.flow = left.clone();
            }
            Ok(None)
        })
        .map(|_| ())
    }

    pub(super) fn is_unit(&self, id: ValueId) -> bool {
        matches!(self.function.ty(id), Ty::Inactive)
            && matches!(
                self.definition(id),
                Some(Stmt { op: Op::Aggregate(crate::ir::Shape::Tuple), args, .. }) if args.is_empty()
            )
    }

    /// Whether the expression may be kept as written: it holds and changes nothing of interest.
    pub(super) fn may_stay(&self, expr: &Expr) -> bool {
        let changes = super::mutation::Changes::of(expr);
        let known = |ident: &Ident| self.lookup(ident).is_some();
        !self.mentions_varied(expr)
            && !super::exits::expr_may_leave(expr)
            && !changes.wholes.iter().chain(&changes.parts).any(known)
    }

    pub(super) fn if_expr(&mut self, own: &ExprIf) -> Lowered {
        let value = self.fork(&Expr::If(own.clone()), &mut |_, value| Ok(value))?;
        Ok(value.unwrap_or_else(|| self.unit(own.span())))
    }

    pub(super) fn match_expr(&mut self, own: &ExprMatch) -> Lowered {
        let value = self.fork(&Expr::Match(own.clone()), &mut |_, value| Ok(value))?;
        Ok(value.unwrap_or_else(|| self.unit(own.span())))
    }

    /// An `if` or a `match`; `after` is run at the end of every arm, with the arm's value.
    pub(super) fn fork(
        &mut self,
        expr: &Expr,
        after: &mut dyn FnMut(&mut Self, Option<Operand>) -> ArmValue,
    ) -> ArmValue {
        match expr {
            Expr::If(own) => {
                self.refuse_joined(&own.cond)?;
                self.refuse_jump_in(&own.cond)?;
                if let Expr::Let(condition) = &*own.cond {
                    let arms = self.let_arms(condition, own);
                    return self.fork(&arms, after);
                }
                let condition = self.expr(&own.cond)?.id;
                // Where rustc reports a condition that is none.
                let span = own.cond.span();
                self.branch(Op::If, condition, 2, span, &mut |this, k| {
                    let value = match (k, &own.else_branch) {
                        (0, _) => this.arm_block(&own.then_branch)?,
                        (_, None) => None,
                        (_, Some((_, other))) => this.arm(other)?,
                    };
                    after(this, value)
                })
            }
            Expr::Match(own) => self.choose(own, after),
            _ => unreachable!("only `if` and `match` fork"),
        }
    }

    /// Refuses `if let pattern = value && other`.
    pub(super) fn refuse_joined(&mut self, condition: &Expr) -> Result<(), Reported> {
        match condition {
            Expr::Binary(binary) => match (&*binary.left, &*binary.right) {
                (_, Expr::Let(own)) | (Expr::Let(own), _) => self.refuse(
                    Cause::D0703,
                    own.let_token,
                    "`let` as a part of a condition",
                    "the names it binds reach into the other parts, which the macro takes apart by themselves",
                    "nest one `if` in the other, or use a `match` with a guard",
                ),
                (left, _) => self.refuse_joined(left),
            },
            _ => Ok(()),
        }
    }

    /// `if let pattern = value` as a `match`.
    fn let_arms(&self, condition: &syn::ExprLet, own: &ExprIf) -> Expr {
        let (pat, value) = (&condition.pat, &condition.expr);
        let then = &own.then_branch;
        let otherwise = match &own.else_branch {
            Some((_, other)) => other.to_token_stream(),
            None => quote!({}),
        };
        syn::parse_quote_spanned!(own.if_token.span=> match #value { #pat => #then _ => #otherwise })
    }

    /// The body of an arm.
    pub(super) fn arm(&mut self, body: &Expr) -> ArmValue {
        match body {
            Expr::Block(block) if block.label.is_none() => self.arm_block(&block.block),
            jump if super::exits::is_jump(jump) => self.jump(jump).map(|()| None),
            Expr::If(_) | Expr::Match(_) if super::exits::expr_may_leave(body) => {
                self.fork(body, &mut |_, value| Ok(value))
            }
            _ => self.statement_value(body),
        }
    }

    fn arm_block(&mut self, block: &syn::Block) -> ArmValue {
        self.block_value(&block.stmts, block.span())
    }

    /// `a && b` and `a || b`: the right side is evaluated only where it counts.
    pub(super) fn logical(&mut self, binary: &syn::ExprBinary, and: bool) -> Lowered {
        let left = self.expr(&binary.left)?.id;
        let value = self.branch(Op::If, left, 2, binary.span(), &mut |this, k| {
            if (k == 0) == and {
                this.expr(&binary.right).map(Some)
            } else {
                Ok(Some(Operand::value(this.flag(!and, binary.span()))))
            }
        })?;
        Ok(value.expect("both arms have a value"))
    }

    pub(super) fn not(&mut self, unary: &syn::ExprUnary) -> Lowered {
        let operand = self.expr(&unary.expr)?.id;
        let op = Op::Observe(Observation::Not);
        let id = self.push(op, vec![operand], Ty::Inactive, unary.span());
        Ok(Operand::value(id))
    }
}
