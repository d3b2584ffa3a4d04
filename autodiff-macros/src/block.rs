//! `#[differentiable] impl Type { … }`: the block as written, and beside it one with the derivatives
//! of its functions.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Attribute, FnArg, ImplItem, ImplItemFn, ItemFn, ItemImpl, ReturnType, Type};

use crate::codegen::respanned;
use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::expand::{differentiate, is_differentiable};
use crate::ir::Mode;
use crate::lower::strip_constant_markers;
use crate::options::Options;
use crate::signature::{
    Method, Sibling, Siblings, calls, is_constant, name_lifetimes, real_parameters, unsupported,
    unsupported_output,
};
use crate::ty;

/// The lifetime that stands for `'_` in the block's header.
const AROUND: &str = "'around";

pub fn expand(args: TokenStream, item: &TokenStream, block: ItemImpl) -> TokenStream {
    let plain = strip_options(strip_constant_markers(item.clone()));
    let mut diagnostics = Diagnostics::default();
    let derivatives = match refusal(&block) {
        Some((tokens, refusal)) => {
            diagnostics.refuse(tokens, refusal);
            TokenStream::new()
        }
        None => {
            let options = Options::parse(args, &mut diagnostics);
            options.refuse_on_block(&mut diagnostics);
            derivatives(block, options.krate.as_ref(), &mut diagnostics)
        }
    };
    let errors = diagnostics.into_compile_errors();
    // Whoever calls a derivative uses the method, though rustc does not see it.
    quote!(#[allow(dead_code)] #plain #derivatives #errors)
}

fn refusal(block: &ItemImpl) -> Option<(TokenStream, Refusal<'static>)> {
    if let Some((path, _)) = &block.trait_ {
        let refusal = Refusal {
            cause: Cause::D0120,
            what: "#[differentiable] on the implementation of a trait",
            why: "the derivatives are methods of their own, and the trait declares none of them",
            instead: "put the methods into an `impl` block of the type itself, and call those from the trait's",
        };
        return Some((path.to_token_stream(), refusal));
    }
    let twice = block.attrs.iter().find(|attr| is_differentiable(attr))?;
    let refusal = Refusal {
        cause: Cause::D0117,
        what: "#[differentiable] twice on one `impl` block",
        why: "each would declare the derivatives",
        instead: "leave one out",
    };
    Some((twice.to_token_stream(), refusal))
}

/// A function of the block with what is asked of it.
struct Function {
    item: ItemFn,
    tokens: TokenStream,
    /// The arguments of its own attribute, if it has one.
    options: Option<TokenStream>,
    cfgs: Vec<Attribute>,
}

/// The block of derivatives; those of functions that may be left out by `#[cfg]` have one each.
fn derivatives(
    block: ItemImpl,
    krate: Option<&syn::Path>,
    diagnostics: &mut Diagnostics,
) -> TokenStream {
    let (mut owner, mut generics) = (*block.self_ty, block.generics);
    name_lifetimes(&mut owner, &mut generics, AROUND);
    let functions: Vec<Function> = block
        .items
        .into_iter()
        .filter_map(|item| match item {
            ImplItem::Fn(item) => Some(Function::new(item, &owner)),
            _ => None,
        })
        .collect();
    let method = Method {
        siblings: Rc::new(siblings(&functions, &owner, &generics)),
        owner,
        generics,
    };
    let mut together = Vec::new();
    let mut apart = Vec::new();
    for function in functions {
        let name = function.item.sig.ident.to_string();
        if method.siblings[&name].left_out.is_some() {
            continue;
        }
        let mut own = Diagnostics::default();
        let mut options = Options::parse(function.options.unwrap_or_default(), &mut own);
        options.refuse_on_method(&mut own);
        options.krate = options.krate.or(krate.cloned());
        let items = differentiate(
            &function.item,
            Some(method.clone()),
            &options,
            &function.tokens,
            &mut own,
            |companion| companion.items(),
        );
        diagnostics.append(own);
        match function.cfgs.is_empty() {
            true => together.extend(items),
            false => apart.push((function.cfgs, items)),
        }
    }
    let blocks = std::iter::once((Vec::new(), together)).chain(apart);
    let blocks = blocks.filter(|(_, items)| !items.is_empty());
    let cfgs: Vec<&Attribute> = block.attrs.iter().filter(|attr| is_cfg(attr)).collect();
    let Method {
        owner, generics, ..
    } = &method;
    let (generics, _, clause) = generics.split_for_impl();
    let blocks = blocks.map(|(own, items)| {
        code! {
            #(#cfgs)*
            #(#own)*
            #[allow(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
            #[automatically_derived]
            impl #generics #owner #clause {
                #(#items)*
            }
        }
    });
    blocks.collect()
}

impl Function {
    fn new(item: ImplItemFn, owner: &Type) -> Function {
        let tokens = item.to_token_stream();
        let attr = item.attrs.iter().find(|attr| is_differentiable(attr));
        let options = attr.map(|attr| match &attr.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        });
        let cfgs = item.attrs.iter().filter(|attr| is_cfg(attr)).cloned();
        let mut sig = item.sig;
        NameSelf(owner).visit_signature_mut(&mut sig);
        Function {
            options,
            cfgs: cfgs.collect(),
            item: ItemFn {
                attrs: item.attrs,
                vis: item.vis,
                modifiers: item.modifiers,
                sig,
                block: Box::new(item.block),
            },
            tokens,
        }
    }
}

fn is_cfg(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg")
}

