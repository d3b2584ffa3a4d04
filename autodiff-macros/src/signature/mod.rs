//! The function's signature: parameters with their types, modes and activity.

mod generics;
mod parameter;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, Generics, ItemFn, Pat, ReturnType, Type, Visibility};

use crate::codegen::names::Names;
use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::ir::{Called, Callee, Mode};
use crate::options::Options;
use crate::ty::{self, Scalar, Ty};
use generics::refuse_unbounded;
use parameter::{apply_wrt, read_parameter, read_receiver};

pub use generics::{name_lifetimes, real_parameters};
pub use parameter::{unsupported, unsupported_output};

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
    /// As generated functions take it: where a reference to a view is written, a reference to the array behind it,
    /// which callers may have without a view.
    pub taken: Type,
    /// Whether that is so.
    pub is_view: bool,
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
        if !options.has_rules() {
            params.iter_mut().for_each(Parameter::take_array_behind);
        }

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
