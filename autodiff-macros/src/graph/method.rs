//! Calls in inactive code: of the methods of integers, and of the macro's own code for iterators.

use proc_macro2::Span;
use quote::quote;
use syn::Expr;

use super::Emitter;
use super::inactive::{Captured, Translated, without_parens};
use crate::ty::is_integer;

impl Emitter<'_> {
    pub(super) fn inactive_method(
        &mut self,
        call: &syn::ExprMethodCall,
        names: &Captured,
        span: Span,
    ) -> Option<Translated> {
        let krate = self.krate.clone();
        let args: Vec<&Expr> = call.args.iter().collect();
        let int = |node| {
            Some(Translated {
                node,
                integer: Some(true),
            })
        };
        match (call.method.to_string().as_str(), &args[..]) {
            ("len", []) => {
                let list = self.inactive(&call.receiver, names, span)?.node;
                int(self.node(None, quote!(#krate::Op::Length), &[list], span))
            }
            ("clone", []) => self.inactive(&call.receiver, names, span),
            // Of the macro's own code for iterators.
            ("count", []) => {
                let Expr::Range(range) = without_parens(&call.receiver) else {
                    return None;
                };
                let start = self.inactive(range.start.as_ref()?, names, span)?.node;
                let mut end = self.inactive(range.end.as_ref()?, names, span)?.node;
                if matches!(range.limits, syn::RangeLimits::Closed(_)) {
                    end = self.after(end, span);
                }
                int(self.difference(end, start, span))
            }
            ("unwrap", []) => {
                let Expr::MethodCall(nth) = &*call.receiver else {
                    return None;
                };
                let Expr::Range(range) = without_parens(&nth.receiver) else {
                    return None;
                };
                if nth.method != "nth" || range.end.is_some() {
                    return None;
                }
                let start = self.inactive(range.start.as_ref()?, names, span)?.node;
                let k = self.inactive(nth.args.first()?, names, span)?.node;
                int(self.apply("Add", &[start, k], span))
            }
            (name, [other]) => {
                let own = self.inactive(&call.receiver, names, span)?;
                let other = self.inactive(other, names, span)?;
                let inputs = [own.node, other.node];
                let integer = own.integer.or(other.integer);
                let node = match name {
                    "max" => self.apply("Max", &inputs, span),
                    "min" => self.apply("Min", &inputs, span),
                    "pow" if integer == Some(true) => self.apply("Powi", &inputs, span),
                    "saturating_sub" => self.difference(own.node, other.node, span),
                    "div_ceil" => {
                        let quotient = self.apply("Div", &inputs, span);
                        self.apply("Ceil", &[quotient], span)
                    }
                    "wrapping_sub" => self.apply("Sub", &inputs, span),
                    _ => return None,
                };
                Some(Translated { node, integer })
            }
            _ => None,
        }
    }

    /// How much the one is more than the other.
    fn difference(&mut self, a: usize, b: usize, span: Span) -> usize {
        let difference = self.apply("Sub", &[a, b], span);
        let zero = self.constant(0.0, span);
        self.apply("Max", &[difference, zero], span)
    }

    pub(super) fn inactive_call(
        &mut self,
        call: &syn::ExprCall,
        names: &Captured,
        span: Span,
    ) -> Option<Translated> {
        let Expr::Path(path) = &*call.func else {
            return None;
        };
        let segments: Vec<String> = (path.path.segments.iter())
            .map(|segment| segment.ident.to_string())
            .collect();
        let last: Vec<&str> = segments.iter().rev().take(2).map(String::as_str).collect();
        let krate = self.krate.clone();
        match (&last[..], call.args.first()) {
            (["new" | "with_capacity", "Vec"], _) => Some(Translated {
                node: self.node(None, quote!(#krate::Op::Array), &[], span),
                integer: None,
            }),
            (["from", target], Some(value)) if *target == "f64" || is_integer(target) => {
                let node = self.inactive(value, names, span)?.node;
                Some(Translated {
                    node,
                    integer: Some(*target != "f64"),
                })
            }
            _ => None,
        }
    }
}
