//! Arrays made of numbers and of other arrays.

use std::rc::Rc;

use proc_macro2::{Delimiter, Ident, Span, TokenTree};
use quote::ToTokens;
use syn::Expr;
use syn::spanned::Spanned;

use super::super::inactive::verbatim;
use super::super::{Lowered, Lowerer, Operand};
use super::without_parentheses;
use crate::ir::{Observation, Op, ValueId};
use crate::ty::{Tensor, Ty};

impl Lowerer<'_> {
    /// An inactive array by one of the constructors: `Array1::zeros(n)`, `arr2(&[…])`.
    pub(in crate::lower) fn note_tensor(&mut self, id: ValueId, names: &[&str]) {
        let rank = match names {
            [.., "arr1" | "aview1"] => Some(1),
            [.., "arr2" | "aview2" | "rcarr2"] => Some(2),
            [.., "arr3"] => Some(3),
            [
                ..,
                owner,
                "zeros" | "ones" | "eye" | "from_elem" | "from_shape_fn" | "from_vec" | "from_iter"
                | "linspace" | "range",
            ] => match owner.strip_prefix("Array") {
                Some(kind) if kind.len() <= 1 => kind.parse().ok(),
                _ => return,
            },
            _ => return,
        };
        self.set_tensor(id, rank);
    }

    /// `Array2::zeros(shape)` and its like, where the shape is that of something active which the macro cannot see to
    /// be an array; none if that is no such function. The shape is a value of its own: lengths of what is unseen are
    /// confirmed by rustc, so that no number passes for one.
    pub(in crate::lower) fn tensor_of_shape(
        &mut self,
        call: &syn::ExprCall,
        names: &[&str],
    ) -> Option<Lowered> {
        let [.., owner, "zeros" | "ones" | "eye"] = names else {
            return None;
        };
        if call.args.len() != 1 || owner.strip_prefix("Array")?.len() > 1 {
            return None;
        }
        let shape = match self.inactive_argument(&call.args[0]) {
            Ok(shape) => shape,
            Err(reported) => return Some(Err(reported)),
        };
        let name = Ident::new("shape", Span::mixed_site());
        let mut made = call.clone();
        made.args[0] = syn::parse_quote!(#name);
        let op = Op::Verbatim(Rc::new(verbatim(
            made.to_token_stream(),
            &[(name, shape, 0)],
        )));
        let ty = self.infer.fresh();
        let id = self.push(op, vec![shape], ty, call.span());
        self.note_tensor(id, names);
        Some(Ok(Operand::value(id)))
    }

    /// An inactive `array![…]`, whose brackets are its axes.
    pub(in crate::lower) fn note_array_macro(&mut self, id: ValueId, mac: &syn::Macro) {
        let mut rank = 1;
        let mut tokens = mac.tokens.clone().into_iter();
        while let Some(TokenTree::Group(group)) = tokens.next()
            && group.delimiter() == Delimiter::Bracket
        {
            rank += 1;
            tokens = group.stream().into_iter();
        }
        self.set_tensor(id, Some(rank));
    }

    fn set_tensor(&mut self, id: ValueId, rank: Option<usize>) {
        let element = self.infer.fresh();
        self.function.value_mut(id).ty = Ty::Tensor(Tensor::new(element, rank));
    }

    /// Arrays made of numbers by path: `Array1::from_vec(v)`; none if that is no such function.
    pub(in crate::lower) fn tensor_function(
        &mut self,
        call: &syn::ExprCall,
        names: &[&str],
    ) -> Option<Lowered> {
        let [.., owner, function] = names else {
            return None;
        };
        let kind = owner.strip_prefix("Array")?;
        let rank = match kind {
            "" | "D" => None,
            digits => Some(digits.parse().ok()?),
        };
        let span = call.span();
        let args: Vec<&Expr> = call.args.iter().collect();
        Some(match (*function, &args[..]) {
            ("from_vec" | "from" | "from_iter", [numbers]) => self.array_of(numbers, span),
            ("from_elem", [shape, number]) => self.filled(shape, number, rank, span),
            _ => return None,
        })
    }

    /// An array along one axis.
    pub(super) fn array_of(&mut self, numbers: &Expr, span: Span) -> Lowered {
        let numbers = self.expr(numbers)?;
        let element = match self.infer.resolve(self.function.ty(numbers.id)) {
            Ty::Sequence(element, _) | Ty::Array(element, _) => *element,
            _ => self.infer.fresh_scalar(),
        };
        let length = Op::Observe(Observation::Method(Ident::new("len", span)));
        let length = self.push(length, vec![numbers.id], Ty::Inactive, span);
        let ty = Ty::Tensor(Tensor::new(element, Some(1)));
        Ok(self.rule("from_numbers", vec![length, numbers.id], ty, span))
    }

    pub(super) fn filled(
        &mut self,
        shape: &Expr,
        number: &Expr,
        rank: Option<usize>,
        span: Span,
    ) -> Lowered {
        let shape = self.inactive_argument(shape)?;
        let number = self.expr(number)?.id;
        let element = self.function.ty(number).clone();
        let ty = Ty::Tensor(Tensor::new(element, rank));
        Ok(self.rule("filled", vec![shape, number], ty, span))
    }

    /// `Array2::from_shape_vec(shape, numbers).unwrap()`.
    pub(super) fn array_of_shape(&mut self, call: &syn::ExprCall, rank: Option<usize>) -> Lowered {
        let span = call.span();
        let shape = self.inactive_argument(&call.args[0])?;
        let numbers = self.expr(&call.args[1])?;
        let element = match self.infer.resolve(self.function.ty(numbers.id)) {
            Ty::Sequence(element, _) | Ty::Array(element, _) => *element,
            _ => self.infer.fresh_scalar(),
        };
        let ty = Ty::Tensor(Tensor::new(element, rank));
        Ok(self.rule("from_numbers", vec![shape, numbers.id], ty, span))
    }

    /// `array![a, b]` and `array![[a, b], [c, d]]`.
    pub(in crate::lower) fn array_macro(&mut self, mac: &syn::Macro) -> Lowered {
        let span = mac.path.span();
        type List = syn::punctuated::Punctuated<Expr, syn::Token![,]>;
        let Ok(list) = mac.parse_body_with(List::parse_terminated) else {
            return self.inactive(&Expr::Macro(syn::ExprMacro {
                attrs: Vec::new(),
                mac: mac.clone(),
            }));
        };
        let mut lengths = Vec::new();
        let mut numbers: Vec<Expr> = list.into_iter().collect();
        loop {
            lengths.push(numbers.len());
            let rows = numbers.iter().map(|row| match row {
                Expr::Array(row) => Some(row.elems.iter().cloned().collect::<Vec<Expr>>()),
                _ => None,
            });
            match rows.collect::<Option<Vec<Vec<Expr>>>>() {
                Some(rows) if !rows.is_empty() => numbers = rows.concat(),
                _ => break,
            }
        }
        // How long each row is.
        for k in (1..lengths.len()).rev() {
            lengths[k] /= lengths[k - 1].max(1);
        }
        let shape: Expr = syn::parse_quote!((#(#lengths),*));
        let shape = self.inactive_argument(&shape)?;
        let numbers: Expr = syn::parse_quote_spanned!(span=> [#(#numbers),*]);
        let numbers = self.expr(&numbers)?.id;
        let element = match self.infer.resolve(self.function.ty(numbers)) {
            Ty::Array(element, _) => *element,
            _ => self.infer.fresh_scalar(),
        };
        let ty = Ty::Tensor(Tensor::new(element, Some(lengths.len())));
        Ok(self.rule("from_numbers", vec![shape, numbers], ty, span))
    }

    /// `concatenate![axis, a, b]` and `stack![axis, a, b]`.
    pub(in crate::lower) fn joined_arrays(&mut self, mac: &syn::Macro) -> Lowered {
        type List = syn::punctuated::Punctuated<Expr, syn::Token![,]>;
        let stacked = mac
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "stack");
        match mac.parse_body_with(List::parse_terminated) {
            Ok(list) if list.len() > 1 => {
                let mut list = list.iter();
                let axis = list.next().expect("there are two or more");
                self.join(axis, list, stacked, mac.path.span())
            }
            _ => self.inactive(&Expr::Macro(syn::ExprMacro {
                attrs: Vec::new(),
                mac: mac.clone(),
            })),
        }
    }

    /// Arrays one behind the other, or each along a new axis.
    pub(super) fn join<'e>(
        &mut self,
        axis: &Expr,
        arrays: impl Iterator<Item = &'e Expr>,
        stacked: bool,
        span: Span,
    ) -> Lowered {
        let axis = self.inactive_argument(axis)?;
        let mut joined: Option<(Operand, Tensor)> = None;
        for array in arrays {
            let next = self.expr(array)?;
            let mut tensor = match self.tensor(next.id) {
                Some(tensor) => tensor,
                None => Tensor::new(self.infer.fresh_scalar(), None),
            };
            if stacked {
                tensor = Tensor::new(*tensor.element, tensor.rank.map(|rank| rank + 1));
            }
            joined = Some(match joined {
                None if stacked => {
                    let ty = Ty::Tensor(tensor.clone());
                    let args = vec![next.id, axis];
                    (self.rule("stack::first", args, ty, span), tensor)
                }
                None => (next, tensor),
                Some((before, own)) => {
                    self.unify(&own.element, &tensor.element, array.span());
                    let tensor = Tensor::new(*own.element, own.rank.or(tensor.rank));
                    let ty = Ty::Tensor(tensor.clone());
                    let args = vec![axis, before.id, next.id];
                    let rule = if stacked {
                        "stack::next"
                    } else {
                        "concatenate"
                    };
                    (self.rule(rule, args, ty, span), tensor)
                }
            });
        }
        Ok(joined.expect("there is at least one array").0)
    }

    /// `concatenate(axis, &[a.view(), b.view()])`, to be unwrapped.
    pub(super) fn joining_call(&mut self, call: &syn::ExprCall, name: &str) -> Option<Lowered> {
        let Expr::Reference(list) = without_parentheses(&call.args[1]) else {
            return None;
        };
        let Expr::Array(list) = without_parentheses(&list.expr) else {
            return None;
        };
        let (axis, arrays) = (&call.args[0], list.elems.iter());
        (!list.elems.is_empty()).then(|| self.join(axis, arrays, name == "stack", call.span()))
    }
}
