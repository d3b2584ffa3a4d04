//! Inactive code, which is kept as written: what of it the runtime can evaluate becomes nodes, too.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{BinOp, Expr, Lit, UnOp};

use super::{Emitter, readable};
use crate::ir::{Stmt, ValueId, Verbatim};
use crate::ty::{Ty, is_integer};

/// The names that the code captures.
pub(super) type Captured = BTreeMap<String, ValueId>;

/// A node, and whether it is an integer or a float, as far as that is known.
pub(super) struct Translated {
    pub node: usize,
    pub integer: Option<bool>,
}

impl Emitter<'_> {
    pub(super) fn verbatim(&mut self, stmt: &Stmt, verbatim: &Rc<Verbatim>) {
        let (span, result) = (stmt.span, stmt.results[0]);
        if self.facts.selectors.contains(&result) {
            return;
        }
        let is_used = self.facts.used.contains(&result);
        if verbatim.changes.is_empty() {
            if !is_used {
                return;
            }
            let expr = syn::parse2::<Expr>(verbatim.tokens.clone()).ok();
            let from = self.scope.nodes.len();
            if let Some(expr) = expr
                && let Some(node) = self.translated(result, &expr, verbatim, &stmt.args, span)
            {
                self.name(result, node, from);
                return;
            }
        }
        let inputs = self.inputs(stmt);
        let text = readable(&self.renamed(verbatim, &stmt.args));
        let op = self.expression(&text);
        if is_used {
            self.node(Some(result), op.clone(), &inputs, span);
        }
        for &k in &verbatim.changes {
            self.content(stmt.args[k], op.clone(), &inputs, span);
        }
    }

    /// Lets a value be a node, which gets its name if it was made for it.
    fn name(&mut self, value: ValueId, node: usize, from: usize) {
        self.scope.ids.insert(value, node);
        let name = self.function.value(value).name.as_ref();
        if let (Some(name), true) = (name, node >= from) {
            self.label(node, &crate::codegen::names::unraw(name));
        }
    }

    /// The node of an inactive expression, if the runtime can evaluate it.
    pub(super) fn translated(
        &mut self,
        result: ValueId,
        expr: &Expr,
        verbatim: &Verbatim,
        args: &[ValueId],
        span: Span,
    ) -> Option<usize> {
        let names = verbatim
            .captures
            .iter()
            .map(|capture| capture.ident.to_string());
        let captured: Captured = names.zip(args.iter().copied()).collect();
        let before = (self.scope.clone(), self.evaluable);
        let own = match self.facts.is_flag(result) {
            true => self.inactive_flag(expr, &captured, span),
            false => self.inactive(expr, &captured, span),
        };
        let node = own.map(|own| own.node);
        if node.is_none() {
            (self.scope, self.evaluable) = before;
        }
        node
    }

    /// As `inactive`, of an expression that is a flag: `!` is that of flags.
    fn inactive_flag(&mut self, expr: &Expr, names: &Captured, span: Span) -> Option<Translated> {
        let Expr::Unary(own) = without_parens(expr) else {
            return self.inactive(expr, names, span);
        };
        let inner = self.inactive_flag(&own.expr, names, span)?.node;
        match own.op {
            UnOp::Not(_) => {
                let krate = &self.krate;
                let node = self.node(None, quote!(#krate::Op::Not), &[inner], span);
                Some(Translated {
                    node,
                    integer: None,
                })
            }
            _ => self.inactive(expr, names, span),
        }
    }

    pub(super) fn inactive(
        &mut self,
        expr: &Expr,
        names: &Captured,
        span: Span,
    ) -> Option<Translated> {
        let krate = self.krate.clone();
        let of = |node, integer| Some(Translated { node, integer });
        match expr {
            Expr::Paren(inner) => self.inactive(&inner.expr, names, span),
            Expr::Group(inner) => self.inactive(&inner.expr, names, span),
            Expr::Reference(own) => self.inactive(&own.expr, names, span),
            Expr::Block(own) => match &own.block.stmts[..] {
                [syn::Stmt::Expr(value, None)] => self.inactive(value, names, span),
                _ => None,
            },
            Expr::Lit(own) => match &own.lit {
                Lit::Int(int) => {
                    let number = int.base10_parse::<u64>().ok()? as f64;
                    of(
                        self.constant(number, span),
                        Some(!int.suffix().starts_with('f')),
                    )
                }
                Lit::Float(float) => {
                    of(self.constant(float.base10_parse().ok()?, span), Some(false))
                }
                Lit::Bool(flag) => of(self.constant(f64::from(u8::from(flag.value)), span), None),
                _ => None,
            },
            Expr::Path(path) => {
                if let Some(&id) = path
                    .path
                    .get_ident()
                    .and_then(|own| names.get(&own.to_string()))
                {
                    let integer = match self.function.ty(id) {
                        Ty::Inactive => Some(true),
                        Ty::Scalar(_) => Some(false),
                        _ => None,
                    };
                    return of(self.used(id), integer);
                }
                let integer = associated(&path.path)?;
                let op = quote!(#krate::Op::Constant(#path as f64));
                of(self.node(None, op, &[], span), Some(integer))
            }
            Expr::Unary(own) => {
                let Translated { node, integer } = self.inactive(&own.expr, names, span)?;
                match own.op {
                    UnOp::Deref(_) => of(node, integer),
                    UnOp::Neg(_) => of(self.apply("Neg", &[node], span), integer),
                    // Of an integer it would be another operation.
                    UnOp::Not(_) if self.is_flag(&own.expr, names) => of(
                        self.node(None, quote!(#krate::Op::Not), &[node], span),
                        None,
                    ),
                    _ => None,
                }
            }
            Expr::Binary(own) => self.inactive_binary(own, names, span),
            Expr::Cast(own) => {
                let target = own.ty.to_token_stream().to_string();
                let Translated { node, integer } = self.inactive(&own.expr, names, span)?;
                let to_integer = is_integer(&target);
                if !to_integer && target != "f64" && target != "f32" {
                    return None;
                }
                if to_integer && integer == Some(true) {
                    return of(node, integer);
                }
                let op = quote!(#krate::Op::Cast(#target));
                of(self.node(None, op, &[node], span), Some(to_integer))
            }
            Expr::Index(own) => {
                let base = self.inactive(&own.expr, names, span)?.node;
                let index = self.inactive(&own.index, names, span)?.node;
                of(
                    self.node(None, quote!(#krate::Op::Index), &[base, index], span),
                    None,
                )
            }
            Expr::Macro(own) if crate::lower::is_vec(&own.mac) && own.mac.tokens.is_empty() => {
                of(self.node(None, quote!(#krate::Op::Array), &[], span), None)
            }
            Expr::MethodCall(call) => self.inactive_method(call, names, span),
            Expr::Call(call) => self.inactive_call(call, names, span),
            Expr::If(own) => {
                let condition = self.inactive_flag(&own.cond, names, span)?.node;
                let header = format!("if {}", readable(&own.cond.to_token_stream()));
                let then = Expr::Block(syn::ExprBlock {
                    attrs: Vec::new(),
                    label: None,
                    block: own.then_branch.clone(),
                });
                let arms = [then, (*own.else_branch.as_ref()?.1).clone()];
                let kind = quote!(#krate::BranchKind::If);
                let labels = ["then", "else"].map(str::to_owned);
                let arms: Vec<(String, &Expr)> = labels.into_iter().zip(&arms).collect();
                self.inactive_fork(&header, kind, condition, &arms, names, span)
            }
            // What a pattern binds is the whole number.
            Expr::Match(own) => match &own.arms[..] {
                [
                    syn::Arm {
                        pat: syn::Pat::Ident(pat),
                        body,
                        ..
                    },
                    _,
                ] if matches!(&**body, Expr::Path(path) if path.path.is_ident(&pat.ident)) => {
                    self.inactive(&own.expr, names, span)
                }
                arms => {
                    let cases: Vec<TokenStream> = arms
                        .iter()
                        .map(super::branch::cases)
                        .collect::<Option<_>>()?;
                    let value = self.inactive(&own.expr, names, span)?.node;
                    let header = format!("match {}", readable(&own.expr.to_token_stream()));
                    let kind = quote!(#krate::BranchKind::Cases(&[#(&[#cases]),*]));
                    let arms: Vec<(String, &Expr)> = (arms.iter())
                        .map(|arm| (super::branch::arm_label(arm), &*arm.body))
                        .collect();
                    self.inactive_fork(&header, kind, value, &arms, names, span)
                }
            },
            _ => None,
        }
    }

    /// A branch in inactive code, with the arms that it chooses from.
    fn inactive_fork(
        &mut self,
        header: &str,
        kind: TokenStream,
        selector: usize,
        arms: &[(String, &Expr)],
        names: &Captured,
        span: Span,
    ) -> Option<Translated> {
        let krate = self.krate.clone();
        let params: Vec<ValueId> = names.values().copied().collect();
        let mut inputs = vec![selector];
        inputs.extend(params.iter().map(|&id| self.used(id)));
        let (mut bodies, mut integer) = (Vec::new(), None);
        for (label, arm) in arms {
            let mut value = None;
            let body = self.subgraph(&params, |this| {
                value = this.inactive(arm, names, span);
                value.iter().map(|own| own.node).collect()
            });
            integer = value?.integer.or(integer);
            bodies.push(quote!(#krate::Arm { label: #label, body: #body }));
        }
        let op = quote! {
            #krate::Op::Branch { header: #header, kind: #kind, arms: &[#(#bodies),*] }
        };
        let node = self.node(None, op, &inputs, span);
        Some(Translated { node, integer })
    }

    /// Whether an expression is a flag: by its form, or by what is done with the variable.
    fn is_flag(&self, expr: &Expr, names: &Captured) -> bool {
        match without_parens(expr) {
            Expr::Binary(own) => {
                matches!(own.op, BinOp::And(_) | BinOp::Or(_))
                    || super::emit::comparison(&own.op).is_some()
            }
            Expr::Unary(own) => matches!(own.op, UnOp::Not(_)) && self.is_flag(&own.expr, names),
            Expr::Path(path) => {
                let name = path.path.get_ident().map(ToString::to_string);
                let id = name.and_then(|name| names.get(&name));
                id.is_some_and(|&id| self.facts.is_flag(id))
            }
            _ => false,
        }
    }

    fn inactive_binary(
        &mut self,
        own: &syn::ExprBinary,
        names: &Captured,
        span: Span,
    ) -> Option<Translated> {
        let krate = self.krate.clone();
        let logical = match own.op {
            BinOp::And(_) => Some(quote!(#krate::Op::And)),
            BinOp::Or(_) => Some(quote!(#krate::Op::Or)),
            _ => None,
        };
        // The right side is evaluated in any case, so it must not be able to fail.
        if logical.is_some() && may_fail(&own.right) {
            return None;
        }
        let [left, right] = [&own.left, &own.right].map(|side| match logical {
            Some(_) => self.inactive_flag(side, names, span),
            None => self.inactive(side, names, span),
        });
        let (left, right) = (left?, right?);
        let inputs = [left.node, right.node];
        let integer = left.integer.or(right.integer);
        let flag = |node| {
            Some(Translated {
                node,
                integer: None,
            })
        };
        if let Some(op) = logical {
            return flag(self.node(None, op, &inputs, span));
        }
        if let Some(name) = super::emit::comparison(&own.op) {
            let op = self.compare(name);
            return flag(self.node(None, op, &inputs, span));
        }
        let node = match own.op {
            BinOp::Add(_) => self.apply("Add", &inputs, span),
            BinOp::Sub(_) => self.apply("Sub", &inputs, span),
            BinOp::Mul(_) => self.apply("Mul", &inputs, span),
            BinOp::Rem(_) => self.apply("Rem", &inputs, span),
            BinOp::Div(_) => {
                let quotient = self.apply("Div", &inputs, span);
                match integer? {
                    true => self.apply("Trunc", &[quotient], span),
                    false => quotient,
                }
            }
            _ => return None,
        };
        Some(Translated { node, integer })
    }
}

/// Whether a path names a number of the standard library: an integer, or a float.
fn associated(path: &syn::Path) -> Option<bool> {
    let segments: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    match &segments[..] {
        [.., owner, name] if name.starts_with(char::is_uppercase) => match owner.as_str() {
            "f64" | "f32" | "consts" => Some(false),
            owner => is_integer(owner).then_some(true),
        },
        _ => None,
    }
}

pub(super) fn without_parens(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => without_parens(&inner.expr),
        Expr::Group(inner) => without_parens(&inner.expr),
        other => other,
    }
}

/// Whether evaluating the expression may panic.
fn may_fail(expr: &Expr) -> bool {
    match without_parens(expr) {
        Expr::Lit(_) | Expr::Path(_) => false,
        Expr::Binary(own) => may_fail(&own.left) || may_fail(&own.right),
        Expr::Unary(own) => may_fail(&own.expr),
        Expr::Cast(own) => may_fail(&own.expr),
        Expr::MethodCall(own) => {
            let known = ["len", "min", "max"].iter().any(|name| own.method == name);
            !known || may_fail(&own.receiver) || own.args.iter().any(may_fail)
        }
        _ => true,
    }
}
