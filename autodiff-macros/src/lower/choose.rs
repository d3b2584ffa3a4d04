//! `match` on values without a derivative: which arm is taken, and what its pattern binds, is code
//! that rustc evaluates as it was written.

use proc_macro2::{Ident, Span};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMatch, Pat};

use super::branch::ArmValue;
use super::{Local, Lowerer, Operand, Reported};
use crate::diagnostics::Cause;
use crate::ir::{Op, ValueId};
use crate::ty::Ty;

impl Lowerer<'_> {
    /// A `match`; `after` is run at the end of every arm, with the arm's value.
    pub(super) fn choose(
        &mut self,
        own: &ExprMatch,
        after: &mut dyn FnMut(&mut Self, Option<Operand>) -> ArmValue,
    ) -> ArmValue {
        self.refuse_jump_in(&own.expr)?;
        let bound: Vec<Ident> = own
            .arms
            .iter()
            .flat_map(|arm| bound_names(&arm.pat))
            .collect();
        self.scopes.push(Default::default());
        let value = self.scrutinee(own, &bound);
        let selector = value.and_then(|value| {
            let selector = self.selector(own, &value, &bound)?;
            Ok((value, selector))
        });
        let span = own.match_token.span;
        let outcome = selector.and_then(|(value, selector)| {
            self.branch(
                Op::Switch,
                selector,
                own.arms.len(),
                span,
                &mut |this, k| {
                    let arm = &own.arms[k];
                    this.scopes.push(Default::default());
                    let body = this
                        .bind_inactive(&value, &arm.pat)
                        .and_then(|()| this.arm(&arm.body));
                    this.scopes.pop();
                    after(this, body?)
                },
            )
        });
        self.scopes.pop();
        outcome
    }

    /// What is matched on, with comparisons of active values evaluated before, and without the names
    /// that the patterns bind.
    fn scrutinee(&mut self, own: &ExprMatch, bound: &[Ident]) -> Result<Expr, Reported> {
        let mut value = (*own.expr).clone();
        let parts: Vec<&mut Expr> = match &mut value {
            Expr::Tuple(tuple) => tuple.elems.iter_mut().collect(),
            other => vec![other],
        };
        for (k, part) in parts.into_iter().enumerate() {
            let mentions = bound.iter().any(|name| mentions(part, name));
            let Some(name) = self.first_varied(part) else {
                if mentions && let Some(ident) = plain_name(part) {
                    let local = self.lookup(&ident).cloned();
                    if let Some(local) = local {
                        *part = self.rebound(k, &local);
                    }
                } else if !bound.is_empty() && calls(part) {
                    // It is evaluated once, however many names are taken out of it.
                    let operand = self.verbatim(part, false)?;
                    let local = Local::of(None, Some(operand.id), 0);
                    *part = self.rebound(k, &local);
                }
                continue;
            };
            let operand = self.expr(part)?;
            if !self.is_inactive(operand.id) {
                return self.refuse(
                    Cause::D0701,
                    own.match_token,
                    &format!("`match` on the active value `{name}`"),
                    "patterns look into the value, and its adjoint cannot follow them",
                    "compare with `if`, or match on an integer or a flag",
                );
            }
            let local = Local::of(None, Some(operand.id), 0);
            *part = self.rebound(k, &local);
        }
        Ok(value)
    }

    /// The `k`-th part of what is matched on, under a name of its own.
    fn rebound(&mut self, k: usize, local: &Local) -> Expr {
        let other = quote::format_ident!("matched{k}", span = Span::mixed_site());
        self.declare(&other, local.value, local.references);
        syn::parse_quote!(#other)
    }

    /// The number of the arm that is taken, as inactive code.
    fn selector(
        &mut self,
        own: &ExprMatch,
        value: &Expr,
        bound: &[Ident],
    ) -> Result<ValueId, Reported> {
        let mut numbered = own.clone();
        *numbered.expr = value.clone();
        for (k, arm) in numbered.arms.iter_mut().enumerate() {
            let number = syn::LitInt::new(&format!("{k}usize"), own.match_token.span);
            keep_names(&mut arm.pat, None);
            *arm.body = syn::parse_quote!(#number);
            arm.comma.get_or_insert_default();
            arm.attrs.clear();
        }
        let selector = self
            .verbatim_around(&Expr::Match(numbered), true, bound)?
            .id;
        self.function.value_mut(selector).ty = Ty::Inactive;
        Ok(selector)
    }

    /// The names that a pattern binds in an inactive value.
    fn bind_inactive(&mut self, value: &Expr, pat: &Pat) -> Result<(), Reported> {
        let names = bound_names(pat);
        for name in &names {
            let mut own = pat.clone();
            keep_names(&mut own, Some(name));
            let part: Expr = syn::parse_quote! {
                match #value { #own => #name, _ => ::core::unreachable!() }
            };
            let id = self.verbatim_around(&part, true, &names)?.id;
            if self.binds_integer(value, pat, name) {
                self.function.value_mut(id).ty = Ty::Inactive;
            }
            self.name_value(id, name);
            self.declare(name, Some(id), 0);
        }
        Ok(())
    }

    /// Whether a name in a pattern stands for an integer or a flag.
    fn binds_integer(&self, value: &Expr, pat: &Pat, name: &Ident) -> bool {
        match (value, pat) {
            (Expr::Paren(inner), _) => self.binds_integer(&inner.expr, pat, name),
            (_, Pat::Paren(inner)) => self.binds_integer(value, &inner.pat, name),
            (Expr::Tuple(values), Pat::Tuple(pats)) => {
                values.elems.iter().zip(&pats.elems).any(|(value, pat)| {
                    bound_names(pat).contains(name) && self.binds_integer(value, pat, name)
                })
            }
            _ => self.is_integer(value),
        }
    }
}

/// The variables in a pattern. (A name in capitals is a constant's.)
fn bound_names(pat: &Pat) -> Vec<Ident> {
    struct Names(Vec<Ident>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            let text = pat.ident.to_string();
            if !text.starts_with(char::is_uppercase) && !self.0.contains(&pat.ident) {
                self.0.push(pat.ident.clone());
            }
            syn::visit::visit_pat_ident(self, pat);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pat);
    names.0
}

/// Takes the names out of a pattern but for one, and those that its guard asks for.
fn keep_names(pat: &mut Pat, wanted: Option<&Ident>) {
    struct Names<'k>(&'k dyn Fn(&Ident) -> bool);
    impl VisitMut for Names<'_> {
        fn visit_expr_mut(&mut self, _: &mut Expr) {}

        fn visit_field_pat_mut(&mut self, field: &mut syn::FieldPat) {
            // `S { a }` binds `a`; without it, it is `S { a: _ }`.
            field.colon_token.get_or_insert_default();
            self.visit_pat_mut(&mut field.pat);
        }

        fn visit_pat_mut(&mut self, pat: &mut Pat) {
            syn::visit_mut::visit_pat_mut(self, pat);
            if let Pat::Ident(own) = pat
                && !own.ident.to_string().starts_with(char::is_uppercase)
                && !(self.0)(&own.ident)
            {
                *pat = match own.subpat.take() {
                    Some((_, inner)) => *inner,
                    None => syn::parse_quote!(_),
                };
            }
        }
    }
    let guard = match pat {
        Pat::Guard(own) => Some((*own.guard).clone()),
        _ => None,
    };
    let asked = |name: &Ident| guard.as_ref().is_some_and(|guard| mentions(guard, name));
    Names(&|name| wanted == Some(name) || asked(name)).visit_pat_mut(pat);
}

/// Whether evaluating the expression may do more than look.
fn calls(expr: &Expr) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            self.0 |= matches!(expr, Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_));
            syn::visit::visit_expr(self, expr);
        }
    }
    let mut finder = Finder(false);
    finder.visit_expr(expr);
    finder.0
}

fn plain_name(expr: &Expr) -> Option<Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    }
}

fn mentions(expr: &Expr, name: &Ident) -> bool {
    struct Finder<'n>(&'n Ident, bool);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            self.1 |= path.path.is_ident(self.0);
        }
    }
    let mut finder = Finder(name, false);
    finder.visit_expr(expr);
    finder.1
}
