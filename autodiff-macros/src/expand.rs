//! The pipeline of `#[differentiable]`, on one screen.
//!
//! ```text
//! item ── signature ── lower ──┬── graph ───────────────────────────── GRAPH
//!                              └── simplify, stabilise, cse ── activity
//!                                       ├── reverse ── dce ── codegen ── joint, split, text
//!                                       └── tangent ── dce ── codegen ── forward mode
//! ```
//!
//! Errors are gathered up to the gate after `lower`; behind it nothing fails.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ItemFn;

use crate::activity::Activity;
use crate::codegen::names::Names;
use crate::codegen::{Printer, Style};
use crate::companion::{Bodies, Companion, Generated, Parameters};
use crate::cse::cse;
use crate::dce::{dce, dce_pair};
use crate::diagnostics::{Diagnostics, Refused};
use crate::graph::graph_constant;
use crate::ir::{Function, Region, ValueId};
use crate::lower::{Primal, lower, strip_constant_markers};
use crate::options::Options;
use crate::reverse::{Reverse, reverse};
use crate::signature::Signature;
use crate::simplify::simplify;
use crate::stabilise::stabilise;
use crate::tangent::{Tangent, tangent};
use crate::ty::Ty;
use crate::verify::verify;

/// The user's function as written, and its companion.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let plain = strip_constant_markers(item.clone());
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            diagnostics.push(crate::misplaced(&item).unwrap_or(error));
            let errors = diagnostics.into_compile_errors();
            return quote!(#plain #errors);
        }
    };
    let options = Options::parse(args, &mut diagnostics);
    let mut signature = Signature::read(&function, &options, &mut diagnostics);
    let names = Names::new(&item);
    let bodies = bodies(
        &mut signature,
        &function,
        &options,
        &names,
        &mut diagnostics,
    )
    .unwrap_or(Bodies::Stubs);
    let parameters = parameters(&signature, &names);
    let companion = Companion {
        signature: &signature,
        parameters: &parameters,
        bodies: &bodies,
    }
    .emit();
    let errors = diagnostics.into_compile_errors();
    // Whoever calls a derivative uses the function, though rustc does not see it.
    quote!(#[allow(dead_code)] #plain #companion #errors)
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
    let primal = lower(signature, &function.block, diagnostics);
    diagnostics.gate()?;
    signature.output_ty = signature.output_ty.with_aliases(&primal.aliases);
    for param in &mut signature.params {
        param.ty = param.ty.with_aliases(&primal.aliases);
    }
    let graph = graph_constant(&primal, signature);

    let Primal {
        function: mut primal,
        items,
        mut builtins,
        ..
    } = primal;
    verify_primal("lower", &primal);
    simplify(&mut primal);
    verify_primal("simplify", &primal);
    for ident in stabilise(&mut primal, options.stable.is_some(), &signature.krate) {
        builtins.insert(ident.to_string(), ident);
    }
    verify_primal("stabilise", &primal);
    cse(&mut primal);
    verify_primal("cse", &primal);
    let activity = Activity::of(&primal);

    let mut pulled = reverse(&primal, &activity);
    verify_reverse(&pulled);
    dce_pair(&mut pulled.forward, &mut pulled.backward, [primal.output]);
    verify_reverse(&pulled);

    let mut pushed = tangent(&primal, &activity);
    let mut region = Region {
        stmts: std::mem::take(&mut pushed.stmts),
    };
    dce(&mut region, [primal.output, pushed.out_dot]);
    pushed.stmts = region.stmts;
    let inputs = inputs(&primal).chain(pushed.dots.iter().copied());
    verify(
        "tangent",
        &pushed.function,
        inputs,
        &pushed.stmts,
        [primal.output, pushed.out_dot],
    );

    let print = |style| print_reverse(&primal, &pulled, signature, &items, names, style);
    let compiled = print(Style::Compiled);
    let split = print(Style::Split);
    let readable = print(Style::Readable);
    Ok(Bodies::Generated(Box::new(Generated {
        text: text(signature, &readable.joint),
        joint: compiled.joint,
        forward: split.forward,
        value: split.value,
        backward: split.backward,
        tangent: print_tangent(&primal, &pushed, signature, &items, names),
        graph: graph.tokens,
        evaluable: graph.evaluable,
        assertions: assertions(signature, &builtins),
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

fn verify_reverse(pulled: &Reverse) {
    let inputs = inputs(&pulled.function)
        .chain(pulled.bars.iter().copied())
        .chain([pulled.out_bar]);
    let stmts = pulled.forward.iter().chain(&pulled.backward);
    verify(
        "reverse",
        &pulled.function,
        inputs,
        stmts,
        [pulled.function.output],
    );
}

/// The parameter names of the generated functions, the same in every one of them.
fn parameters(signature: &Signature, names: &Names) -> Parameters {
    let mut names = names.clone();
    let derived = |names: &mut Names, suffix: &str| -> Vec<Ident> {
        signature
            .active()
            .map(|param| names.fresh(&format!("{}_{suffix}", unraw(&param.name))))
            .collect()
    };
    Parameters {
        args: signature
            .params
            .iter()
            .map(|param| param.name.clone())
            .collect(),
        bars: derived(&mut names, "bar"),
        dots: derived(&mut names, "dot"),
        out_bar: names.fresh("out_bar"),
    }
}

fn unraw(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

struct PrintedReverse {
    joint: TokenStream,
    forward: TokenStream,
    value: TokenStream,
    backward: TokenStream,
}

/// A printer that knows the parameters under their names.
fn printer<'a>(
    function: &'a Function,
    primal: &Function,
    signature: &'a Signature,
    names: &Names,
    style: Style,
) -> Printer<'a> {
    let mut printer = Printer::new(
        function,
        primal.values.len(),
        style,
        &signature.krate,
        names.clone(),
    );
    for param in &primal.params {
        printer.parameter(param.value, param.mode);
    }
    printer
}

fn print_reverse(
    primal: &Function,
    pulled: &Reverse,
    signature: &Signature,
    items: &TokenStream,
    names: &Names,
    style: Style,
) -> PrintedReverse {
    let mut printer = printer(&pulled.function, primal, signature, names, style);
    for &bar in &pulled.bars {
        printer.buffer_parameter(bar);
    }
    printer.parameter(pulled.out_bar, crate::ir::Mode::Value);
    let output = pulled.function.output;
    printer.plan(pulled.forward.iter().chain(&pulled.backward), &[output]);
    let forward = printer.statements(&pulled.forward);
    let backward = printer.statements(&pulled.backward);
    let later: &[_] = if style == Style::Split {
        &pulled.backward
    } else {
        &[]
    };
    let value = if signature.returns_nothing {
        quote!(())
    } else {
        printer.result(output, later)
    };
    let joint = match style {
        Style::Compiled | Style::Split => quote!(#items #forward #backward #value),
        Style::Readable => quote!(#items #forward __reverse_pass!(); #backward __value!(); #value),
    };
    PrintedReverse {
        joint,
        forward: quote!(#items #forward),
        value,
        backward,
    }
}

fn print_tangent(
    primal: &Function,
    pushed: &Tangent,
    signature: &Signature,
    items: &TokenStream,
    names: &Names,
) -> TokenStream {
    let mut printer = printer(&pushed.function, primal, signature, names, Style::Compiled);
    for (&dot, param) in pushed
        .dots
        .iter()
        .zip(primal.params.iter().filter(|param| param.active))
    {
        printer.parameter(dot, param.mode);
    }
    printer.plan(pushed.stmts.iter(), &[primal.output, pushed.out_dot]);
    let stmts = printer.statements(&pushed.stmts);
    let value = if signature.returns_nothing {
        quote!(())
    } else {
        printer.result(primal.output, &[])
    };
    let out_dot = printer.result(pushed.out_dot, &[]);
    quote!(#items #stmts (#value, #out_dot))
}

/// The joint program as a function a person would write, formatted.
fn text(signature: &Signature, joint: &TokenStream) -> String {
    let names = signature.params.iter().map(|param| &param.name);
    let types = signature
        .params
        .iter()
        .map(|param| without_made_up_lifetimes(&param.written));
    let nothing = TokenStream::new();
    let bars = signature
        .active()
        .map(|param| quote::format_ident!("{}_bar", unraw(&param.name)));
    let buffers = signature
        .active()
        .map(|param| crate::codegen::types::buffer(&param.ty, &nothing));
    let name = quote::format_ident!("{}_reverse", unraw(&signature.name));
    let output = &signature.output;
    let out_bar = crate::codegen::types::gradient(&signature.output_ty, &nothing);
    let (generics, _, clause) = {
        let mut generics = signature.generics.clone();
        generics.params = generics
            .params
            .into_iter()
            .filter(
                |param| !matches!(param, syn::GenericParam::Lifetime(l) if is_made_up(&l.lifetime)),
            )
            .collect();
        let (generics, types, clause) = generics.split_for_impl();
        (quote!(#generics), quote!(#types), quote!(#clause))
    };
    let function = quote! {
        fn #name #generics (#(#names: #types,)* out_bar: #out_bar, #(#bars: &mut #buffers),*) -> #output #clause {
            #joint
        }
    };
    let formatted = match syn::parse2::<syn::File>(function.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => function.to_string(),
    };
    formatted
        .replace("    __reverse_pass!();\n", "    // Reverse pass.\n")
        .replace("    __value!();\n", "")
        .replace("::autodiff_runtime::prelude::", "")
}

fn is_made_up(lifetime: &syn::Lifetime) -> bool {
    lifetime.to_string() == crate::signature::ELIDED
}

fn without_made_up_lifetimes(ty: &syn::Type) -> TokenStream {
    struct Eraser;
    impl syn::visit_mut::VisitMut for Eraser {
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            if reference.lifetime.as_ref().is_some_and(is_made_up) {
                reference.lifetime = None;
            }
            syn::visit_mut::visit_type_reference_mut(self, reference);
        }
    }
    let mut ty = ty.clone();
    syn::visit_mut::VisitMut::visit_type_mut(&mut Eraser, &mut ty);
    ty.to_token_stream()
}

/// What rustc is asked to confirm: that a bare `sigmoid` is the runtime's, and that a named type
/// that took part in arithmetic is a scalar.
fn assertions(signature: &Signature, builtins: &BTreeMap<String, Ident>) -> TokenStream {
    let krate = &signature.krate;
    let builtins = builtins.values().map(|ident| {
        let own = Ident::new(&ident.to_string(), proc_macro2::Span::call_site());
        quote!(#krate::__private::the_runtime_function::<#ident, #krate::prelude::#own>();)
    });
    let aliased = signature
        .params
        .iter()
        .map(|param| &param.ty)
        .chain([&signature.output_ty]);
    let aliased = aliased.filter_map(|ty| match ty {
        Ty::Scalar(crate::ty::Scalar::Alias(ty)) => {
            Some(quote!(#krate::__private::a_scalar::<#ty>();))
        }
        _ => None,
    });
    quote!(#(#builtins)* #(#aliased)*)
}
