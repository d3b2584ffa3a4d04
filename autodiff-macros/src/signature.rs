//! The function's signature: parameters with their types, modes and activity.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, FnArg, GenericParam, Generics, ItemFn, Lifetime, Pat, PatType, Receiver,
    ReceiverKind, ReturnType, Type, TypeParamBound, Visibility,
};

use crate::codegen::names::Names;
use crate::codegen::respanned;
use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::ir::{Called, Callee, Mode};
use crate::options::Options;
use crate::ty::{self, Scalar, Ty};

/// The lifetime that stands for every elided one.
pub const ELIDED: &str = "'elided";

/// What the companion's items are built from.
pub struct Signature {
    pub name: Ident,
    pub companion: Ident,
    pub vis: Visibility,
    /// `#[cfg(…)]` attributes, which the companion shares.
    pub cfgs: Vec<Attribute>,
    /// The generics with every elided lifetime of the parameters named.
    pub generics: Generics,
    /// The generics of the `impl` block around a method.
    pub around: Generics,
    /// Whether its pullback may hold one of the same function: then it is boxed.
    pub recursive: bool,
    /// Where it stands in an `impl` block, if it does.
    pub method: Option<Method>,
    /// Type parameters bounded by `Real`.
    pub reals: Vec<Ident>,
    pub params: Vec<Parameter>,
    pub output: Type,
    pub output_ty: Ty,
    /// The result's type was refused: what does not fit it is not reported again.
    pub output_refused: bool,
    /// Whether the function is written `-> ()` or without an arrow.
    pub returns_nothing: bool,
    /// What unsolved arithmetic is taken to be in: the one type parameter, if all is written in it.
    pub unsolved: Scalar,
    /// The runtime crate.
    pub krate: TokenStream,
}

/// Where an associated function stands.
#[derive(Clone)]
pub struct Method {
    /// The type of the `impl` block.
    pub owner: Type,
    /// The generics of the `impl` block.
    pub generics: Generics,
    /// The functions of the block.
    pub siblings: Rc<Siblings>,
}

impl Method {
    /// Whether the name is that of the type: `Self`, or its own.
    pub fn is_owner(&self, name: &Ident) -> bool {
        name == "Self" || self.owner_name() == Some(name)
    }

    pub fn owner_name(&self) -> Option<&Ident> {
        match &self.owner {
            Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
            _ => None,
        }
    }

    /// The function of the same block that is called.
    pub fn called_sibling(&self, callee: &Callee) -> Option<&Sibling> {
        let segments: Vec<&Ident> = callee.path.segments.iter().map(|own| &own.ident).collect();
        match (callee.called, &segments[..]) {
            (Called::Sibling, [.., name]) => self.siblings.get(&name.to_string()),
            (Called::Associated, [owner, name]) if self.is_owner(owner) => {
                self.siblings.get(&name.to_string())
            }
            _ => None,
        }
    }
}

/// The functions of an `impl` block, by name.
pub type Siblings = BTreeMap<String, Sibling>;

/// What callers in the same block know of a function.
pub struct Sibling {
    /// How it takes `self`, if it does.
    pub receiver: Option<Mode>,
    /// The type of its result, if it mentions no generics of its own.
    pub output: Option<Ty>,
    /// Why it has no derivatives, if it has none.
    pub left_out: Option<&'static str>,
    /// Whether it calls itself, directly or through others of the block.
    pub recursive: bool,
}

pub struct Parameter {
    pub name: Ident,
    pub pat: Pat,
    /// As written, with elided lifetimes named.
    pub written: Type,
    pub ty: Ty,
    pub mode: Mode,
    pub active: bool,
    /// Its type was refused: what uses it is not reported again.
    pub refused: bool,
}

/// Whether `attr` is the marker `#[constant]`.
pub fn is_constant(attr: &Attribute) -> bool {
    attr.path().is_ident("constant")
}

