//! Code that no active value enters: kept as written, whatever it is.

use std::rc::Rc;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Macro};

use super::{Key, Lowered, Lowerer, Operand, Reported};
use crate::ir::{Capture, Op, ValueId, Verbatim};

/// Macros that only look at their arguments.
const LOOK_ONLY: [&str; 15] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "panic",
    "unreachable",
    "trace",
    "debug",
    "log",
];

impl Lowerer<'_> {
    /// An expression the macro does not take apart: fine if nothing active enters it.
    pub(super) fn inactive(&mut self, expr: &Expr) -> Lowered {
        if self.mentions_varied(expr) {
            let (what, instead) = describe(expr);
            return self.refuse(
                head(expr),
                &format!("{what} with an active value in it"),
                "the macro cannot follow the derivative through it",
                instead,
            );
        }
        self.verbatim(expr, false)
    }

    /// Keeps `expr` as written; with `cut`, active values may enter and are taken as constants.
    pub(super) fn verbatim(&mut self, expr: &Expr, cut: bool) -> Lowered {
        let mut scan = Scan::default();
        scan.visit_expr(expr);
        if let Some(escape) = scan.escapes.first() {
            return self.refuse(
                escape,
                "control flow that leaves this expression",
                "the derivative's code is another function, with other things to return",
                "let the expression have a value, and use that",
            );
        }
        let captures = self.captures(&scan);
        for capture in &captures {
            if scan.bound.contains(&Key::new(&capture.0)) {
                let name = &capture.0;
                return self.refuse(
                    name,
                    &format!("`{name}` is bound again inside an expression that also uses the outer `{name}`"),
                    "the macro keeps this expression as written and could not tell the two apart",
                    "give the inner one another name",
                );
            }
        }
        let tokens = if cut {
            strip_constant_markers(expr.to_token_stream())
        } else {
            expr.to_token_stream()
        };
        let ty = self.infer.fresh();
        let op = Op::Verbatim(Rc::new(verbatim(tokens, &captures)));
        let args = captures.into_iter().map(|(_, id, _)| id).collect();
        Ok(Operand::value(self.push(op, args, ty, expr.span())))
    }

    pub(super) fn is_look_only(&self, mac: &Macro) -> bool {
        mac.path
            .segments
            .last()
            .is_some_and(|segment| LOOK_ONLY.contains(&segment.ident.to_string().as_str()))
    }

    /// `println!` and its like: run in the forward pass, nothing to differentiate.
    pub(super) fn look_only_macro(
        &mut self,
        mac: &Macro,
        tokens: TokenStream,
    ) -> Result<(), Reported> {
        if !self.is_look_only(mac) {
            let expr = Expr::Macro(syn::ExprMacro {
                attrs: Vec::new(),
                mac: mac.clone(),
            });
            return self.inactive(&expr).map(|_| ());
        }
        let mut scan = Scan::default();
        scan.visit_macro(mac);
        let captures = self.captures(&scan);
        let args = captures.iter().map(|(_, id, _)| *id).collect();
        let op = Op::Effect(Rc::new(verbatim(tokens, &captures)));
        let stmt = crate::ir::Stmt::new(Vec::new(), op, args, mac.span());
        self.function.body.stmts.push(stmt);
        Ok(())
    }

    pub(super) fn mentions_varied(&self, expr: &Expr) -> bool {
        let mut scan = Scan::default();
        scan.visit_expr(expr);
        self.captures(&scan)
            .iter()
            .any(|(_, id, _)| self.varied.contains(id))
    }

    /// The locals among the mentioned identifiers, each once, in order of appearance.
    fn captures(&self, scan: &Scan) -> Vec<(Ident, ValueId, usize)> {
        let mut captures: Vec<(Ident, ValueId, usize)> = Vec::new();
        for ident in &scan.mentioned {
            if let Some(local) = self.lookup(ident)
                && let Some(id) = local.value
                && !captures
                    .iter()
                    .any(|(own, _, _)| Key::new(own) == Key::new(ident))
            {
                captures.push((ident.clone(), id, local.references));
            }
        }
        captures
    }
}

fn verbatim(tokens: TokenStream, captures: &[(Ident, ValueId, usize)]) -> Verbatim {
    let captures = captures
        .iter()
        .map(|(ident, _, references)| Capture {
            ident: ident.clone(),
            references: *references,
        })
        .collect();
    Verbatim { tokens, captures }
}

/// The identifiers an expression mentions and binds, and the ways control could leave it.
#[derive(Default)]
struct Scan {
    mentioned: Vec<Ident>,
    bound: Vec<Key>,
    escapes: Vec<TokenStream>,
    /// Depth of closures, in which `return` is their own, and of loops, whose `break` is their own.
    closures: usize,
    loops: usize,
}

