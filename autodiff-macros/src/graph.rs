//! The constant `GRAPH`: the primal program, as the user wrote it, in the runtime's graph types.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::codegen::names::unraw;
use crate::ids::IdMap;
use crate::ir::{Function, Observation, Op, Shape, Step, Stmt, ValueId};
use crate::lower::Primal;
use crate::rules::{Form, Primitive};
use crate::signature::Signature;
use crate::ty::{Scalar, Ty};

/// The graph constant's value, and whether the runtime can evaluate it.
pub struct GraphConstant {
    pub tokens: TokenStream,
    pub evaluable: bool,
}

struct Emitter<'a> {
    function: &'a Function,
    signature: &'a Signature,
    krate: TokenStream,
    nodes: Vec<TokenStream>,
    ids: IdMap<usize>,
    evaluable: bool,
}

pub fn graph_constant(primal: &Primal, signature: &Signature) -> GraphConstant {
    let krate = signature.krate.clone();
    let mut emitter = Emitter {
        function: &primal.function,
        signature,
        krate: quote!(#krate::graph),
        nodes: Vec::new(),
        ids: IdMap::new(),
        evaluable: true,
    };
    for param in &primal.function.params {
        let name = unraw(&param.name);
        let shape = emitter.shape(primal.function.ty(param.value));
        let krate = &emitter.krate;
        let op = quote!(#krate::Op::Parameter { name: #name, shape: #shape });
        emitter.node(Some(param.value), op, &[], param.name.span());
    }
    let params = (0..emitter.nodes.len())
        .map(|id| emitter.id(id))
        .collect::<Vec<_>>();
    for stmt in &primal.function.body.stmts {
        emitter.stmt(stmt);
    }
    let output = emitter.ids.get(&primal.function.output).copied();
    let outputs = output.map(|id| emitter.id(id));
    let Emitter {
        krate,
        nodes,
        evaluable,
        ..
    } = emitter;
    let name = signature.name.to_string();
    let items = &primal.items;
    let tokens = quote!({
        #items
        #krate::Graph { name: #name, nodes: &[#(#nodes),*], params: &[#(#params),*], outputs: &[#outputs] }
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

impl Emitter<'_> {
    fn id(&self, id: usize) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::NodeId(#id))
    }

    fn node(
        &mut self,
        value: Option<ValueId>,
        op: TokenStream,
        inputs: &[usize],
        span: Span,
    ) -> usize {
        let krate = &self.krate;
        let inputs = inputs.iter().map(|&id| self.id(id));
        let is_param = value.is_some_and(|value| self.function.param(value).is_some());
        let label = match value.and_then(|value| self.function.value(value).name.as_ref()) {
            Some(name) if !is_param => {
                let name = unraw(name);
                quote!(::core::option::Option::Some(#name))
            }
            _ => quote!(::core::option::Option::None),
        };
        let (line, column) = position(span);
        self.nodes.push(quote! {
            #krate::Node { op: #op, inputs: &[#(#inputs),*], label: #label, line: #line, column: #column }
        });
        let id = self.nodes.len() - 1;
        if let Some(value) = value {
            self.ids.insert(value, id);
        }
        id
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let Some(result) = stmt.result() else { return };
        let krate = self.krate.clone();
        let inputs: Vec<usize> = stmt
            .args
            .iter()
            .filter_map(|arg| self.ids.get(arg).copied())
            .collect();
        let scalar = matches!(
            self.function.ty(result),
            Ty::Scalar(Scalar::F32 | Scalar::F64 | Scalar::Unseen)
        );
        let op = match &stmt.op {
            Op::Clone(_) => {
                self.ids.extend(inputs.first().map(|&id| (result, id)));
                return;
            }
            Op::Literal {
                lit: lit @ (syn::Lit::Float(_) | syn::Lit::Int(_)),
                negative,
            } => {
                let minus = negative.then(|| quote!(-));
                quote!(#krate::Op::Constant((#minus #lit) as f64))
            }
            Op::Constant(number) => {
                let number = crate::codegen::types::number(*number, None);
                quote!(#krate::Op::Constant(#number))
            }
            Op::Path(path)
                if (scalar || matches!(self.function.ty(result), Ty::Inactive))
                    && !self.is_generic(path) =>
            {
                quote!(#krate::Op::Constant(#path as f64))
            }
            // The interpreter computes in floats, where this is another operation.
            Op::Apply(Primitive::Div) if self.function.ty(result).is_inactive() => {
                self.expression("integer division")
            }
            Op::Apply(primitive) => match variant(*primitive) {
                Some(variant) => quote!(#krate::Op::Apply(#krate::Function::#variant)),
                None => {
                    let name = primitive.rule().form.name();
                    self.expression(&format!("{name}(…)"))
                }
            },
            Op::Cast => {
                let ty = if matches!(self.function.ty(result), Ty::Scalar(Scalar::F32)) {
                    "f32"
                } else {
                    "f64"
                };
                quote!(#krate::Op::Cast(#ty))
            }
            // An integer cast of a rounded number changes nothing that the graph could see.
            Op::Observe(Observation::Integer(_)) => quote!(#krate::Op::Cast("f64")),
            Op::Aggregate(Shape::Tuple) => quote!(#krate::Op::Tuple),
            Op::Aggregate(Shape::Array) => quote!(#krate::Op::Array),
            Op::Aggregate(Shape::Struct { path, members, .. }) => {
                self.evaluable = false;
                let name = path
                    .segments
                    .last()
                    .map(|segment| segment.ident.to_string())
                    .unwrap_or_default();
                let members = members.iter().map(crate::codegen::member_text);
                quote!(#krate::Op::Struct { name: #name, fields: &[#(#members),*] })
            }
            Op::Project(path) => return self.project(stmt, result, path),
            Op::Call(callee) => {
                let name = callee.path.to_token_stream().to_string().replace(' ', "");
                let mut path = callee.path.clone();
                if let Some(last) = path.segments.last_mut() {
                    last.arguments = syn::PathArguments::None;
                }
                quote!(#krate::Op::Call { name: #name, graph: #path::SUBGRAPH })
            }
            Op::Verbatim(verbatim) => {
                let text = readable(&verbatim.tokens);
                self.expression(&text)
            }
            Op::Path(path) => {
                let text = readable(&path.to_token_stream());
                self.expression(&text)
            }
            Op::Literal { lit, .. } => {
                let text = readable(&lit.to_token_stream());
                self.expression(&text)
            }
            Op::Observe(Observation::Compare(op)) => {
                let text = op.to_token_stream().to_string();
                self.expression(&text)
            }
            Op::Observe(Observation::Method(method)) => {
                let text = format!("{method}()");
                self.expression(&text)
            }
            Op::Repeat(length) if literal_length(length).is_some_and(|length| length <= 64) => {
                let repeated = inputs.repeat(literal_length(length).unwrap_or(0));
                self.node(
                    Some(result),
                    quote!(#krate::Op::Array),
                    &repeated,
                    stmt.span,
                );
                return;
            }
            Op::Repeat(length) => {
                let text = format!("[_; {}]", readable(&length.to_token_stream()));
                self.expression(&text)
            }
            _ => return,
        };
        self.node(Some(result), op, &inputs, stmt.span);
    }

    /// A node that the graph shows but does not evaluate.
    fn expression(&mut self, text: &str) -> TokenStream {
        self.evaluable = false;
        let krate = &self.krate;
        quote!(#krate::Op::Expression(#text))
    }

    fn project(&mut self, stmt: &Stmt, result: ValueId, path: &[Step]) {
        let krate = self.krate.clone();
        let mut indices = stmt.args[1..].iter();
        let Some(&root) = self.ids.get(&stmt.args[0]) else {
            return;
        };
        let mut base = root;
        for (k, step) in path.iter().enumerate() {
            let value = (k + 1 == path.len()).then_some(result);
            base = match step {
                Step::Field(member) => {
                    let name = crate::codegen::member_text(member);
                    self.node(value, quote!(#krate::Op::Field(#name)), &[base], stmt.span)
                }
                Step::At(position) => {
                    let position = *position as f64;
                    let index = self.node(
                        None,
                        quote!(#krate::Op::Constant(#position)),
                        &[],
                        stmt.span,
                    );
                    self.node(value, quote!(#krate::Op::Index), &[base, index], stmt.span)
                }
                Step::Slice { .. } => {
                    let text = self.expression("[..]");
                    self.node(value, text, &[base], stmt.span)
                }
                Step::Index => {
                    let index = indices
                        .next()
                        .and_then(|index| self.ids.get(index))
                        .copied();
                    let inputs: Vec<usize> = [base].into_iter().chain(index).collect();
                    self.node(value, quote!(#krate::Op::Index), &inputs, stmt.span)
                }
            };
        }
    }

    fn is_generic(&self, path: &syn::ExprPath) -> bool {
        let has_arguments = path.qself.is_some()
            || path
                .path
                .segments
                .iter()
                .any(|segment| !segment.arguments.is_none());
        let first = path.path.segments.first().map(|segment| &segment.ident);
        let params = &self.signature.generics.params;
        let names_parameter = params.iter().any(|param| match param {
            syn::GenericParam::Type(param) => Some(&param.ident) == first,
            syn::GenericParam::Const(param) => Some(&param.ident) == first,
            syn::GenericParam::Lifetime(_) => false,
        });
        has_arguments || names_parameter
    }

    fn shape(&mut self, ty: &Ty) -> TokenStream {
        let krate = self.krate.clone();
        match ty {
            Ty::Scalar(_) => quote!(#krate::Shape::Scalar),
            Ty::Inactive => quote!(#krate::Shape::Integer),
            Ty::Tuple(elements) => {
                let elements: Vec<TokenStream> = elements.iter().map(|ty| self.shape(ty)).collect();
                quote!(#krate::Shape::Tuple(&[#(#elements),*]))
            }
            Ty::Array(..) => match ty.literal_lengths() {
                Some(lengths) => quote!(#krate::Shape::Array(&[#(#lengths),*])),
                None => quote!(#krate::Shape::Slice),
            },
            Ty::Sequence(element, _) if element.is_scalar() => quote!(#krate::Shape::Slice),
            Ty::Sequence(..) | Ty::Named(_) | Ty::Var(_) => {
                self.evaluable = false;
                quote!(#krate::Shape::Opaque)
            }
        }
    }
}

fn literal_length(length: &syn::Expr) -> Option<usize> {
    match length {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(length),
            ..
        }) => length.base10_parse().ok(),
        _ => None,
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

/// Rust text with the spaces of token printing taken out where nobody would write them.
pub fn readable(tokens: &TokenStream) -> String {
    let mut text = tokens.to_string();
    for (from, to) in [
        (" . ", "."),
        (" ::", "::"),
        (":: ", "::"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" ,", ","),
        ("& ", "&"),
        (" [", "["),
        ("[ ", "["),
        (" ]", "]"),
        (" !", "!"),
        ("- ", "-"),
    ] {
        text = text.replace(from, to);
    }
    text
}

fn position(span: Span) -> (u32, u32) {
    if !proc_macro::is_available() {
        return (0, 0);
    }
    let span = span.unwrap();
    (span.line() as u32, span.column() as u32)
}
