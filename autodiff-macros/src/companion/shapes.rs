//! Checks that what a caller hands over beside a value has the value's shape.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Companion;
use crate::codegen::names::unraw;
use crate::ir::Mode;
use crate::signature::Parameter;
use crate::ty::Ty;

/// What belongs to a parameter, in messages.
pub const BUFFER: &str = "the buffer for its gradient";
pub const TANGENT: &str = "its tangent";

impl Companion<'_> {
    /// Checks that what belongs to a slice is as long as the slice: an error with a name, and one test for
    /// the whole instead of one per element.
    pub(super) fn same_lengths(&self, others: &[Ident], what: &str) -> TokenStream {
        let (krate, function) = (&self.frame.krate, unraw(&self.signature.name));
        self.active(others)
            .filter(|(param, _, _)| is_slice(param))
            .map(|(_, name, other)| {
                let text = name.to_string();
                code!(#krate::__private::same_length(#function, #text, #name.len(), #what, #other.len());)
            })
            .collect()
    }

    /// Checks the same of all tangents that may differ in more than that, where users call: parts of a struct, arrays.
    pub(super) fn tangents_fit(&self) -> TokenStream {
        self.fit(&self.frame.dots, &code!(tangent_fits))
    }

    /// The same of the buffers for gradients.
    pub(super) fn buffers_fit(&self) -> TokenStream {
        self.fit(&self.frame.bars, &code!(buffer_fits))
    }

    fn fit(&self, others: &[Ident], check: &TokenStream) -> TokenStream {
        let (krate, function) = (&self.frame.krate, unraw(&self.signature.name));
        self.active(others)
            .filter(|(param, _, _)| varies(param))
            .map(|(_, name, other)| {
                let text = name.to_string();
                code!(#krate::__private::#check(#function, #text, &#name, &#other);)
            })
            .collect()
    }

    /// The same in a pullback: what is done before the function takes its arguments, and then in
    /// the pullback.
    pub(super) fn shapes_of_buffers(&self) -> (TokenStream, TokenStream) {
        let (krate, function) = (&self.frame.krate, unraw(&self.signature.name));
        let (mut before, mut within) = (TokenStream::new(), TokenStream::new());
        for (param, name, bar) in self.active(&self.frame.bars) {
            let text = name.to_string();
            let kept = format_ident!("{}_shape", unraw(name), span = Span::mixed_site());
            if varies(param) && param.mode == Mode::Value {
                before.extend(code!(let #kept = #krate::__private::Shapes::of(&#name);));
                within.extend(code!(#kept.expect_buffer(#function, #text, &*#bar);));
            } else if varies(param) {
                within.extend(
                    code!(#krate::__private::buffer_fits(#function, #text, &#name, &*#bar);),
                );
            } else if is_slice(param) {
                before.extend(code!(let #kept = #name.len();));
                within.extend(
                    code!(#krate::__private::same_length(#function, #text, #kept, #BUFFER, #bar.len());),
                );
            }
        }
        (before, within)
    }

    /// The active parameters with their names, and what belongs to them.
    fn active<'s>(
        &'s self,
        others: &'s [Ident],
    ) -> impl Iterator<Item = (&'s Parameter, &'s Ident, &'s Ident)> {
        let active = self.named().filter(|(param, _)| param.active);
        active
            .zip(others)
            .map(|((param, name), other)| (param, name, other))
    }

    /// Whether the result may differ in shape from its cotangent.
    pub(super) fn has_varying_result(&self) -> bool {
        !self.signature.output_ty.has_fixed_shape()
    }
}

/// Whether a parameter's values differ in shape by more than a length that is compared anyway. What is changed has the shape of
/// its new contents behind the call.
pub fn varies(param: &Parameter) -> bool {
    match (&param.ty, param.mode) {
        (_, Mode::Mutable) => false,
        (Ty::Sequence(element, _), Mode::Reference) => !element.has_fixed_shape(),
        (ty, _) => !ty.has_fixed_shape(),
    }
}

fn is_slice(param: &Parameter) -> bool {
    matches!(param.ty, Ty::Sequence(..)) && param.mode != Mode::Value
}
