//! The generic parameters of the gradient struct, and the bounds that both structs need.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{GenericParam, Generics, Ident, Lifetime, Type, TypePath, WherePredicate, parse_quote};

use super::structure::Structure;

/// The parameters and bounds of the generated items.
pub struct Parameters {
    /// The struct's own parameters, with the bounds its leaves need: for the struct's impls.
    pub whole: Generics,
    /// Those that the gradient struct keeps.
    pub kept: Generics,
}

impl Parameters {
    /// A parameter that no gradient field mentions is not kept: the gradient struct could not
    /// declare it without a phantom field, and a user could not write its literal.
    pub fn of(structure: &Structure) -> Parameters {
        let gradients: Vec<&Type> = structure
            .fields
            .iter()
            .filter_map(|field| field.gradient.as_ref())
            .collect();
        let declared = names(structure.generics.params.iter());
        let mentioned: BTreeSet<Ident> = gradients
            .iter()
            .flat_map(|ty| mentions(ty, &declared))
            .collect();

        let mut kept = structure.generics.clone();
        kept.params = kept
            .params
            .into_iter()
            .filter(|parameter| name(parameter).is_some_and(|name| mentioned.contains(name)))
            .collect();
        restrict_bounds(
            &mut kept,
            &structure.generics,
            &declared.difference(&mentioned).cloned().collect(),
        );

        let types = structure
            .generics
            .type_params()
            .map(|parameter| parameter.ident.clone());
        let types: BTreeSet<Ident> = types.filter(|ident| mentioned.contains(ident)).collect();
        let needed = leaf_bounds(&gradients, &types, &structure.krate);
        let mut whole = structure.generics.clone();
        for generics in [&mut whole, &mut kept] {
            if !needed.is_empty() {
                generics
                    .make_where_clause()
                    .predicates
                    .extend(needed.iter().cloned());
            }
        }
        Parameters { whole, kept }
    }
}

fn name(parameter: &GenericParam) -> Option<&Ident> {
    match parameter {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(parameter) => Some(&parameter.ident),
        GenericParam::Const(parameter) => Some(&parameter.ident),
    }
}

fn names<'a>(parameters: impl Iterator<Item = &'a GenericParam>) -> BTreeSet<Ident> {
    parameters.filter_map(name).cloned().collect()
}

/// The identifiers of `candidates` that stand in `tokens`, other than behind a `::`.
fn mentions(tokens: &impl ToTokens, candidates: &BTreeSet<Ident>) -> BTreeSet<Ident> {
    fn walk(tokens: TokenStream, candidates: &BTreeSet<Ident>, found: &mut BTreeSet<Ident>) {
        let mut after_colon = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => walk(group.stream(), candidates, found),
                TokenTree::Ident(ident) if !after_colon && candidates.contains(&ident) => {
                    found.insert(ident);
                    after_colon = false;
                    continue;
                }
                TokenTree::Punct(punct) => {
                    after_colon = punct.as_char() == ':';
                    continue;
                }
                _ => {}
            }
            after_colon = false;
        }
    }
    let mut found = BTreeSet::new();
    walk(tokens.to_token_stream(), candidates, &mut found);
    found
}

/// Takes out of `kept` every bound and default that names a parameter in `dropped`, and lets the
/// original's lifetimes be `'static` in the rest.
fn restrict_bounds(kept: &mut Generics, original: &Generics, dropped: &BTreeSet<Ident>) {
    let stays = |tokens: &dyn ToTokens| mentions(&tokens.to_token_stream(), dropped).is_empty();
    let mut owned = OwnedLifetimes { original };
    for parameter in &mut kept.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds = std::mem::take(&mut parameter.bounds)
                .into_iter()
                .filter(|bound| stays(bound))
                .collect();
        }
        owned.visit_generic_param_mut(parameter);
    }
    // Defaults may only trail, so the loss of one ends them all.
    let lost = kept.params.iter().any(|parameter| match parameter {
        GenericParam::Type(parameter) => {
            parameter.default.as_ref().is_some_and(|(_, ty)| !stays(ty))
        }
        _ => false,
    });
    if lost {
        for parameter in &mut kept.params {
            match parameter {
                GenericParam::Type(parameter) => parameter.default = None,
                GenericParam::Const(parameter) => parameter.default = None,
                GenericParam::Lifetime(_) => {}
            }
        }
    }
    if let Some(clause) = &mut kept.where_clause {
        clause.predicates = std::mem::take(&mut clause.predicates)
            .into_iter()
            .filter(|predicate| {
                !matches!(predicate, WherePredicate::Lifetime(_)) && stays(predicate)
            })
            .collect();
        owned.visit_where_clause_mut(clause);
    }
    if kept.params.is_empty() {
        kept.lt_token = None;
        kept.gt_token = None;
    }
}

struct OwnedLifetimes<'a> {
    original: &'a Generics,
}

impl VisitMut for OwnedLifetimes<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if self
            .original
            .lifetimes()
            .any(|declared| declared.lifetime == *lifetime)
        {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
    }
}

/// `T: 'static` for each of the type parameters `types`, because gradients own what they are made
/// of; `T: Differentiable` for those that are leaves themselves, and `T::Item: Differentiable` for
/// the associated types that are.
fn leaf_bounds(
    gradients: &[&Type],
    types: &BTreeSet<Ident>,
    krate: &TokenStream,
) -> Vec<WherePredicate> {
    let mut leaves = Leaves {
        types,
        parameters: BTreeSet::new(),
        projections: Vec::new(),
        krate,
    };
    for ty in gradients {
        leaves.visit_type(ty);
    }
    let Leaves {
        parameters,
        projections,
        ..
    } = leaves;
    let parameters = types.iter().map(|ident| -> WherePredicate {
        let leaf = parameters
            .contains(ident)
            .then(|| quote!(#krate::Differentiable +));
        parse_quote!(#ident: #leaf 'static)
    });
    let projections = projections
        .iter()
        .map(|ty| -> WherePredicate { parse_quote!(#ty: #krate::Differentiable) });
    parameters.chain(projections).collect()
}

/// Finds the type parameters, and types projected from them, that gradient types are made of.
struct Leaves<'a> {
    types: &'a BTreeSet<Ident>,
    parameters: BTreeSet<Ident>,
    projections: Vec<TypePath>,
    krate: &'a TokenStream,
}

impl<'ast> Visit<'ast> for Leaves<'_> {
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        let first = path.path.segments.first().map(|segment| &segment.ident);
        let single = path.path.segments.len() == 1;
        match (&path.qself, first) {
            // The trait's own projection: what it projects from is what matters.
            (Some(qself), _) if self.is_gradient_of(path) => self.visit_type(&qself.ty),
            (Some(_), _) if !mentions(path, self.types).is_empty() => {
                self.projections.push(path.clone());
            }
            (None, Some(first)) if self.types.contains(first) && single => {
                self.parameters.insert(first.clone());
            }
            (None, Some(first)) if self.types.contains(first) => {
                self.projections.push(path.clone());
            }
            _ => visit::visit_type_path(self, path),
        }
    }
}

impl Leaves<'_> {
    fn is_gradient_of(&self, path: &TypePath) -> bool {
        let krate = self.krate;
        let ours: syn::Path = parse_quote!(#krate::Differentiable::Gradient);
        path.path == ours
    }
}
