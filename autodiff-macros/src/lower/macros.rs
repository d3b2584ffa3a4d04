//! Calls of macros that the compiler takes apart: `vec!` and those of `ndarray`.

use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit};

use super::expr::is_vec;
use super::inactive::{is_array, is_joining};
use super::{Lowered, Lowerer, Operand};
use crate::ir::{Op, Shape};
use crate::ty::{self, Ty};

impl Lowerer<'_> {
    pub(super) fn macro_call(&mut self, own: &syn::ExprMacro, whole: &Expr) -> Lowered {
        let mac = &own.mac;
        if (is_array(mac) || is_joining(mac)) && self.mentions_varied(whole) {
            return match is_array(mac) {
                true => self.array_macro(mac),
                false => self.joined_arrays(mac),
            };
        }
        match is_vec(mac) {
            true if self.may_fill(mac) => self.vec_macro(mac),
            true if !mac.tokens.is_empty() => self.inactive_value(whole),
            _ => {
                let value = self.inactive(whole)?;
                if is_array(mac) {
                    self.note_array_macro(value.id, mac);
                }
                Ok(value)
            }
        }
    }

    /// Whether `vec!` is taken apart: what it holds may be active.
    fn may_fill(&self, mac: &syn::Macro) -> bool {
        let first: Option<Expr> = mac
            .parse_body_with(|input: syn::parse::ParseStream<'_>| {
                let first = input.parse()?;
                input.parse::<proc_macro2::TokenStream>()?;
                Ok(first)
            })
            .ok();
        match first {
            Some(Expr::Lit(ExprLit {
                lit: Lit::Int(int), ..
            })) => int.suffix().starts_with('f'),
            Some(_) => true,
            None => false,
        }
    }

    /// `vec![x; n]` and `vec![a, b]`.
    fn vec_macro(&mut self, mac: &syn::Macro) -> Lowered {
        let span = mac.path.span();
        let filled = mac.parse_body_with(|input: syn::parse::ParseStream<'_>| {
            let value: Expr = input.parse()?;
            input.parse::<syn::Token![;]>()?;
            let count: Expr = input.parse()?;
            Ok((value, count))
        });
        if let Ok((value, count)) = filled {
            self.refuse_jump_in(&value)?;
            self.refuse_jump_in(&count)?;
            let value = self.expr(&value)?.id;
            let count = self.position(&count)?;
            let element = self.function.ty(value).clone();
            let ty = Ty::Sequence(Box::new(element), ty::Sequence::Vec);
            return Ok(Operand::value(self.push(
                Op::Fill,
                vec![value, count],
                ty,
                span,
            )));
        }
        type List = syn::punctuated::Punctuated<Expr, syn::Token![,]>;
        let Ok(elements) = mac.parse_body_with(List::parse_terminated) else {
            return self.inactive(&Expr::Macro(syn::ExprMacro {
                attrs: Vec::new(),
                mac: mac.clone(),
            }));
        };
        for element in &elements {
            self.refuse_jump_in(element)?;
        }
        let ids = self.all(&elements)?;
        let element = self.infer.fresh();
        for &id in &ids {
            let ty = self.function.ty(id).clone();
            self.unify(&element, &ty, span);
        }
        let ty = Ty::Sequence(Box::new(element), ty::Sequence::Vec);
        Ok(Operand::value(self.push(
            Op::Aggregate(Shape::Vec),
            ids,
            ty,
            span,
        )))
    }
}
