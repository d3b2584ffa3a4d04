//! The pipeline of `#[differentiable]`, on one screen.
//!
//! ```text
//! item ── signature ── lower ──┬── graph ───────────────────────────── GRAPH
//!                              └── simplify, cse, stabilise, cse ── activity
//!                                       ├── reverse ── dce ── codegen ── joint, split, vector mode, text
//!                                       └── tangent ── dce ── codegen ── forward mode, vector mode
//! ```
//!
//! Errors are gathered up to the gate after `lower`; behind it nothing fails.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ItemFn;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;

use crate::activity::Activity;
use crate::codegen::names::Names;
use crate::codegen::programs::Printing;
use crate::codegen::{Style, respanned, text};
use crate::companion::{Bodies, Companion, Generated, Parameters};
use crate::cse::cse;
use crate::dce::dce;
use crate::diagnostics::{Cause, Diagnostics, Refusal, Refused};
use crate::explain::{Subject, report};
use crate::graph::graph_constant;
use crate::hoist::hoist;
use crate::ir::{Function, Strategy, ValueId};
use crate::late::hold_late_values;
use crate::lower::{Primal, lower, strip_constant_markers};
use crate::memory::copy_lent;
use crate::nesting::{TOO_DEEP, too_deep};
use crate::options::Options;
use crate::reverse::{Reverse, reverse};
use crate::rules::{Form, Primitive};
use crate::signature::{Method, Signature};
use crate::simplify::simplify;
use crate::stabilise::stabilise;
use crate::tangent::{Tangent, tangent};
use crate::ty::NoTrailingPlus;
use crate::unread::unread;
use crate::vector::{adjoints_side_by_side, tangents_side_by_side};
use crate::verify::verify;
use crate::work::Work;

