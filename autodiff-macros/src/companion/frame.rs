//! What the signatures and bodies of the companion's functions have in common.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{GenericParam, Lifetime, Type};

use super::items::Items;
use super::shapes::varies;
use super::{Bodies, Parameters};
use crate::codegen::{respanned, types};
use crate::ir::Mode;
use crate::signature::{Parameter, Signature};
use crate::ty::Ty;

/// The recurring pieces, as code.
pub struct Frame {
    pub krate: TokenStream,
    pub items: Items,
    pub vis: TokenStream,
    /// `<'a, T: Real>`, and the `where` clause.
    pub generics: TokenStream,
    pub clause: TokenStream,
    /// The parameters as declared: `x: f64, w: &'a [f64],`; and as passed on: `x, w,`.
    pub declared: TokenStream,
    pub passed: TokenStream,
    pub output: Type,
    pub out_bar: Ident,
    /// The type of a cotangent, and of a tangent, of the result.
    pub out_bar_type: TokenStream,
    /// Per active parameter: its buffer's name, and the type behind the buffer's `&mut`.
    pub bars: Vec<Ident>,
    pub buffers: Vec<TokenStream>,
    /// `let mut x_bar: f64 = 0.0;` for every active parameter.
    pub zero_buffers: TokenStream,
    /// The function's own type and const parameters, as arguments.
    pub arguments: Vec<TokenStream>,
    /// The type `Grad`, and its value made of the buffers.
    pub gradient_type: TokenStream,
    pub gradient: TokenStream,
    /// Per active parameter: its tangent's name and type.
    pub dots: Vec<Ident>,
    pub tangents: Vec<TokenStream>,
    /// The same for functions without a receiver.
    pub declared_by_path: TokenStream,
    pub passed_by_path: TokenStream,
    /// The parameters taken by reference: in scope, and with their types as a closure has them again.
    pub references: Vec<Ident>,
    pub again: Vec<Ident>,
    pub reference_types: Vec<Type>,
    /// `use<'a, T, N>`: what a closure may capture; and without the parameters' own borrows.
    pub borrowing: TokenStream,
    pub detached: TokenStream,
    /// The latter, of a vector program.
    pub detached_with_width: TokenStream,
}

