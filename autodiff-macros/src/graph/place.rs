//! Parts of aggregates: reading them, and the content of a memory after one of them changed.

use proc_macro2::Span;
use quote::quote;

use super::Emitter;
use crate::ir::{Step, Stmt, ValueId, indices};
use crate::rules::Primitive;

impl Emitter<'_> {
    pub(super) fn project(&mut self, stmt: &Stmt, path: &[Step]) {
        let base = self.used(stmt.args[0]);
        self.read(stmt.result(), base, path, &stmt.args[1..], stmt.span);
    }

    /// A part of the node `base`.
    fn read(
        &mut self,
        value: Option<ValueId>,
        base: usize,
        path: &[Step],
        args: &[ValueId],
        span: Span,
    ) -> usize {
        let krate = self.krate.clone();
        let mut args = args;
        let mut part = base;
        for (k, step) in path.iter().enumerate() {
            let value = value.filter(|_| k + 1 == path.len());
            let (own, rest) = args.split_at(step.arity());
            args = rest;
            if let Step::Field(member) = step {
                let name = crate::codegen::member_text(member);
                part = self.node(value, quote!(#krate::Op::Field(#name)), &[part], span);
                continue;
            }
            let op = match step {
                Step::Slice { .. } => quote!(#krate::Op::Slice),
                _ => quote!(#krate::Op::Index),
            };
            let mut inputs = vec![part];
            inputs.extend(self.positions(step, part, own, span));
            part = self.node(value, op, &inputs, span);
        }
        self.scope.ids.extend(value.map(|value| (value, part)));
        part
    }

    /// The nodes of the positions that a step into `base` needs.
    fn positions(&mut self, step: &Step, base: usize, args: &[ValueId], span: Span) -> Vec<usize> {
        let krate = self.krate.clone();
        match step {
            Step::Field(_) => Vec::new(),
            Step::At(k) => vec![self.constant(*k as f64, span)],
            Step::Index => vec![self.used(args[0])],
            Step::Slice {
                from,
                to,
                inclusive,
            } => {
                let start = match from {
                    true => self.used(args[0]),
                    false => self.constant(0.0, span),
                };
                let end = match (to, args.last()) {
                    (true, Some(&end)) => self.used(end),
                    _ => self.node(None, quote!(#krate::Op::Length), &[base], span),
                };
                let end = match inclusive {
                    true => self.after(end, span),
                    false => end,
                };
                vec![start, end]
            }
            Step::Element(_) | Step::View(_) => args.iter().map(|&arg| self.used(arg)).collect(),
        }
    }

    /// The next integer.
    pub(super) fn after(&mut self, integer: usize, span: Span) -> usize {
        let one = self.constant(1.0, span);
        self.apply("Add", &[integer, one], span)
    }

    pub(super) fn store_statement(&mut self, stmt: &Stmt, path: &[Step]) {
        let value = self.used(stmt.args[1]);
        self.store(stmt.args[0], path, &stmt.args[2..], value, stmt.span);
    }

    /// The content of a memory with `value` in a place of it.
    pub(super) fn store(
        &mut self,
        memory: ValueId,
        path: &[Step],
        args: &[ValueId],
        value: usize,
        span: Span,
    ) {
        if path.is_empty() {
            self.scope.ids.insert(memory, value);
            return;
        }
        let krate = self.krate.clone();
        let old = self.used(memory);
        let mut inputs = vec![old, value];
        let mut steps = Vec::new();
        for (k, step) in path.iter().enumerate() {
            let first = indices(&path[..k]);
            // Only an open slice looks at what it is a part of.
            let base = match step {
                Step::Slice { to: false, .. } => self.read(None, old, &path[..k], args, span),
                _ => old,
            };
            inputs.extend(self.positions(step, base, &args[first..first + step.arity()], span));
            steps.push(match step {
                Step::Field(member) => {
                    let name = crate::codegen::member_text(member);
                    quote!(#krate::Step::Field(#name))
                }
                Step::At(_) | Step::Index | Step::Element(_) | Step::View(_) => {
                    quote!(#krate::Step::Index)
                }
                Step::Slice { .. } => quote!(#krate::Step::Slice),
            });
        }
        let op = quote!(#krate::Op::Store(&[#(#steps),*]));
        self.content(memory, op, &inputs, span);
    }

    /// `place += value`, `place -= value`.
    pub(super) fn update(&mut self, stmt: &Stmt, path: &[Step], primitive: Primitive) {
        let krate = self.krate.clone();
        let (memory, args) = (stmt.args[0], &stmt.args[2..]);
        let old = self.used(memory);
        let value = self.used(stmt.args[1]);
        let part = self.read(None, old, path, args, stmt.span);
        let name = format!("{primitive:?}");
        if path.is_empty() {
            let function = quote::format_ident!("{name}");
            let op = quote!(#krate::Op::Apply(#krate::Function::#function));
            self.content(memory, op, &[part, value], stmt.span);
            return;
        }
        let sum = self.apply(&name, &[part, value], stmt.span);
        self.store(memory, path, args, sum, stmt.span);
    }

    /// `v.pop();`
    pub(super) fn shrink(&mut self, stmt: &Stmt) {
        let krate = self.krate.clone();
        let (memory, span) = (stmt.args[0], stmt.span);
        let list = self.used(memory);
        let zero = self.constant(0.0, span);
        let length = self.node(None, quote!(#krate::Op::Length), &[list], span);
        let one = self.constant(1.0, span);
        let end = self.apply("Sub", &[length, one], span);
        self.content(memory, quote!(#krate::Op::Slice), &[list, zero, end], span);
    }
}
