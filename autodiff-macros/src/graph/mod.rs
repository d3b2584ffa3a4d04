//! The constant `GRAPH`: the primal program, as the user wrote it, in the runtime's graph types.
//!
//! In the graph nothing is changed in place: a memory is the node of its current content, and what a
//! branch or a loop changes of it comes out of it as a further result. Regions are graphs of their
//! own; the outer values that they use become their parameters, but for constants, which are written
//! where they are used.
//!
//! What a function gives are the final contents of its `&mut` parameters, then its value.

mod branch;
mod call;
mod emit;
mod facts;
mod inactive;
mod method;
mod place;
mod prepare;
mod region;
mod repeat;
mod text;
mod tokens;

pub use tokens::readable;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::codegen::names::unraw;
use crate::ids::IdMap;
use crate::ir::{Function, Mode, Stmt};
use crate::lower::Primal;
use crate::rules::{Form, Primitive};
use crate::signature::Signature;
use crate::ty::Ty;

/// The graph constant's value, and whether the runtime can evaluate it.
pub struct GraphConstant {
    pub tokens: TokenStream,
    pub evaluable: bool,
}

struct Emitter<'a> {
    function: &'a Function,
    signature: &'a Signature,
    definitions: IdMap<&'a Stmt>,
    facts: facts::Facts,
    krate: TokenStream,
    scope: Scope,
    evaluable: bool,
}

/// The graph or subgraph that is being written.
#[derive(Clone, Default)]
struct Scope {
    nodes: Vec<Node>,
    /// The nodes of values; of a memory, that of its current content.
    ids: IdMap<usize>,
}

/// A node, as it will be printed.
#[derive(Clone)]
struct Node {
    op: TokenStream,
    inputs: Vec<usize>,
    label: Option<String>,
    span: Span,
}

impl Scope {
    fn tokens(&self, krate: &TokenStream) -> TokenStream {
        let nodes = self.nodes.iter().map(|node| {
            let Node {
                op,
                inputs,
                label,
                span,
            } = node;
            let label = match label {
                Some(label) => quote!(::core::option::Option::Some(#label)),
                None => quote!(::core::option::Option::None),
            };
            let (line, column) = position(*span);
            quote! {
                #krate::Node {
                    op: #op, inputs: &[#(#krate::NodeId(#inputs)),*], label: #label,
                    line: #line, column: #column,
                }
            }
        });
        quote!(&[#(#nodes),*])
    }
}

pub fn graph_constant(primal: &Primal, signature: &Signature) -> GraphConstant {
    let krate = &signature.krate;
    let function = prepare::prepare(&primal.function, signature);
    let mut emitter = Emitter {
        function: &function,
        signature,
        definitions: function.definitions(),
        facts: facts::Facts::of(&function),
        krate: quote!(#krate::graph),
        scope: Scope::default(),
        evaluable: true,
    };
    for param in &function.params {
        let name = unraw(&param.name);
        let shape = emitter.shape(function.ty(param.value));
        emitter.evaluable &= is_laid_out(function.ty(param.value));
        let krate = &emitter.krate;
        let op = quote!(#krate::Op::Parameter { name: #name, shape: #shape });
        emitter.node(Some(param.value), op, &[], param.name.span());
    }
    let params = emitter.ids(0..function.params.len());
    emitter.stmts(&function.body.stmts);
    let changed = (function.params.iter()).filter(|param| param.mode == Mode::Mutable);
    let value = prepare::returns_value(signature).then_some(function.output);
    let outputs: Vec<usize> = changed
        .map(|param| param.value)
        .chain(value)
        .map(|id| emitter.used(id))
        .collect();
    let outputs = emitter.ids(outputs);
    let Emitter {
        krate,
        scope,
        evaluable,
        ..
    } = emitter;
    let nodes = scope.tokens(&krate);
    let name = signature.name.to_string();
    let items = &primal.items;
    let tokens = quote!({
        #items
        #krate::Graph { name: #name, nodes: #nodes, params: &[#params], outputs: &[#outputs] }
    });
    GraphConstant { tokens, evaluable }
}

/// The graph of a function with a hand-written rule: its parameters and one opaque node.
pub fn opaque(signature: &Signature) -> TokenStream {
    let krate = &signature.krate;
    let krate = quote!(#krate::graph);
    let name = signature.name.to_string();
    let params = signature.params.iter().map(|param| {
        let name = unraw(&param.name);
        quote! {
            #krate::Node {
                op: #krate::Op::Parameter { name: #name, shape: #krate::Shape::Opaque },
                inputs: &[], label: ::core::option::Option::None, line: 0, column: 0,
            }
        }
    });
    let count = signature.params.len();
    let ids: Vec<TokenStream> = (0..count).map(|id| quote!(#krate::NodeId(#id))).collect();
    quote! {
        #krate::Graph {
            name: #name,
            nodes: &[#(#params,)* #krate::Node {
                op: #krate::Op::Call { name: #name, graph: ::core::option::Option::None },
                inputs: &[#(#ids),*], label: ::core::option::Option::None, line: 0, column: 0,
            }],
            params: &[#(#ids),*],
            outputs: &[#krate::NodeId(#count)],
        }
    }
}

/// Whether the runtime can divide a flat list of numbers among parameters of such types.
fn is_laid_out(ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(_) | Ty::Inactive => true,
        Ty::Tuple(elements) => elements.iter().all(|ty| is_laid_out(ty) && !is_list(ty)),
        Ty::Array(element, _) => ty.literal_lengths().is_some() || element.is_scalar(),
        Ty::Sequence(element, _) => element.is_scalar(),
        Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => false,
    }
}

/// Whether how many numbers there are is known at run time only.
fn is_list(ty: &Ty) -> bool {
    match ty {
        Ty::Array(..) => ty.literal_lengths().is_none(),
        Ty::Sequence(..) => true,
        _ => false,
    }
}

/// The runtime's name of a primitive that users can write.
fn variant(primitive: Primitive) -> Option<Ident> {
    match primitive.rule().form {
        Form::Operator(_) | Form::Method(_) | Form::Activation(_) | Form::Loss(_) => {
            Some(format_ident!("{primitive:?}"))
        }
        Form::Support(_) | Form::Gathered(..) => None,
    }
}

fn position(span: Span) -> (u32, u32) {
    if !proc_macro::is_available() {
        return (0, 0);
    }
    let span = span.unwrap();
    (span.line() as u32, span.column() as u32)
}
