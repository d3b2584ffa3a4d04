//! The hidden functions for Jacobians: the programs of several tangents or adjoints at once.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::frame::generics_with;
use super::{Companion, Frame};
use crate::codegen::programs::PrintedReverse;
use crate::codegen::types;
use crate::work::Work;

impl Companion<'_> {
    /// Several Jacobian–vector products at once, the value computed once: for Jacobians, and for the
    /// same programs of callers. `None` where there is no such program.
    pub(super) fn call_vector_jvp(&self) -> TokenStream {
        let name = &self.frame.items.name_call_vector_jvp;
        let Frame {
            krate,
            vis,
            clause,
            declared,
            output,
            dots,
            ..
        } = &self.frame;
        let width = &self.parameters.width;
        let body = self
            .bodies
            .code()
            .and_then(|code| code.vector_tangent.as_ref());
        let (code, names) = match body {
            Some(body) => (code!(::core::option::Option::Some({ #body })), Some(dots)),
            None => (code!(::core::option::Option::None), None),
        };
        let (inline, code) = match self.bodies.code().map(|code| code.work) {
            Some(Work::Light) => (code!(#[inline(always)]), code),
            _ if names.is_none() => (code!(#[inline]), code),
            // It may be no part of what calls it, and would be compiled for narrow registers then.
            _ => {
                let sweep = code! {
                    let own = #krate::__private::Sweep;
                    #krate::__private::wide::<_, #width>(#[inline(always)] move || {
                        ::core::mem::drop(own);
                        #code
                    })
                };
                (code!(#[inline]), sweep)
            }
        };
        let mut names = names.into_iter().flatten();
        let tangents = self
            .signature
            .params
            .iter()
            .map(|param| match param.active {
                true => {
                    let ty = types::parameter_tangents(param, width, krate);
                    let name = names.next().map_or_else(|| code!(_), |name| code!(#name));
                    code!(#name: #ty)
                }
                false => code!(_: impl ::core::marker::Sized),
            });
        let tangents: Vec<TokenStream> = tangents.collect();
        let generics = generics_with(self.signature, width);
        let out_dot = types::tangents(&self.signature.output_ty, width, krate);
        code! {
            #[doc(hidden)]
            #inline
            #vis fn #name #generics (#declared _: #krate::__private::Width<#width>, #(#tangents),*) -> ::core::option::Option<(#output, #out_dot)> #clause {
                #code
            }
        }
    }

    /// The value, and a pullback of several cotangents at once: for Jacobians, and for the same programs of
    /// callers. Arguments that are lent are handed to it again, as to a detached one, and there is a
    /// buffer for each parameter. `None` where there is no such program.
    pub(super) fn call_vector_vjp(&self) -> TokenStream {
        let name = &self.frame.items.name_call_vector_vjp;
        let Frame {
            krate,
            vis,
            clause,
            declared,
            output,
            out_bar,
            again,
            reference_types,
            detached_with_width,
            ..
        } = &self.frame;
        let width = &self.parameters.width;
        let out_bar_type = types::tangents(&self.signature.output_ty, width, krate);
        let buffers = self.vector_buffers();
        let closure = code!((#out_bar_type, #(#reference_types,)* #(#buffers),*));
        let body = self
            .bodies
            .code()
            .and_then(|code| code.vector_reverse.as_ref());
        let body = match body {
            Some(PrintedReverse {
                forward,
                value,
                backward,
                ..
            }) => {
                let mut bars = self.frame.bars.iter();
                let params = self.signature.params.iter().enumerate();
                let names = params.map(|(k, param)| match param.active {
                    true => bars
                        .next()
                        .expect("one per active parameter")
                        .to_token_stream(),
                    false if self.ignored().any(|own| own == k) => {
                        self.parameters.ignored[k].to_token_stream()
                    }
                    false => code!(_),
                });
                let names: Vec<TokenStream> = names.collect();
                code! {
                    #forward
                    ::core::option::Option::Some((#value, move |
                        #out_bar: #out_bar_type, #(#again: #reference_types,)* #(#names: #buffers),*
                    | { #backward }))
                }
            }
            None => code!(::core::option::Option::None::<(_, fn #closure)>),
        };
        let generics = generics_with(self.signature, width);
        code! {
            #[doc(hidden)]
            #[inline]
            #vis fn #name #generics (#declared _: #krate::__private::Width<#width>) -> ::core::option::Option<(
                #output,
                impl ::core::ops::Fn #closure + #detached_with_width
            )> #clause {
                #body
            }
        }
    }

    /// Whether the function's own code can carry several adjoints.
    pub fn has_vector_reverse(&self) -> bool {
        self.bodies
            .code()
            .is_some_and(|code| code.vector_reverse.is_some())
    }

    /// One buffer for several adjoints per parameter, as a closure takes them.
    pub(super) fn vector_buffers(&self) -> Vec<TokenStream> {
        let (krate, width) = (&self.frame.krate, &self.parameters.width);
        let buffers = self.signature.params.iter().map(|param| {
            if param.active || param.ty.leaf().is_some() {
                let buffer = types::vector_buffer(&param.ty, width, krate);
                code!(&mut #buffer)
            } else {
                code!(#krate::__private::Ignored<'_>)
            }
        });
        buffers.collect()
    }

    /// That function for a number of cotangents, as the companion itself calls it.
    pub fn own_vector_vjp(&self, lanes: usize) -> TokenStream {
        let name = &self.frame.items.name_call_vector_vjp;
        let arguments = &self.frame.arguments;
        code!(Self::#name::<#(#arguments,)* #lanes>)
    }

    /// That function for a number of tangents, as the companion itself calls it.
    pub fn own_vector_jvp(&self, lanes: usize) -> TokenStream {
        let name = &self.frame.items.name_call_vector_jvp;
        let arguments = &self.frame.arguments;
        code!(Self::#name::<#(#arguments,)* #lanes>)
    }
}
