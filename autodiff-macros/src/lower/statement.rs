//! Statements and blocks.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Block, Expr, Item, Pat, Stmt as SynStmt};

use super::{Key, Local, Lowered, Lowerer, Operand, Reported, exits, iterate};
use crate::diagnostics::Cause;
use crate::ir::{Op, ValueId};
use crate::rules::Primitive;
use crate::signature::is_constant;
use crate::ty::Ty;

impl Lowerer<'_> {
    /// The statements of the function and its result.
    pub(super) fn function_body(&mut self, body: &Block) -> Lowered {
        if !body.stmts.iter().any(exits::may_leave) {
            return self.block(&body.stmts, body.span());
        }
        let sink = exits::returned();
        self.declare_hidden(&sink);
        self.sequence(&body.stmts, Some(&sink))?;
        match self.hidden(&sink) {
            Some(value) => Ok(value),
            None => Ok(self.unit(body.span())),
        }
    }

    fn statements(&mut self, stmts: &[SynStmt]) -> Result<(), Reported> {
        let mut outcome = Ok(());
        for stmt in stmts {
            if self.statement(stmt).is_err() {
                outcome = Err(Reported);
            }
            self.settle_deferred();
        }
        outcome
    }

    /// Statements with an optional tail expression, in the current scope.
    fn block(&mut self, stmts: &[SynStmt], span: Span) -> Lowered {
        if let [rest @ .., SynStmt::Expr(tail, None)] = stmts {
            let outcome = self.statements(rest);
            let tail = self.statement_value(tail);
            return outcome
                .and(tail)
                .map(|value| value.unwrap_or_else(|| self.unit(span)));
        }
        self.statements(stmts)?;
        Ok(self.unit(span))
    }

    pub(super) fn scoped_block(&mut self, block: &Block) -> Lowered {
        let value = self.block_value(&block.stmts, block.span())?;
        Ok(value.unwrap_or_else(|| self.unit(block.span())))
    }

    /// A block in a scope of its own. What it leaves for is in the flow.
    pub(super) fn block_value(
        &mut self,
        stmts: &[SynStmt],
        span: Span,
    ) -> Result<Option<Operand>, Reported> {
        self.scopes.push(BTreeMap::new());
        let value = if stmts.iter().any(exits::may_leave) {
            let sink = self.fresh_hidden("block");
            self.sequence(stmts, Some(&sink))
                .map(|()| self.hidden(&sink))
        } else {
            self.block(stmts, span).map(Some)
        };
        self.scopes.pop();
        value
    }

    fn in_scope<T>(&mut self, lower: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(BTreeMap::new());
        let value = lower(self);
        self.scopes.pop();
        value
    }

    /// A hidden local, declared without a value.
    pub(super) fn declare_hidden(&mut self, key: &Key) {
        let scope = self.scopes.last_mut().expect("there is always a scope");
        scope.insert(key.clone(), Local::of(None, None, 0));
    }

    pub(super) fn fresh_hidden(&mut self, name: &str) -> Key {
        self.controls += 1;
        let key = Key {
            name: format!("{name}{}", self.controls),
            context: "hidden".to_owned(),
        };
        self.declare_hidden(&key);
        key
    }

    pub(super) fn set_hidden(&mut self, key: &Key, operand: Operand) {
        let mut scopes = self.scopes.iter_mut().rev();
        let local = scopes.find_map(|scope| scope.get_mut(key));
        let local = local.expect("hidden locals are declared");
        local.value = Some(operand.id);
        local.references = operand.references;
    }

    pub(super) fn is_declared(&self, key: &Key) -> bool {
        self.scopes.iter().any(|scope| scope.contains_key(key))
    }

    pub(super) fn hidden(&self, key: &Key) -> Option<Operand> {
        let mut scopes = self.scopes.iter().rev();
        let local = scopes.find_map(|scope| scope.get(key))?;
        local.value.map(|id| Operand {
            id,
            references: local.references,
        })
    }

    /// Statements that control may leave in between; the value of the last goes to `sink`.
    pub(super) fn sequence(
        &mut self,
        stmts: &[SynStmt],
        sink: Option<&Key>,
    ) -> Result<(), Reported> {
        let mut outcome = Ok(());
        for (k, stmt) in stmts.iter().enumerate() {
            let rest = &stmts[k + 1..];
            let tail = match stmt {
                SynStmt::Expr(expr, None) if rest.is_empty() => Some(expr),
                _ => None,
            };
            if exits::may_leave(stmt) {
                let left = self.leaving(stmt, tail.is_some(), rest, sink);
                return outcome.and(left);
            }
            let done = match (tail, sink) {
                (Some(tail), Some(sink)) => self.statement_value(tail).map(|value| {
                    let value = value.unwrap_or_else(|| self.unit(tail.span()));
                    let value = self.snapshot(value, tail.span());
                    self.set_hidden(sink, value);
                }),
                _ => self.statement(stmt),
            };
            outcome = outcome.and(done);
            self.settle_deferred();
        }
        outcome
    }

    /// Gives locals of this scope that were declared without a value a place of their own, as soon as
    /// they have one.
    fn settle_deferred(&mut self) {
        let scope = self.scopes.last().expect("statements stand in a scope");
        let assigned: Vec<(Ident, ValueId)> = scope
            .values()
            .filter(|local| local.deferred)
            .filter_map(|local| local.ident.clone().zip(local.value))
            .collect();
        for (ident, value) in assigned {
            self.slot(&ident).expect("it was declared").deferred = false;
            if !self.is_changed_in_part(&ident, self.function.ty(value)) {
                continue;
            }
            let operand = self.snapshot(Operand::value(value), ident.span());
            let memory = self.memory(operand.id, &ident);
            self.slot(&ident).expect("it was declared").value = Some(memory);
        }
    }

    /// A statement that control may leave from, and what follows it.
    fn leaving(
        &mut self,
        stmt: &SynStmt,
        is_tail: bool,
        rest: &[SynStmt],
        sink: Option<&Key>,
    ) -> Result<(), Reported> {
        let (expr, pattern) = match stmt {
            SynStmt::Expr(expr, _) => (expr, None),
            SynStmt::Local(local) => match &local.init {
                Some(init) if init.diverge.is_none() => (&*init.expr, Some(&local.pat)),
                _ => return self.statement(stmt),
            },
            _ => return self.statement(stmt),
        };
        if exits::is_jump(expr) {
            return self.jump(expr);
        }
        let span = expr.span();
        let sink = sink.cloned();
        let after = |this: &mut Self, value: Option<Operand>| {
            this.guarded(span, &mut |this| {
                this.in_scope(|this| {
                    if let Some(pattern) = pattern {
                        let value = value.unwrap_or_else(|| this.unit(span));
                        this.bind(pattern, value)?;
                    }
                    if is_tail && let Some(sink) = &sink {
                        let value = value.unwrap_or_else(|| this.unit(span));
                        let value = this.snapshot(value, span);
                        this.set_hidden(sink, value);
                        return Ok(());
                    }
                    this.sequence(rest, sink.as_ref())
                })
            })
        };
        let value = match expr {
            Expr::If(_) | Expr::Match(_) if arms_that_go_on(expr) <= 1 => {
                // What follows belongs to the one arm that reaches it.
                return self
                    .fork(expr, &mut |this, value| {
                        if this.flow.may_go_on() {
                            after(this, value)?;
                        }
                        Ok(None)
                    })
                    .map(|_| ());
            }
            Expr::If(_) | Expr::Match(_) => self.fork(expr, &mut |_, value| Ok(value))?,
            Expr::Block(_) | Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
                self.statement_value(expr)?
            }
            _ => return self.refuse_jump_in(expr),
        };
        after(self, value)
    }

    /// The value of an expression in statement position; none of a loop without one.
    pub(super) fn statement_value(&mut self, expr: &Expr) -> Result<Option<Operand>, Reported> {
        match expr {
            Expr::ForLoop(own) if !self.may_stay(expr) => self.for_loop(own).map(|()| None),
            Expr::While(own) if !self.may_stay(expr) => self.while_loop(own).map(|()| None),
            Expr::Loop(own) if !self.may_stay(expr) => self.endless_loop(own),
            Expr::Block(own) if own.label.is_some() && !self.may_stay(expr) => {
                self.labelled_block(own)
            }
            Expr::Block(own) if own.label.is_none() => {
                self.block_value(&own.block.stmts, own.span())
            }
            Expr::Assign(own) => self.assign(&own.left, &own.right).map(|()| None),
            Expr::Binary(own) if compound_primitive(&own.op).is_some() => {
                self.compound_assign(own).map(|()| None)
            }
            Expr::Binary(own) if operator_of(&own.op).is_some() && !self.may_stay(expr) => {
                let (left, right) = (&own.left, &own.right);
                let operator = operator_of(&own.op);
                let value = syn::parse_quote_spanned!(own.span()=> #left #operator (#right));
                self.assign(left, &value).map(|()| None)
            }
            Expr::Macro(own) if self.is_look_only(&own.mac) => {
                let tokens = own.to_token_stream();
                self.look_only_macro(&own.mac, quote::quote!(#tokens;))
                    .map(|()| None)
            }
            _ => match self.changing_call(expr) {
                Some(done) => done.map(|()| None),
                None => self.expr(expr).map(Some),
            },
        }
    }

    pub(super) fn unit(&mut self, span: Span) -> Operand {
        let id = self.push(
            Op::Aggregate(crate::ir::Shape::Tuple),
            Vec::new(),
            Ty::Inactive,
            span,
        );
        Operand::value(id)
    }

    fn statement(&mut self, stmt: &SynStmt) -> Result<(), Reported> {
        match stmt {
            SynStmt::Local(local) => self.local(local),
            SynStmt::Item(item) => self.item(item),
            SynStmt::Macro(mac) => self.look_only_macro(&mac.mac, stmt.to_token_stream()),
            SynStmt::Expr(Expr::Macro(mac), _) if self.is_look_only(&mac.mac) => {
                self.look_only_macro(&mac.mac, stmt.to_token_stream())
            }
            SynStmt::Expr(expr, _) => self.statement_value(expr).map(|_| ()),
        }
    }

    fn local(&mut self, local: &syn::Local) -> Result<(), Reported> {
        let constant = local.attrs.iter().any(is_constant);
        let Some(init) = &local.init else {
            return self.deferred(&local.pat);
        };
        if let Some((token, _)) = &init.diverge {
            return self.refuse(
                Cause::D0702,
                token,
                "`let … else`",
                "its pattern looks into the value, and the names in it may have none",
                "write `if let` with both arms, or compute the value before",
            );
        }
        let code = match &*init.expr {
            Expr::Closure(code) if !constant => Some(self.closure_local(&local.pat, code)),
            code if !constant && iterate::is_stream(code) && self.mentions_varied(code) => {
                Some(self.stream_local(&local.pat, code))
            }
            _ => None,
        };
        if let Some(done) = code {
            if done.is_err() {
                self.bind_unknown(&local.pat);
            }
            return done;
        }
        let operand = if constant {
            let result = self.verbatim(&init.expr, true)?;
            self.varied.remove(&result.id);
            result
        } else {
            let result = self.expr(&init.expr);
            if result.is_err() {
                self.bind_unknown(&local.pat);
                return Err(Reported);
            }
            result?
        };
        self.bind(&local.pat, operand)
    }

    fn deferred(&mut self, pat: &Pat) -> Result<(), Reported> {
        match pat {
            Pat::Ident(pat) => {
                self.declare(&pat.ident, None, 0);
                let deferred = pat.mutability.is_some();
                self.slot(&pat.ident).expect("it was declared").deferred = deferred;
                Ok(())
            }
            Pat::Type(typed) => self.deferred(&typed.pat),
            _ => {
                self.bind_unknown(pat);
                self.refuse(
                    Cause::D1003,
                    pat,
                    "a pattern without a value",
                    "each of its names would have to be assigned by itself",
                    "declare the names one by one",
                )
            }
        }
    }

    /// After an error in an initialiser, its names still exist: later uses are no errors.
    fn bind_unknown(&mut self, pat: &Pat) {
        struct Names(Vec<Ident>);
        impl<'ast> syn::visit::Visit<'ast> for Names {
            fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
                self.0.push(pat.ident.clone());
                syn::visit::visit_pat_ident(self, pat);
            }
        }
        let mut names = Names(Vec::new());
        syn::visit::Visit::visit_pat(&mut names, pat);
        for name in names.0 {
            let ty = self.infer.fresh();
            let value = self.function.new_value(ty, Some(name.clone()), name.span());
            self.poisoned.insert(value);
            self.declare(&name, Some(value), 0);
        }
    }

    fn item(&mut self, item: &Item) -> Result<(), Reported> {
        if self.scopes.len() > 1 {
            return self.refuse(
                Cause::D1005,
                item,
                "an item in a nested block",
                "the macro keeps the items of a function in one place, where this one would hide others",
                "move it to the top of the function, or out of it",
            );
        }
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Use(_) => None,
            _ => {
                return self.refuse(
                    Cause::D1004,
                    item,
                    "this item inside a differentiable function",
                    "the body is copied into each derivative, and the item would exist several times",
                    "move it out of the function",
                );
            }
        };
        if let Some(name) = name {
            self.item_names.insert(name.to_string());
        }
        item.to_tokens(&mut self.items);
        Ok(())
    }
}