impl<'ast> Visit<'ast> for Scan {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.mentioned.extend(path.path.get_ident().cloned());
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.tokens(mac.tokens.clone());
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        self.bound.push(Key::new(&pat.ident));
        visit::visit_pat_ident(self, pat);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.closures += 1;
        visit::visit_expr_closure(self, closure);
        self.closures -= 1;
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let escapes = match expr {
            Expr::Return(_) | Expr::Try(_) => self.closures == 0,
            Expr::Break(_) | Expr::Continue(_) => self.loops == 0,
            Expr::Await(_) | Expr::Yield(_) => true,
            _ => false,
        };
        if escapes {
            self.escapes.push(head(expr));
        }
        let is_loop = matches!(expr, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_));
        self.loops += usize::from(is_loop);
        visit::visit_expr(self, expr);
        self.loops -= usize::from(is_loop);
    }
}

impl Scan {
    /// Tokens of a macro call: every identifier, also those inlined in a format string.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => self.mentioned.push(ident),
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    for name in format_captures(&literal.to_string()) {
                        self.mentioned.push(Ident::new(&name, literal.span()));
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

/// The identifiers in the braces of a format string: `x` and `w` of `"{x:>w$}"`.
fn format_captures(literal: &str) -> Vec<String> {
    let mut names = Vec::new();
    if !literal.starts_with(['"', 'r']) {
        return names;
    }
    for part in literal.replace("{{", "").split('{').skip(1) {
        let inside = part.split('}').next().unwrap_or_default();
        let words = inside.split(|c: char| !c.is_alphanumeric() && c != '_');
        names.extend(
            words
                .filter(|word| syn::parse_str::<Ident>(word).is_ok())
                .map(str::to_owned),
        );
    }
    names
}

/// Removes every `#[constant]` marker: rustc does not know it.
pub fn strip_constant_markers(tokens: TokenStream) -> TokenStream {
    let mut result: Vec<TokenTree> = Vec::new();
    let mut pending_pound: Option<TokenTree> = None;
    for token in tokens {
        if let Some(pound) = pending_pound.take() {
            let marker = matches!(&token, TokenTree::Group(group)
                if group.delimiter() == proc_macro2::Delimiter::Bracket && group.stream().to_string() == "constant");
            if marker {
                continue;
            }
            result.push(pound);
        }
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                pending_pound = Some(TokenTree::Punct(punct))
            }
            TokenTree::Group(group) => {
                let mut inner = proc_macro2::Group::new(
                    group.delimiter(),
                    strip_constant_markers(group.stream()),
                );
                inner.set_span(group.span());
                result.push(TokenTree::Group(inner));
            }
            other => result.push(other),
        }
    }
    result.extend(pending_pound);
    result.into_iter().collect()
}

/// The token an error about `expr` should point at: the construct, not its whole body.
fn head(expr: &Expr) -> TokenStream {
    match expr {
        Expr::If(expr) => expr.if_token.to_token_stream(),
        Expr::Match(expr) => expr.match_token.to_token_stream(),
        Expr::ForLoop(expr) => expr.for_token.to_token_stream(),
        Expr::While(expr) => expr.while_token.to_token_stream(),
        Expr::Loop(expr) => expr.loop_token.to_token_stream(),
        Expr::Closure(expr) => expr.inputs_begin.to_token_stream(),
        Expr::Unsafe(expr) => expr.unsafe_token.to_token_stream(),
        Expr::Macro(expr) => expr.mac.path.to_token_stream(),
        Expr::Return(expr) => expr.return_token.to_token_stream(),
        Expr::Try(expr) => expr.question_token.to_token_stream(),
        Expr::Break(expr) => expr.break_token.to_token_stream(),
        Expr::Continue(expr) => expr.continue_token.to_token_stream(),
        _ => expr.to_token_stream(),
    }
}

fn describe(expr: &Expr) -> (&'static str, &'static str) {
    match expr {
        Expr::If(_) => (
            "`if`",
            "choose with `max`, `min`, `clamp`, `relu` or `threshold`, or branch outside and call one differentiable function per branch",
        ),
        Expr::Match(_) => (
            "`match`",
            "match outside, and call one differentiable function per arm",
        ),
        Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => (
            "a loop",
            "write the terms out, or call a function with a hand-written rule: #[differentiable(pullback = path, jvp = path)]",
        ),
        Expr::Closure(_) => ("a closure", "make it a function marked #[differentiable]"),
        Expr::Macro(_) => (
            "this macro",
            "write what it stands for; only macros that look, such as `println!` and `assert!`, may see active values",
        ),
        Expr::Try(_) => ("`?`", "handle the failure before the differentiable part"),
        Expr::Return(_) => ("an early `return`", "let the function end in the value"),
        Expr::Unsafe(_) => ("an `unsafe` block", "write it in safe code"),
        Expr::Reference(_) => ("`&mut`", "pass the value and use what is returned"),
        Expr::Call(_) => (
            "a call of something that is not a plain path",
            "call a function by its path",
        ),
        Expr::Range(_) => ("a range", "use integers as its bounds"),
        Expr::Unary(_) | Expr::Binary(_) => (
            "this operator",
            "use arithmetic: `+ - * /` and the float methods",
        ),
        Expr::Cast(_) => ("this cast", "cast to `f32` or `f64`"),
        _ => (
            "this expression",
            "use arithmetic, the float methods and calls to #[differentiable] functions",
        ),
    }
}
