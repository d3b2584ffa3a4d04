//! The companion type: the public functions around the generated programs.

mod abreast;
mod documentation;
mod frame;
mod functions;
mod items;
mod method;
mod protocol;
mod rules;
mod shapes;

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::Path;

use crate::codegen::names::{Names, unraw};
use crate::codegen::programs::PrintedReverse;
use crate::ir::Mode;
use crate::jacobian;
use crate::signature::{Parameter, Signature};
use crate::ty::Ty;
use crate::work::Work;
use documentation::Documentation;

pub use frame::Frame;
use frame::zero_gradient;
pub use items::Items;

/// The bodies that the companion's functions are made of.
pub enum Bodies {
    /// Generated from the function's body.
    Generated(Box<Generated>),
    /// Hand-written rules, of which the reverse one returns a closure.
    Custom { pullback: Path, jvp: Path },
    /// Hand-written rules that are functions of all that they need.
    Rules {
        code: Box<Generated>,
        vjp: Path,
        jvp: Path,
    },
    /// The function was refused: everything has its type and nothing runs.
    Stubs,
}

impl Bodies {
    /// The code, unless it is in closures of the user's or missing.
    pub fn code(&self) -> Option<&Generated> {
        match self {
            Bodies::Generated(code) | Bodies::Rules { code, .. } => Some(code),
            Bodies::Custom { .. } | Bodies::Stubs => None,
        }
    }
}

/// Code with the parameter names of [`Parameters`] free in it.
#[derive(Default)]
pub struct Generated {
    /// The joint program: a block with the value of the function's result.
    pub joint: TokenStream,
    /// Whether it becomes a part of its callers.
    pub work: Work,
    /// The split program's forward part and value: statements, then the expression.
    pub forward: TokenStream,
    pub value: TokenStream,
    /// The split program's reverse part: statements.
    pub backward: TokenStream,
    /// The forward program: a block with value and tangent.
    pub tangent: TokenStream,
    /// The forward program with several tangents side by side, where there is one.
    pub vector_tangent: Option<TokenStream>,
    /// The split program with several adjoints side by side, where there is one.
    pub vector_reverse: Option<PrintedReverse>,
    /// The joint program as readable text.
    pub text: String,
    /// What became of its loops, if that was asked for.
    pub report: Option<String>,
    pub graph: TokenStream,
    pub evaluable: bool,
    /// Per active parameter: see [`crate::reverse::Reverse::fully_accumulated`].
    pub fully_accumulated: Vec<bool>,
    /// The positions of the inactive slices for whose adjoints the split program wants buffers.
    pub ignored: Vec<usize>,
    /// Statements that let rustc check what the macro had to assume.
    pub assertions: TokenStream,
}

/// The names the generated functions give their parameters.
pub struct Parameters {
    pub args: Vec<Ident>,
    /// The same where `self` cannot stand: in closures and as an ordinary parameter.
    pub again: Vec<Ident>,
    /// Per active parameter.
    pub bars: Vec<Ident>,
    pub dots: Vec<Ident>,
    /// Per parameter, a buffer for an adjoint that nobody wants.
    pub ignored: Vec<Ident>,
    pub out_bar: Ident,
    /// The number of tangents or adjoints that a vector program carries.
    pub width: Ident,
}

impl Parameters {
    /// The names, the same in every generated function.
    pub fn of(signature: &Signature, names: &Names) -> Parameters {
        let mut names = names.clone();
        let mut derived = |suffix: &str| -> Vec<Ident> {
            let wishes = signature
                .active()
                .map(|param| format!("{}_{suffix}", unraw(&param.name)));
            wishes.map(|wish| names.fresh(&wish)).collect()
        };
        let bars = derived("bar");
        let dots = derived("dot");
        let params = signature.params.iter();
        let ignored = params.map(|param| names.fresh(&format!("{}_ignored", unraw(&param.name))));
        let ignored = ignored.collect();
        let again = signature
            .params
            .iter()
            .map(|param| match param.name == "self" {
                true => names.fresh("this"),
                false => param.name.clone(),
            });
        Parameters {
            again: again.collect(),
            args: signature
                .params
                .iter()
                .map(|param| param.name.clone())
                .collect(),
            bars,
            dots,
            ignored,
            out_bar: names.fresh("out_bar"),
            width: {
                // The parameters of an `impl` block around need not be mentioned in the method.
                let around = signature.around.const_params().map(|param| &param.ident);
                let types = signature.around.type_params().map(|param| &param.ident);
                let around: Vec<&Ident> = around.chain(types).collect();
                loop {
                    let width = names.fresh("WIDTH");
                    if !around.iter().any(|own| unraw(own) == unraw(&width)) {
                        break width;
                    }
                }
            },
        }
    }
}

pub struct Companion<'a> {
    pub signature: &'a Signature,
    pub parameters: &'a Parameters,
    pub bodies: &'a Bodies,
    pub frame: Frame,
}

impl<'a> Companion<'a> {
    pub fn new(signature: &'a Signature, parameters: &'a Parameters, bodies: &'a Bodies) -> Self {
        Companion {
            signature,
            parameters,
            bodies,
            frame: Frame::new(signature, parameters, bodies),
        }
    }