/// How many arms of a branch may reach what follows it.
fn arms_that_go_on(expr: &Expr) -> usize {
    match expr {
        Expr::If(own) => {
            let otherwise = own.else_branch.as_ref();
            usize::from(!exits::always_leaves(&own.then_branch))
                + usize::from(otherwise.is_none_or(|(_, other)| !exits::expr_always_leaves(other)))
        }
        Expr::Match(own) => {
            let arms = own.arms.iter();
            arms.filter(|arm| !exits::expr_always_leaves(&arm.body))
                .count()
        }
        _ => 1,
    }
}

/// The operator of a compound assignment that only integers have.
pub(super) fn operator_of(op: &syn::BinOp) -> Option<syn::BinOp> {
    Some(match op {
        syn::BinOp::BitXorAssign(_) => syn::BinOp::BitXor(Default::default()),
        syn::BinOp::BitAndAssign(_) => syn::BinOp::BitAnd(Default::default()),
        syn::BinOp::BitOrAssign(_) => syn::BinOp::BitOr(Default::default()),
        syn::BinOp::ShlAssign(_) => syn::BinOp::Shl(Default::default()),
        syn::BinOp::ShrAssign(_) => syn::BinOp::Shr(Default::default()),
        _ => return None,
    })
}

pub(super) fn compound_primitive(op: &syn::BinOp) -> Option<Primitive> {
    Some(match op {
        syn::BinOp::AddAssign(_) => Primitive::Add,
        syn::BinOp::SubAssign(_) => Primitive::Sub,
        syn::BinOp::MulAssign(_) => Primitive::Mul,
        syn::BinOp::DivAssign(_) => Primitive::Div,
        syn::BinOp::RemAssign(_) => Primitive::Rem,
        _ => return None,
    })
}
