//! `GENERATED`: the joint program for the reader.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::companion::Parameters;
use crate::ir::Mode;
use crate::signature::Signature;

/// The program with a mark where the reverse pass begins; the formatter would drop a comment.
pub fn with_marks(
    items: &TokenStream,
    forward: &TokenStream,
    backward: &TokenStream,
    value: &TokenStream,
) -> TokenStream {
    quote!(#items #forward __reverse_pass!(); #backward #value)
}

/// The joint program as a function a person would write, formatted.
pub fn readable(signature: &Signature, parameters: &Parameters, joint: &TokenStream) -> String {
    let declared = signature.params.iter().zip(&parameters.args);
    let declared = declared.map(|(param, name)| {
        if param.name == "self" {
            return match param.mode {
                Mode::Value => quote!(#name),
                Mode::Reference => quote!(&#name),
                Mode::Mutable => quote!(&mut #name),
            };
        }
        let ty = without_made_up_lifetimes(&param.written);
        quote!(#name: #ty)
    });
    let nothing = TokenStream::new();
    let Parameters { bars, out_bar, .. } = parameters;
    let buffers = signature
        .active()
        .map(|param| super::types::buffer(&param.ty, &nothing));
    let name = quote::format_ident!("{}_reverse", super::names::unraw(&signature.name));
    let output = &signature.output;
    let out_bar_type = super::types::gradient(&signature.output_ty, &nothing);
    let (generics, _, clause) = {
        let mut generics = signature.generics.clone();
        generics.params = generics
            .params
            .into_iter()
            .filter(
                |param| !matches!(param, syn::GenericParam::Lifetime(l) if is_made_up(&l.lifetime)),
            )
            .collect();
        let (generics, types, clause) = generics.split_for_impl();
        (quote!(#generics), quote!(#types), quote!(#clause))
    };
    let function = quote! {
        fn #name #generics (#(#declared,)* #out_bar: #out_bar_type, #(#bars: &mut #buffers),*) -> #output #clause {
            #joint
        }
    };
    let function = match &signature.method {
        Some(method) => {
            let owner = &method.owner;
            let (generics, _, clause) = method.generics.split_for_impl();
            quote!(impl #generics #owner #clause { #function })
        }
        None => function,
    };
    let formatted = match syn::parse2::<syn::File>(function.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => function.to_string(),
    };
    formatted.replace("__reverse_pass!();\n", "// Reverse pass.\n")
}

fn is_made_up(lifetime: &syn::Lifetime) -> bool {
    lifetime.to_string() == crate::signature::ELIDED
}

fn without_made_up_lifetimes(ty: &syn::Type) -> TokenStream {
    struct Eraser;
    impl syn::visit_mut::VisitMut for Eraser {
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            if reference.lifetime.as_ref().is_some_and(is_made_up) {
                reference.lifetime = None;
            }
            syn::visit_mut::visit_type_reference_mut(self, reference);
        }
        fn visit_lifetime_mut(&mut self, lifetime: &mut syn::Lifetime) {
            if is_made_up(lifetime) {
                *lifetime = syn::Lifetime::new("'_", lifetime.span());
            }
        }
    }
    let mut ty = ty.clone();
    syn::visit_mut::VisitMut::visit_type_mut(&mut Eraser, &mut ty);
    ty.to_token_stream()
}
