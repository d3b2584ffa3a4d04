//! Statements and blocks.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Block, Expr, Item, Pat, Stmt as SynStmt};

use super::{Local, Lowered, Lowerer, Operand, Reported};
use crate::ir::Op;
use crate::rules::Primitive;
use crate::signature::is_constant;
use crate::ty::Ty;

impl Lowerer<'_> {
    /// The statements of the function and its result.
    pub(super) fn function_body(&mut self, body: &Block) -> Lowered {
        let mut stmts = body.stmts.as_slice();
        let mut returned = None;
        if let [rest @ .., SynStmt::Expr(Expr::Return(last), _)] = stmts {
            stmts = rest;
            returned = Some(last.expr.as_deref());
        }
        match returned {
            Some(Some(value)) => {
                let outcome = self.statements(stmts);
                let value = self.expr(value);
                outcome.and(value)
            }
            Some(None) => {
                self.statements(stmts)?;
                Ok(self.unit(body.span()))
            }
            None => self.block(stmts, body.span()),
        }
    }

    fn statements(&mut self, stmts: &[SynStmt]) -> Result<(), Reported> {
        let mut outcome = Ok(());
        for stmt in stmts {
            if self.statement(stmt).is_err() {
                outcome = Err(Reported);
            }
        }
        outcome
    }

    /// Statements with an optional tail expression, in the current scope.
    fn block(&mut self, stmts: &[SynStmt], span: Span) -> Lowered {
        if let [rest @ .., SynStmt::Expr(tail, None)] = stmts {
            let outcome = self.statements(rest);
            let tail = self.expr(tail);
            return outcome.and(tail);
        }
        self.statements(stmts)?;
        Ok(self.unit(span))
    }

    pub(super) fn scoped_block(&mut self, block: &Block) -> Lowered {
        self.scopes.push(BTreeMap::new());
        let result = self.block(&block.stmts, block.span());
        self.scopes.pop();
        result
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
            SynStmt::Expr(Expr::Assign(assign), _) => self.assign(&assign.left, &assign.right),
            SynStmt::Expr(Expr::Binary(binary), _) if compound_primitive(&binary.op).is_some() => {
                self.compound_assign(binary)
            }
            SynStmt::Expr(expr, _) => self.expr(expr).map(|_| ()),
        }
    }

    fn local(&mut self, local: &syn::Local) -> Result<(), Reported> {
        let constant = local.attrs.iter().any(is_constant);
        let Some(init) = &local.init else {
            return self.deferred(&local.pat);
        };
        if let Some((token, _)) = &init.diverge {
            return self.refuse(
                token,
                "`let … else`",
                "branches are not differentiated yet",
                "compute the value without a branch, or outside the differentiable function",
            );
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
                Ok(())
            }
            Pat::Type(typed) => self.deferred(&typed.pat),
            _ => {
                self.bind_unknown(pat);
                self.refuse(
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

    /// `name = value` on a whole local.
    fn assign(&mut self, left: &Expr, right: &Expr) -> Result<(), Reported> {
        if matches!(left, Expr::Infer(_)) {
            return self.expr(right).map(|_| ());
        }
        let Some(name) = self.assigned_local(left)? else {
            return Ok(());
        };
        let operand = self.expr(right)?;
        let slot = self.slot(&name).expect("the name was looked up before");
        *slot = Local {
            value: Some(operand.id),
            references: operand.references,
        };
        self.name_value(operand.id, &name);
        Ok(())
    }

    fn compound_assign(&mut self, binary: &syn::ExprBinary) -> Result<(), Reported> {
        let primitive = compound_primitive(&binary.op).expect("checked by the caller");
        let Some(name) = self.assigned_local(&binary.left)? else {
            return Ok(());
        };
        // For numbers, Rust evaluates the right side first.
        let right = self.expr(&binary.right)?;
        let left = self.expr(&binary.left)?;
        let id = self.apply(primitive, &[left.id, right.id], binary.span());
        *self.slot(&name).expect("the name was looked up before") = Local {
            value: Some(id),
            references: 0,
        };
        self.name_value(id, &name);
        Ok(())
    }

    fn assigned_local(&mut self, left: &Expr) -> Result<Option<Ident>, Reported> {
        if let Expr::Path(path) = left
            && let Some(name) = path.path.get_ident()
            && let Some(local) = self.lookup(name)
        {
            let poisoned = local.value.is_some_and(|id| self.poisoned.contains(&id));
            return if poisoned {
                Err(Reported)
            } else {
                Ok(Some(name.clone()))
            };
        }
        self.refuse(
            left,
            "assignment to a part of a value",
            "elements and fields that change are not differentiated yet",
            "build the whole value in one expression, or use one variable per number",
        )
    }
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
