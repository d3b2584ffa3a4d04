//! Operations as expressions: precedence, and the forms of primitives.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::substitute::{substitute, without_private_paths};
use super::{Printer, Reference, Style, member_span, member_text, respanned, types};
use crate::ir::{LoopKind, Observation, Op, Shape, Step, Stmt, ValueId, Verbatim};
use crate::lower::Key;
use crate::rules::{Form, Primitive};
use crate::ty::{Scalar, Ty};

/// How tightly an expression holds together, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Comparison,
    Sum,
    Product,
    Cast,
    Unary,
    Postfix,
}

impl<'a> Printer<'a> {
    pub(super) fn operation(&mut self, stmt: &'a Stmt) -> TokenStream {
        match self.is_loop_over_lanes(stmt) {
            true => self.loop_over_lanes(stmt),
            false => self.operation_with_precedence(stmt).0,
        }
    }

    /// The operation on one lane.
    pub(super) fn operation_inside(&mut self, stmt: &'a Stmt) -> TokenStream {
        self.operation_with_precedence(stmt).0
    }

    pub(super) fn operation_with_precedence(
        &mut self,
        stmt: &'a Stmt,
    ) -> (TokenStream, Precedence) {
        let outer = std::mem::replace(&mut self.at, stmt.span);
        let printed = self.operation_code(stmt);
        self.at = outer;
        printed
    }