impl Frame {
    pub fn new(signature: &Signature, parameters: &Parameters, bodies: &Bodies) -> Frame {
        let krate = &signature.krate;
        let Parameters {
            args,
            again,
            bars,
            dots,
            out_bar,
            ..
        } = parameters;
        let (generics, clause) = generics(signature);
        let taken: Vec<&Type> = signature.params.iter().map(|own| &own.taken).collect();
        let gradients = || {
            signature
                .active()
                .map(|param| types::gradient(&param.ty, krate))
        };
        let named = || signature.params.iter().zip(args);
        let zeros = named().filter(|(param, _)| param.active);
        let full = match bodies {
            Bodies::Generated(generated) => generated.fully_accumulated.clone(),
            Bodies::Custom { .. } | Bodies::Rules { .. } | Bodies::Stubs => vec![false; bars.len()],
        };
        let zeros = zeros.zip(full).map(|((param, name), full)| {
            let negative = types::negative_zero(&param.ty).filter(|_| full);
            negative.unwrap_or_else(|| zero_gradient(param, name, krate))
        });
        let gradient_types = gradients();
        let by_reference = |(param, _): &(&Parameter, _)| param.mode == Mode::Reference;
        let (references, reference_types) = named()
            .filter(by_reference)
            .map(|(param, name)| (name.clone(), without_outer_lifetime(&param.taken)))
            .unzip();
        let lent = signature.params.iter().zip(again).filter(by_reference);
        let lent = lent.map(|(_, name)| name.clone()).collect();
        let held: Vec<Lifetime> = signature
            .params
            .iter()
            .flat_map(|param| held_lifetimes(&param.taken))
            .collect();
        let captured = generic_names(signature, |_| true);
        let detached = generic_names(signature, |lifetime| held.contains(lifetime));
        let explicit: Vec<TokenStream> = generic_params(signature, |_| false);
        let turbofish = match explicit.is_empty() {
            true => TokenStream::new(),
            false => code!(::<#(#explicit),*>),
        };
        Frame {
            arguments: explicit,
            krate: krate.clone(),
            items: Items::new(
                &signature.prefix(),
                &turbofish,
                signature.active().any(varies),
            ),
            vis: signature.item_visibility(),
            generics,
            clause,
            declared: code!(#(#args: #taken,)*),
            passed: code!(#(#args,)*),
            declared_by_path: code!(#(#again: #taken,)*),
            passed_by_path: code!(#(#again,)*),
            output: signature.output.clone(),
            out_bar: out_bar.clone(),
            out_bar_type: types::gradient(&signature.output_ty, krate),
            bars: bars.clone(),
            buffers: signature
                .active()
                .map(|param| types::buffer(&param.ty, krate))
                .collect(),
            zero_buffers: code!(#(let mut #bars: #gradient_types = #zeros;)*),
            gradient_type: single_or_tuple(gradients()),
            gradient: single_or_tuple(bars.iter().map(Ident::to_token_stream)),
            dots: dots.clone(),
            tangents: signature
                .active()
                .map(|param| tangent_type(param, krate))
                .collect(),
            references,
            again: lent,
            reference_types,
            borrowing: code!(use<#(#captured),*>),
            detached: code!(use<#(#detached),*>),
            detached_with_width: {
                let width = &parameters.width;
                code!(use<#(#detached,)* #width>)
            },
        }
    }
}

fn single_or_tuple(items: impl Iterator<Item = TokenStream>) -> TokenStream {
    let items: Vec<TokenStream> = items.collect();
    match &items[..] {
        [single] => single.clone(),
        _ => code!((#(#items),*)),
    }
}

/// The generics, and a `where` clause in which every type that must have a gradient says so: where
/// it has none, that is the one error, instead of one per use of it.
fn generics(signature: &Signature) -> (TokenStream, TokenStream) {
    let generics = bounded(signature);
    let (generics, _, clause) = generics.split_for_impl();
    (code!(#generics), code!(#clause))
}

/// The `where` clause with one more predicate.
pub fn clause_with(signature: &Signature, predicate: &TokenStream) -> TokenStream {
    let mut generics = bounded(signature);
    let clause = generics.make_where_clause();
    clause.predicates.push(syn::parse_quote!(#predicate));
    code!(#clause)
}

/// The generics with the constant `width` behind them.
pub fn generics_with(signature: &Signature, width: &Ident) -> TokenStream {
    let mut generics = signature.generics.clone();
    generics
        .params
        .push(syn::parse_quote!(const #width: ::core::primitive::usize));
    let (generics, _, _) = generics.split_for_impl();
    code!(#generics)
}

fn bounded(signature: &Signature) -> syn::Generics {
    let mut generics = signature.generics.clone();
    let active = signature.active().map(|param| &param.ty);
    for ty in active.chain([&signature.output_ty]) {
        if let Ty::Named(ty) = ty
            && is_concrete(ty)
        {
            let krate = respanned(&signature.krate, ty.span());
            let bound = quote_spanned!(ty.span()=> #ty: #krate::Differentiable);
            generics
                .make_where_clause()
                .predicates
                .push(syn::parse_quote!(#bound));
        }
    }
    generics
}

/// Whether a type mentions no generic argument. (Of those that do, a bound would hide the impl.)
fn is_concrete(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none()
        && path.path.segments.iter().all(|segment| segment.arguments.is_none()))
}

/// The names of all generic parameters in scope, with the lifetimes that `keep` picks, which come
/// first.
pub fn generic_names(signature: &Signature, keep: impl Fn(&Lifetime) -> bool) -> Vec<TokenStream> {
    let params = || {
        signature
            .around
            .params
            .iter()
            .chain(&signature.generics.params)
    };
    let is_lifetime = |param: &&GenericParam| matches!(param, GenericParam::Lifetime(_));
    let lifetimes = names_of(params().filter(is_lifetime), &keep);
    let others = names_of(params().filter(|param| !is_lifetime(param)), &keep);
    lifetimes.into_iter().chain(others).collect()
}

/// The names of the function's own generic parameters.
fn generic_params(signature: &Signature, keep: impl Fn(&Lifetime) -> bool) -> Vec<TokenStream> {
    names_of(signature.generics.params.iter(), &keep)
}

fn names_of<'p>(
    params: impl Iterator<Item = &'p GenericParam>,
    keep: &impl Fn(&Lifetime) -> bool,
) -> Vec<TokenStream> {
    let names = params.filter_map(|param| match param {
        GenericParam::Lifetime(param) => {
            keep(&param.lifetime).then(|| param.lifetime.to_token_stream())
        }
        GenericParam::Type(param) => Some(param.ident.to_token_stream()),
        GenericParam::Const(param) => Some(param.ident.to_token_stream()),
    });
    names.collect()
}

/// A zero gradient for the buffer of a parameter.
pub(super) fn zero_gradient(param: &Parameter, name: &Ident, krate: &TokenStream) -> TokenStream {
    match (types::zero(&param.ty), param.mode) {
        (Some(zero), _) => zero,
        (None, Mode::Value) => code!(#krate::Differentiable::zero_gradient(&#name)),
        (None, Mode::Reference) => code!(#krate::Differentiable::zero_gradient(#name)),
        (None, Mode::Mutable) => code!(#krate::Differentiable::zero_gradient(&*#name)),
    }
}

pub fn tangent_type(param: &Parameter, krate: &TokenStream) -> TokenStream {
    match param.mode {
        Mode::Value => types::gradient(&param.ty, krate),
        Mode::Reference => {
            let ty = types::borrowed_tangent(&param.ty, krate);
            code!(&#ty)
        }
        Mode::Mutable => {
            let ty = types::buffer(&param.ty, krate);
            code!(&mut #ty)
        }
    }
}

/// The lifetimes in a parameter's type, apart from that of an outermost reference.
fn held_lifetimes(ty: &Type) -> Vec<Lifetime> {
    #[derive(Default)]
    struct Lifetimes(Vec<Lifetime>);
    impl<'ast> Visit<'ast> for Lifetimes {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.0.push(lifetime.clone());
        }
    }
    let mut found = Lifetimes::default();
    match ty {
        Type::Reference(reference) => found.visit_type(&reference.elem),
        _ => visit::visit_type(&mut found, ty),
    }
    found.0
}

/// `&'a [f64]` as `&[f64]`.
pub fn without_outer_lifetime(ty: &Type) -> Type {
    match ty {
        Type::Reference(reference) => Type::Reference(syn::TypeReference {
            lifetime: None,
            ..reference.clone()
        }),
        _ => ty.clone(),
    }
}
