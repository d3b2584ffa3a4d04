//! Parameters: how they are passed, which are active, and what is no parameter of a differentiable
//! function.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::{Generics, Pat, PatType, Receiver, ReceiverKind, Type};

use super::generics::set_lifetimes;
use super::{ELIDED, Parameter, is_constant, name_lifetimes};
use crate::codegen::names::Names;
use crate::codegen::respanned;
use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::ir::Mode;
use crate::options::Options;
use crate::ty::{self, Ty};

/// The receiver of a method as a parameter of the name `self`, and whether it was refused.
pub(super) fn read_receiver(
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

pub(super) fn read_parameter(
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
        taken: written.clone(),
        is_view: false,
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

impl Parameter {
    /// A function that is written for a reference to a view takes a reference to the array.
    pub(super) fn take_array_behind(&mut self) {
        let Type::Reference(reference) = &self.written else {
            return;
        };
        let Type::Path(view) = &*reference.elem else {
            return;
        };
        let borrows = view
            .path
            .segments
            .last()
            .is_some_and(ty::is_borrowing_array);
        if let Ty::Tensor(tensor) = &mut self.ty
            && self.active
            && self.mode == Mode::Reference
            && borrows
        {
            // The array has no lifetime, nor has its gradient: that of the view is nothing to them.
            let mut view = Type::Path(view.clone());
            set_lifetimes(&mut view, &syn::parse_quote!('static));
            let mut taken = reference.clone();
            *taken.elem = syn::parse_quote!(<#view as ::core::ops::Deref>::Target);
            self.taken = Type::Reference(taken);
            self.is_view = true;
            tensor.written = Some(Box::new(view));
        }
    }
}

/// A type of the standard library that has no gradient, and cannot be given one.
pub(super) fn without_gradient(ty: &Type) -> Option<&Ident> {
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

pub(super) fn apply_wrt(
    params: &mut [Parameter],
    options: &Options,
    diagnostics: &mut Diagnostics,
) {
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