impl Signature {
    pub fn read(
        item: &ItemFn,
        method: Option<Method>,
        options: &Options,
        names: &mut Names,
        diagnostics: &mut Diagnostics,
    ) -> Signature {
        refuse_qualifiers(item, diagnostics);
        let sig = &item.sig;
        let krate = match &options.krate {
            Some(path) => path.to_token_stream(),
            None => quote!(::autodiff_runtime),
        };
        let mut generics = sig.generics.clone();
        refuse_unbounded(item, &mut generics, &krate, diagnostics);
        let around = match &method {
            Some(method) => method.generics.clone(),
            None => Generics::default(),
        };
        let mut reals = real_parameters(&generics);
        reals.extend(real_parameters(&around));
        let owner = method.as_ref().map(|method| &method.owner);
        let mut params = Vec::new();
        for (index, input) in sig.inputs.iter().enumerate() {
            let receiver;
            let (input, refused) = match (input, owner) {
                (FnArg::Typed(input), _) => (input, false),
                (FnArg::Receiver(own), Some(owner)) => {
                    receiver = read_receiver(own, owner, diagnostics);
                    (&receiver.0, receiver.1)
                }
                (FnArg::Receiver(_), None) => continue,
            };
            params.push(read_parameter(
                index,
                input,
                refused,
                &mut generics,
                &reals,
                names,
                diagnostics,
            ));
        }
        apply_wrt(&mut params, options, diagnostics);

        let mut output: Type = match &sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        let returns_nothing = matches!(&output, Type::Tuple(tuple) if tuple.elems.is_empty());
        let mut written = ty::read(&output, &reals, &mut || Ty::Inactive);
        let refusal = unsupported_output(&output);
        let output_refused = refusal.is_some();
        if let Some(refusal) = refusal {
            diagnostics.refuse(&output, refusal);
            written.ty = Ty::Inactive;
            if matches!(output, Type::ImplTrait(_) | Type::Reference(_)) {
                output = syn::parse_quote!(());
            }
        }
        let leaf = std::iter::once(&written.ty)
            .chain(params.iter().map(|param| &param.ty))
            .find_map(Ty::leaf);
        let unsolved = match (&reals[..], leaf) {
            ([real], None | Some(Scalar::Param(_))) => Scalar::Param(real.clone()),
            _ => Scalar::Unseen,
        };
        Signature {
            name: sig.ident.clone(),
            companion: options.name.clone().unwrap_or_else(|| sig.ident.clone()),
            vis: item.vis.clone(),
            cfgs: item
                .attrs
                .iter()
                .filter(|attr| attr.path().is_ident("cfg"))
                .cloned()
                .collect(),
            generics,
            around,
            recursive: options.recursive.is_some()
                || match method
                    .as_ref()
                    .map(|own| own.siblings.get(&sig.ident.to_string()))
                {
                    Some(own) => own.is_some_and(|own| own.recursive),
                    None => calls(item, None).contains(&sig.ident.to_string()),
                },
            method,
            reals,
            params,
            output,
            output_ty: written.ty,
            output_refused,
            returns_nothing,
            unsolved,
            krate,
        }
    }

    /// What stands before the names of the derivatives: `energy_` for a method, else nothing.
    pub fn prefix(&self) -> String {
        match self.method {
            Some(_) => format!("{}_", crate::codegen::names::unraw(&self.name)),
            None => String::new(),
        }
    }

    /// How it takes `self`, if it does.
    pub fn receiver(&self) -> Option<Mode> {
        let first = self.params.first()?;
        (first.name == "self").then_some(first.mode)
    }

    /// How visible the derivatives are: as the method, or in a type that is as the function.
    pub fn item_visibility(&self) -> TokenStream {
        match self.method {
            Some(_) => self.vis.to_token_stream(),
            None => quote!(pub),
        }
    }

    /// The const parameters in scope.
    pub fn const_params(&self) -> impl Iterator<Item = &syn::ConstParam> {
        let own = self.generics.const_params();
        own.chain(self.around.const_params())
    }

    pub fn active(&self) -> impl Iterator<Item = &Parameter> {
        self.params.iter().filter(|param| param.active)
    }

