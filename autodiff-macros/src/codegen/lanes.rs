//! Several tangents or adjoints side by side: that of a number is an array, and arithmetic on it a loop
//! over its lanes, one loop per expression. The same arithmetic in the same order as with one, so that
//! the numbers are the same to the last bit.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::{Printer, Reference, types};
use crate::ids::IdSet;
use crate::ir::{Op, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::{Sequence, Ty};

/// How a vector program is printed.
pub struct Lanes {
    /// The values that are tangents or adjoints.
    pub wide: IdSet,
    /// The constant that is their number.
    pub width: Ident,
    /// What is evaluated before the loop over the lanes, while the inside of one is printed.
    before: Option<TokenStream>,
}

impl Lanes {
    pub fn new(wide: IdSet, width: &Ident) -> Lanes {
        Lanes {
            wide,
            width: width.clone(),
            before: None,
        }
    }
}

impl<'a> Printer<'a> {
    /// Whether the value is a tangent or an adjoint in a vector program.
    pub(super) fn is_wide(&self, id: ValueId) -> bool {
        self.lanes
            .as_ref()
            .is_some_and(|lanes| lanes.wide.contains(&id))
    }

    /// Whether it is an array of lanes.
    pub(super) fn has_lanes(&self, id: ValueId) -> bool {
        self.is_wide(id) && self.function.ty(id).is_scalar()
    }

    /// The number of lanes, in a vector program.
    pub(super) fn width(&self) -> Option<&Ident> {
        self.lanes.as_ref().map(|lanes| &lanes.width)
    }

    /// A value as a vector program has it, where that differs from its usual expression: outside of
    /// the loops over lanes the arrays that are computed, inside of them everything that is not.
    pub(super) fn in_lanes(&mut self, id: ValueId) -> Option<TokenStream> {
        let inside = self.lanes.as_ref()?.before.is_some();
        match (inside, self.has_lanes(id)) {
            (false, false) => None,
            (false, true) => {
                let stmt = self.computed(id)?;
                Some(self.loop_over_lanes(stmt))
            }
            (true, true) => {
                if self.computed(id).is_some() {
                    return None;
                }
                let lane = lane();
                match self.references.get(&id) {
                    Some(
                        Reference::Variable(name)
                        | Reference::Borrowed(name)
                        | Reference::BorrowedMut(name),
                    ) => Some(quote!(#name[#lane])),
                    None => {
                        let place = self.hoisted(|printer| printer.reference_to(id));
                        Some(quote!(#place[#lane]))
                    }
                }
            }
            (true, false) => {
                let plain = match self.references.get(&id) {
                    Some(reference) => matches!(reference, Reference::Variable(_)),
                    None => self.definitions.get(&id).is_some_and(|stmt| {
                        matches!(stmt.op, Op::Literal { .. } | Op::Constant(_) | Op::Path(_))
                    }),
                };
                if plain {
                    return None;
                }
                let value = self.hoisted(|printer| printer.expr(id));
                Some(quote!(#value))
            }
        }
    }

    /// The statement of a value that is an expression, not a variable or a place.
    fn computed(&self, id: ValueId) -> Option<&'a Stmt> {
        if self.references.contains_key(&id) {
            return None;
        }
        let stmt = self.definitions.get(&id).copied()?;
        computes(stmt).then_some(stmt)
    }

    /// `let part = …;` before the loop; its name.
    fn hoisted(&mut self, print: impl FnOnce(&mut Self) -> TokenStream) -> Ident {
        let mut outside = self.lanes.as_mut().and_then(|lanes| lanes.before.take());
        let code = print(self);
        let name = self.names.temporary();
        outside
            .get_or_insert_default()
            .extend(quote!(let #name = #code;));
        if let Some(lanes) = &mut self.lanes {
            lanes.before = outside;
        }
        name
    }

    /// Prints the inside of a loop over the lanes, and what is to be evaluated before it.
    fn inside(
        &mut self,
        print: impl FnOnce(&mut Self) -> TokenStream,
    ) -> (TokenStream, TokenStream) {
        if let Some(lanes) = &mut self.lanes {
            lanes.before = Some(TokenStream::new());
        }
        let code = print(self);
        let before = self.lanes.as_mut().and_then(|lanes| lanes.before.take());
        (before.unwrap_or_default(), code)
    }

    /// `lanes(|lane| …)` of a statement that computes a tangent.
    pub(super) fn loop_over_lanes(&mut self, stmt: &'a Stmt) -> TokenStream {
        let (krate, lane) = (self.krate, lane());
        let (before, code) = self.inside(|printer| printer.operation_inside(stmt));
        let width = self.width();
        let lanes = quote!(#krate::__private::lanes::<_, #width>(|#lane| #code));
        match before.is_empty() {
            true => lanes,
            false => quote!({ #before #lanes }),
        }
    }

    /// Whether the statement computes a tangent lane by lane.
    pub(super) fn is_loop_over_lanes(&self, stmt: &Stmt) -> bool {
        let outside = self
            .lanes
            .as_ref()
            .is_some_and(|lanes| lanes.before.is_none());
        outside && computes(stmt) && stmt.result().is_some_and(|result| self.has_lanes(result))
    }

    /// `place[lane] += …` for every lane.
    pub(super) fn change_lanes(&mut self, stmt: &'a Stmt, path: &'a [Step]) -> TokenStream {
        let (memory, value, indices) = (stmt.args[0], stmt.args[1], &stmt.args[2..]);
        // What the value reads of the same place is read before.
        if !self.references.contains_key(&value) && self.mentions(value, memory) {
            let code = self.expr(value);
            let name = self.names.temporary();
            self.references
                .insert(value, Reference::Variable(name.clone()));
            let change = self.change_lanes(stmt, path);
            self.references.remove(&value);
            return quote!({ let #name = #code; #change });
        }
        let (lane, change) = (lane(), Ident::new("change", Span::mixed_site()));
        let (before, code) = self.inside(|printer| printer.expr(value));
        let place = self.place(memory, path, indices);
        let operator = match &stmt.op {
            Op::Update(_, Primitive::Sub) => quote!(-=),
            Op::Update(..) | Op::Accumulate(_) => quote!(+=),
            _ => quote!(=),
        };
        let width = self.width();
        quote!({
            #before
            let #change = &mut #place;
            for #lane in 0..#width { #change[#lane] #operator #code; }
        })
    }

    /// Zero tangents of a value, by its type where the macro can see it.
    pub(super) fn zero_tangents(&mut self, of: ValueId) -> Option<TokenStream> {
        let width = self.width()?.clone();
        let ty = self.function.ty(of).clone();
        let is_late = matches!(ty, Ty::Sequence(_, Sequence::Late));
        if let Ty::Sequence(element, _) = &ty
            && !is_late
            && let Some(zero) = types::zero_tangents(element, &width)
        {
            let (vec, value) = (self.vec_macro(), self.receiver(of));
            return Some(quote!(#vec [#zero; #value.len()]));
        }
        let known = types::zero_tangents(&ty, &width);
        Some(known.unwrap_or_else(|| {
            let (krate, value) = (self.krate, self.reference_to(of));
            // A vector of bare literals has no type yet; its tangents are about to be indexed.
            let ty = match ty {
                Ty::Sequence(element, _) if !is_late => {
                    let element = types::value(&element, self.krate);
                    quote!([#element])
                }
                ty => types::value(&ty, self.krate),
            };
            quote!(<#ty as #krate::Differentiable>::zero_tangents::<#width>(#value))
        }))
    }
}

/// Whether the statement's result is not there already, under a name or as a part of something.
fn computes(stmt: &Stmt) -> bool {
    !matches!(
        stmt.op,
        Op::Project(_)
            | Op::Clone(_)
            | Op::Call(_)
            | Op::Scratch { .. }
            | Op::Zero
            | Op::Template
            | Op::PopAdjoint
            | Op::Total
            | Op::Dot
            | Op::Unwrap
            | Op::Optional
    )
}

fn lane() -> Ident {
    Ident::new("lane", Span::mixed_site())
}
