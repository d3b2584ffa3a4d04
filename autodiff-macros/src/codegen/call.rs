//! Calls of differentiable functions, and of their pullbacks.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::expr::Precedence;
use super::{Printer, Reference, Style, respanned};
use crate::ir::{Called, Callee, Mode, Op, Step, Stmt, ValueId};
use crate::ty::Ty;

impl<'a> Printer<'a> {
    /// A reference as a call takes it. The type of a view bears the lifetime of what it views, which is
    /// another one when the pullback runs: what the runtime's rules are lent is the array behind it.
    pub(super) fn lent_to(&mut self, callee: &Callee, id: ValueId) -> TokenStream {
        let is_view = match self.definitions.get(&id).map(|stmt| &stmt.op) {
            Some(Op::Project(path)) => path.iter().any(|step| matches!(step, Step::View(_))),
            _ => false,
        };
        match callee.rule && is_view && self.style != Style::Readable {
            true => {
                let view = self.operand(id, Precedence::Unary);
                quote!(&*#view)
            }
            false => self.reference_to(id),
        }
    }

    /// A mutable reference to a memory or a part of it.
    pub(super) fn mutable_reference_to(&mut self, id: ValueId) -> TokenStream {
        match self.references.get(&id) {
            Some(Reference::BorrowedMut(name)) => quote!(#name),
            _ => {
                let place = self.operand(id, Precedence::Postfix);
                quote!(&mut #place)
            }
        }
    }

    pub(super) fn call(&mut self, callee: &Callee, stmt: &Stmt) -> TokenStream {
        let count = callee.modes.len();
        let readable = self.style == Style::Readable;
        let dotted = match callee.called {
            Called::Function | Called::Associated => false,
            Called::Sibling => readable,
            Called::Method => true,
        };
        let mut args: Vec<TokenStream> = Vec::new();
        let width = self.width().filter(|_| stmt.results.len() == 2).cloned();
        if stmt.results.len() == 2 && !readable && width.is_none() {
            args.extend(self.activities(callee, &stmt.args));
        }
        for (k, &arg) in stmt.args.iter().enumerate().skip(usize::from(dotted)) {
            if let Some(width) = width.as_ref().filter(|_| k == count) {
                let krate = self.krate;
                args.push(quote!(#krate::__private::Width::<#width>));
            }
            let scratch = self
                .definitions
                .get(&arg)
                .is_some_and(|stmt| matches!(stmt.op, Op::Scratch { .. }));
            if k >= count && scratch {
                if self.style != Style::Readable {
                    let value = self.expr(arg);
                    args.push(match callee.modes[k - count] {
                        Mode::Value => value,
                        Mode::Reference => quote!(&#value),
                        Mode::Mutable => quote!(&mut #value),
                    });
                }
                continue;
            }
            let code = match callee.modes[k % count.max(1)] {
                Mode::Reference => self.lent_to(callee, arg),
                Mode::Mutable => self.mutable_reference_to(arg),
                // A tangent may be needed again; where its type is unknown it may not be `Copy`.
                Mode::Value if k >= count && !self.function.ty(arg).is_copy() => self.clone_of(arg),
                Mode::Value => self.owned(arg),
            };
            // A tangent of the wrong type is the fault of its argument.
            let of = (k >= count).then(|| callee.spans.get(k % count.max(1)));
            args.push(match of.flatten() {
                Some(&span) if !readable => respanned(&code, span),
                _ => code,
            });
        }
        let path = match (dotted, callee.path.segments.last()) {
            (true, Some(method)) => method.clone().into(),
            _ => self.shown(&callee.path),
        };
        let forward = stmt.args.len() > count;
        let derivative = match (callee.called, forward, self.style) {
            (_, false, Style::Readable) => "pullback",
            (_, true, Style::Readable) => "jvp",
            (Called::Method, true, _) => "differentiated_jvp",
            (Called::Method, false, _) if callee.modes[0] == Mode::Mutable => "differentiated_mut",
            (Called::Method, false, _) => "differentiated",
            (_, true, _) if width.is_some() => "call_vector_jvp",
            (_, true, _) => "call_jvp",
            (_, false, Style::Compiled) if !callee.detached => "call",
            (_, false, _) => "detached",
        };
        let path = match &width {
            Some(width) => with_argument(path, width),
            None => path,
        };
        let function = match (stmt.results.len(), callee.called) {
            (1, _) => path.to_token_stream(),
            (_, Called::Function) => companion_function(&path, derivative),
            (_, Called::Associated | Called::Sibling | Called::Method) => {
                function_beside(&path, derivative)
            }
        };
        if dotted {
            let receiver = self.receiver(stmt.args[0]);
            return quote!(#receiver.#function(#(#args),*));
        }
        // A callee may have no vector program.
        let or_none = width.map(|_| quote!(?));
        quote!(#function(#(#args),*) #or_none)
    }

    /// Per argument of a call, whether it is active: the callee may have no derivative by it, and
    /// then does not take an active one.
    pub(super) fn activities(&mut self, callee: &Callee, args: &[ValueId]) -> Vec<TokenStream> {
        let mut activities = Vec::new();
        let how = callee.active.iter().zip(&callee.modes);
        for ((&arg, (&active, &mode)), &span) in args.iter().zip(how).zip(&callee.spans) {
            let krate = respanned(self.krate, span);
            if mode == Mode::Mutable {
                activities.push(match active {
                    true => quote_spanned!(span=> &#krate::__private::ActiveMut),
                    false => quote_spanned!(span=> &#krate::__private::InactiveMut),
                });
                continue;
            }
            activities.push(match (active, self.function.ty(arg)) {
                (false, _) => quote_spanned!(span=> &#krate::__private::Inactive),
                (true, Ty::Var(_)) => {
                    let value = self.reference_to(arg);
                    quote_spanned!(span=> &#krate::__private::activity_of(#value))
                }
                (true, _) => quote_spanned!(span=> &#krate::__private::Active),
            });
        }
        activities
    }

    /// A path into the prelude, which the compiler itself wrote, is shortened for the reader.
    pub(super) fn shown(&self, path: &syn::Path) -> syn::Path {
        match path.segments.last() {
            Some(last) if self.style == Style::Readable && path.leading_colon.is_some() => {
                last.clone().into()
            }
            _ => path.clone(),
        }
    }

    pub(super) fn pull(&mut self, stmt: &'a Stmt, paths: &[Vec<Step>]) -> TokenStream {
        let pullback = self.receiver(stmt.args[0]);
        let cotangent = self.expr(stmt.args[1]);
        let mut rest = &stmt.args[2..];
        let mut buffers = Vec::new();
        for path in paths {
            let indices = crate::ir::indices(path);
            let (own, others) = rest.split_at(1 + indices);
            rest = others;
            let scratch = self
                .definitions
                .get(&own[0])
                .is_some_and(|stmt| matches!(stmt.op, Op::Scratch { .. }));
            if scratch && self.style == Style::Readable {
                continue;
            }
            let buffer = match (&path[..], self.references.get(&own[0])) {
                ([], Some(Reference::BorrowedMut(name))) => quote!(#name),
                _ if scratch => {
                    let value = self.expr(own[0]);
                    quote!(&mut #value)
                }
                _ => {
                    let place = self.place(own[0], path, &own[1..]);
                    quote!(&mut #place)
                }
            };
            buffers.push(respanned(&buffer, self.at));
        }
        let detached = self.style == Style::Split
            || self.style == Style::Compiled && self.is_detached(stmt.args[0]);
        let again = match detached {
            true => self.references_again(stmt.args[0]),
            false => Vec::new(),
        };
        let call = quote!(#pullback(#cotangent, #(#again,)* #(#buffers),*););
        match self.style {
            // It may borrow what the function returns.
            Style::Compiled if !detached => quote!(#call ::core::mem::drop(#pullback);),
            _ => call,
        }
    }

    /// Whether a pullback borrows nothing of its call, as those of calls in branches and loops, which
    /// are kept.
    pub(super) fn is_detached(&self, pullback: ValueId) -> bool {
        match self.definitions.get(&pullback).map(|stmt| &stmt.op) {
            Some(Op::Call(callee)) => callee.detached,
            _ => true,
        }
    }

    /// The arguments that the call behind a pullback takes by reference.
    pub(super) fn references_again(&mut self, pullback: ValueId) -> Vec<TokenStream> {
        let Some(Stmt {
            op: Op::Call(callee),
            args,
            ..
        }) = self.definitions.get(&pullback).copied()
        else {
            return Vec::new();
        };
        let by_reference = args
            .iter()
            .zip(&callee.modes)
            .filter(|(_, mode)| **mode == Mode::Reference);
        by_reference
            .map(|(&arg, _)| self.lent_to(callee, arg))
            .collect()
    }
}

/// `f::<T>` becomes `f::name::<T>`.
fn companion_function(path: &syn::Path, name: &str) -> TokenStream {
    let mut path = path.clone();
    let last = path.segments.last_mut().expect("a path has a segment");
    let arguments = std::mem::replace(&mut last.arguments, syn::PathArguments::None);
    let mut function = syn::PathSegment::from(Ident::new(name, last.ident.span()));
    function.arguments = arguments;
    path.segments.push(function);
    path.to_token_stream()
}

/// The path with one more generic argument, if it has any.
fn with_argument(mut path: syn::Path, constant: &Ident) -> syn::Path {
    if let Some(last) = path.segments.last_mut()
        && let syn::PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        arguments.args.push(syn::parse_quote!(#constant));
    }
    path
}

/// `Type::f::<T>` becomes `Type::f_name::<T>`.
fn function_beside(path: &syn::Path, name: &str) -> TokenStream {
    let mut path = path.clone();
    let last = path.segments.last_mut().expect("a path has a segment");
    last.ident = quote::format_ident!(
        "{}_{name}",
        super::names::unraw(&last.ident),
        span = last.ident.span()
    );
    path.to_token_stream()
}
