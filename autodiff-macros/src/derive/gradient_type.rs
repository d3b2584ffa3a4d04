//! From the type of a field to the type of its gradient.
//!
//! Floats, arrays, slices, vectors, boxes, tuples and references are mapped here by their form, so that
//! the gradient struct reads like the original in its documentation; for every other type the
//! runtime's trait says what its gradient is. A name may always mean something else than it seems
//! to (`type f64 = …`): then the mapped type does not fit the trait's, and rustc reports it.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, GenericArgument, GenericParam, Generics, Ident, Lifetime, PathArguments, PathSegment,
    Type, TypePath, parse_quote, parse_quote_spanned,
};

use crate::ty::is_integer;

/// What a field's type may refer to.
pub struct Scope<'a> {
    pub ident: &'a Ident,
    pub generics: &'a Generics,
    pub krate: &'a TokenStream,
}

/// The type of the gradient of a field of type `ty`.
pub fn of(ty: &Type, scope: &Scope<'_>) -> Type {
    let mut ty = ty.clone();
    Relocate { scope }.visit_type_mut(&mut ty);
    map(&ty, scope)
}

fn map(ty: &Type, scope: &Scope<'_>) -> Type {
    let span = ty.span();
    match ty {
        Type::Paren(inner) => map(&inner.elem, scope),
        Type::Group(inner) => map(&inner.elem, scope),
        Type::Reference(reference) => map(&reference.elem, scope),
        Type::Array(array) => {
            let (element, length) = (map(&array.elem, scope), &array.len);
            parse_quote_spanned!(span=> [#element; #length])
        }
        Type::Slice(slice) => {
            let element = map(&slice.elem, scope);
            parse_quote_spanned!(span=> ::std::vec::Vec<#element>)
        }
        Type::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|element| map(element, scope));
            parse_quote_spanned!(span=> (#(#elements,)*))
        }
        _ if is_inactive(ty) => parse_quote_spanned!(span=> ()),
        _ if is_float(ty) => ty.clone(),
        _ => match container(ty) {
            Some(Container::Vec(element)) => {
                let element = map(element, scope);
                parse_quote_spanned!(span=> ::std::vec::Vec<#element>)
            }
            Some(Container::Box(content)) => map(content, scope),
            None => {
                let krate = scope.krate;
                parse_quote_spanned!(span=> <#ty as #krate::Differentiable>::Gradient)
            }
        },
    }
}

/// What stands for the gradient of a left-out field of type `ty` in code that cannot see that it is
/// left out, and never runs: it has the elements and the floats that such code reaches for.
pub fn absent(ty: &Type) -> Type {
    match ty {
        Type::Paren(inner) => absent(&inner.elem),
        Type::Group(inner) => absent(&inner.elem),
        Type::Reference(reference) => absent(&reference.elem),
        Type::Array(array) => absent_run(&array.elem),
        Type::Slice(slice) => absent_run(&slice.elem),
        Type::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(absent);
            parse_quote!((#(#elements,)*))
        }
        _ if is_float(ty) => ty.clone(),
        _ => match container(ty) {
            Some(Container::Vec(element)) => absent_run(element),
            Some(Container::Box(content)) => absent(content),
            None => parse_quote!(()),
        },
    }
}

fn absent_run(element: &Type) -> Type {
    let element = absent(element);
    parse_quote!(::std::vec::Vec<#element>)
}

/// Whether `ty` is known by its form to hold no float.
pub fn is_inactive(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_inactive(&inner.elem),
        Type::Group(inner) => is_inactive(&inner.elem),
        Type::Reference(reference) => is_inactive(&reference.elem),
        Type::Array(array) => is_inactive(&array.elem),
        Type::Slice(slice) => is_inactive(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_inactive),
        _ => match container(ty) {
            Some(Container::Vec(inner) | Container::Box(inner)) => is_inactive(inner),
            None => is_inactive_name(ty),
        },
    }
}

/// Collects into `found` the types in `ty` that [`is_inactive`] judges by their name.
pub fn inactive_leaves(ty: &Type, found: &mut Vec<Type>) {
    match ty {
        Type::Paren(inner) => inactive_leaves(&inner.elem, found),
        Type::Group(inner) => inactive_leaves(&inner.elem, found),
        Type::Reference(reference) => inactive_leaves(&reference.elem, found),
        Type::Array(array) => inactive_leaves(&array.elem, found),
        Type::Slice(slice) => inactive_leaves(&slice.elem, found),
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .for_each(|element| inactive_leaves(element, found)),
        _ => match container(ty) {
            Some(Container::Vec(inner) | Container::Box(inner)) => inactive_leaves(inner, found),
            None if is_inactive_name(ty) => {
                let leaf = without_parameters(ty);
                let text = leaf.to_token_stream().to_string();
                if found
                    .iter()
                    .all(|known| known.to_token_stream().to_string() != text)
                {
                    found.push(leaf);
                }
            }
            None => {}
        },
    }
}

/// `ty` such that it can be named outside the struct: `PhantomData<T>` becomes `PhantomData<()>`,
/// which is as inactive.
fn without_parameters(ty: &Type) -> Type {
    let mut ty = ty.clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && last.ident == "PhantomData"
    {
        last.arguments = PathArguments::AngleBracketed(parse_quote!(<()>));
    }
    ty
}

fn is_inactive_name(ty: &Type) -> bool {
    let Some((path, last)) = last_segment(ty) else {
        return false;
    };
    let name = last.ident.to_string();
    match name.as_str() {
        "bool" | "char" | "str" => path.path.get_ident().is_some(),
        "String" => last.arguments.is_none(),
        "PhantomData" => !last.arguments.is_none(),
        "Range" | "RangeInclusive" => only_argument(last)
            .is_some_and(|bound| matches!(bound, Type::Path(path) if path.path.is_ident("usize"))),
        _ => path.path.get_ident().is_some() && is_integer(&name),
    }
}

fn is_float(ty: &Type) -> bool {
    matches!(ty, Type::Path(path)
        if path.qself.is_none() && (path.path.is_ident("f64") || path.path.is_ident("f32")))
}

/// A standard container around the type that matters.
enum Container<'a> {
    Vec(&'a Type),
    Box(&'a Type),
}

fn container(ty: &Type) -> Option<Container<'_>> {
    let (_, last) = last_segment(ty)?;
    let content = only_argument(last)?;
    match last.ident.to_string().as_str() {
        "Vec" => Some(Container::Vec(content)),
        "Box" => Some(Container::Box(content)),
        _ => None,
    }
}

fn last_segment(ty: &Type) -> Option<(&TypePath, &PathSegment)> {
    match ty {
        Type::Path(path) if path.qself.is_none() => Some((path, path.path.segments.last()?)),
        _ => None,
    }
}

fn only_argument(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => {
            match &arguments.args[0] {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Makes a field's type mean the same outside its struct: `Self` is spelled out, and the struct's
/// lifetimes become `'static`, because a gradient owns its numbers and depends on no borrow.
struct Relocate<'a> {
    scope: &'a Scope<'a>,
}

impl Relocate<'_> {
    fn owner(&self) -> Type {
        let ident = self.scope.ident;
        let arguments = self
            .scope
            .generics
            .params
            .iter()
            .map(|parameter| match parameter {
                GenericParam::Lifetime(_) => parse_quote!('static),
                GenericParam::Type(parameter) => parameter.ident.to_token_stream(),
                GenericParam::Const(parameter) => parameter.ident.to_token_stream(),
            });
        let arguments: Vec<TokenStream> = arguments.collect();
        if arguments.is_empty() {
            parse_quote!(#ident)
        } else {
            parse_quote!(#ident<#(#arguments),*>)
        }
    }

    /// What follows `Self` in `path`, if it starts with it.
    fn after_self(path: &syn::Path) -> Option<TokenStream> {
        let first = path.segments.first()?;
        if first.ident != "Self" {
            return None;
        }
        Some(
            path.segments
                .iter()
                .skip(1)
                .map(|segment| quote::quote!(::#segment))
                .collect(),
        )
    }
}

impl VisitMut for Relocate<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if self
            .scope
            .generics
            .lifetimes()
            .any(|declared| declared.lifetime == *lifetime)
        {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && let Some(rest) = Self::after_self(&path.path)
        {
            let owner = self.owner();
            *ty = if rest.is_empty() {
                owner
            } else {
                parse_quote!(<#owner>#rest)
            };
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::Path(path) = expression
            && path.qself.is_none()
            && let Some(rest) = Self::after_self(&path.path)
            && !rest.is_empty()
        {
            let owner = self.owner();
            *expression = parse_quote!(<#owner>#rest);
        } else {
            visit_mut::visit_expr_mut(self, expression);
        }
    }
}
