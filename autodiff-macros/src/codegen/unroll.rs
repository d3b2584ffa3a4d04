//! Loops that the compiler after this one is to write out.
//!
//! It does so by itself where the body is small, before it knows how long the inner loops are. In a triangle of constant
//! order (`for r in 0..D` with `for c in 0..r` in it) all depends on that: the function itself becomes straight code, and
//! its reverse, whose body is twice as large, stays two loops with a check of every index.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Lit;

use super::{Printer, Style};
use crate::ids::IdSet;
use crate::ir::{Adapter, Loop, LoopKind, Op, Region, Step, Stmt, ValueId};

/// The longest loop that the runtime's function writes out.
const FEW: usize = 16;
/// How many operations a body may have, those of its inner loops included.
const LIGHT: usize = 64;

impl Printer<'_> {
    /// The function that runs a loop's body, if it is to be written out.
    pub(super) fn unrolled(&self, stmt: &Stmt, own: &Loop) -> Option<TokenStream> {
        let LoopKind::Range {
            inclusive: false,
            adapters,
        } = &own.kind
        else {
            return None;
        };
        if self.style == Style::Readable || self.lanes.is_some() || own.exits || own.counted {
            return None;
        }
        let body = own.body(&stmt.regions);
        let length = self.constant_length(stmt, body)?;
        let mut count = 0;
        body.for_each(&mut |_| count += 1);
        if count > LIGHT || !is_triangle(body) || !self.is_plain(body) {
            return None;
        }
        let function = match adapters[..] {
            [] => self.support("unrolled"),
            [Adapter::Rev] | [Adapter::Back] => self.support("unrolled_back"),
            _ => return None,
        };
        Some(quote!(#function::<#length>))
    }

    /// The end of a loop from zero, if it is a length that the function is generic over, or a number.
    fn constant_length(&self, stmt: &Stmt, body: &Region) -> Option<TokenStream> {
        let start = &self.definitions.get(&stmt.args[0])?.op;
        if start.number() != Some(0.0) {
            return None;
        }
        match &self.definitions.get(&stmt.args[1])?.op {
            Op::Path(path) => {
                let lengths = &self.function.generics.lengths;
                let length = lengths.iter().find(|own| path.path.is_ident(*own))?;
                Some(quote!(#length))
            }
            Op::Literal {
                lit: Lit::Int(number),
                negative: false,
            } if is_index(body.params[0], body) => {
                let length: usize = number.base10_parse().ok()?;
                (length <= FEW).then(|| quote!(#length))
            }
            _ => None,
        }
    }

    /// Whether all that the region does is arithmetic with numbers, here or at places in memory: a closure may do that
    /// in place of a loop's body.
    fn is_plain(&self, region: &Region) -> bool {
        let is_number = |id: &ValueId| {
            let ty = self.function.ty(*id);
            ty.is_scalar() || ty.is_inactive()
        };
        let is_plain = |stmt: &Stmt| match &stmt.op {
            Op::Literal { .. } | Op::Constant(_) | Op::Path(_) => true,
            Op::Apply(_) | Op::Cast | Op::Observe(_) | Op::Buffer | Op::Dot => true,
            Op::If(_) | Op::Project(_) | Op::Take(_) | Op::Restore => true,
            Op::Assign | Op::Save(_) => stmt.args.iter().all(is_number),
            Op::Store(_) | Op::Update(..) | Op::Accumulate(_) => is_number(&stmt.args[1]),
            Op::Loop(own) => !own.exits && !own.counted,
            _ => false,
        };
        region.stmts.iter().all(|stmt| {
            is_plain(stmt)
                && stmt.results.iter().all(is_number)
                && stmt.regions.iter().all(|inner| self.is_plain(inner))
        })
    }
}

/// Whether a loop in the body begins or ends with what depends on the body's index, and no loop has another one in it.
fn is_triangle(body: &Region) -> bool {
    let mut follow: IdSet = std::iter::once(body.params[0]).collect();
    let mut found = false;
    for stmt in &body.stmts {
        let depends = |id: &ValueId| follow.contains(id);
        if let Op::Loop(own) = &stmt.op {
            let bounds = &stmt.args[..own.kind.arity()];
            found |= bounds.iter().any(depends);
        }
        if stmt.args.iter().any(depends) {
            follow.extend(&stmt.results);
        }
    }
    let is_loop = |stmt: &Stmt| matches!(stmt.op, Op::Loop(_));
    let mut nested = false;
    for stmt in &body.stmts {
        for region in &stmt.regions {
            region.for_each(&mut |inner| nested |= is_loop(inner));
        }
    }
    found && !nested
}

/// Whether a loop's index is used as one of a slice, or runs another loop's up to itself that is: then it is a `usize`.
fn is_index(index: ValueId, body: &Region) -> bool {
    let mut found = false;
    body.for_each(&mut |stmt| {
        found |= match &stmt.op {
            Op::Project(path) | Op::Store(path) | Op::Update(path, _) | Op::Accumulate(path) => {
                let only_elements = path.iter().all(|step| *step == Step::Index);
                let indices = &stmt.args[stmt.args.len() - crate::ir::indices(path)..];
                only_elements && indices.contains(&index)
            }
            Op::Loop(own) if matches!(own.kind, LoopKind::Range { .. }) => {
                let inner = own.body(&stmt.regions);
                stmt.args[..2].contains(&index) && is_index(inner.params[0], inner)
            }
            _ => false,
        };
    });
    found
}