    /// The type beside a free function.
    pub fn emit(&self) -> TokenStream {
        let Signature {
            companion,
            vis,
            cfgs,
            ..
        } = self.signature;
        let name = self.signature.name.to_string();
        let doc = format!(
            "Derivatives of the function [`{name}`](fn@{name}): value and gradient, pullback, Jacobian–vector product.\n\n\
             Generated by `#[differentiable]`; the README of `autodiff-runtime` describes each function."
        );
        let items = self.items();
        code! {
            #(#cfgs)*
            #[doc = #doc]
            #[allow(non_camel_case_types, clippy::all, clippy::pedantic)]
            #vis enum #companion {}

            #(#cfgs)*
            #[allow(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
            #[automatically_derived]
            impl #companion {
                #(#items)*
            }
        }
    }

    /// The parameters with their names.
    pub fn named(&self) -> impl Iterator<Item = (&'a Parameter, &'a Ident)> {
        self.signature.params.iter().zip(&self.parameters.args)
    }

    /// A zero gradient for each active parameter.
    pub fn zero_gradients(&self) -> impl Iterator<Item = TokenStream> {
        let active = self.named().filter(|(param, _)| param.active);
        active.map(|(param, name)| zero_gradient(param, name, &self.frame.krate))
    }

    fn documentation(&self) -> Documentation<'_> {
        Documentation::new(self.signature)
    }

    /// The associated items, of the type beside a function or of a method's own type.
    pub fn items(&self) -> Vec<TokenStream> {
        let mut items = vec![
            self.pullback(),
            self.by_hand(),
            self.split(),
            self.reverse(),
            self.vjp(),
            self.jvp(),
            self.tangent(),
            self.calls(),
            self.call_jvp(),
            self.call_vector_jvp(),
            self.call_vector_vjp(),
            self.method_calls(),
        ];
        if self.signature.has_scalar_output() {
            items.push(self.gradients());
        } else {
            items.extend(jacobian::emit(self));
        }
        items.push(self.constants());
        items
    }

    fn constants(&self) -> TokenStream {
        let Items {
            name_generated,
            name_graph,
            name_report,
            name_subgraph,
            ..
        } = &self.frame.items;
        let Frame { krate, vis, .. } = &self.frame;
        let name = self.signature.name.to_string();
        let (graph, text, trace, subgraph) = match self.bodies {
            Bodies::Generated(generated) => (
                generated.graph.clone(),
                generated.text.clone(),
                generated.evaluable.then(|| self.trace()),
                code!(::core::option::Option::Some(|| Self::#name_graph)),
            ),
            Bodies::Custom {
                pullback: rule,
                jvp,
            }
            | Bodies::Rules { vjp: rule, jvp, .. } => {
                let option = match self.bodies {
                    Bodies::Custom { .. } => "pullback",
                    _ => "vjp",
                };
                let text = format!(
                    "// The derivative of `{name}` is written by hand:\n// {option} = {}, jvp = {}\n",
                    crate::graph::readable(&code!(#rule)),
                    crate::graph::readable(&code!(#jvp)),
                );
                (
                    crate::graph::opaque(self.signature),
                    text,
                    None,
                    code!(::core::option::Option::None),
                )
            }
            Bodies::Stubs => (
                code!(#krate::graph::Graph { name: #name, nodes: &[], params: &[], outputs: &[] }),
                String::new(),
                Some(self.trace()),
                code!(::core::option::Option::None),
            ),
        };
        let report = match self.bodies {
            Bodies::Generated(generated) => generated.report.as_ref().map(|text| {
                code! {
                    /// What the gradient does with each loop and branch: what is fused, kept and
                    /// computed again, and why.
                    #vis const #name_report: &'static ::core::primitive::str = #text;
                }
            }),
            _ => None,
        };
        code! {
            /// The static computation graph.
            #vis const #name_graph: #krate::graph::Graph = #graph;

            /// The generated reverse pass, as readable Rust.
            #vis const #name_generated: &'static ::core::primitive::str = #text;

            #[doc(hidden)]
            #vis const #name_subgraph: ::core::option::Option<fn() -> #krate::graph::Graph> = #subgraph;

            #report

            #trace
        }
    }

    fn trace(&self) -> TokenStream {
        let Items {
            name_graph,
            name_trace,
            ..
        } = &self.frame.items;
        let Frame {
            krate,
            vis,
            generics,
            clause,
            declared,
            ..
        } = &self.frame;
        let numbers = self
            .named()
            .map(|(param, name)| match (&param.ty, param.mode) {
                (Ty::Inactive, Mode::Value) => code!(#krate::__private::index_to_f64(#name)),
                (Ty::Inactive, _) => {
                    let value = quote_spanned!(name.span()=> *#name);
                    code!(#krate::__private::index_to_f64(#value))
                }
                (_, Mode::Value) => code!(&#name),
                (_, Mode::Reference) => code!(#name),
                (_, Mode::Mutable) => code!(&*#name),
            });
        let numbers = numbers
            .zip(&self.signature.params)
            .map(|(number, param)| match &param.ty {
                Ty::Inactive => code!(#krate::__private::vec![#number]),
                _ => code!(#krate::__private::leaves(#number)),
            });
        let body = match self.bodies {
            Bodies::Stubs => code!(::core::unreachable!()),
            _ => code!(#krate::__private::trace(&Self::#name_graph, &[#(#numbers),*])),
        };
        code! {
            /// Evaluates the graph: every node's value, and its adjoint by a cotangent of one for
            /// each number of the result.
            #vis fn #name_trace #generics (#declared) -> #krate::graph::Trace #clause {
                #body
            }
        }
    }
}
