//! What a body changes, before it is lowered: which locals as wholes, and which in part.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Block, Expr};

use super::Key;
use super::statement::{compound_primitive, operator_of};

/// Methods that change their receiver in place.
const IN_PLACE: [&str; 20] = [
    "push",
    "pop",
    "swap",
    "iter_mut",
    "fill",
    "copy_from_slice",
    "clone_from_slice",
    "reverse",
    "sort",
    "sort_unstable",
    "extend",
    "extend_from_slice",
    "clear",
    "insert",
    "remove",
    "resize",
    "truncate",
    "split_at_mut",
    "chunks_mut",
    "as_mut_slice",
];

pub fn is_in_place(method: &Ident) -> bool {
    IN_PLACE.iter().any(|own| method == own)
}

/// The locals of which elements, fields or mutable borrows occur on the changing side.
pub fn changed_in_part(body: &Block) -> BTreeSet<Key> {
    let mut changes = Changes::default();
    changes.visit_block(body);
    changes.parts.iter().map(Key::new).collect()
}

/// The variables that an expression assigns to as wholes, each once.
pub fn assigned(expr: &Expr) -> Vec<Ident> {
    let mut changes = Changes::default();
    changes.visit_expr(expr);
    let mut found: Vec<Ident> = Vec::new();
    for ident in changes.wholes {
        if !found.iter().any(|own| Key::new(own) == Key::new(&ident)) {
            found.push(ident);
        }
    }
    found
}

/// What an expression changes.
#[derive(Default)]
pub struct Changes {
    pub wholes: Vec<Ident>,
    pub parts: Vec<Ident>,
}

impl Changes {
    pub fn of(expr: &Expr) -> Changes {
        let mut changes = Changes::default();
        changes.visit_expr(expr);
        changes
    }

    fn assigned(&mut self, left: &Expr) {
        match left {
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|own| self.assigned(own)),
            Expr::Array(array) => array.elems.iter().for_each(|own| self.assigned(own)),
            Expr::Paren(inner) => self.assigned(&inner.expr),
            Expr::Path(path) => self.wholes.extend(path.path.get_ident().cloned()),
            _ => self.parts.extend(root(left)),
        }
    }
}

impl<'ast> Visit<'ast> for Changes {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Assign(assign) => self.assigned(&assign.left),
            Expr::Binary(binary)
                if compound_primitive(&binary.op).is_some()
                    || operator_of(&binary.op).is_some() =>
            {
                self.assigned(&binary.left)
            }
            Expr::Reference(reference) if reference.mutability.is_some() => {
                self.parts.extend(root(&reference.expr));
            }
            Expr::MethodCall(call) if is_in_place(&call.method) => {
                self.parts.extend(root(&call.receiver));
            }
            Expr::Call(call) if swapped(call).is_some() => {
                for side in swapped(call).into_iter().flatten() {
                    self.assigned(side);
                }
                return;
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}

/// The two sides of `std::mem::swap(&mut a, &mut b)`.
pub fn swapped(call: &syn::ExprCall) -> Option<[&Expr; 2]> {
    let Expr::Path(function) = &*call.func else {
        return None;
    };
    let segments: Vec<String> = function
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    if !matches!(names[..], ["std" | "core", "mem", "swap"] | ["mem", "swap"]) {
        return None;
    }
    let sides: Vec<&Expr> = call
        .args
        .iter()
        .map(|arg| match arg {
            Expr::Reference(reference) if reference.mutability.is_some() => &*reference.expr,
            other => other,
        })
        .collect();
    sides.try_into().ok()
}

/// The variable behind a place expression.
pub fn root(place: &Expr) -> Option<Ident> {
    match place {
        Expr::Path(path) => path.path.get_ident().cloned(),
        Expr::Field(field) => root(&field.base),
        Expr::Index(index) => root(&index.expr),
        Expr::Paren(inner) => root(&inner.expr),
        Expr::Group(inner) => root(&inner.expr),
        Expr::Unary(unary) => root(&unary.expr),
        Expr::MethodCall(call) if is_in_place(&call.method) => root(&call.receiver),
        _ => None,
    }
}
