//! Statements without anything inside, node by node.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Expr, Lit, Type};

use super::{Emitter, Node, readable, variant};
use crate::codegen::names::unraw;
use crate::ir::{Observation, Op, Shape, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::{Scalar, Ty, is_integer};

impl Emitter<'_> {
    pub(super) fn ids(&self, ids: impl IntoIterator<Item = usize>) -> TokenStream {
        let krate = &self.krate;
        let ids = ids.into_iter().map(|id| quote!(#krate::NodeId(#id)));
        quote!(#(#ids),*)
    }

    /// A node, that of the value if one is given.
    pub(super) fn node(
        &mut self,
        value: Option<ValueId>,
        op: TokenStream,
        inputs: &[usize],
        span: Span,
    ) -> usize {
        let label = value
            .filter(|&value| self.function.param(value).is_none())
            .and_then(|value| self.function.value(value).name.as_ref())
            .map(unraw);
        let id = self.labelled(label, op, inputs, span);
        self.scope.ids.extend(value.map(|value| (value, id)));
        id
    }

    /// The next content of a memory.
    pub(super) fn content(
        &mut self,
        memory: ValueId,
        op: TokenStream,
        inputs: &[usize],
        span: Span,
    ) -> usize {
        let label = self.function.value(memory).name.as_ref().map(unraw);
        let id = self.labelled(label, op, inputs, span);
        self.scope.ids.insert(memory, id);
        id
    }

    fn labelled(
        &mut self,
        label: Option<String>,
        op: TokenStream,
        inputs: &[usize],
        span: Span,
    ) -> usize {
        self.scope.nodes.push(Node {
            op,
            inputs: inputs.to_vec(),
            label,
            span,
        });
        self.scope.nodes.len() - 1
    }

    /// Gives a node the name of a value, if it has none.
    pub(super) fn label(&mut self, node: usize, name: &str) {
        let label = &mut self.scope.nodes[node].label;
        label.get_or_insert_with(|| name.to_owned());
    }

    pub(super) fn constant(&mut self, number: f64, span: Span) -> usize {
        let number = crate::codegen::types::number(number, None);
        let krate = &self.krate;
        self.node(None, quote!(#krate::Op::Constant(#number)), &[], span)
    }

    pub(super) fn apply(&mut self, function: &str, inputs: &[usize], span: Span) -> usize {
        let op = self.function(function);
        self.node(None, op, inputs, span)
    }

    fn function(&self, name: &str) -> TokenStream {
        let (krate, name) = (&self.krate, format_ident!("{name}"));
        quote!(#krate::Op::Apply(#krate::Function::#name))
    }

    pub(super) fn compare(&self, name: &str) -> TokenStream {
        let (krate, name) = (&self.krate, format_ident!("{name}"));
        quote!(#krate::Op::Compare(#krate::Comparison::#name))
    }

    /// A node that the graph shows but does not evaluate.
    pub(super) fn expression(&mut self, text: &str) -> TokenStream {
        self.evaluable = false;
        let krate = &self.krate;
        quote!(#krate::Op::Expression(#text))
    }

    /// The node of a value; a constant gets one where it is used.
    pub(super) fn used(&mut self, id: ValueId) -> usize {
        if let Some(&node) = self.scope.ids.get(&id) {
            return node;
        }
        if let (true, Some(&stmt)) = (self.is_inline(id), self.definitions.get(&id)) {
            self.stmt(stmt);
            return self.scope.ids[&id];
        }
        let text = self.text(id);
        let op = self.expression(&text);
        self.node(Some(id), op, &[], self.function.value(id).span)
    }

    pub(super) fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            if !stmt.result().is_some_and(|id| self.is_inline(id)) {
                self.stmt(stmt);
            }
        }
    }

    /// Whether it is written where it is used, in every region: a constant without a name.
    pub(super) fn is_inline(&self, id: ValueId) -> bool {
        let op = self.definitions.get(&id).map(|stmt| &stmt.op);
        self.function.value(id).name.is_none()
            && matches!(
                op,
                Some(Op::Literal { .. } | Op::Constant(_) | Op::Path(_) | Op::Dummy)
            )
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) {
        let krate = self.krate.clone();
        let span = stmt.span;
        let op = match &stmt.op {
            Op::If(_) if self.logical(stmt) => return,
            Op::If(_) => return self.branch(stmt),
            Op::Switch(_) => return self.switch(stmt),
            Op::Loop(own) => return self.repeat(stmt, own),
            Op::Store(path) => return self.store_statement(stmt, path),
            Op::Update(path, primitive) => return self.update(stmt, path, *primitive),
            Op::Append => {
                let inputs = self.inputs(stmt);
                self.content(stmt.args[0], quote!(#krate::Op::Append), &inputs, span);
                return;
            }
            Op::Shrink => return self.shrink(stmt),
            Op::Call(callee) => return self.call(stmt, callee),
            Op::Verbatim(verbatim) => return self.verbatim(stmt, verbatim),
            Op::Project(path) => return self.project(stmt, path),
            Op::Clone(_) | Op::Memory => {
                let node = self.used(stmt.args[0]);
                self.scope.ids.insert(stmt.results[0], node);
                return;
            }
            Op::Observe(Observation::Method(method)) => {
                return self.method(stmt, &method.to_string());
            }
            Op::Observe(observation) => self.observation(observation),
            Op::Literal { .. } | Op::Constant(_) | Op::Path(_) => self.number(stmt),
            // The interpreter computes in floats, where this is another operation.
            Op::Apply(Primitive::Div) if self.function.ty(stmt.results[0]).is_inactive() => {
                let inputs = self.inputs(stmt);
                let quotient = self.apply("Div", &inputs, span);
                let op = self.function("Trunc");
                self.node(stmt.result(), op, &[quotient], span);
                return;
            }
            Op::Apply(primitive) => match variant(*primitive) {
                Some(variant) => quote!(#krate::Op::Apply(#krate::Function::#variant)),
                None => {
                    let name = primitive.rule().form.name();
                    self.expression(&format!("{name}(…)"))
                }
            },
            Op::Cast => {
                let ty = match self.function.ty(stmt.results[0]) {
                    Ty::Scalar(Scalar::F32) => "f32",
                    _ => "f64",
                };
                quote!(#krate::Op::Cast(#ty))
            }
            Op::Aggregate(Shape::Tuple) => quote!(#krate::Op::Tuple),
            Op::Aggregate(Shape::Array | Shape::Vec | Shape::Late) => quote!(#krate::Op::Array),
            Op::Aggregate(Shape::Struct { path, members, .. }) => {
                self.evaluable = false;
                let last = path.segments.last();
                let name = last.map(|last| last.ident.to_string()).unwrap_or_default();
                let members = members.iter().map(crate::codegen::member_text);
                quote!(#krate::Op::Struct { name: #name, fields: &[#(#members),*] })
            }
            Op::Dummy => quote!(#krate::Op::Tuple),
            Op::Fill => quote!(#krate::Op::Repeat),
            Op::Repeat(length) => return self.repeated(stmt, length),
            // Effects, and the operations of derived programs.
            _ => return,
        };
        let inputs = self.inputs(stmt);
        self.node(stmt.result(), op, &inputs, span);
    }

    pub(super) fn inputs(&mut self, stmt: &Stmt) -> Vec<usize> {
        stmt.args.iter().map(|&arg| self.used(arg)).collect()
    }

    /// What a flag is, if it is known.
    pub(super) fn flag(&self, id: ValueId) -> Option<bool> {
        match self.definitions.get(&id).map(|stmt| &stmt.op) {
            Some(Op::Literal {
                lit: Lit::Bool(own),
                ..
            }) => Some(own.value),
            _ => None,
        }
    }

    /// A literal, or a constant by its path.
    fn number(&mut self, stmt: &Stmt) -> TokenStream {
        let krate = self.krate.clone();
        let id = stmt.results[0];
        match &stmt.op {
            Op::Literal {
                lit: lit @ (Lit::Float(_) | Lit::Int(_)),
                negative,
            } => {
                let minus = negative.then(|| quote!(-));
                quote!(#krate::Op::Constant((#minus #lit) as f64))
            }
            Op::Literal {
                lit: Lit::Bool(flag),
                ..
            } => {
                let number = f64::from(u8::from(flag.value));
                quote!(#krate::Op::Constant(#number))
            }
            Op::Constant(number) => {
                let number = crate::codegen::types::number(*number, None);
                quote!(#krate::Op::Constant(#number))
            }
            Op::Path(path) if !self.mentions_parameter(&path.to_token_stream()) => {
                match self.function.ty(id) {
                    Ty::Scalar(Scalar::F32 | Scalar::F64 | Scalar::Unseen) => {
                        quote!(#krate::Op::Constant(#path as f64))
                    }
                    // By way of an integer, which flags are cast to.
                    Ty::Inactive if !self.facts.texts.contains(&id) => {
                        quote!(#krate::Op::Constant(#path as i128 as f64))
                    }
                    _ if self.facts.is_flag(id) => {
                        quote!(#krate::Op::Constant(#path as u8 as f64))
                    }
                    _ => self.expression(&readable(&path.to_token_stream())),
                }
            }
            Op::Path(path) => self.expression(&readable(&path.to_token_stream())),
            Op::Literal { lit, .. } => self.expression(&lit.to_token_stream().to_string()),
            _ => unreachable!("only constants are numbers"),
        }
    }

    fn observation(&mut self, observation: &Observation) -> TokenStream {
        let krate = &self.krate;
        match observation {
            Observation::Integer(ty) => {
                let known = match &**ty {
                    Type::Path(path) => path.path.get_ident().map(ToString::to_string),
                    _ => None,
                };
                let name = known.filter(|name| is_integer(name));
                let name = name.unwrap_or_else(|| "i64".to_owned());
                quote!(#krate::Op::Cast(#name))
            }
            Observation::Compare(op, _) => match comparison(op) {
                Some(name) => self.compare(name),
                None => self.expression(&op.to_token_stream().to_string()),
            },
            Observation::Not => quote!(#krate::Op::Not),
            Observation::Method(_) => unreachable!("methods are several nodes"),
            Observation::Shape => unreachable!("no user asks for shapes"),
        }
    }

    /// `x.len()`, `x.is_nan()`.
    fn method(&mut self, stmt: &Stmt, name: &str) {
        let krate = self.krate.clone();
        let (span, result) = (stmt.span, stmt.result());
        let x = self.used(stmt.args[0]);
        let (op, inputs) = match name {
            "len" => (quote!(#krate::Op::Length), vec![x]),
            "is_empty" => {
                let length = self.node(None, quote!(#krate::Op::Length), &[x], span);
                (
                    self.compare("Equal"),
                    vec![length, self.constant(0.0, span)],
                )
            }
            "is_nan" => (self.compare("NotEqual"), vec![x, x]),
            "is_finite" | "is_infinite" => {
                let size = self.apply("Abs", &[x], span);
                let limit = self.constant(f64::INFINITY, span);
                let name = if name == "is_finite" { "Less" } else { "Equal" };
                (self.compare(name), vec![size, limit])
            }
            "is_sign_negative" | "is_sign_positive" => {
                let one = self.constant(1.0, span);
                let sign = self.apply("Copysign", &[one, x], span);
                let zero = self.constant(0.0, span);
                let name = if name == "is_sign_negative" {
                    "Less"
                } else {
                    "Greater"
                };
                (self.compare(name), vec![sign, zero])
            }
            _ => (self.expression(&format!("{name}()")), vec![x]),
        };
        self.node(result, op, &inputs, span);
    }

    /// `[x; N]`.
    fn repeated(&mut self, stmt: &Stmt, length: &Expr) {
        let krate = self.krate.clone();
        let tokens = length.to_token_stream();
        let op = match self.mentions_parameter(&tokens) {
            true => self.expression(&readable(&tokens)),
            false => quote!(#krate::Op::Constant((#tokens) as f64)),
        };
        let element = self.used(stmt.args[0]);
        let length = self.node(None, op, &[], stmt.span);
        let op = quote!(#krate::Op::Repeat);
        self.node(stmt.result(), op, &[element, length], stmt.span);
    }

    /// Whether a type or const parameter of the function occurs, or a type that is given arguments.
    pub(super) fn mentions_parameter(&self, tokens: &TokenStream) -> bool {
        let is_parameter = |ident: &proc_macro2::Ident| {
            let (own, around) = (&self.signature.generics, &self.signature.around);
            own.params
                .iter()
                .chain(&around.params)
                .any(|param| match param {
                    syn::GenericParam::Type(param) => param.ident == *ident,
                    syn::GenericParam::Const(param) => param.ident == *ident,
                    syn::GenericParam::Lifetime(_) => false,
                })
        };
        tokens.clone().into_iter().any(|token| match token {
            TokenTree::Ident(ident) => is_parameter(&ident),
            TokenTree::Group(group) => self.mentions_parameter(&group.stream()),
            TokenTree::Punct(punct) => punct.as_char() == '<',
            TokenTree::Literal(_) => false,
        })
    }

    /// A layout, for pictures.
    pub(super) fn shape(&self, ty: &Ty) -> TokenStream {
        let krate = &self.krate;
        match ty {
            Ty::Scalar(_) => quote!(#krate::Shape::Scalar),
            Ty::Inactive => quote!(#krate::Shape::Integer),
            Ty::Tuple(elements) => {
                let elements = elements.iter().map(|ty| self.shape(ty));
                quote!(#krate::Shape::Tuple(&[#(#elements),*]))
            }
            Ty::Array(..) => match ty.literal_lengths() {
                Some(lengths) => quote!(#krate::Shape::Array(&[#(#lengths),*])),
                None => quote!(#krate::Shape::Slice),
            },
            Ty::Sequence(element, _) if element.is_scalar() => quote!(#krate::Shape::Slice),
            Ty::Sequence(..) | Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => {
                quote!(#krate::Shape::Opaque)
            }
        }
    }
}

/// The runtime's name of a comparison.
pub(super) fn comparison(op: &syn::BinOp) -> Option<&'static str> {
    Some(match op {
        syn::BinOp::Lt(_) => "Less",
        syn::BinOp::Le(_) => "LessOrEqual",
        syn::BinOp::Gt(_) => "Greater",
        syn::BinOp::Ge(_) => "GreaterOrEqual",
        syn::BinOp::Eq(_) => "Equal",
        syn::BinOp::Ne(_) => "NotEqual",
        _ => return None,
    })
}
