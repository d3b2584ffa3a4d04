//! The macros as functions from text to what is wrong with their output, for `fuzz_targets/expand.rs`.
//!
//! A procedural macro cannot be linked into a program, so its sources are compiled as a part of this crate, as in
//! `benches/expansion.rs`. The bounded runs of `cargo test` are in `autodiff-macros/src/tests/fuzz.rs`.

include!("../../benches/compiler.rs");

modules! {
    "../../autodiff-macros/src/derive/mod.rs" derive
}

#[allow(dead_code, unused_imports, reason = "its tests are left out")]
#[path = "../../autodiff-macros/src/tests/corpus.rs"]
mod corpus;

use proc_macro2::TokenStream;

/// What separates the arguments of the attribute from the item.
const SEPARATOR: &str = "\n---\n";

/// Expands an item, with arguments of the attribute before it perhaps, by both macros. What is no Rust may come back
/// as it is; of an item only items may come.
///
/// # Panics
/// If something else does, or if a macro panics.
pub fn expand_text(text: &str) {
    let (args, item) = text.split_once(SEPARATOR).unwrap_or(("", text));
    let (Ok(args), Ok(item)) = (args.parse::<TokenStream>(), item.parse::<TokenStream>()) else {
        return;
    };
    let expansions = [
        expand::expand(args, item.clone()),
        derive::expand(item.clone()),
    ];
    if syn::parse2::<syn::Item>(item).is_err() {
        return;
    }
    for expansion in expansions {
        if let Err(error) = syn::parse2::<syn::File>(expansion) {
            panic!("no items come out: {error}");
        }
    }
}

/// Every differentiable item of the repository, as [`expand_text`] reads it.
pub fn seeds() -> Vec<String> {
    let text = |input: corpus::Input| match input.macros {
        corpus::Macros::Attribute(args) if !args.is_empty() => {
            format!("{args}{SEPARATOR}{}", input.item)
        }
        _ => input.item.to_string(),
    };
    corpus::corpus().into_iter().map(text).collect()
}
