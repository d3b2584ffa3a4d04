//! Branches: `if`, `match`, and the logical operators.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprMatch, Pat};

use super::{Emitter, readable};
use crate::ir::{Observation, Op, Step, Stmt, ValueId, Verbatim};
use crate::rules::Primitive;

/// How far back an evaluation of the same part is looked for.
const DEPTH: usize = 5;

impl Emitter<'_> {
    pub(super) fn branch(&mut self, stmt: &Stmt) {
        let krate = self.krate.clone();
        let header = format!("if {}", self.text(stmt.args[0]));
        let condition = self.used(stmt.args[0]);
        let labels = ["then".to_owned(), "else".to_owned()];
        self.fork(
            stmt,
            &header,
            quote!(#krate::BranchKind::If),
            condition,
            &labels,
        );
    }

    /// A `match`, by the value that it looks at where the runtime can follow its patterns.
    pub(super) fn switch(&mut self, stmt: &Stmt) {
        let krate = self.krate.clone();
        let selector = self.definitions.get(&stmt.args[0]).copied();
        let Some(Stmt {
            op: Op::Verbatim(verbatim),
            args,
            span,
            ..
        }) = selector
        else {
            let selector = self.used(stmt.args[0]);
            let labels: Vec<String> = (0..stmt.regions.len()).map(|k| k.to_string()).collect();
            let kind = quote!(#krate::BranchKind::Match);
            return self.fork(stmt, "match", kind, selector, &labels);
        };
        let tokens = self.renamed(verbatim, args);
        let parsed = syn::parse2::<ExprMatch>(tokens.clone());
        let (header, labels) = match &parsed {
            Ok(own) => {
                let header = format!("match {}", readable(&own.expr.to_token_stream()));
                (header, own.arms.iter().map(arm_label).collect())
            }
            Err(_) => (readable(&tokens), vec![String::new(); stmt.regions.len()]),
        };
        let by_value = syn::parse2::<ExprMatch>(verbatim.tokens.clone())
            .ok()
            .and_then(|own| {
                let cases: Vec<TokenStream> = own.arms.iter().map(cases).collect::<Option<_>>()?;
                let value = self.translated(stmt.args[0], &own.expr, verbatim, args, *span)?;
                Some((value, quote!(#krate::BranchKind::Cases(&[#(&[#cases]),*]))))
            });
        let (selector, kind) = by_value.unwrap_or_else(|| {
            let inputs: Vec<usize> = args.iter().map(|&arg| self.used(arg)).collect();
            let op = self.expression(&header);
            let number = self.node(None, op, &inputs, *span);
            (number, quote!(#krate::BranchKind::Match))
        });
        self.fork(stmt, &header, kind, selector, &labels);
    }

    fn fork(
        &mut self,
        stmt: &Stmt,
        header: &str,
        kind: TokenStream,
        selector: usize,
        labels: &[String],
    ) {
        let krate = self.krate.clone();
        let ties = self.ties(&stmt.regions);
        if stmt.results.is_empty() && ties.changed.is_empty() {
            return;
        }
        let params: Vec<ValueId> = ties.captured.iter().chain(&ties.changed).copied().collect();
        let mut inputs = vec![selector];
        inputs.extend(params.iter().map(|&id| self.used(id)));
        let arms: Vec<TokenStream> = (stmt.regions.iter().zip(labels))
            .map(|(region, label)| {
                let body = self.subgraph(&params, |this| this.region(region, &ties.changed));
                quote!(#krate::Arm { label: #label, body: #body })
            })
            .collect();
        let op = quote! {
            #krate::Op::Branch { header: #header, kind: #kind, arms: &[#(#arms),*] }
        };
        self.control(stmt, &ties.changed, op, &inputs);
    }

    /// Of a branch that is `a && b` or `a || b`: whether it is the former, and `b`.
    pub(super) fn logical_arm(&self, stmt: &Stmt) -> Option<(bool, ValueId)> {
        let ([_], [then, otherwise]) = (&stmt.results[..], &stmt.regions[..]) else {
            return None;
        };
        if otherwise.stmts.len() <= 1 && self.flag(otherwise.yields[0]) == Some(false) {
            return Some((true, then.yields[0]));
        }
        (then.stmts.len() <= 1 && self.flag(then.yields[0]) == Some(true))
            .then(|| (false, otherwise.yields[0]))
    }

    /// Writes a branch as `a && b` or `a || b`, if `b` may be evaluated in any case.
    pub(super) fn logical(&mut self, stmt: &Stmt) -> bool {
        let Some((and, right)) = self.logical_arm(stmt) else {
            return false;
        };
        if !self.is_total(stmt, stmt.args[0]) {
            return false;
        }
        let krate = self.krate.clone();
        let left = self.used(stmt.args[0]);
        for region in &stmt.regions {
            self.stmts(&region.stmts);
        }
        let right = self.used(right);
        let op = match and {
            true => quote!(#krate::Op::And),
            false => quote!(#krate::Op::Or),
        };
        self.node(stmt.result(), op, &[left, right], stmt.span);
        true
    }

    /// Whether the statement may be evaluated where Rust would not, behind `left`.
    fn is_total(&self, stmt: &Stmt, left: ValueId) -> bool {
        match &stmt.op {
            Op::Literal { .. } | Op::Constant(_) | Op::Path(_) | Op::Cast => true,
            Op::Apply(primitive) => {
                !matches!(primitive, Primitive::Div | Primitive::Rem)
                    || !self.function.ty(stmt.results[0]).is_inactive()
            }
            Op::Observe(observation) => match observation {
                Observation::Method(name) => name == "len" || name == "is_nan",
                _ => true,
            },
            Op::Project(path) => {
                let is_field = |step: &Step| matches!(step, Step::Field(_));
                path.iter().all(is_field) || self.reads(left, stmt, DEPTH)
            }
            Op::If(_) => {
                let mut inner = stmt.regions.iter().flat_map(|region| &region.stmts);
                self.logical_arm(stmt).is_some() && inner.all(|inner| self.is_total(inner, left))
            }
            _ => false,
        }
    }

    /// Whether the value is computed from the part that `read` takes.
    fn reads(&self, id: ValueId, read: &Stmt, depth: usize) -> bool {
        let Some(stmt) = self.definitions.get(&id).filter(|_| depth > 0) else {
            return false;
        };
        is_same_part(stmt, read) || (stmt.args.iter()).any(|&arg| self.reads(arg, read, depth - 1))
    }

    /// Inactive code under the names of the values that it captures.
    pub(super) fn renamed(&self, verbatim: &Verbatim, args: &[ValueId]) -> TokenStream {
        let mut tokens = verbatim.tokens.clone();
        for (capture, &arg) in verbatim.captures.iter().zip(args) {
            let own = capture.ident.to_string();
            let text = self.text(arg);
            if own != text
                && text != "…"
                && let Ok(new) = text.parse()
            {
                tokens = replaced(tokens, &own, &new);
            }
        }
        collected(&tokens).unwrap_or(tokens)
    }
}

fn is_same_part(a: &Stmt, b: &Stmt) -> bool {
    match (&a.op, &b.op) {
        (Op::Project(own), Op::Project(other)) => own == other && a.args == b.args,
        _ => false,
    }
}

/// The iterator whose items the lowering collects, which the user did not write so.
fn collected(tokens: &TokenStream) -> Option<TokenStream> {
    let is_own = tokens
        .to_string()
        .starts_with(":: core :: iter :: Iterator :: collect");
    let call: syn::ExprCall = syn::parse2(tokens.clone()).ok().filter(|_| is_own)?;
    match call.args.first()? {
        Expr::Call(inner) => inner.args.first().map(ToTokens::to_token_stream),
        _ => None,
    }
}

/// The tokens with others in the place of an identifier.
fn replaced(tokens: TokenStream, ident: &str, new: &TokenStream) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let each = |token| match token {
        TokenTree::Ident(own) if own == ident => new.clone(),
        TokenTree::Group(group) => {
            let inner = replaced(group.stream(), ident, new);
            TokenTree::Group(Group::new(group.delimiter(), inner)).into()
        }
        other => other.into(),
    };
    tokens.into_iter().flat_map(each).collect()
}

pub(super) fn arm_label(arm: &syn::Arm) -> String {
    readable(&arm.pat.to_token_stream())
}

/// The ranges of numbers that an arm takes, both ends included.
pub(super) fn cases(arm: &syn::Arm) -> Option<TokenStream> {
    pattern(&arm.pat)
}

fn pattern(pat: &Pat) -> Option<TokenStream> {
    let anything = quote! {
        (::core::primitive::f64::NEG_INFINITY, ::core::primitive::f64::INFINITY)
    };
    match pat {
        Pat::Wild(_) => Some(anything),
        Pat::Or(or) => {
            let cases: Vec<TokenStream> = or.cases.iter().map(pattern).collect::<Option<_>>()?;
            Some(quote!(#(#cases),*))
        }
        Pat::Paren(inner) => pattern(&inner.pat),
        Pat::Ident(own) => match &own.subpat {
            Some((_, inner)) => pattern(inner),
            None if own.ident.to_string().starts_with(char::is_uppercase) => {
                let number = number(&syn::parse_quote!(#own))?;
                Some(quote!((#number, #number)))
            }
            None => Some(anything),
        },
        _ => match syn::parse2::<Expr>(pat.to_token_stream()).ok()? {
            Expr::Range(range) => {
                let low = match &range.start {
                    Some(start) => number(start)?,
                    None => quote!(::core::primitive::f64::NEG_INFINITY),
                };
                let high = match (&range.end, range.limits) {
                    (Some(end), syn::RangeLimits::Closed(_)) => number(end)?,
                    (Some(end), syn::RangeLimits::HalfOpen(_)) => {
                        let end = number(end)?;
                        quote!((#end - 1.0))
                    }
                    (None, _) => quote!(::core::primitive::f64::INFINITY),
                };
                Some(quote!((#low, #high)))
            }
            other => {
                let number = number(&other)?;
                Some(quote!((#number, #number)))
            }
        },
    }
}

/// A number in a pattern, as a float.
fn number(expr: &Expr) -> Option<TokenStream> {
    use syn::Lit;
    match expr {
        Expr::Lit(own) => match &own.lit {
            Lit::Int(_) => Some(quote!((#own as f64))),
            Lit::Bool(flag) => Some(if flag.value { quote!(1.0) } else { quote!(0.0) }),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            let inner = number(&unary.expr)?;
            Some(quote!((-#inner)))
        }
        _ => None,
    }
}