    /// Whether `value_and_grad` and its like exist.
    pub fn has_scalar_output(&self) -> bool {
        self.output_ty.is_scalar()
    }
}

/// The functions beside it that a function calls: a free one by its bare name, one of an `impl` block
/// as `Self::name(…)` or on a variable.
pub fn calls(item: &ItemFn, owner: Option<&Ident>) -> BTreeSet<String> {
    struct Calls<'a> {
        owner: Option<&'a Ident>,
        found: BTreeSet<String>,
    }
    impl<'ast> syn::visit::Visit<'ast> for Calls<'_> {
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            if let syn::Expr::Path(path) = &*call.func {
                let segments: Vec<&Ident> = path.path.segments.iter().map(|s| &s.ident).collect();
                let name = match (&segments[..], self.owner) {
                    ([name], None) => Some(name),
                    ([first, .., name], None) if *first == "self" => Some(name),
                    ([first, name], Some(owner)) if *first == "Self" || *first == owner => {
                        Some(name)
                    }
                    _ => None,
                };
                self.found.extend(name.map(|name| name.to_string()));
            }
            syn::visit::visit_expr_call(self, call);
        }

        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            if self.owner.is_some() && matches!(&*call.receiver, syn::Expr::Path(_)) {
                self.found.insert(call.method.to_string());
            }
            syn::visit::visit_expr_method_call(self, call);
        }
    }
    let mut calls = Calls {
        owner,
        found: BTreeSet::new(),
    };
    syn::visit::Visit::visit_block(&mut calls, &item.block);
    calls.found
}

fn refuse_qualifiers(item: &ItemFn, diagnostics: &mut Diagnostics) {
    let sig = &item.sig;
    let mut refuse = |tokens: TokenStream, what: &str, instead: &str| {
        let why = "the derivative is an ordinary safe function with a fixed list of arguments";
        let refusal = Refusal {
            cause: Cause::D0201,
            what,
            why,
            instead,
        };
        diagnostics.refuse(tokens, refusal);
    };
    if let Some(token) = &sig.asyncness {
        refuse(
            token.to_token_stream(),
            "`async fn` is not differentiable",
            "move the numerical part into an ordinary function and differentiate that",
        );
    }
    if !matches!(sig.safety, syn::Safety::Default) {
        refuse(
            sig.safety.to_token_stream(),
            "`unsafe fn` is not differentiable",
            "write the numerical part as a safe function",
        );
    }
    if let Some(abi) = &sig.abi {
        refuse(
            abi.to_token_stream(),
            "`extern fn` is not differentiable",
            "differentiate an ordinary function and call it from the `extern` one",
        );
    }
    if let Some(variadic) = &sig.variadic {
        refuse(
            variadic.to_token_stream(),
            "variadic functions are not differentiable",
            "take a slice",
        );
    }
}

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

/// The receiver of a method as a parameter of the name `self`, and whether it was refused.
fn read_receiver(
    receiver: &Receiver,
    owner: &Type,
    diagnostics: &mut Diagnostics,
) -> (PatType, bool) {
    let span = receiver.self_token.span;
    let mut refused = None;
    let owner: Type =
        syn::parse2(respanned(&owner.to_token_stream(), span)).unwrap_or_else(|_| owner.clone());
    let ty = match &receiver.kind {
        ReceiverKind::Value => owner,
        ReceiverKind::Reference(and, lifetime, mutability) => Type::Reference(syn::TypeReference {
            attrs: Vec::new(),
            and_token: *and,
            lifetime: lifetime.clone(),
            mutability: *mutability,
            elem: Box::new(owner),
        }),
        ReceiverKind::Typed(_, ty) => {
            let plain = match &**ty {
                Type::Reference(reference) => &reference.elem,
                other => other,
            };
            if plain.to_token_stream().to_string() != owner.to_token_stream().to_string() {
                refused = Some(ty.to_token_stream());
            }
            (**ty).clone()
        }
        _ => {
            refused = Some(receiver.to_token_stream());
            owner
        }
    };
    let is_refused = refused.is_some();
    if let Some(tokens) = refused {
        diagnostics.refuse(
            tokens,
            Refusal {
                cause: Cause::D0203,
                what: "a receiver of this type",
                why: "its gradient would have to be reached through the pointer",
                instead: "take `&self`, `self` or `&mut self`",
            },
        );
    }
    let pat = syn::PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: receiver.mutability,
        ident: Ident::new("self", span),
        subpat: None,
    };
    let input = PatType {
        attrs: receiver.attrs.clone(),
        pat: Box::new(Pat::Ident(pat)),
        colon_token: syn::Token![:](span),
        ty: Box::new(ty),
    };
    (input, is_refused)
}