/// The user's function as written, and its companion.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let plain = strip_constant_markers(item.clone());
    if let Some(place) = too_deep(&item) {
        diagnostics.refuse_at(place, TOO_DEEP);
        let errors = diagnostics.into_compile_errors();
        return quote!(#plain #errors);
    }
    let mut function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            if let Ok(block) = syn::parse2(item.clone()) {
                return crate::block::expand(args, &item, block);
            }
            diagnostics.push(misplaced(&item, &error));
            let errors = diagnostics.into_compile_errors();
            return quote!(#plain #errors);
        }
    };
    NoTrailingPlus.visit_signature_mut(&mut function.sig);
    if let Some(attr) = function.attrs.iter().find(|attr| is_differentiable(attr)) {
        diagnostics.refuse(
            attr,
            Refusal {
                cause: Cause::D0116,
                what: "#[differentiable] twice on one function",
                why: "each would declare the companion type",
                instead: "put all options into one attribute",
            },
        );
        let errors = diagnostics.into_compile_errors();
        let plain = ItemFn {
            attrs: function
                .attrs
                .iter()
                .filter(|attr| !is_differentiable(attr))
                .cloned()
                .collect(),
            ..syn::parse2(plain).unwrap_or(function)
        };
        return quote!(#plain #errors);
    }
    let options = Options::parse(args, &mut diagnostics);
    if let Some(receiver) = function.sig.receiver() {
        diagnostics.refuse(
            receiver,
            Refusal {
                cause: Cause::D0125,
                what: "a method is not differentiable by itself",
                why: "there is no place for its derivatives beside it inside of the `impl` block",
                instead: "put #[differentiable] on the `impl` block; options may stay here",
            },
        );
        // Inside an `impl` block there is no place for a companion type.
        let errors = diagnostics.into_compile_errors();
        return quote!(#plain #errors);
    }
    let name = options.name.as_ref().unwrap_or(&function.sig.ident);
    if name == "f64" || name == "f32" {
        diagnostics.refuse(
            name,
            Refusal {
                cause: Cause::D0202,
                what: &format!("a companion type named `{name}`"),
                why: "it would hide the number type of that name",
                instead: "give the function another name, or its companion: #[differentiable(name = …)]",
            },
        );
        let errors = diagnostics.into_compile_errors();
        return quote!(#plain #errors);
    }
    let companion = differentiate(
        &function,
        None,
        &options,
        &item,
        &mut diagnostics,
        |companion| companion.emit(),
    );
    let errors = diagnostics.into_compile_errors();
    // Whoever calls a derivative uses the function, though rustc does not see it.
    quote!(#[allow(dead_code)] #plain #companion #errors)
}

/// The error for an item that is not read as a function.
fn misplaced(item: &TokenStream, error: &syn::Error) -> syn::Error {
    let Ok(item) = syn::parse2::<syn::Item>(item.clone()) else {
        let what = format!("this function cannot be read: {error}");
        return not_read(&what).at(error.span());
    };
    let refusal = match &item {
        syn::Item::Struct(_) => Refusal {
            cause: Cause::D0121,
            what: "#[differentiable] on a struct",
            why: "structs get their gradient from the derive",
            instead: "write #[derive(Differentiable)], and #[differentiable(..)] after it if an option is needed",
        },
        syn::Item::Trait(_) => Refusal {
            cause: Cause::D0122,
            what: "#[differentiable] on a trait",
            why: "its functions have no single body to differentiate",
            instead: "put the attribute on the free functions that the implementations call",
        },
        syn::Item::Mod(_) => Refusal {
            cause: Cause::D0123,
            what: "#[differentiable] on a module",
            why: "the attribute works on one function",
            instead: "put it on each function in the module",
        },
        _ if syn::parse2::<syn::TraitItemFn>(quote!(#item)).is_ok() => Refusal {
            cause: Cause::D0129,
            what: "#[differentiable] on a function without a body",
            why: "there is nothing to differentiate",
            instead: "put the attribute on the free functions that the implementations call",
        },
        _ => Refusal {
            cause: Cause::D0124,
            what: "#[differentiable] on this item",
            why: "only functions have derivatives",
            instead: "put the attribute on a function",
        },
    };
    refusal.on(item)
}

fn not_read(what: &str) -> Refusal<'_> {
    Refusal {
        cause: Cause::D0130,
        what,
        why: "the macro knows the syntax of stable Rust",
        instead: "write it in stable syntax",
    }
}

/// The derivatives of one function, which `emit` makes items of. `tokens` are the function's own.
pub fn differentiate<T>(
    function: &ItemFn,
    method: Option<Method>,
    options: &Options,
    tokens: &TokenStream,
    diagnostics: &mut Diagnostics,
    emit: impl FnOnce(&Companion<'_>) -> T,
) -> T {
    let mut names = Names::new(tokens);
    let mut signature = Signature::read(function, method, options, &mut names, diagnostics);
    let bodies =
        bodies(&mut signature, function, options, &names, diagnostics).unwrap_or(Bodies::Stubs);
    let parameters = Parameters::of(&signature, &names);
    emit(&Companion::new(&signature, &parameters, &bodies))
}

pub fn is_differentiable(attr: &syn::Attribute) -> bool {
    attr.path()
        .segments
        .last()
        .is_some_and(|last| last.ident == "differentiable")
}

fn bodies(
    signature: &mut Signature,
    function: &ItemFn,
    options: &Options,
    names: &Names,
    diagnostics: &mut Diagnostics,
) -> Result<Bodies, Refused> {
    if let (Some(pullback), Some(jvp)) = (options.pullback.clone(), options.jvp.clone()) {
        diagnostics.gate()?;
        return Ok(Bodies::Custom { pullback, jvp });
    }
    if let (Some(vjp), Some(jvp)) = (options.vjp.clone(), options.jvp.clone()) {
        diagnostics.gate()?;
        let parameters = Parameters::of(signature, names);
        let with_value = options.with_value.is_some();
        return Ok(Bodies::by_rules(
            signature,
            &parameters,
            vjp,
            jvp,
            with_value,
        ));
    }
    if let Some(tokens) = unread(&function.block) {
        diagnostics.refuse(tokens, not_read("this cannot be read"));
        return Err(Refused);
    }
    let primal = lower(signature, &function.block, diagnostics);
    diagnostics.gate()?;
    signature.output_ty = signature.output_ty.with_aliases(&primal.aliases);
    for param in &mut signature.params {
        param.ty = param.ty.with_aliases(&primal.aliases);
    }
    let graph = graph_constant(&primal, signature);

    let mut lowered = primal;
    let mut primal = lowered.function.clone();
    verify_primal("lower", &primal);
    hold_late_values(&mut primal);
    verify_primal("late values", &primal);
    simplify(&mut primal);
    verify_primal("simplify", &primal);
    // Before the patterns, which compare values by identity, and after what they insert.
    cse(&mut primal);
    verify_primal("cse", &primal);
    for ident in stabilise(&mut primal, options.stable.is_some(), &signature.krate) {
        lowered.builtins.insert(ident.to_string(), ident);
    }
    verify_primal("stabilise", &primal);
    cse(&mut primal);
    verify_primal("cse", &primal);
    hoist(&mut primal);
    verify_primal("hoist", &primal);
    copy_lent(&mut primal);
    verify_primal("copies of what is lent", &primal);
    let activity = Activity::of(&primal);
    let parameters = Parameters::of(signature, names);

    let mut pulled = reverse(&primal, &activity, signature.recursive);
    let strategy = options.checkpoint.as_ref().map(|(_, strategy)| strategy);
    let finished = pulled.finish(&primal, strategy);
    let report = options.explain.map(|_| {
        let name = signature.name.to_string();
        report(Subject {
            name: &name,
            primal: &primal,
            derived: &pulled.function,
            joint: &pulled.joint,
            decisions: &finished.decisions,
            strategy,
            checkpointed: &finished.checkpointed,
        })
    });
    if let Some((name, _)) = &options.checkpoint
        && finished.checkpointed.is_empty()
    {
        diagnostics.refuse(
            name,
            Refusal {
                cause: Cause::D0114,
                what: "`checkpoint` where no loop keeps anything",
                why: "it is for outermost `for` loops without `break` and `return` that hand values from one iteration to the next; here there is none, or what its reverse needs is still there anyway",
                instead: "leave the option out",
            },
        );
    }
    verify_reverse("keep", &pulled);

    let mut pushed = tangent(&primal, &activity);
    verify_tangent("tangent", &primal, &pushed);
    dce(&mut pushed.stmts, [primal.output, pushed.out_dot]);
    verify_tangent("dce of tangent", &primal, &pushed);

    let printing = Printing {
        primal: &primal,
        signature,
        parameters: &parameters,
        items: &lowered.items,
        names,
    };
    let tangents = tangents_side_by_side(&pushed, signature);
    let adjoints = adjoints_side_by_side(&pulled, &primal, signature);
    let print = |style| printing.reverse(&pulled, style);
    let compiled = print(Style::Compiled);
    let split = print(Style::Split);
    let readable = print(Style::Readable);
    Ok(Bodies::Generated(Box::new(Generated {
        text: text::readable(signature, &parameters, &readable.joint),
        report,
        fully_accumulated: pulled.fully_accumulated(),
        ignored: pulled.ignored.iter().map(|(k, _)| *k).collect(),
        joint: compiled.joint,
        work: Work::of(&primal),
        forward: split.forward,
        value: split.value,
        backward: split.backward,
        tangent: printing.tangent(&pushed),
        vector_tangent: tangents.map(|tangents| printing.vector_forward(&pushed, tangents)),
        vector_reverse: adjoints.map(|adjoints| printing.vector_reverse(&pulled, adjoints)),
        graph: graph.tokens,
        evaluable: graph.evaluable,
        assertions: assertions(signature, &lowered, options),
    })))
}

fn inputs(primal: &Function) -> impl Iterator<Item = ValueId> + '_ {
    primal.params.iter().map(|param| param.value)
}

fn verify_primal(pass: &str, primal: &Function) {
    verify(
        pass,
        primal,
        inputs(primal),
        &primal.body.stmts,
        [primal.output],
    );
}

fn verify_tangent(pass: &str, primal: &Function, pushed: &Tangent) {
    let inputs = inputs(primal).chain(pushed.dots.iter().copied());
    let outputs = [primal.output, pushed.out_dot];
    verify(pass, &pushed.function, inputs, &pushed.stmts, outputs);
}

fn verify_reverse(pass: &str, pulled: &Reverse) {
    let inputs = inputs(&pulled.function)
        .chain(pulled.bars.iter().copied())
        .chain([pulled.out_bar]);
    let inputs: Vec<ValueId> = inputs.collect();
    let split = pulled.forward.iter().chain(&pulled.backward);
    for stmts in [
        split.collect::<Vec<_>>(),
        pulled.joint.stmts.iter().collect(),
    ] {
        verify(
            pass,
            &pulled.function,
            inputs.iter().copied(),
            stmts,
            [pulled.function.output],
        );
    }
}

/// What rustc is asked to confirm, because the macro had to go by names.
fn assertions(signature: &Signature, primal: &Primal, options: &Options) -> TokenStream {
    let krate = &signature.krate;
    let own = |ident: &Ident| Ident::new(&ident.to_string(), Span::call_site());
    // A bare `sigmoid` is the runtime's, and so is `x.sigmoid()`.
    let functions = primal.builtins.values().map(|ident| {
        let (own, krate) = (own(ident), respanned(krate, ident.span()));
        quote_spanned!(ident.span()=> #krate::__private::the_runtime_function(&(#ident, #krate::prelude::#own::<f64>));)
    });
    let methods = primal.methods.values().map(|ident| {
        let (own, krate) = (own(ident), respanned(krate, ident.span()));
        quote_spanned! {ident.span()=>
            #krate::__private::the_runtime_function(&(
                <::core::primitive::f64>::#ident,
                <::core::primitive::f64 as #krate::Real>::#own,
            ));
        }
    });
    // `f64` in `f64::sqrt` is the primitive type.
    let paths = primal.paths.values().map(|path| {
        let owner = &path.segments[0].ident;
        let method = own(&path.segments[1].ident);
        let function =
            match Primitive::method(&method.to_string()).map(|primitive| primitive.rule().form) {
                Some(Form::Activation(_)) | None if method != "sin_cos" => {
                    quote!(<::core::primitive::#owner as #krate::Real>::#method)
                }
                _ => quote!(<::core::primitive::#owner>::#method),
            };
        quote_spanned!(owner.span()=> #krate::__private::the_runtime_function(&(#path, #function));)
    });
    // `x.clone()` is the trait's.
    let clones = primal.clones.values().map(|ty| {
        let krate = respanned(krate, ty.span());
        quote_spanned! {ty.span()=>
            #krate::__private::the_runtime_function(&(<#ty>::clone, <#ty as ::core::clone::Clone>::clone));
        }
    });
    // `x.sqrt()` of `x: &f64` is the float's: another trait's on `&f64` would come first, and makes
    // this call ambiguous.
    let borrowed = primal.borrowed.values().map(|method| {
        quote_spanned! {method.span()=> {
            trait OnReference: ::core::marker::Sized { fn #method(self) {} }
            impl OnReference for &::core::primitive::f64 {}
            let _ = |x: &::core::primitive::f64| x.#method();
        }}
    });
    // `Point(x, y)` constructs a tuple struct.
    let constructors = primal
        .constructors
        .values()
        .map(|path| quote!(let _ = |value: &_| { let #path(..) = value; };));
    // The constant that a strategy names is one, and not zero.
    let strategy = options.checkpoint.iter().map(|(_, strategy)| match strategy {
        Strategy::Periodic(steps) => {
            quote!(const { ::core::assert!(#steps > 0, "`periodic` needs a period of at least one step") };)
        }
        Strategy::Revolve(slots) => {
            quote!(const { ::core::assert!(#slots > 0, "`revolve` needs at least one slot") };)
        }
        Strategy::StoreAll => TokenStream::new(),
    });
    // A named type that took part in arithmetic is a scalar.
    let aliases = primal
        .aliases
        .iter()
        .filter_map(|text| text.parse::<TokenStream>().ok());
    quote! {
        #(#functions)*
        #(#methods)*
        #(#paths)*
        #(#clones)*
        #(#borrowed)*
        #(#constructors)*
        #(#strategy)*
        #(#krate::__private::a_scalar::<#aliases>();)*
    }
}
