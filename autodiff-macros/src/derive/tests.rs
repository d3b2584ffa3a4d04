use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, ItemImpl, Macro};

use super::expand;

fn items(input: TokenStream) -> Vec<Item> {
    syn::parse2::<syn::File>(expand(input))
        .expect("the derive emits items")
        .items
}

/// The first line of every error, in order.
fn errors(input: TokenStream) -> Vec<String> {
    let message = |Macro { path, tokens, .. }: Macro| {
        assert!(
            path.segments
                .last()
                .is_some_and(|last| last.ident == "compile_error")
        );
        let message: syn::LitStr = syn::parse2(tokens).expect("an error has a message");
        let message = message.value();
        assert!(
            message.contains("\n  why: ") && message.contains("\n  instead: "),
            "{message}"
        );
        let first = message.lines().next().unwrap_or_default();
        let (text, identifier) = first.split_once(" [").expect("it bears an identifier");
        assert!(identifier.starts_with("autodiff::D13"), "{first}");
        text.to_owned()
    };
    let macros = items(input).into_iter().filter_map(|item| match item {
        Item::Macro(item) => Some(item.mac),
        _ => None,
    });
    macros.map(message).collect()
}

/// The traits that are implemented for the type `name`.
fn traits_of(name: &str, input: TokenStream) -> Vec<String> {
    let traits = items(input).into_iter().filter_map(|item| match item {
        Item::Impl(ItemImpl {
            trait_: Some((path, _)),
            self_ty,
            ..
        }) => {
            let owner = quote!(#self_ty).to_string();
            let last = path.segments.last().map(|last| last.ident.to_string());
            (owner == name).then_some(last).flatten()
        }
        _ => None,
    });
    let mut traits: Vec<String> = traits.collect();
    traits.sort();
    traits
}

#[test]
fn a_struct_gives_no_errors_and_both_sides_of_the_impls() {
    let input = quote!(
        struct S {
            x: f64,
        }
    );
    assert_eq!(errors(input.clone()), [""; 0]);
    assert_eq!(traits_of("S", input.clone()), ["Differentiable", "Leaves"]);
    assert_eq!(
        traits_of("SGradient", input),
        [
            "Clone",
            "Debug",
            "Differentiable",
            "Dot",
            "Gradient",
            "Leaves",
            "PartialEq"
        ]
    );
}

#[test]
fn enums_and_unions_are_refused_but_still_implement_the_traits() {
    for (input, message) in [
        (
            quote!(
                enum E {
                    A(f64),
                }
            ),
            "an enum has no derived gradient",
        ),
        (
            quote!(union E { a: f64, b: u64 }),
            "a union has no derived gradient",
        ),
    ] {
        assert_eq!(errors(input.clone()), [message]);
        assert_eq!(traits_of("E", input), ["Differentiable", "Leaves"]);
    }
}

#[test]
fn all_bad_attributes_are_reported_and_the_struct_is_derived_all_the_same() {
    let input = quote! {
        #[constant]
        #[differentiable]
        #[differentiable()]
        #[differentiable(crate = "quoted", stable, wrt(a, b), crate)]
        #[differentiable(crate = right)]
        #[differentiable(crate = twice)]
        struct S {
            #[constant(why)] a: f64,
            #[constant] #[constant] b: f64,
            #[differentiable] c: f64,
        }
    };
    assert_eq!(
        errors(input.clone()),
        [
            "`#[constant]` on a whole type",
            "`#[differentiable]` without an option on a type",
            "`#[differentiable]` without an option on a type",
            "`crate` without a path",
            "unknown option `stable`",
            "unknown option `wrt`",
            "`crate` without a path",
            "`crate` given twice",
            "`#[constant]` with arguments",
            "a second `#[constant]` on one field",
            "`#[differentiable]` on a field",
        ]
    );
    assert_eq!(traits_of("S", input), ["Differentiable", "Leaves"]);
}

#[test]
fn the_path_of_the_runtime_is_used_throughout() {
    let input = quote! {
        #[differentiable(crate = a::b)]
        struct S { x: Inner, n: usize }
    };
    let output = expand(input).to_string();
    assert!(output.contains("a :: b :: Differentiable"));
    assert!(!output.contains("autodiff_runtime"), "{output}");
}