fn read_parameter(
    index: usize,
    input: &PatType,
    mut refused: bool,
    generics: &mut Generics,
    reals: &[Ident],
    names: &mut Names,
    diagnostics: &mut Diagnostics,
) -> Parameter {
    if let Some(attr) = input.attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
        diagnostics.refuse(
            attr,
            Refusal {
                cause: Cause::D0204,
                what: "conditional compilation of a parameter",
                why: "the macro runs before it is evaluated, and the derivatives would keep the parameter",
                instead: "put `#[cfg]` on two versions of the function",
            },
        );
    }
    let mut written = (*input.ty).clone();
    let constant = input.attrs.iter().any(is_constant);
    if let Some(name) = without_gradient(&written).filter(|_| !constant) {
        diagnostics.refuse(
            &input.ty,
            Refusal {
                cause: Cause::D0205,
                what: &format!("a parameter with `{name}` in its type has no gradient"),
                why: "the macro does not see whether there are floats in it, and where they are",
                instead: "mark it `#[constant]`, or take the numbers that are in it",
            },
        );
        refused = true;
    }
    if let Some((tokens, refusal)) = unsupported(&written) {
        diagnostics.refuse(tokens, refusal);
        refused = true;
        // A precise capture cannot mention `impl Trait`; the stubs need a name for it.
        if let Type::ImplTrait(ty) = &written {
            let name = format_ident!("Argument{index}");
            let bounds = &ty.bounds;
            generics.params.push(syn::parse_quote!(#name: #bounds));
            written = syn::parse_quote!(#name);
        }
    }
    let mutable = matches!(&written, Type::Reference(reference) if reference.mutability.is_some());
    match &mut written {
        // A derivative does not hold on to what it changes: its lifetime has no name.
        Type::Reference(reference) if mutable => {
            name_lifetimes(&mut reference.elem, generics, ELIDED)
        }
        other => name_lifetimes(other, generics, ELIDED),
    }
    let mut read = ty::read(&written, reals, &mut || Ty::Inactive);
    if refused {
        read.ty = Ty::Inactive;
    }
    if read.references > 1 {
        diagnostics.refuse(
            &input.ty,
            Refusal {
                cause: Cause::D0208,
                what: "a parameter behind several references",
                why: "its gradient would have to be reached through all of them",
                instead: "take it behind one `&`",
            },
        );
    }
    let name = match &*input.pat {
        Pat::Ident(pat) => pat.ident.clone(),
        _ => names.fresh(&format!("arg{index}")),
    };
    Parameter {
        name,
        pat: (*input.pat).clone(),
        written,
        active: !constant && !read.ty.is_inactive(),
        ty: read.ty,
        refused,
        mode: if mutable {
            Mode::Mutable
        } else if read.references > 0 {
            Mode::Reference
        } else {
            Mode::Value
        },
    }
}

/// A type of the standard library that has no gradient, and cannot be given one.
fn without_gradient(ty: &Type) -> Option<&Ident> {
    const NAMES: [&str; 7] = [
        "Option", "Result", "String", "HashMap", "BTreeMap", "HashSet", "BTreeSet",
    ];
    match ty {
        Type::Reference(reference) => without_gradient(&reference.elem),
        Type::Paren(inner) => without_gradient(&inner.elem),
        Type::Group(inner) => without_gradient(&inner.elem),
        Type::Slice(slice) => without_gradient(&slice.elem),
        Type::Array(array) => without_gradient(&array.elem),
        Type::Path(path) => {
            let last = &path.path.segments.last()?.ident;
            NAMES.iter().any(|name| last == name).then_some(last)
        }
        _ => None,
    }
}

pub fn unsupported(ty: &Type) -> Option<(TokenStream, Refusal<'static>)> {
    match ty {
        Type::ImplTrait(_) => Some((
            ty.to_token_stream(),
            Refusal {
                cause: Cause::D0206,
                what: "`impl Trait` parameters are not differentiable",
                why: "the type has no name that the gradient's type could be made from",
                instead: "name it: a type parameter such as `T: Real`",
            },
        )),
        Type::TraitObject(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => Some((
            ty.to_token_stream(),
            Refusal {
                cause: Cause::D0207,
                what: "a parameter of this type is not differentiable",
                why: "pointers, functions and trait objects have no gradient",
                instead: "take numbers, arrays, slices, tuples or structs with #[derive(Differentiable)]",
            },
        )),
        Type::Reference(reference) => unsupported(&reference.elem),
        Type::Paren(inner) => unsupported(&inner.elem),
        Type::Group(inner) => unsupported(&inner.elem),
        _ => None,
    }
}

pub fn unsupported_output(ty: &Type) -> Option<Refusal<'static>> {
    match ty {
        Type::Reference(_) => Some(Refusal {
            cause: Cause::D0209,
            what: "a differentiable function cannot return a reference",
            why: "the cotangent of the result needs a place of its own",
            instead: "return the value itself (an array, a `Vec`, a struct)",
        }),
        Type::ImplTrait(_)
        | Type::TraitObject(_)
        | Type::Ptr(_)
        | Type::FnPtr(_)
        | Type::Never(_) => Some(Refusal {
            cause: Cause::D0210,
            what: "a result of this type is not differentiable",
            why: "pointers, functions and trait objects have no cotangent",
            instead: "return numbers, arrays, tuples or structs with #[derive(Differentiable)]",
        }),
        Type::Path(path) => match path.path.segments.last()?.ident.to_string().as_str() {
            "Result" | "Option" => Some(Refusal {
                cause: Cause::D0211,
                what: "a differentiable function cannot return a `Result` or an `Option`",
                why: "where there is no value, there is nothing to differentiate",
                instead: "check the arguments before, and return the value itself",
            }),
            _ => None,
        },
        _ => None,
    }
}

/// Refuses parameters of a bare type parameter whose bounds are all of the standard library, as in
/// `fn f<T: Mul>(x: T)`: no such bound makes it differentiable. For the stubs it becomes a `Real`.
fn refuse_unbounded(
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
fn bounded_by_std(name: &Ident, generics: &Generics) -> bool {
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

fn apply_wrt(params: &mut [Parameter], options: &Options, diagnostics: &mut Diagnostics) {
    let Some(wrt) = &options.wrt else { return };
    for name in wrt {
        let known: Vec<String> = params
            .iter()
            .map(|param| format!("`{}`", param.name))
            .collect();
        match params.iter().find(|param| param.name == *name) {
            None => diagnostics.refuse(
                name,
                Refusal {
                    cause: Cause::D0108,
                    what: &format!("there is no parameter `{name}`"),
                    why: "`wrt` names the parameters to differentiate by",
                    instead: &format!("name some of {}", known.join(", ")),
                },
            ),
            Some(param) if !param.active => diagnostics.refuse(
                name,
                Refusal {
                    cause: Cause::D0109,
                    what: &format!("`{name}` cannot be differentiated by"),
                    why: "it is marked #[constant], or its type holds no floats",
                    instead: "leave it out of `wrt`",
                },
            ),
            Some(_) => {}
        }
    }
    for param in params {
        param.active &= wrt.contains(&param.name);
    }
}
