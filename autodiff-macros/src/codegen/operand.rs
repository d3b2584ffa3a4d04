//! Values where they are used: by name, as the expression that makes them, by reference, or taken.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::expr::{Precedence, typed_literal};
use super::{Printer, Reference, Style, types};
use crate::ir::{Op, ValueId};
use crate::ty::{Scalar, Ty};

impl Printer<'_> {
    /// The value's expression, of whatever precedence.
    pub(super) fn expr(&mut self, id: ValueId) -> TokenStream {
        self.printed(id).0
    }

    pub(super) fn operand(&mut self, id: ValueId, at_least: Precedence) -> TokenStream {
        let (code, precedence) = self.printed(id);
        if precedence < at_least {
            quote!((#code))
        } else {
            code
        }
    }

    pub(super) fn printed(&mut self, id: ValueId) -> (TokenStream, Precedence) {
        if let Some(code) = self.in_lanes(id) {
            return (code, Precedence::Postfix);
        }
        match self.references.get(&id) {
            Some(Reference::Variable(_)) if self.shared.contains(&id) => {
                (self.clone_of(id), Precedence::Postfix)
            }
            Some(Reference::Variable(name)) => (self.used(name), Precedence::Postfix),
            Some(Reference::Borrowed(name) | Reference::BorrowedMut(name)) => {
                let name = self.used(name);
                (quote_spanned!(self.at=> *#name), Precedence::Unary)
            }
            None => match self.definitions.get(&id).copied() {
                Some(stmt) => self.operation_with_precedence(stmt),
                None => unreachable!("the verifier admits only defined values: {id:?}"),
            },
        }
    }

    /// A name where it is used: an error is not about its declaration.
    pub(super) fn used(&self, name: &Ident) -> TokenStream {
        let mut name = name.clone();
        name.set_span(self.at.resolved_at(name.span()));
        quote!(#name)
    }

    /// The receiver of a method: auto-dereferenced, and of known type.
    pub(super) fn receiver(&mut self, id: ValueId) -> TokenStream {
        if let Some(Reference::Borrowed(name) | Reference::BorrowedMut(name)) =
            self.references.get(&id)
        {
            // On a borrowed integer, `min` would be that of the reference.
            return match self.function.ty(id) {
                Ty::Inactive => {
                    let name = self.used(name);
                    quote_spanned!(self.at=> (*#name))
                }
                _ => self.used(name),
            };
        }
        if self.references.contains_key(&id) {
            return self.operand(id, Precedence::Postfix);
        }
        match self.definitions.get(&id).map(|stmt| &stmt.op) {
            // A bare literal has no type yet where a method is looked up.
            Some(Op::Constant(number)) => match self.scalar_type(id) {
                Some(Scalar::F64 | Scalar::Unseen) => typed_literal(*number, "_f64"),
                Some(Scalar::F32) => typed_literal(*number, "_f32"),
                Some(Scalar::Alias(ty)) => {
                    let literal = types::number(*number, None);
                    quote!((#literal as #ty))
                }
                _ => self.operand(id, Precedence::Postfix),
            },
            _ => self.operand(id, Precedence::Postfix),
        }
    }

    /// `x.clone()`, by path for rustc: the trait may not be in scope.
    pub(super) fn clone_of(&mut self, id: ValueId) -> TokenStream {
        if self.function.ty(id).is_copy() {
            return self.expr(id);
        }
        if self.style == Style::Readable {
            let value = self.receiver(id);
            return quote!(#value.clone());
        }
        let reference = self.reference_to(id);
        quote!(::core::clone::Clone::clone(#reference))
    }

    /// The value to be taken: a clone where it is needed again, by the reverse pass perhaps, or is
    /// part of something that is.
    pub(super) fn owned(&mut self, id: ValueId) -> TokenStream {
        let is_variable = matches!(self.references.get(&id), Some(Reference::Variable(_)));
        let again = is_variable
            && !self.taken.contains(&id)
            && self.uses.get(&id).is_some_and(|&uses| uses > 1);
        let definition = self.definitions.get(&id).map(|stmt| &stmt.op);
        let is_part = self.folded.contains(&id) && matches!(definition, Some(Op::Project(_)));
        if self.lent.contains(&id) && self.may_move(id) {
            return self.clone_of(id);
        }
        if self.may_move(id) && (again || is_part) {
            return self.clone_of(id);
        }
        self.expr(id)
    }

    /// An expression of reference type to the value.
    pub(super) fn reference_to(&mut self, id: ValueId) -> TokenStream {
        match self.references.get(&id) {
            Some(Reference::Borrowed(name)) => quote!(#name),
            Some(Reference::Variable(name)) => quote!(&#name),
            _ => {
                let value = self.operand(id, Precedence::Unary);
                quote!(&#value)
            }
        }
    }
}
