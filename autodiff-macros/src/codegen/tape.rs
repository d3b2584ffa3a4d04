//! Tapes, as statements.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::expr::Precedence;
use super::{Printer, Reference, Style};
use crate::ir::{Op, Stmt, TapeKind, ValueId};
use crate::ty::Ty;

impl<'a> Printer<'a> {
    /// The arrays that a pullback keeps as one variable: what declares it, and what makes the closure take it as a whole.
    /// The optimiser builds a variable that is moved where it is moved to; ten arrays it copies.
    pub(super) fn tapes_of_pullback(&mut self, forward: &'a [Stmt]) -> [TokenStream; 2] {
        let arrays = forward.iter().filter_map(|stmt| match &stmt.op {
            Op::Tape(TapeKind::Fixed(lengths)) => Some((stmt.results[0], lengths)),
            _ => None,
        });
        let (tapes, inits): (Vec<ValueId>, Vec<TokenStream>) = arrays
            .map(|(tape, lengths)| (tape, self.array_of(self.empty_entry(tape), lengths)))
            .unzip();
        if tapes.len() < 2 {
            return Default::default();
        }
        for (k, tape) in tapes.into_iter().enumerate() {
            self.kept_together.insert(tape, k);
        }
        let name = together();
        [
            quote!(let mut #name = (#(#inits),*);),
            quote!(let #name = &#name;),
        ]
    }

    /// The array or vector of a tape.
    fn tape_itself(&mut self, tape: ValueId) -> TokenStream {
        let Some(&k) = self.kept_together.get(&tape) else {
            return self.expr(tape);
        };
        let (all, own) = (together(), Literal::usize_unsuffixed(k));
        quote!(#all.#own)
    }

    pub(super) fn tape(
        &mut self,
        stmt: &'a Stmt,
        kind: &'a TapeKind,
        tape: ValueId,
    ) -> TokenStream {
        if self.kept_together.contains_key(&tape) {
            return TokenStream::new();
        }
        let name = self.declare(tape);
        match kind {
            TapeKind::Sized => {
                let entry = self.empty_entry(tape);
                let vec = self.vec_macro();
                let count = self.size(stmt.args[0]);
                quote!(let mut #name = #vec [#entry; #count];)
            }
            TapeKind::Fixed(lengths) => {
                let init = self.array_of(self.empty_entry(tape), lengths);
                quote!(let mut #name = #init;)
            }
            TapeKind::Chosen {
                lengths,
                chosen,
                limit,
            } => {
                if self.style == Style::Readable {
                    let init = self.array_of(self.empty_entry(tape), lengths);
                    return quote!(let mut #name = #init;);
                }
                let krate = self.krate;
                let factors = chosen.iter().map(|length| quote!(((#length) as usize)));
                let product = factors
                    .reduce(|all, factor| quote!(#all * #factor))
                    .expect("a length is chosen");
                let mut init = self.empty_entry(tape);
                for length in lengths.iter().rev() {
                    init = quote! {
                        <#krate::__private::Fits<{ #product <= #limit }>
                            as #krate::__private::Room<_, { (#length) as usize }>>::filled(|| #init)
                    };
                }
                quote!(let mut #name = #init;)
            }
            TapeKind::Growing => {
                let vec = self.vec_type();
                match stmt.args.first() {
                    None => quote!(let mut #name = #vec::new();),
                    Some(&count) => {
                        let count = self.expr(count);
                        quote!(let mut #name = #vec::with_capacity(#count);)
                    }
                }
            }
        }
    }

    /// Whether the entries of an array of such values have to start as `None`.
    fn is_optional_entry(&self, kept: &[ValueId]) -> bool {
        !kept.iter().all(|&id| self.function.ty(id).is_copy())
    }

    /// What stands in an array before the loop.
    fn empty_entry(&self, tape: ValueId) -> TokenStream {
        let kept = self.taped.get(&tape).cloned().unwrap_or_default();
        if self.is_optional_entry(&kept) {
            return match self.style {
                Style::Readable => quote!(None),
                _ => quote!(::core::option::Option::None),
            };
        }
        let zero = |id: &ValueId| match self.function.ty(*id) {
            Ty::Scalar(_) => super::types::number(0.0, self.scalar_type(*id)),
            ty => super::types::zero(ty).expect("aggregates that are `Copy` have a zero"),
        };
        let zeros: Vec<TokenStream> = kept.iter().map(zero).collect();
        match &zeros[..] {
            [zero] => zero.clone(),
            _ => quote!((#(#zeros),*)),
        }
    }

    /// Nested arrays; what they hold need not be `Copy`.
    fn array_of(&self, entry: TokenStream, lengths: &[syn::Expr]) -> TokenStream {
        let optional = entry.to_string().ends_with("None");
        lengths
            .iter()
            .rev()
            .fold(entry, |inner, length| match optional {
                true => quote!([const { #inner }; #length]),
                false => quote!([#inner; #length]),
            })
    }

    fn vec_type(&self) -> TokenStream {
        let krate = self.krate;
        match self.style {
            Style::Readable => quote!(Vec),
            _ => quote!(#krate::__private::Vec),
        }
    }

    pub(super) fn save(&mut self, stmt: &'a Stmt, indices: usize) -> TokenStream {
        let tape = self.tape_itself(stmt.args[0]);
        let (indices, values) = stmt.args[1..].split_at(indices);
        let values: Vec<TokenStream> = values.iter().map(|&id| self.kept(id)).collect();
        let entry = match &values[..] {
            [value] => value.clone(),
            _ => quote!((#(#values),*)),
        };
        if indices.is_empty() {
            return quote!(#tape.push(#entry););
        }
        let entry = match (
            self.is_optional_entry(&stmt.args[1 + indices.len()..]),
            self.style,
        ) {
            (false, _) => entry,
            (true, Style::Readable) => quote!(Some(#entry)),
            (true, _) => quote!(::core::option::Option::Some(#entry)),
        };
        let place = self.tape_place(tape, indices);
        quote!(#place = #entry;)
    }

    /// A value as it goes onto the tape: what is used again is cloned.
    pub(super) fn kept(&mut self, id: ValueId) -> TokenStream {
        let kept_code = self
            .definitions
            .get(&id)
            .is_some_and(|stmt| matches!(stmt.op, Op::Verbatim(_)));
        // A local of its own may be an array that was taken for a slice.
        let is_local = self.function.is_memory(id)
            && matches!(self.references.get(&id), Some(Reference::Variable(_)));
        if let Ty::Sequence(_, crate::ty::Sequence::Slice) = self.function.ty(id)
            && !is_local
        {
            let slice = self.receiver(id);
            return quote!(#slice.to_vec());
        }
        let is_variable = matches!(self.references.get(&id), Some(Reference::Variable(_)));
        let leaves = is_variable && self.leaving.contains(&id) && !self.lent.contains(&id);
        if (self.may_move(id) && !leaves) || kept_code || self.function.is_memory(id) {
            return self.clone_of(id);
        }
        self.expr(id)
    }

    fn tape_place(&mut self, tape: TokenStream, indices: &[ValueId]) -> TokenStream {
        let indices: Vec<TokenStream> = indices.iter().map(|&id| self.size(id)).collect();
        quote!(#tape #([#indices])*)
    }

    /// An integer as an index or a length.
    fn size(&mut self, id: ValueId) -> TokenStream {
        if self.style == Style::Readable && self.sizes.contains(&id) {
            return self.expr(id);
        }
        let integer = self.operand(id, Precedence::Cast);
        quote!(#integer as usize)
    }

    pub(super) fn restore(&mut self, stmt: &'a Stmt) -> TokenStream {
        let source = self.tape_itself(stmt.args[0]);
        let indices = &stmt.args[1..];
        let scalars = stmt
            .results
            .iter()
            .all(|&id| self.function.ty(id).is_scalar());
        let mut names = Vec::new();
        for &id in &stmt.results {
            let name = self.declare_again(id);
            let reference = match scalars {
                true => Reference::Variable(name.clone()),
                false => Reference::Borrowed(name.clone()),
            };
            self.references.insert(id, reference);
            names.push(name);
        }
        let pattern = match &names[..] {
            [name] => quote!(#name),
            _ => quote!((#(#names),*)),
        };
        if indices.is_empty() {
            let and = scalars.then(|| quote!(&));
            return quote!(let #and #pattern = #source.next().unwrap(););
        }
        let place = self.tape_place(source, indices);
        match (scalars, self.is_optional_entry(&stmt.results)) {
            (true, _) => quote!(let #pattern = #place;),
            (false, true) => quote!(let #pattern = #place.as_ref().unwrap();),
            (false, false) => quote!(let #pattern = &#place;),
        }
    }
}

/// The variable that holds all arrays that a pullback keeps.
fn together() -> Ident {
    Ident::new("tapes", Span::mixed_site())
}
