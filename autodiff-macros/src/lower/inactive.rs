//! Code that no active value enters: kept as written, whatever it is.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Macro};

use super::describe::{Description, describe, head};
use super::mutation::root;
use super::statement::{compound_primitive, operator_of};
use super::{Key, Local, Lowered, Lowerer, Operand, Reported};
use crate::diagnostics::Cause;
use crate::ir::{Capture, Op, ValueId, Verbatim};

/// The standard library's macros that only look at their arguments.
const LOOK_ONLY: [&str; 12] = [
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
];

/// The standard library's macros that may stand in inactive code.
const EXPRESSIONS: [&str; 12] = [
    "vec",
    "format",
    "matches",
    "concat",
    "stringify",
    "line",
    "column",
    "file",
    "env",
    "include_str",
    "todo",
    "unimplemented",
];

impl Lowerer<'_> {
    /// An expression the macro does not take apart: fine if nothing active enters it.
    pub(super) fn inactive(&mut self, expr: &Expr) -> Lowered {
        if self.mentions_poisoned(expr) {
            return Err(Reported);
        }
        if let Some(name) = self.first_varied(expr) {
            let Description {
                cause,
                what,
                why,
                instead,
            } = describe(expr);
            let what = format!("{what} with the active value `{name}` in it");
            return self.refuse(cause, head(expr), &what, why, instead);
        }
        self.verbatim(expr, false)
    }

    /// The same, of an expression that surely holds no floats.
    pub(super) fn inactive_value(&mut self, expr: &Expr) -> Lowered {
        let operand = self.inactive(expr)?;
        self.function.value_mut(operand.id).ty = crate::ty::Ty::Inactive;
        Ok(operand)
    }

    /// Keeps `expr` as written; with `cut`, active values may enter and are taken as constants.
    pub(super) fn verbatim(&mut self, expr: &Expr, cut: bool) -> Lowered {
        self.verbatim_around(expr, cut, &[])
    }

    /// As `verbatim`, of an expression in which the names in `inner` are its own.
    pub(super) fn verbatim_around(&mut self, expr: &Expr, cut: bool, inner: &[Ident]) -> Lowered {
        let mut scan = Scan::default();
        scan.visit_expr(expr);
        let own = |ident: &Ident| inner.iter().any(|name| Key::new(name) == Key::new(ident));
        scan.mentioned.retain(|ident| !own(ident));
        if matches!(expr, Expr::Macro(own) if is_slice(&own.mac) || is_array(&own.mac) || is_joining(&own.mac))
        {
            scan.foreign.clear();
        }
        self.refuse_escapes(&scan)?;
        let mut captures = self.captures(&scan);
        captures.extend(self.keep_closures(&scan.mentioned));
        for capture in &captures {
            if scan.bound.contains(&Key::new(&capture.0)) {
                let name = &capture.0;
                return self.refuse(
                    Cause::D1104,
                    name,
                    &format!("`{name}` is bound again inside an expression that also uses the outer `{name}`"),
                    "the macro keeps this expression as written and could not tell the two apart",
                    "give the inner one another name",
                );
            }
        }
        let changes: Vec<usize> = captures
            .iter()
            .enumerate()
            .filter(|(_, (own, id, _))| {
                let lent = self.function.is_memory(*id).then_some(&scan.lent);
                let names = scan.changed.iter().chain(lent.into_iter().flatten());
                names.clone().any(|name| Key::new(own) == Key::new(name))
            })
            .map(|(position, _)| position)
            .collect();
        if let Some(name) = changes
            .iter()
            .map(|&position| &captures[position])
            .find(|(_, id, _)| !self.function.is_memory(*id))
            .map(|(name, ..)| name)
        {
            return self.refuse(
                Cause::D1105,
                name,
                &format!("`{name}` is changed inside an expression that is kept as written"),
                "the macro gives every value of a variable a name of its own, and could not tell them apart here",
                "compute the value in a function, and call that",
            );
        }
        let tokens = if cut {
            strip_constant_markers(expr.to_token_stream())
        } else {
            expr.to_token_stream()
        };
        let ty = self.infer.fresh();
        let op = Op::Verbatim(Rc::new(Verbatim {
            changes,
            ..verbatim(tokens, &captures)
        }));
        let args = captures.into_iter().map(|(_, id, _)| id).collect();
        Ok(Operand::value(self.push(op, args, ty, expr.span())))
    }

    /// Control flow that would leave the derivative's code instead of the function.
    fn refuse_escapes(&mut self, scan: &Scan) -> Result<(), Reported> {
        if let Some(escape) = scan.escapes.first() {
            return self.refuse(
                Cause::D1103,
                escape,
                &format!("`{escape}` out of an expression that is kept as written"),
                "the derivative's code is another function, with other things to return",
                "let the expression have a value, and use that",
            );
        }
        match scan.foreign.first() {
            Some(path) => self.refuse(
                Cause::D1102,
                path,
                "a macro that is not the standard library's",
                "the macro cannot see what it expands to: it might return, or assign",
                "put the call into a function of its own, and call that",
            ),
            None => Ok(()),
        }
    }

    pub(super) fn is_look_only(&self, mac: &Macro) -> bool {
        standard_name(mac).is_some_and(|name| LOOK_ONLY.contains(&name.as_str())) || is_logging(mac)
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
        self.refuse_escapes(&scan)?;
        let captures = self.captures(&scan);
        let args = captures.iter().map(|(_, id, _)| *id).collect();
        let op = Op::Effect(Rc::new(verbatim(tokens, &captures)));
        let stmt = crate::ir::Stmt::new(Vec::new(), op, args, mac.span());
        self.stmts.push(stmt);
        Ok(())
    }

    /// Whether a name of which an error was reported occurs.
    fn mentions_poisoned(&self, expr: &Expr) -> bool {
        self.locals_in(expr)
            .iter()
            .any(|(_, id, _)| self.poisoned.contains(id))
    }

    pub(super) fn mentions_varied(&self, expr: &Expr) -> bool {
        self.first_varied(expr).is_some()
    }

    /// The first active variable in `expr`.
    pub(super) fn first_varied(&self, expr: &Expr) -> Option<Ident> {
        self.first_varied_in(expr, &self.scopes)
    }

    /// The same, with other locals in scope.
    pub(super) fn first_varied_in(
        &self,
        expr: &Expr,
        scopes: &[BTreeMap<Key, Local>],
    ) -> Option<Ident> {
        let lookup = |ident: &Ident| {
            let key = Key::new(ident);
            scopes.iter().rev().find_map(|scope| scope.get(&key))
        };
        let mut scan = Scan::default();
        scan.visit_expr(expr);
        for ident in &scan.mentioned {
            if let Some(closure) = lookup(ident).and_then(|local| local.closure)
                && let Some(captured) = self.varied_capture(closure)
            {
                return Some(captured);
            }
        }
        let varied = |ident: &&Ident| {
            let value = lookup(ident).and_then(|local| local.value);
            value.is_some_and(|id| self.varied.contains(&id))
        };
        scan.mentioned.iter().find(varied).cloned()
    }

    /// The locals that an expression mentions.
    pub(super) fn locals_in(&self, expr: &Expr) -> Vec<(Ident, ValueId, usize)> {
        let mut scan = Scan::default();
        scan.visit_expr(expr);
        self.captures(&scan)
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

pub(in crate::lower) fn verbatim(
    tokens: TokenStream,
    captures: &[(Ident, ValueId, usize)],
) -> Verbatim {
    let captures = captures
        .iter()
        .map(|(ident, _, references)| Capture {
            ident: ident.clone(),
            references: *references,
        })
        .collect();
    Verbatim {
        tokens: all_visible(tokens),
        captures,
        changes: Vec::new(),
        pure: false,
    }
}

/// The identifiers an expression mentions and binds, and the ways control could leave it.
#[derive(Default)]
struct Scan {
    mentioned: Vec<Ident>,
    bound: Vec<Key>,
    escapes: Vec<TokenStream>,
    /// Variables that are assigned to or borrowed mutably.
    changed: Vec<Ident>,
    /// Variables of which methods are called that may change them.
    lent: Vec<Ident>,
    /// Macros of unknown expansion.
    foreign: Vec<syn::Path>,
    /// Depth of closures, in which `return` is their own.
    closures: usize,
    /// The loops and labelled blocks around, where jumps may end.
    ends: Vec<End>,
}

/// Where a jump may end: a loop, or a block with a label.
struct End {
    label: Option<syn::Lifetime>,
    is_loop: bool,
}

impl End {
    fn of(expr: &Expr) -> Option<Self> {
        let (label, is_loop) = match expr {
            Expr::ForLoop(own) => (&own.label, true),
            Expr::While(own) => (&own.label, true),
            Expr::Loop(own) => (&own.label, true),
            Expr::Block(own) if own.label.is_some() => (&own.label, false),
            _ => return None,
        };
        let label = label.as_ref().map(|label| label.name.clone());
        Some(Self { label, is_loop })
    }
}

impl<'ast> Visit<'ast> for Scan {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.mentioned.extend(path.path.get_ident().cloned());
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        let known = standard_name(mac).is_some_and(|name| {
            LOOK_ONLY.contains(&name.as_str()) || EXPRESSIONS.contains(&name.as_str())
        });
        if !known && !is_logging(mac) {
            self.foreign.push(mac.path.clone());
        }
        self.tokens(mac.tokens.clone());
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        self.bound.push(Key::new(&pat.ident));
        visit::visit_pat_ident(self, pat);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.closures += 1;
        let ends = std::mem::take(&mut self.ends);
        visit::visit_expr_closure(self, closure);
        self.ends = ends;
        self.closures -= 1;
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let escapes = match expr {
            Expr::Return(_) | Expr::Try(_) => self.closures == 0,
            Expr::Break(jump) => !self.ends_inside(jump.label.as_ref()),
            Expr::Continue(jump) => !self.ends_inside(jump.label.as_ref()),
            Expr::Await(_) | Expr::Yield(_) => true,
            _ => false,
        };
        if escapes {
            self.escapes.push(head(expr));
        }
        let end = End::of(expr);
        let is_end = end.is_some();
        self.ends.extend(end);
        match expr {
            Expr::Assign(assign) => self.changed.extend(root(&assign.left)),
            Expr::Binary(binary)
                if compound_primitive(&binary.op).is_some()
                    || operator_of(&binary.op).is_some() =>
            {
                self.changed.extend(root(&binary.left));
            }
            Expr::Reference(reference) if reference.mutability.is_some() => {
                self.changed.extend(root(&reference.expr));
            }
            Expr::MethodCall(call) if super::mutation::is_in_place(&call.method) => {
                self.changed.extend(root(&call.receiver));
            }
            // A user's method may change what it is called on.
            Expr::MethodCall(call) if super::method::may_be_users(call) => {
                self.lent.extend(root(&call.receiver));
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
        if is_end {
            self.ends.pop();
        }
    }
}

impl Scan {
    /// Whether a `break` or `continue` ends at something inside of the expression.
    fn ends_inside(&self, label: Option<&syn::Lifetime>) -> bool {
        self.ends.iter().any(|end| match label {
            Some(label) => end.label.as_ref() == Some(label),
            None => end.is_loop,
        })
    }

    /// Tokens of a macro call: every identifier, also those inlined in a format string.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident)
                    if ["return", "break", "continue", "await"]
                        .iter()
                        .any(|keyword| ident == keyword) =>
                {
                    self.escapes.push(ident.to_token_stream());
                }
                TokenTree::Ident(ident) => self.mentioned.push(ident),
                TokenTree::Punct(punct) if punct.as_char() == '?' => {
                    self.escapes.push(punct.to_token_stream())
                }
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

/// The macro's name, if its path can be the standard library's.
pub(super) fn standard_name(mac: &Macro) -> Option<String> {
    let segments: Vec<String> = mac
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    match &segments[..] {
        [name] => Some(name.clone()),
        [krate, name] if matches!(krate.as_str(), "std" | "core" | "alloc") => Some(name.clone()),
        _ => None,
    }
}

/// Whether the macro is the one of `ndarray` with that name.
fn is_of_ndarray(mac: &Macro, name: &str) -> bool {
    let segments: Vec<&Ident> = mac.path.segments.iter().map(|own| &own.ident).collect();
    match &segments[..] {
        [own] => *own == name,
        [krate, own] => *krate == "ndarray" && *own == name,
        _ => false,
    }
}

/// `s![…]`, a part of an array.
pub(super) fn is_slice(mac: &Macro) -> bool {
    is_of_ndarray(mac, "s")
}

/// `array![…]`, of given elements.
pub(super) fn is_array(mac: &Macro) -> bool {
    is_of_ndarray(mac, "array")
}

/// `concatenate![…]` and `stack![…]`.
pub(super) fn is_joining(mac: &Macro) -> bool {
    is_of_ndarray(mac, "concatenate") || is_of_ndarray(mac, "stack")
}

/// The macros of the logging crates, by their full paths.
fn is_logging(mac: &Macro) -> bool {
    let mut segments = mac.path.segments.iter();
    segments.len() == 2
        && segments
            .next()
            .is_some_and(|first| first.ident == "log" || first.ident == "tracing")
}

/// The identifiers in the braces of a format string: `x` and `w` of `"{x:>w$}"`.
pub fn format_captures(literal: &str) -> Vec<String> {
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

/// Removes every `#[constant]` marker: rustc does not know it. Groups without one are passed on as
/// they came, because an invisible group that is built anew loses its meaning.
pub fn strip_constant_markers(tokens: TokenStream) -> TokenStream {
    if !has_marker(tokens.clone()) {
        return tokens;
    }
    let mut result: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if result.last().is_some_and(is_pound) && is_marker(&group) => {
                result.pop();
            }
            TokenTree::Group(group) => {
                let inner = strip_constant_markers(group.stream());
                result.push(visible(regroup(&group, group.delimiter(), inner)));
            }
            other => result.push(other),
        }
    }
    result.into_iter().collect()
}

fn is_pound(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}

fn is_marker(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket && group.stream().to_string() == "constant"
}

fn has_marker(tokens: TokenStream) -> bool {
    let mut after_pound = false;
    tokens.into_iter().any(|token| {
        let found = matches!(&token, TokenTree::Group(group)
            if after_pound && is_marker(group) || has_marker(group.stream()));
        after_pound = is_pound(&token);
        found
    })
}

fn regroup(group: &Group, delimiter: Delimiter, inner: TokenStream) -> Group {
    let mut regrouped = Group::new(delimiter, inner);
    regrouped.set_span(group.span());
    regrouped
}

/// rustc ignores the invisible groups of a macro's output, and with them what holds `$a * $b`
/// together where `$a` is a sum: such groups become parentheses.
fn visible(group: Group) -> TokenTree {
    let binds = group.delimiter() == Delimiter::None
        && syn::parse2::<Expr>(group.stream()).is_ok_and(|expr| {
            matches!(
                expr,
                Expr::Binary(_) | Expr::Unary(_) | Expr::Cast(_) | Expr::Range(_)
            )
        });
    let delimiter = if binds {
        Delimiter::Parenthesis
    } else {
        group.delimiter()
    };
    TokenTree::Group(regroup(&group, delimiter, group.stream()))
}

/// [`visible`] for every group in `tokens`.
fn all_visible(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let inner = all_visible(group.stream());
                visible(regroup(&group, group.delimiter(), inner))
            }
            other => other,
        })
        .collect()
}
