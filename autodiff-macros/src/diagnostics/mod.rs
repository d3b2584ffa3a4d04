//! Errors for the user: gathered while a phase runs, reported together at its end.

mod cause;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

pub use cause::Cause;

/// Everything wrong with one function. Phases append to it and go on, so that the user sees all
/// errors of a function at once; the pipeline stops at the next gate ([`Diagnostics::gate`]).
#[derive(Default)]
pub struct Diagnostics {
    errors: Vec<syn::Error>,
    /// Whether rustc refuses the function as written, and says so better.
    left_to_rustc: bool,
}

/// One error in the project's three parts: what was met, why it is refused, what to write instead.
pub struct Refusal<'a> {
    pub cause: Cause,
    pub what: &'a str,
    pub why: &'a str,
    pub instead: &'a str,
}

impl Refusal<'_> {
    /// The error on `tokens`.
    pub fn on(self, tokens: impl ToTokens) -> syn::Error {
        syn::Error::new_spanned(tokens, self.message())
    }

    /// The error at `span`.
    pub fn at(self, span: Span) -> syn::Error {
        syn::Error::new(span, self.message())
    }

    /// The identifier is behind what was met: one reads that first, and searches for it if that is not
    /// enough.
    fn message(self) -> String {
        let Refusal {
            cause,
            what,
            why,
            instead,
        } = self;
        format!("{what} [autodiff::{cause:?}]\n  why: {why}\n  instead: {instead}")
    }
}

impl Diagnostics {
    /// Reports `refusal` on `tokens`.
    pub fn refuse(&mut self, tokens: impl ToTokens, refusal: Refusal<'_>) {
        self.push(refusal.on(tokens));
    }

    /// Reports `refusal` at `span`.
    pub fn refuse_at(&mut self, span: Span, refusal: Refusal<'_>) {
        self.push(refusal.at(span));
    }

    /// Takes over one error.
    pub fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// Stops at the next gate without a word: for what rustc is certain to refuse in the function as
    /// written, such as `pair.2` of a pair.
    pub fn leave_to_rustc(&mut self) {
        self.left_to_rustc = true;
    }

    /// Takes over everything reported elsewhere.
    pub fn append(&mut self, other: Diagnostics) {
        self.errors.extend(other.errors);
        self.left_to_rustc |= other.left_to_rustc;
    }

    /// The end of a phase: `Err` if anything was reported so far.
    pub fn gate(&self) -> Result<(), Refused> {
        if self.errors.is_empty() && !self.left_to_rustc {
            Ok(())
        } else {
            Err(Refused)
        }
    }

    /// One `compile_error!` per error, in the order of reporting.
    pub fn into_compile_errors(self) -> TokenStream {
        let errors = self.errors.iter().map(syn::Error::to_compile_error);
        quote!(#(#errors)*)
    }
}

/// The function was refused; the reasons are in its [`Diagnostics`].
#[derive(Debug)]
pub struct Refused;