/// Writes the type's name for `Self` in a signature: it reads better, and is a name that the types of
/// other parameters can be compared with.
struct NameSelf<'a>(&'a Type);

impl VisitMut for NameSelf<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && path.path.is_ident("Self")
        {
            let span = path.path.segments[0].ident.span();
            if let Ok(owner) = syn::parse2(respanned(&self.0.to_token_stream(), span)) {
                *ty = owner;
                return;
            }
        }
        syn::visit_mut::visit_type_mut(self, ty);
    }
}

fn siblings(functions: &[Function], owner: &Type, generics: &syn::Generics) -> Siblings {
    let owner_name = match owner {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    };
    let fallback = Ident::new("Self", proc_macro2::Span::call_site());
    let owner_name = owner_name.unwrap_or(&fallback);
    let around = real_parameters(generics);
    let called: BTreeMap<String, BTreeSet<String>> = functions
        .iter()
        .map(|own| {
            let name = own.item.sig.ident.to_string();
            (name, calls(&own.item, Some(owner_name)))
        })
        .collect();
    let mut siblings = Siblings::new();
    for function in functions {
        let sig = &function.item.sig;
        let name = sig.ident.to_string();
        let mut reals = real_parameters(&sig.generics);
        let is_generic = sig.generics.type_params().next().is_some()
            || sig.generics.const_params().next().is_some();
        reals.extend(around.iter().cloned());
        let output = match &sig.output {
            ReturnType::Default => ty::Ty::Inactive,
            ReturnType::Type(_, output) => ty::read(output, &reals, &mut || ty::Ty::Inactive).ty,
        };
        let left_out = left_out(function, &output, &reals);
        siblings.insert(
            name.clone(),
            Sibling {
                receiver: receiver(sig),
                left_out,
                output: (!is_generic || output.is_inactive()).then_some(output),
                recursive: reaches(&name, &called),
            },
        );
    }
    siblings
}

/// Whether a function calls itself, through others perhaps.
fn reaches(name: &str, called: &BTreeMap<String, BTreeSet<String>>) -> bool {
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    let mut open: Vec<&String> = called[name].iter().collect();
    while let Some(next) = open.pop() {
        if next == name {
            return true;
        }
        if seen.insert(next) {
            open.extend(called.get(next).into_iter().flatten());
        }
    }
    false
}

fn receiver(sig: &syn::Signature) -> Option<Mode> {
    let of_type = |ty: &Type| match ty {
        Type::Reference(reference) if reference.mutability.is_some() => Mode::Mutable,
        Type::Reference(_) => Mode::Reference,
        _ => Mode::Value,
    };
    Some(match &sig.receiver()?.kind {
        syn::ReceiverKind::Reference(_, _, Some(_)) => Mode::Mutable,
        syn::ReceiverKind::Reference(_, _, None) => Mode::Reference,
        syn::ReceiverKind::Typed(_, ty) => of_type(ty),
        _ => Mode::Value,
    })
}

/// Why a function has no derivatives, if it is one that needs none or was not asked for by itself.
fn left_out(function: &Function, output: &ty::Ty, reals: &[Ident]) -> Option<&'static str> {
    let sig = &function.item.sig;
    if function.item.attrs.iter().any(is_constant) {
        return Some("it is marked #[constant]");
    }
    if function.options.is_some() {
        return None;
    }
    let written = match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => unsupported_output(ty),
    };
    if written.is_some() {
        return Some("its result is of a type that has no cotangent");
    }
    let is_ordinary =
        sig.asyncness.is_none() && matches!(sig.safety, syn::Safety::Default) && sig.abi.is_none();
    if !is_ordinary {
        return Some("it is no ordinary safe function");
    }
    let (mut active, mut changed) = (false, false);
    for input in &sig.inputs {
        match input {
            FnArg::Receiver(own) => {
                let is_active = !own.attrs.iter().any(is_constant);
                active |= is_active;
                changed |= is_active && receiver(sig) == Some(Mode::Mutable);
            }
            FnArg::Typed(own) => {
                if unsupported(&own.ty).is_some() {
                    return Some("a parameter of it is of a type that has no gradient");
                }
                let ty = ty::read(&own.ty, reals, &mut || ty::Ty::Inactive).ty;
                let is_active = !own.attrs.iter().any(is_constant) && !ty.is_inactive();
                active |= is_active;
                changed |= is_active
                    && matches!(&*own.ty, Type::Reference(own) if own.mutability.is_some());
            }
        }
    }
    let differentiable = active && (changed || !output.is_inactive());
    (!differentiable).then_some("there is nothing in it to differentiate")
}

/// Removes the `#[differentiable(…)]` attributes of the functions in the block.
fn strip_options(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(block)) = tokens.last_mut()
        && block.delimiter() == Delimiter::Brace
    {
        let mut kept: Vec<TokenTree> = Vec::new();
        let mut stripped = false;
        for token in block.stream() {
            let after_pound =
                matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
            if after_pound && is_options(&token) {
                kept.pop();
                stripped = true;
            } else {
                kept.push(token);
            }
        }
        if stripped {
            let mut group = Group::new(Delimiter::Brace, kept.into_iter().collect());
            group.set_span(block.span());
            *block = group;
        }
    }
    tokens.into_iter().collect()
}

/// Whether the brackets of an attribute hold `differentiable`, by whatever path.
fn is_options(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let meta = syn::parse2::<syn::Meta>(group.stream());
    group.delimiter() == Delimiter::Bracket
        && meta.is_ok_and(|meta| {
            let last = meta.path().segments.last();
            last.is_some_and(|last| last.ident == "differentiable")
        })
}