    fn operation_code(&mut self, stmt: &'a Stmt) -> (TokenStream, Precedence) {
        let args = &stmt.args;
        let code = match &stmt.op {
            Op::Literal {
                lit,
                negative: false,
            } => quote!(#lit),
            Op::Literal {
                lit,
                negative: true,
            } => return (quote!(-#lit), Precedence::Unary),
            Op::Constant(number) => {
                let code = types::number(*number, self.scalar_type(stmt.results[0]));
                let is_call = matches!(self.scalar_type(stmt.results[0]), Some(Scalar::Param(_)));
                let precedence = if number.is_sign_negative() && !is_call {
                    Precedence::Unary
                } else {
                    Precedence::Postfix
                };
                return (code, precedence);
            }
            Op::Path(path) => quote!(#path),
            Op::Verbatim(verbatim) => {
                let tokens = self.verbatim(verbatim, args);
                // The user's precedence is unknown here; a `let` needs no parentheses.
                return (tokens, Precedence::Comparison);
            }
            Op::Apply(primitive) => return self.primitive(*primitive, args),
            Op::Cast => {
                let (from, to) = (self.scalar_type(args[0]), self.scalar_type(stmt.results[0]));
                match (from.cloned(), to.cloned()) {
                    (_, Some(Scalar::Param(to))) => {
                        let value = self.expr(args[0]);
                        quote!(#to::from_f64(#value))
                    }
                    (Some(Scalar::Param(_)), _) => {
                        let value = self.receiver(args[0]);
                        quote!(#value.to_f64())
                    }
                    _ => {
                        let value = self.operand(args[0], Precedence::Cast);
                        let ty = types::value(self.function.ty(stmt.results[0]), self.krate);
                        let ty = respanned(&ty, stmt.span);
                        return (quote_spanned!(stmt.span=> #value as #ty), Precedence::Cast);
                    }
                }
            }
            Op::CastTangent => {
                let tangent = self.expr(args[0]);
                let function = self.support("cast_tangent");
                let ty = types::value(self.function.ty(stmt.results[0]), self.krate);
                quote!(#function::<_, #ty>(#tangent))
            }
            Op::CastLike => {
                let (number, like) = (self.expr(args[0]), self.reference_to(args[1]));
                let function = self.support("cast_like");
                quote!(#function(#number, #like))
            }
            // As the user wrote it: for rustc it may be another method than the trait's.
            Op::Clone(Some(method)) => {
                let value = self.receiver(args[0]);
                quote!(#value.#method())
            }
            Op::Clone(None) => self.clone_of(args[0]),
            Op::Observe(observation) => return self.observation(observation, args),
            Op::Aggregate(shape) => self.aggregate(shape, args),
            Op::Repeat(length) => {
                let value = self.expr(args[0]);
                quote!([#value; #length])
            }
            Op::Project(path) => {
                if let Some(code) = self.adjoint_field(stmt, path) {
                    return (code, Precedence::Postfix);
                }
                if path.is_empty() {
                    return self.printed(args[0]);
                }
                let root = match self.references.get(&args[0]) {
                    Some(Reference::Borrowed(name) | Reference::BorrowedMut(name)) => quote!(#name),
                    _ => self.operand(args[0], Precedence::Postfix),
                };
                let part = self.path(root, path, &args[1..]);
                let is_derivative = args[0].0 as usize >= self.primal_values;
                match is_derivative && self.style != Style::Readable {
                    // Of a name of ours; an error is about the user's path.
                    true => respanned(&part, stmt.span),
                    false => part,
                }
            }
            Op::ProjectField { path, field } => {
                let root = self.place(args[0], path, &args[1..]);
                let root = if path.is_empty() {
                    self.receiver(args[0])
                } else {
                    root
                };
                if self.style == Style::Readable {
                    return (quote!(#root.#field.clone()), Precedence::Postfix);
                }
                let span = member_span(field);
                let method = quote::format_ident!("__get_{}", member_text(field), span = span);
                quote!(#root.#method())
            }
            Op::Call(callee) => self.call(callee, stmt),
            Op::Zero | Op::Template => self.zero(args[0]),
            Op::Scratch { .. } if self.lanes.is_some() => {
                let ty = self.function.ty(args[0]);
                match self
                    .width()
                    .and_then(|width| types::zero_tangents(ty, width))
                {
                    Some(zero) => zero,
                    None if matches!(ty, Ty::Sequence(..)) && ty.leaf().is_some() => {
                        self.zero(args[0])
                    }
                    None => {
                        let (krate, value) = (self.krate, self.reference_to(args[0]));
                        let width = self.width();
                        quote!(#krate::__scratch_tangents!(#width, #value))
                    }
                }
            }
            Op::Scratch { read } => match (
                types::zero(self.function.ty(args[0])),
                self.function.ty(args[0]),
            ) {
                (Some(zero), _) => zero,
                (None, ty @ Ty::Sequence(..)) if ty.leaf().is_some() => self.zero(args[0]),
                (None, _) => {
                    let krate = self.krate;
                    let value = self.reference_to(args[0]);
                    match read {
                        true => quote!(#krate::__scratch!(#value)),
                        false => quote!(#krate::__unread!(#value)),
                    }
                }
            },
            Op::Total => {
                let value = self.reference_to(args[0]);
                let function = self.support(match self.is_wide(args[0]) {
                    true => "total_lanes",
                    false => "total",
                });
                quote!(#function(#value))
            }
            Op::Dot => {
                let wide = args.iter().position(|&row| self.is_wide(row));
                let (first, second) = match wide {
                    Some(1) => (args[1], args[0]),
                    _ => (args[0], args[1]),
                };
                let (a, b) = (self.reference_to(first), self.reference_to(second));
                let function = self.support(if wide.is_some() { "dot_lanes" } else { "dot" });
                quote!(#function(#a, #b))
            }
            Op::Buffer => {
                let is_copy = self.function.ty(args[0]).is_copy();
                // A cotangent may be taken; a part of one is cloned, and a template stays in a closure
                // that may run again.
                let kept =
                    match self.definitions.get(&args[0]).map(|stmt| &stmt.op) {
                        Some(Op::Template) => self.style == Style::Split,
                        Some(Op::Take(_) | Op::Loop(_)) => !self.taken.contains(&args[0]),
                        defined => defined.is_some(),
                    } || matches!(self.references.get(&args[0]), Some(Reference::Borrowed(_)));
                if is_copy || !kept {
                    return self.printed(args[0]);
                }
                let value = self.operand(args[0], Precedence::Postfix);
                quote!(#value.clone())
            }
            Op::Dummy if self.is_wide(stmt.results[0]) && !self.has_lanes(stmt.results[0]) => {
                let ty = self.function.ty(stmt.results[0]);
                let zero = self
                    .width()
                    .and_then(|width| types::zero_tangents(ty, width));
                let krate = self.krate;
                zero.unwrap_or_else(|| quote!(#krate::__private::placeholder()))
            }
            Op::Dummy => match types::zero(self.function.ty(stmt.results[0])) {
                Some(zero) if !matches!(self.function.ty(stmt.results[0]), Ty::Inactive) => zero,
                _ if self.style == Style::Readable => quote!(Default::default()),
                _ => {
                    let krate = respanned(self.krate, stmt.span);
                    quote_spanned!(stmt.span=> #krate::__private::placeholder())
                }
            },
            Op::Fill => {
                let (value, count) = (self.owned(args[0]), self.expr(args[1]));
                let vec = self.vec_macro();
                quote!(#vec [#value; #count])
            }
            Op::Count(kind) => {
                let LoopKind::Range {
                    inclusive,
                    adapters,
                } = kind
                else {
                    unreachable!("only ranges are counted")
                };
                self.number_of_indices(*inclusive, adapters, args)
            }
            Op::Optional => match &args[..] {
                [] => quote!(::core::option::Option::None),
                _ => {
                    let value = self.owned(args[0]);
                    quote!(::core::option::Option::Some(#value))
                }
            },
            Op::PopAdjoint => {
                let place = self.place(args[0], &[], &[]);
                quote_spanned!(stmt.span=> #place.pop().unwrap())
            }
            Op::Effect(_)
            | Op::Accumulate(_)
            | Op::AccumulateField { .. }
            | Op::AccumulateEach
            | Op::InBounds(_)
            | Op::Pull(_)
            | Op::If(_)
            | Op::Switch(_)
            | Op::Loop(_)
            | Op::Memory
            | Op::Store(_)
            | Op::Update(..)
            | Op::Append
            | Op::Shrink
            | Op::Grow
            | Op::Take(_)
            | Op::Reshape { .. }
            | Op::Assign
            | Op::Tape(_)
            | Op::States(_)
            | Op::Visit
            | Op::Rewind(_)
            | Op::Empty
            | Op::Save(_)
            | Op::Restore
            | Op::Cursor
            | Op::GiveBack
            | Op::Unwrap => {
                unreachable!("statements are no expressions")
            }
        };
        (code, Precedence::Postfix)
    }

    /// A number in the gradient or tangent of a struct, which may lack the field: read through the
    /// derive's accessors, which then give zero.
    fn adjoint_field(&mut self, stmt: &'a Stmt, path: &[Step]) -> Option<TokenStream> {
        let is_adjoint = stmt.args[0].0 as usize >= self.primal_values;
        if self.style == Style::Readable
            || !is_adjoint
            || !self.function.ty(stmt.results[0]).is_scalar()
        {
            return None;
        }
        let split = self.first_struct_field(stmt.args[0], path)?;
        let root = self.receiver(stmt.args[0]);
        let read = |place: TokenStream, whole: bool| if whole { quote!(*#place) } else { place };
        Some(self.through_fields("__with", root, path, split, &stmt.args[1..], &read))
    }

    fn primitive(&mut self, primitive: Primitive, args: &[ValueId]) -> (TokenStream, Precedence) {
        match (primitive.rule().form, args) {
            (Form::Operator(_), &[x]) => {
                let x = self.operand(x, Precedence::Unary);
                (quote_spanned!(self.at=> -#x), Precedence::Unary)
            }
            (Form::Operator(operator), &[x, y]) => {
                let precedence = if matches!(operator, "+" | "-") {
                    Precedence::Sum
                } else {
                    Precedence::Product
                };
                let tighter = if precedence == Precedence::Sum {
                    Precedence::Product
                } else {
                    Precedence::Cast
                };
                let x = self.operand(x, precedence);
                let y = self.operand(y, tighter);
                let operator: TokenStream = operator.parse().expect("operators are tokens");
                let operator = respanned(&operator, self.at);
                (quote!(#x #operator #y), precedence)
            }
            (Form::Method(name), _) => {
                let method = Ident::new(name, proc_macro2::Span::call_site());
                let receiver = self.receiver(args[0]);
                let rest: Vec<TokenStream> = args[1..].iter().map(|&arg| self.expr(arg)).collect();
                (quote!(#receiver.#method(#(#rest),*)), Precedence::Postfix)
            }
            (Form::Activation(name) | Form::Loss(name) | Form::Support(name), _) => {
                let args: Vec<TokenStream> = args.iter().map(|&arg| self.expr(arg)).collect();
                let function = self.support(name);
                (quote!(#function(#(#args),*)), Precedence::Postfix)
            }
            (Form::Gathered(name, plain), _) => {
                let (plain, gathered) = args.split_at(plain);
                let plain: Vec<TokenStream> = plain.iter().map(|&arg| self.expr(arg)).collect();
                let gathered: Vec<TokenStream> =
                    gathered.iter().map(|&arg| self.expr(arg)).collect();
                let function = self.support(name);
                (
                    quote!(#function(#(#plain,)* [#(#gathered),*])),
                    Precedence::Postfix,
                )
            }
            (Form::Operator(_), _) => unreachable!("the verifier checks the number of operands"),
        }
    }

    /// A function of the runtime's support module.
    pub(super) fn support(&self, name: &str) -> TokenStream {
        let krate = self.krate;
        let name = Ident::new(name, proc_macro2::Span::call_site());
        match self.style {
            Style::Compiled | Style::Split => quote!(#krate::__private::#name),
            Style::Readable => quote!(#name),
        }
    }

    fn observation(
        &mut self,
        observation: &Observation,
        args: &[ValueId],
    ) -> (TokenStream, Precedence) {
        match observation {
            Observation::Integer(ty) => {
                let part = self
                    .definitions
                    .get(&args[0])
                    .filter(|stmt| matches!(stmt.op, Op::Project(_)))
                    .filter(|_| !matches!(self.function.ty(args[0]), Ty::Inactive))
                    .map(|stmt| stmt.span);
                let value = match part {
                    Some(span) if self.style != Style::Readable => {
                        let function = self.support("integer");
                        let value = self.operand(args[0], Precedence::Unary);
                        // An error about the operand points at the user's expression.
                        let value = respanned(&quote!(&#value), span);
                        quote!(#function(#value))
                    }
                    _ => self.operand(args[0], Precedence::Cast),
                };
                (quote_spanned!(self.at=> #value as #ty), Precedence::Cast)
            }
            Observation::Compare(operator, sides) => {
                // A cast before `<` would read as the start of generic arguments.
                let left = self.operand(args[0], Precedence::Unary);
                let right = self.operand(args[1], Precedence::Sum);
                let [left, right] =
                    [(left, sides[0]), (right, sides[1])].map(|(code, side)| match side {
                        Some(span) => respanned(&code, span),
                        None => code,
                    });
                (quote!(#left #operator #right), Precedence::Comparison)
            }
            Observation::Not => {
                let flag = self.operand(args[0], Precedence::Unary);
                (quote_spanned!(self.at=> !#flag), Precedence::Unary)
            }
            Observation::Shape => {
                let function = self.support("shape_of");
                let value = self.reference_to(args[0]);
                (quote!(#function(#value)), Precedence::Postfix)
            }
            Observation::Method(method) => {
                let receiver = self.receiver(args[0]);
                let receiver = respanned(&receiver, self.at);
                let value = quote_spanned!(method.span()=> #receiver.#method());
                if self.style == Style::Readable {
                    return (value, Precedence::Postfix);
                }
                // A user's type may have a method of this name that is worth a derivative.
                let krate = respanned(self.krate, method.span());
                (
                    quote_spanned!(method.span()=> #krate::__private::observed(#value)),
                    Precedence::Postfix,
                )
            }
        }
    }

    pub(super) fn vec_macro(&self) -> TokenStream {
        let krate = self.krate;
        match self.style {
            Style::Readable => quote!(vec!),
            _ => quote!(#krate::__private::vec!),
        }
    }

    fn aggregate(&mut self, shape: &Shape, args: &[ValueId]) -> TokenStream {
        let elements: Vec<TokenStream> = args.iter().map(|&arg| self.owned(arg)).collect();
        match shape {
            Shape::Tuple if elements.len() == 1 => quote!((#(#elements,)*)),
            Shape::Tuple => quote!((#(#elements),*)),
            Shape::Array => quote!([#(#elements),*]),
            Shape::Vec => {
                let vec = self.vec_macro();
                quote!(#vec [#(#elements),*])
            }
            Shape::Late => {
                let late = self.support("Late");
                quote!(#late::of(#(#elements),*))
            }
            Shape::Struct {
                path,
                positional: true,
                ..
            } => quote!(#path(#(#elements),*)),
            Shape::Struct { path, members, .. } => quote!(#path { #(#members: #elements),* }),
        }
    }

    /// The user's tokens with every captured local replaced by what it is called here.
    pub(super) fn verbatim(&mut self, verbatim: &Verbatim, args: &[ValueId]) -> TokenStream {
        let mut renamed = Vec::new();
        for (position, (capture, &arg)) in verbatim.captures.iter().zip(args).enumerate() {
            let name = match self.references.get(&arg) {
                Some(
                    Reference::Variable(name)
                    | Reference::Borrowed(name)
                    | Reference::BorrowedMut(name),
                ) => quote!(#name),
                None => {
                    let value = self.operand(arg, Precedence::Postfix);
                    quote!(#value)
                }
            };
            let borrowed = matches!(self.references.get(&arg), Some(Reference::Borrowed(_)));
            let lent = self.lent.contains(&arg)
                && matches!(self.references.get(&arg), Some(Reference::BorrowedMut(_)));
            let is_changed = verbatim.changes.contains(&position);
            let code = match (capture.references > 0, borrowed) {
                (false, _) if lent => quote!((*#name)),
                (true, false) if lent => name,
                // A copy of what was behind a `&mut`.
                (true, false) if is_changed && self.lent.contains(&arg) => quote!((&mut #name)),
                (true, true) | (false, false) => name,
                (true, false) => quote!((&#name)),
                (false, true) => quote!((*#name)),
            };
            // The same name may be another identifier: one of a macro's, or of ours.
            let same = syn::parse2::<Ident>(code.clone());
            if !same.is_ok_and(|ident| Key::new(&ident) == Key::new(&capture.ident)) {
                renamed.push((capture.ident.clone(), code));
            }
        }
        let tokens = match verbatim.pure && self.style == Style::Readable {
            true => without_private_paths(verbatim.tokens.clone()),
            false => verbatim.tokens.clone(),
        };
        match renamed.is_empty() {
            true => tokens,
            false => substitute(tokens, &renamed),
        }
    }
}

pub(super) fn typed_literal(number: f64, suffix: &str) -> TokenStream {
    let literal: TokenStream = format!("{:?}{suffix}", number.abs())
        .parse()
        .expect("a float's debug form is a literal");
    if number.is_sign_negative() {
        quote!((-#literal))
    } else {
        literal
    }
}
