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
        let readable = self.shows_public(callee, &stmt.args);
        let dotted = match callee.called {
            Called::Function | Called::Associated => false,
            Called::Sibling => readable,
            Called::Method => true,
        };
        let mut args: Vec<TokenStream> = Vec::new();
        let width = self.width().filter(|_| stmt.results.len() == 2).cloned();
        let forward = stmt.args.len() > count;
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
                let value = self.expr(arg);
                args.push(match callee.modes[k - count] {
                    Mode::Value => value,
                    Mode::Reference => quote!(&#value),
                    Mode::Mutable => quote!(&mut #value),
                });
                continue;
            }
            let is_plain = stmt.results.len() == 1;
            let code = match callee.modes[k % count.max(1)] {
                Mode::Reference if is_plain && self.views.contains(&arg) => {
                    let array = self.reference_to(arg);
                    quote!(&#array.view())
                }
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
        if let Some(width) = width.as_ref().filter(|_| !forward) {
            let krate = self.krate;
            args.push(quote!(#krate::__private::Width::<#width>));
        }
        let path = match (dotted, callee.path.segments.last()) {
            (true, Some(method)) => method.clone().into(),
            _ => self.shown(&callee.path),
        };
        let derivative = match (callee.called, forward, self.style) {
            _ if readable => "pullback",
            (Called::Method, true, _) => "differentiated_jvp",
            (Called::Method, false, _) if callee.modes[0] == Mode::Mutable => "differentiated_mut",
            (Called::Method, false, _) => "differentiated",
            (_, true, _) if width.is_some() => "call_vector_jvp",
            (_, false, _) if width.is_some() => "call_vector_vjp",
            (_, true, _) => "call_jvp",
            (_, false, Style::Split) => "detached",
            (_, false, _) if callee.detached => "detached",
            (_, false, _) => "call",
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

    /// Whether the text says `f::pullback(…)`. It borrows what it is called with, and if it is kept, that
    /// must be there all the time; so must the receiver of a method that may take it by value.
    fn shows_public(&self, callee: &Callee, own: &[ValueId]) -> bool {
        let param = |id: ValueId| self.function.param(self.root(id));
        let is_there = callee.called != Called::Method
            || param(own[0]).is_some_and(|param| param.mode != Mode::Value);
        let mut args = own.iter().zip(&callee.modes);
        is_there
            && self.has_seen_buffers(callee, own)
            && args.all(|(&arg, &mode)| {
                mode != Mode::Reference || !callee.detached || param(arg).is_some()
            })
    }

    /// Whether the text can name the callee's own functions. They have a buffer for each parameter that `f`
    /// differentiates, and which these are the macro sees where all arguments are active or have no
    /// derivative.
    fn has_seen_buffers(&self, callee: &Callee, args: &[ValueId]) -> bool {
        let mut args = args.iter().zip(&callee.active);
        self.style == Style::Readable
            && args.all(|(&arg, &active)| active || matches!(self.function.ty(arg), Ty::Inactive))
    }

    /// Finds the adjoints nobody reads that the text must mention.
    pub(super) fn find_wanted(&mut self, stmt: &Stmt) {
        if let Op::Pull(paths) = &stmt.op
            && let Some((callee, call)) = self.call_behind(stmt.args[0])
            && !self.shows_public(callee, &call.args)
        {
            let mut rest = &stmt.args[2..];
            for path in paths {
                self.wanted.insert(rest[0]);
                rest = &rest[1 + crate::ir::indices(path)..];
            }
        }
        for stmt in stmt.regions.iter().flat_map(|region| &region.stmts) {
            self.find_wanted(stmt);
        }
    }

    /// Per argument of a call, whether it is active: the callee may have no derivative by it, and
    /// then does not take an active one.
    pub(super) fn activities(&mut self, callee: &Callee, args: &[ValueId]) -> Vec<TokenStream> {
        let mut activities = Vec::new();
        let how = callee.active.iter().zip(&callee.modes);
        for ((&arg, (&active, &mode)), &span) in args.iter().zip(how).zip(&callee.spans) {
            let name = match (mode, active, self.function.ty(arg)) {
                (Mode::Mutable, true, _) => "ActiveMut",
                (Mode::Mutable, false, _) => "InactiveMut",
                (_, false, _) => "Inactive",
                (_, true, Ty::Var(_)) => "activity_of",
                (_, true, _) => "Active",
            };
            let asked = name == "activity_of";
            let name = Ident::new(name, span);
            let name = match self.style {
                Style::Readable => name.to_token_stream(),
                Style::Compiled | Style::Split => {
                    let krate = respanned(self.krate, span);
                    quote_spanned!(span=> #krate::__private::#name)
                }
            };
            let of = asked.then(|| {
                let value = self.reference_to(arg);
                quote_spanned!(span=> (#value))
            });
            activities.push(quote_spanned!(span=> &#name #of));
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
        let is_public = match self.call_behind(stmt.args[0]) {
            Some((callee, call)) => self.shows_public(callee, &call.args),
            None => false,
        };
        let pullback = self.receiver(stmt.args[0]);
        let cotangent = self.expr(stmt.args[1]);
        let buffers = self.lent_buffers(stmt, paths, is_public);
        let detached = self.style == Style::Split || !is_public && self.is_detached(stmt.args[0]);
        let again = match is_public {
            true => Vec::new(),
            false => self.references_again(stmt.args[0]),
        };
        let call = quote!(#pullback(#cotangent, #(#again,)* #(#buffers),*););
        match self.style {
            // It may borrow what the function returns.
            Style::Compiled if !detached => quote!(#call ::core::mem::drop(#pullback);),
            Style::Readable if !detached && !is_public => quote!(#call drop(#pullback);),
            _ => call,
        }
    }

    /// A call and its pullback at once, where they stand side by side: the callee's joint program, which
    /// keeps nothing from one for the other.
    pub(super) fn joint_call(&mut self, call: &'a Stmt, pull: &'a Stmt) -> Option<TokenStream> {
        let (Op::Call(callee), Op::Pull(paths), &[result, pullback]) =
            (&call.op, &pull.op, &call.results[..])
        else {
            return None;
        };
        if pull.args[0] != pullback || !callee.has_joint() || self.style == Style::Split {
            return None;
        }
        let is_public = self.has_seen_buffers(callee, &call.args);
        let mut args = match is_public {
            true => Vec::new(),
            false => self.activities(callee, &call.args),
        };
        for (&arg, mode) in call.args.iter().zip(&callee.modes) {
            args.push(match mode {
                Mode::Value => self.owned(arg),
                Mode::Reference | Mode::Mutable => self.lent_to(callee, arg),
            });
        }
        args.push(self.expr(pull.args[1]));
        args.extend(self.lent_buffers(pull, paths, is_public));
        let path = self.shown(&callee.path);
        let name = if is_public { "joint" } else { "call_joint" };
        let function = match callee.called {
            Called::Function => companion_function(&path, name),
            Called::Associated | Called::Sibling | Called::Method => function_beside(&path, name),
        };
        if !self.is_used(result) {
            return Some(quote!(#function(#(#args),*);));
        }
        let name = self.declare(result);
        let ascription = self.ascription(result);
        Some(quote!(let #name #ascription = #function(#(#args),*);))
    }

    /// The type of a call's result, for rustc to confirm.
    fn ascription(&self, result: ValueId) -> TokenStream {
        match self.function.ty(result) {
            Ty::Scalar(_) | Ty::Named(_) if self.style != Style::Readable => {
                let ty = super::types::value(self.function.ty(result), self.krate);
                quote!(: #ty)
            }
            _ => TokenStream::new(),
        }
    }

    fn call_behind(&self, pullback: ValueId) -> Option<(&'a Callee, &'a Stmt)> {
        match self.definitions.get(&pullback).copied() {
            Some(
                stmt @ Stmt {
                    op: Op::Call(callee),
                    ..
                },
            ) => Some((callee, stmt)),
            _ => None,
        }
    }

    /// The buffers that a pullback is lent.
    fn lent_buffers(
        &mut self,
        stmt: &'a Stmt,
        paths: &[Vec<Step>],
        is_public: bool,
    ) -> Vec<TokenStream> {
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
            if scratch && is_public {
                continue;
            }
            let buffer = match (&path[..], self.references.get(&own[0])) {
                ([], Some(Reference::BorrowedMut(name))) => quote!(#name),
                _ if scratch && path.is_empty() => {
                    let value = self.expr(own[0]);
                    quote!(&mut #value)
                }
                _ if scratch && self.function.ty(own[0]).leaf().is_none() => {
                    let whole = self.place(own[0], &[], &[]);
                    let range = self.slice_bounds(path, &own[1..]);
                    let function = self.support("part_of_unread");
                    quote!(&mut #function(&mut #whole, #range))
                }
                _ => {
                    let place = self.place(own[0], path, &own[1..]);
                    quote!(&mut #place)
                }
            };
            buffers.push(respanned(&buffer, self.at));
        }
        buffers
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
        let Some((callee, Stmt { args, .. })) = self.call_behind(pullback) else {
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
