//! `#[derive(Differentiable)]`: the gradient struct beside a struct, and what both need.
//!
//! The way of the data: the declaration is read into a [`structure::Structure`], whose fields know
//! the type of their gradient ([`gradient_type`]) and whether they have one; [`generics`] finds the
//! parameters that the gradient struct keeps; [`emit`] writes the items.

mod emit;
mod generics;
mod gradient_type;
mod structure;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;
use syn::visit_mut::VisitMut;

use crate::diagnostics::Diagnostics;
use crate::ty::NoTrailingPlus;
use structure::{Input, Structure};

/// The items that `#[derive(Differentiable)]` adds beside `input`.
///
/// Errors come with impls all the same, so that uses of the type report nothing further.
pub fn expand(input: TokenStream) -> TokenStream {
    let mut input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    NoTrailingPlus.visit_derive_input_mut(&mut input);
    let mut diagnostics = Diagnostics::default();
    let items = match Structure::read(&input, &mut diagnostics) {
        Input::Struct(structure) => emit::items(&structure),
        Input::Refused { krate } => emit::stubs(&input, &krate),
    };
    let errors = diagnostics.into_compile_errors();
    quote::quote!(#errors #items)
}
