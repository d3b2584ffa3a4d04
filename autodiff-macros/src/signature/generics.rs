//! Type parameters and lifetimes.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{FnArg, GenericParam, Generics, ItemFn, Lifetime, Type, TypeParamBound};

use super::is_constant;
use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::ty::{self};

/// The type parameters with a bound whose last segment is `Real`.
pub fn real_parameters(generics: &Generics) -> Vec<Ident> {
    fn is_real<'a>(mut bounds: impl Iterator<Item = &'a TypeParamBound>) -> bool {
        bounds.any(|bound| {
            matches!(bound, TypeParamBound::Trait(bound)
                if bound.path.segments.last().is_some_and(|segment| segment.ident == "Real"))
        })
    }
    let in_list = generics
        .type_params()
        .filter(|param| is_real(param.bounds.iter()))
        .map(|param| param.ident.clone());
    let predicates = generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    let in_where = predicates.filter_map(|predicate| match predicate {
        syn::WherePredicate::Type(predicate) if is_real(predicate.bounds.iter()) => {
            match &predicate.bounded_ty {
                Type::Path(path) => path.path.get_ident().cloned(),
                _ => None,
            }
        }
        _ => None,
    });
    in_list.chain(in_where).collect()
}

/// Refuses parameters of a bare type parameter whose bounds are all of the standard library, as in
/// `fn f<T: Mul>(x: T)`: no such bound makes it differentiable. For the stubs it becomes a `Real`.
pub(super) fn refuse_unbounded(
    item: &ItemFn,
    generics: &mut Generics,
    krate: &TokenStream,
    diagnostics: &mut Diagnostics,
) {
    let reals = real_parameters(generics);
    for input in &item.sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        let ty = match &*input.ty {
            Type::Reference(reference) => &reference.elem,
            other => other,
        };
        let Type::Path(path) = ty else { continue };
        let Some(name) = path.path.get_ident() else {
            continue;
        };
        let known = generics.type_params().any(|param| param.ident == *name);
        let constant = input.attrs.iter().any(is_constant);
        if !known || constant || reals.contains(name) || !bounded_by_std(name, generics) {
            continue;
        }
        diagnostics.refuse(
            ty,
            Refusal {
                cause: Cause::D0212,
                what: &format!("the type parameter `{name}` is not known to be differentiable"),
                why: "only its bounds tell the macro, and rustc, what it is",
                instead: &format!(
                    "write `{name}: Real` for a scalar, `{name}: Differentiable` for anything else"
                ),
            },
        );
        generics
            .make_where_clause()
            .predicates
            .push(syn::parse_quote!(#name: #krate::Real));
    }
}

/// Whether every bound of the type parameter is a well-known trait of the standard library.
pub(super) fn bounded_by_std(name: &Ident, generics: &Generics) -> bool {
    const STD: [&str; 22] = [
        "Copy",
        "Clone",
        "Debug",
        "Display",
        "Default",
        "PartialEq",
        "Eq",
        "PartialOrd",
        "Ord",
        "Sized",
        "Send",
        "Sync",
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Rem",
        "Neg",
        "Into",
        "From",
        "Sum",
        "Product",
    ];
    let is_std = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|segment| {
            let name = segment.ident.to_string();
            STD.contains(&name.trim_end_matches("Assign"))
        }),
        _ => true,
    };
    let in_list = generics
        .type_params()
        .filter(|param| param.ident == *name)
        .all(|param| param.bounds.iter().all(is_std));
    let predicates = generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    let mut of_name = predicates.filter_map(|predicate| match predicate {
        syn::WherePredicate::Type(predicate) => match &predicate.bounded_ty {
            Type::Path(path) if path.path.is_ident(name) => Some(&predicate.bounds),
            _ => None,
        },
        _ => None,
    });
    in_list && of_name.all(|bounds| bounds.iter().all(is_std))
}

/// Names the elided lifetimes of a type, because the pullback's type has to mention what it
/// captures. One name serves all of them: shared references shrink to the shortest.
pub fn name_lifetimes(ty: &mut Type, generics: &mut Generics, name: &str) {
    struct Namer<'a>(&'a mut Generics, &'a str);
    impl Namer<'_> {
        fn elided(&mut self) -> Lifetime {
            let name = Lifetime::new(self.1, Span::call_site());
            if !self.0.lifetimes().any(|own| own.lifetime == name) {
                self.0.params.insert(
                    0,
                    GenericParam::Lifetime(syn::LifetimeParam::new(name.clone())),
                );
            }
            name
        }
    }
    impl syn::visit_mut::VisitMut for Namer<'_> {
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            if reference
                .lifetime
                .as_ref()
                .is_none_or(|lifetime| lifetime.ident == "_")
            {
                reference.lifetime = Some(self.elided());
            }
            syn::visit_mut::visit_type_reference_mut(self, reference);
        }
        fn visit_path_segment_mut(&mut self, segment: &mut syn::PathSegment) {
            // `ArrayView1<f64>` borrows, though it does not say so.
            if ty::hides_lifetime(segment)
                && let syn::PathArguments::AngleBracketed(arguments) = &mut segment.arguments
            {
                let lifetime = syn::GenericArgument::Lifetime(self.elided());
                arguments.args.insert(0, lifetime);
            }
            syn::visit_mut::visit_path_segment_mut(self, segment);
        }
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident == "_" {
                *lifetime = self.elided();
            }
        }
    }
    syn::visit_mut::VisitMut::visit_type_mut(&mut Namer(generics, name), ty);
}

/// Gives every lifetime in a type another one.
pub(super) fn set_lifetimes(ty: &mut Type, lifetime: &Lifetime) {
    struct Setter<'a>(&'a Lifetime);
    impl syn::visit_mut::VisitMut for Setter<'_> {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = self.0.clone();
        }
    }
    syn::visit_mut::VisitMut::visit_type_mut(&mut Setter(lifetime), ty);
}
