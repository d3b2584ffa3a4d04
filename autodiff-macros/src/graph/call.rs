//! Calls of differentiable functions.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::Emitter;
use crate::codegen::names::unraw;
use crate::ir::{Called, Callee, Mode, Op, Stmt, ValueId};

impl Emitter<'_> {
    /// Where the graph of a called function is.
    fn graph_of(&mut self, callee: &Callee) -> TokenStream {
        let mut path = callee.path.clone();
        let last = path.segments.last_mut().expect("a path has a segment");
        last.arguments = syn::PathArguments::None;
        if callee.called == Called::Function {
            return quote!(#path::SUBGRAPH);
        }
        let name = unraw(&last.ident).to_uppercase();
        last.ident = format_ident!("{name}_SUBGRAPH", span = last.ident.span());
        let method = self.signature.method.as_ref();
        match method.and_then(|method| method.called_sibling(callee)) {
            Some(sibling) if sibling.left_out.is_none() => {
                let name = &last.ident;
                return quote_spanned!(name.span()=> Self::#name);
            }
            None if is_of_known_type(callee) => return path.into_token_stream(),
            _ => {}
        }
        self.evaluable = false;
        quote!(::core::option::Option::None)
    }

    /// The results of a call with `&mut` arguments are their contents after it, then its value.
    pub(super) fn call(&mut self, stmt: &Stmt, callee: &Callee) {
        let krate = self.krate.clone();
        let span = stmt.span;
        let inputs = self.inputs(stmt);
        let name = callee.path.to_token_stream().to_string().replace(' ', "");
        let graph = self.graph_of(callee);
        let op = quote!(#krate::Op::Call { name: #name, graph: #graph });
        let modes = callee.modes.iter();
        let lent: Vec<ValueId> = (modes.zip(&stmt.args))
            .filter(|(mode, _)| **mode == Mode::Mutable)
            .map(|(_, &arg)| arg)
            .collect();
        if lent.is_empty() {
            self.node(stmt.result(), op, &inputs, span);
            return;
        }
        let call = self.node(None, op, &inputs, span);
        for (k, &arg) in lent.iter().enumerate() {
            let op = quote!(#krate::Op::Result(#k));
            match self.definitions.get(&arg).copied() {
                Some(Stmt {
                    op: Op::Project(path),
                    args,
                    ..
                }) if !self.function.is_memory(arg) && !path.is_empty() => {
                    let part = self.node(None, op, &[call], span);
                    self.store(args[0], path, &args[1..], part, span);
                }
                Some(Stmt {
                    op: Op::Project(_),
                    args,
                    ..
                }) if !self.function.is_memory(arg) => {
                    self.content(args[0], op, &[call], span);
                }
                _ => {
                    self.content(arg, op, &[call], span);
                }
            }
        }
        if let Some(result) = stmt.result().filter(|id| self.facts.used.contains(id)) {
            let value = lent.len();
            let op = quote!(#krate::Op::Result(#value));
            self.node(Some(result), op, &[call], span);
        }
    }
}

/// Whether a constant beside the called function can be named: of a type that may be generic, rustc
/// would want to know the arguments.
fn is_of_known_type(callee: &Callee) -> bool {
    let owner = callee.path.segments.iter().rev().nth(1);
    callee.called == Called::Associated
        && owner.is_some_and(|owner| owner.ident == "Self" || !owner.arguments.is_none())
}
