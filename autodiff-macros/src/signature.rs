//! The function's signature: parameters with their types, modes and activity.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, FnArg, GenericParam, Generics, ItemFn, Lifetime, Pat, ReturnType, Type,
    TypeParamBound, Visibility,
};

use crate::codegen::names::Names;
use crate::diagnostics::{Diagnostics, Refusal};
use crate::ir::Mode;
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
    /// The method that it is, in an `impl` block.
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

/// Where a method stands.
#[derive(Clone)]
pub struct Method {
    /// The type of the `impl` block.
    pub owner: Type,
    /// The generics of the `impl` block.
    pub generics: Generics,
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
        options: &Options,
        names: &mut Names,
        diagnostics: &mut Diagnostics,
    ) -> Signature {
        refuse_qualifiers(item, diagnostics);
        let companion = options.name.as_ref().unwrap_or(&item.sig.ident);
        if companion == "f64" || companion == "f32" {
            diagnostics.refuse(
                companion,
                Refusal {
                    what: &format!("a companion type named `{companion}`"),
                    why: "it would hide the number type of that name",
                    instead: "give the function another name, or its companion: #[differentiable(name = …)]",
                },
            );
        }
        let sig = &item.sig;
        let krate = match &options.krate {
            Some(path) => path.to_token_stream(),
            None => quote!(::autodiff_runtime),
        };
        let mut generics = sig.generics.clone();
        refuse_unbounded(item, &mut generics, &krate, diagnostics);
        let reals = real_parameters(&generics);
        let mut params = Vec::new();
        for (index, input) in sig.inputs.iter().enumerate() {
            if let Some(param) =
                read_parameter(index, input, &mut generics, &reals, names, diagnostics)
            {
                params.push(param);
            }
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
            around: Generics::default(),
            recursive: options.recursive.is_some() || calls_itself(item),
            method: None,
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

    pub fn active(&self) -> impl Iterator<Item = &Parameter> {
        self.params.iter().filter(|param| param.active)
    }

    /// Whether `value_and_grad` and its like exist.
    pub fn has_scalar_output(&self) -> bool {
        self.output_ty.is_scalar()
    }
}

/// Whether the function's own name is called in its body.
fn calls_itself(item: &ItemFn) -> bool {
    struct Calls<'n>(&'n Ident, bool);
    impl<'ast> syn::visit::Visit<'ast> for Calls<'_> {
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            if let syn::Expr::Path(path) = &*call.func {
                let own = path
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == *self.0);
                let first = &path.path.segments[0].ident;
                let here = path.path.segments.len() == 1 || first == "self" || first == "Self";
                self.1 |= own && here;
            }
            syn::visit::visit_expr_call(self, call);
        }

        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            let on_self =
                matches!(&*call.receiver, syn::Expr::Path(path) if path.path.is_ident("self"));
            self.1 |= on_self && call.method == *self.0;
            syn::visit::visit_expr_method_call(self, call);
        }
    }
    let mut calls = Calls(&item.sig.ident, false);
    syn::visit::Visit::visit_block(&mut calls, &item.block);
    calls.1
}

fn refuse_qualifiers(item: &ItemFn, diagnostics: &mut Diagnostics) {
    let sig = &item.sig;
    let mut refuse = |tokens: TokenStream, what: &str, instead: &str| {
        let why = "the derivative is an ordinary safe function with a fixed list of arguments";
        diagnostics.refuse(tokens, Refusal { what, why, instead });
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
fn real_parameters(generics: &Generics) -> Vec<Ident> {
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

fn read_parameter(
    index: usize,
    input: &FnArg,
    generics: &mut Generics,
    reals: &[Ident],
    names: &mut Names,
    diagnostics: &mut Diagnostics,
) -> Option<Parameter> {
    let FnArg::Typed(input) = input else {
        return None;
    };
    if let Some(attr) = input.attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
        diagnostics.refuse(
            attr,
            Refusal {
                what: "conditional compilation of a parameter",
                why: "the macro runs before it is evaluated, and the derivatives would keep the parameter",
                instead: "put `#[cfg]` on two versions of the function",
            },
        );
    }
    let mut written = (*input.ty).clone();
    let mut refused = false;
    let constant = input.attrs.iter().any(is_constant);
    if let Some(name) = without_gradient(&written).filter(|_| !constant) {
        diagnostics.refuse(
            &input.ty,
            Refusal {
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
        Type::Reference(reference) if mutable => name_lifetimes(&mut reference.elem, generics),
        other => name_lifetimes(other, generics),
    }
    let mut read = ty::read(&written, reals, &mut || Ty::Inactive);
    if refused {
        read.ty = Ty::Inactive;
    }
    if read.references > 1 {
        diagnostics.refuse(
            &input.ty,
            Refusal {
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
    Some(Parameter {
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
    })
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

fn unsupported(ty: &Type) -> Option<(TokenStream, Refusal<'static>)> {
    match ty {
        Type::ImplTrait(_) => Some((
            ty.to_token_stream(),
            Refusal {
                what: "`impl Trait` parameters are not differentiable",
                why: "the type has no name that the gradient's type could be made from",
                instead: "name it: a type parameter such as `T: Real`",
            },
        )),
        Type::TraitObject(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => Some((
            ty.to_token_stream(),
            Refusal {
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

fn unsupported_output(ty: &Type) -> Option<Refusal<'static>> {
    match ty {
        Type::Reference(_) => Some(Refusal {
            what: "a differentiable function cannot return a reference",
            why: "the cotangent of the result needs a place of its own",
            instead: "return the value itself (an array, a `Vec`, a struct)",
        }),
        Type::ImplTrait(_)
        | Type::TraitObject(_)
        | Type::Ptr(_)
        | Type::FnPtr(_)
        | Type::Never(_) => Some(Refusal {
            what: "a result of this type is not differentiable",
            why: "pointers, functions and trait objects have no cotangent",
            instead: "return numbers, arrays, tuples or structs with #[derive(Differentiable)]",
        }),
        Type::Path(path) => match path.path.segments.last()?.ident.to_string().as_str() {
            "Result" | "Option" => Some(Refusal {
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

/// Names the elided lifetimes of a parameter, because the pullback's type has to mention what it
/// captures. One name serves all of them: shared references shrink to the shortest.
fn name_lifetimes(ty: &mut Type, generics: &mut Generics) {
    struct Namer<'a>(&'a mut Generics);
    impl Namer<'_> {
        fn elided(&mut self) -> Lifetime {
            let name = Lifetime::new(ELIDED, Span::call_site());
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
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident == "_" {
                *lifetime = self.elided();
            }
        }
    }
    syn::visit_mut::VisitMut::visit_type_mut(&mut Namer(generics), ty);
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
                    what: &format!("there is no parameter `{name}`"),
                    why: "`wrt` names the parameters to differentiate by",
                    instead: &format!("name some of {}", known.join(", ")),
                },
            ),
            Some(param) if !param.active => diagnostics.refuse(
                name,
                Refusal {
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
