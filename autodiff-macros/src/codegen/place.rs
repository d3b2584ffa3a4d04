//! Parts of values and of adjoints, and what is added to them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::expr::Precedence;
use super::{Printer, Reference, Style, member_span, member_text, respanned};
use crate::ir::{Op, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

impl<'a> Printer<'a> {
    pub(super) fn accumulate(&mut self, stmt: &'a Stmt, path: &'a [Step]) -> TokenStream {
        let (buffer, indices) = (stmt.args[0], &stmt.args[2..]);
        if self.is_wide(buffer) && self.function.ty(stmt.args[1]).is_scalar() {
            return self.change_lanes(stmt, path);
        }
        if self.style != Style::Readable
            && let Some(split) = self.first_struct_field(buffer, path)
        {
            return self.accumulate_through(stmt, path, split);
        }
        let place = self.place(buffer, path, indices);
        let code = self.accumulate_at(place, stmt, path.is_empty());
        match path.iter().position(Step::is_of_tensor) {
            // An adjoint that nobody reads has no elements.
            Some(first) if self.style != Style::Readable => {
                let whole = match self.references.get(&buffer) {
                    Some(Reference::BorrowedMut(name)) if first == 0 => quote!(#name),
                    _ => self.place(buffer, &path[..first], indices),
                };
                quote!(if !#whole.is_empty() { #code })
            }
            _ => code,
        }
    }

    /// `s_bar.__at_w(|part| part[i] += term)`: a struct's gradient may lack a field, and then has
    /// an accessor that does nothing.
    pub(super) fn accumulate_through(
        &mut self,
        stmt: &'a Stmt,
        path: &[Step],
        split: usize,
    ) -> TokenStream {
        let owner = match self.references.get(&stmt.args[0]) {
            Some(Reference::BorrowedMut(name)) => quote!(#name),
            _ => self.place(stmt.args[0], &[], &[]),
        };
        let part = Ident::new("change", Span::mixed_site());
        // What the term reads of the same buffer is read before.
        let reads_buffer = self.mentions(stmt.args[1], stmt.args[0]);
        let before = reads_buffer.then(|| {
            let value = self.expr(stmt.args[1]);
            let term = Ident::new("term", Span::mixed_site());
            self.references
                .insert(stmt.args[1], Reference::Variable(term.clone()));
            quote!(let #term = #value;)
        });
        let change = self.accumulate_at(quote!(*#part), stmt, false);
        let leaf = |place: TokenStream, whole: bool| {
            let place = if whole { place } else { quote!(&mut #place) };
            quote!({ let #part = #place; #change })
        };
        let code = self.through_fields("__at", owner, path, split, &stmt.args[2..], &leaf);
        match before {
            Some(before) => {
                self.references.remove(&stmt.args[1]);
                quote!({ #before #code; })
            }
            None => quote!(#code;),
        }
    }

    /// A path through the accessors of its struct fields, the first at `split`; `leaf` makes code of
    /// the place in the innermost one, and is told whether that is the whole field.
    pub(super) fn through_fields(
        &mut self,
        accessor: &str,
        owner: TokenStream,
        path: &[Step],
        split: usize,
        indices: &[ValueId],
        leaf: &dyn Fn(TokenStream, bool) -> TokenStream,
    ) -> TokenStream {
        let (before, rest) = path.split_at(split);
        let Some((Step::Field(field), rest)) = rest.split_first() else {
            unreachable!("the path is split at a field");
        };
        let count = crate::ir::indices(before);
        let (outer, inner) = indices.split_at(count);
        let owner = self.path(owner, before, outer);
        let part = Ident::new("part", Span::mixed_site());
        let changes = accessor == "__at";
        let named = |step: &Step| matches!(step, Step::Field(syn::Member::Named(_)));
        let body = match rest.iter().position(named) {
            Some(next) => self.through_fields(accessor, quote!(#part), rest, next, inner, leaf),
            None => {
                let place = self.path_to(quote!(#part), rest, inner, changes);
                let code = leaf(place, rest.is_empty());
                match rest.iter().position(Step::is_of_tensor) {
                    // An adjoint that nobody reads has no elements.
                    Some(first) if changes => {
                        let whole = self.path_to(quote!(#part), &rest[..first], inner, true);
                        quote!(if !#whole.is_empty() { #code })
                    }
                    _ => code,
                }
            }
        };
        let span = member_span(field);
        let method = quote::format_ident!("{accessor}_{}", member_text(field), span = span);
        quote!(#owner.#method(|#part| #body))
    }

    /// The position of the first field in `path` that may be missing from a derived gradient.
    pub(super) fn first_struct_field(&self, root: ValueId, path: &[Step]) -> Option<usize> {
        let mut ty = Some(self.function.ty(root));
        for (k, step) in path.iter().enumerate() {
            ty = match (step, ty) {
                (Step::Field(syn::Member::Unnamed(index)), Some(Ty::Tuple(elements))) => {
                    elements.get(index.index as usize)
                }
                (Step::Field(syn::Member::Named(_)), _) => return Some(k),
                (Step::Slice { .. }, ty) => ty,
                (_, Some(Ty::Array(element, _) | Ty::Sequence(element, _))) => Some(&**element),
                _ => None,
            };
        }
        None
    }

    pub(super) fn accumulate_at(
        &mut self,
        place: TokenStream,
        stmt: &'a Stmt,
        whole: bool,
    ) -> TokenStream {
        let (buffer, term) = (stmt.args[0], stmt.args[1]);
        if !self.function.ty(term).is_scalar() {
            let krate = self.krate;
            let term = self.reference_to(term);
            let place = match self.references.get(&buffer) {
                Some(Reference::BorrowedMut(name)) if whole => quote!(#name),
                _ => quote!(&mut #place),
            };
            return match self.style {
                Style::Compiled | Style::Split => {
                    quote!(#krate::__private::accumulate(#place, #term);)
                }
                Style::Readable => quote!(accumulate(#place, #term);),
            };
        }
        if let Some(Stmt {
            op: Op::Apply(Primitive::Neg),
            args,
            ..
        }) = self.definitions.get(&term).copied()
            && self.folded.contains(&term)
            && !self.references.contains_key(&term)
        {
            if self.must_not_update(args[0], buffer) {
                let term = self.operand(args[0], Precedence::Product);
                return quote!(#place = #place - #term;);
            }
            let term = self.expr(args[0]);
            return quote!(#place -= #term;);
        }
        if self.must_not_update(term, buffer) {
            let term = self.operand(term, Precedence::Product);
            return quote!(#place = #place + #term;);
        }
        let term = self.expr(term);
        quote!(#place += #term;)
    }

    /// Whether the statement gives a name to a reference to a part of what never changes.
    pub fn is_reference_to_part(&self, stmt: &Stmt) -> bool {
        let (Op::Project(path), &[result]) = (&stmt.op, &stmt.results[..]) else {
            return false;
        };
        let is_view = path.iter().any(|step| matches!(step, Step::View(_)))
            && matches!(self.function.ty(result), Ty::Tensor(_));
        let is_reference = matches!(self.references.get(&result), Some(Reference::Borrowed(_)));
        (is_reference || is_view) && !self.function.is_memory(stmt.args[0])
    }

    pub(super) fn path_to(
        &mut self,
        root: TokenStream,
        path: &[Step],
        mut indices: &[ValueId],
        mutable: bool,
    ) -> TokenStream {
        let mut code = root;
        // Where an error about an index belongs.
        let at = self.at;
        for step in path {
            code = match step {
                Step::Field(member) => quote!(#code.#member),
                Step::At(index) => {
                    let index = syn::Index::from(*index);
                    quote_spanned!(at=> #code[#index])
                }
                Step::Index => {
                    let (first, rest) = indices.split_first().expect("one index per step");
                    indices = rest;
                    let index = respanned(&self.expr(*first), at);
                    quote_spanned!(at=> #code[#index])
                }
                Step::Slice { .. } => {
                    let (own, rest) = indices.split_at(step.arity());
                    indices = rest;
                    let range = self.slice_bounds(std::slice::from_ref(step), own);
                    quote_spanned!(at=> #code[#range])
                }
                Step::Element(count) => {
                    let (own, rest) = indices.split_at(*count);
                    indices = rest;
                    let own: Vec<TokenStream> = own.iter().map(|&id| self.expr(id)).collect();
                    let index = match &own[..] {
                        [index] => index.clone(),
                        _ => quote!([#(#own),*]),
                    };
                    match (self.style, mutable) {
                        (Style::Readable, _) => quote_spanned!(at=> #code[#index]),
                        (_, false) => {
                            let parts = self.parts(code, mutable);
                            quote_spanned!(at=> (*#parts.element(#index)))
                        }
                        (_, true) => {
                            let parts = self.parts(code, mutable);
                            quote_spanned!(at=> (*#parts.element_mut(#index)))
                        }
                    }
                }
                Step::View(view) => {
                    let (own, rest) = indices.split_at(view.arity);
                    indices = rest;
                    let args: Vec<TokenStream> = own.iter().map(|&id| self.expr(id)).collect();
                    let method = &view.method;
                    let name = method.to_string();
                    let changed = quote::format_ident!("{method}_mut", span = method.span());
                    // Every array has a transpose and a diagonal.
                    let code = match name.as_str() {
                        "t" | "diag" => code,
                        _ => self.parts(code, mutable),
                    };
                    match (mutable, name.as_str()) {
                        (false, _) => quote_spanned!(at=> #code.#method(#(#args),*)),
                        (true, "t") => quote_spanned!(at=> #code.view_mut().reversed_axes()),
                        (true, _) => quote_spanned!(at=> #code.#changed(#(#args),*)),
                    }
                }
            };
        }
        code
    }

    /// What has the parts of an array, by names that refuse with a sentence what is not there. The reader knows them
    /// by the array's own.
    fn parts(&mut self, array: TokenStream, mutable: bool) -> TokenStream {
        let at = self.at;
        if self.style == Style::Readable {
            return array;
        }
        self.takes_parts = true;
        match mutable {
            false => quote_spanned!(at=> #array.__parts()),
            true => quote_spanned!(at=> #array.__parts_mut()),
        }
    }

    /// The range of a path that is a slice of the whole.
    pub(super) fn slice_bounds(&mut self, path: &[Step], mut bounds: &[ValueId]) -> TokenStream {
        let [
            Step::Slice {
                from,
                to,
                inclusive,
            },
        ] = path
        else {
            unreachable!("the path is not a slice");
        };
        let mut bound = |given: bool| {
            given.then(|| {
                let (first, rest) = bounds.split_first().expect("one index per bound");
                bounds = rest;
                self.operand_of_range(*first)
            })
        };
        let (from, to) = (bound(*from), bound(*to));
        match inclusive {
            true => quote_spanned!(self.at=> #from..=#to),
            false => quote_spanned!(self.at=> #from..#to),
        }
    }

    /// A part of a buffer, as a place expression.
    pub(super) fn place(
        &mut self,
        buffer: ValueId,
        path: &[Step],
        indices: &[ValueId],
    ) -> TokenStream {
        let root = match self.references.get(&buffer) {
            Some(Reference::BorrowedMut(name)) if path.is_empty() => return quote!(*#name),
            Some(
                Reference::Variable(name)
                | Reference::Borrowed(name)
                | Reference::BorrowedMut(name),
            ) => quote!(#name),
            None => self.expr(buffer),
        };
        let is_adjoint = buffer.0 as usize >= self.primal_values;
        let place = self.path_to(root, path, indices, true);
        match is_adjoint && self.style != Style::Readable {
            // Of a name of ours; an error is about the user's path.
            true => respanned(&place, self.at),
            false => place,
        }
    }

    /// A part of `root`, to be read.
    pub(super) fn path(
        &mut self,
        root: TokenStream,
        path: &[Step],
        indices: &[ValueId],
    ) -> TokenStream {
        self.path_to(root, path, indices, false)
    }
}
