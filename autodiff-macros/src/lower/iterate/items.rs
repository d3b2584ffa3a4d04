//! What the items of a stream are, by their position, and how many there are.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Expr;
use syn::spanned::Spanned;

use super::super::{Lowered, Lowerer, Operand, Reported};
use super::Stream;
use super::stream::{Adapter, Code, Source};
use crate::diagnostics::Cause;
use crate::ir::{Observation, Op, Shape, Step, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

impl Lowerer<'_> {
    /// The `k`-th item of a stream in which nothing is dropped.
    pub(super) fn nth_item(&mut self, stream: &Stream, k: ValueId, span: Span) -> Lowered {
        match stream {
            Stream::Source(source) => self.nth_of_source(source, k, span),
            Stream::Zip(a, b) => {
                let (a, b) = (self.nth_item(a, k, span)?, self.nth_item(b, k, span)?);
                Ok(self.pair(a, b, span))
            }
            Stream::Chain(..) => self.refuse_behind_chain(span),
            Stream::Adapted(_, Adapter::Filter(predicate)) => self.refuse(
                Cause::D0808,
                &predicate.expr,
                "an adapter behind `filter`",
                "which items are left is known only as the loop runs",
                "put `filter` last, before `map`, `sum`, `product` or `fold`, or write a loop",
            ),
            Stream::Adapted(inner, adapter) => {
                let position = match adapter {
                    Adapter::Rev(last) => self.int(Primitive::Sub, *last, k, span),
                    Adapter::Skip(count) => self.int(Primitive::Add, *count, k, span),
                    Adapter::StepBy(stride) => self.int(Primitive::Mul, k, *stride, span),
                    _ => k,
                };
                let item = self.nth_item(inner, position, span)?;
                self.adapted_item(adapter, k, item, span)
            }
        }
    }

    /// What an adapter makes of the item that it hands out as the `k`-th.
    pub(super) fn adapted_item(
        &mut self,
        adapter: &Adapter,
        k: ValueId,
        item: Operand,
        span: Span,
    ) -> Lowered {
        match adapter {
            Adapter::Enumerate => Ok(self.pair(Operand::value(k), item, span)),
            Adapter::Map(code) => self.apply_code(code, item),
            Adapter::Copied => {
                let references = item.references.saturating_sub(1);
                Ok(Operand { references, ..item })
            }
            _ => Ok(item),
        }
    }

    pub(super) fn apply_code(&mut self, code: &Code, item: Operand) -> Lowered {
        let span = code.expr.span();
        let Some(scopes) = &code.scopes else {
            return self.apply_closure(&code.expr, vec![item], span);
        };
        let own = std::mem::replace(&mut self.scopes, (**scopes).clone());
        let value = self.apply_closure(&code.expr, vec![item], span);
        self.scopes = own;
        value
    }

    fn nth_of_source(&mut self, source: &Source, k: ValueId, span: Span) -> Lowered {
        match source {
            Source::Range { alone: true, .. } | Source::Loop { .. } => Ok(Operand::value(k)),
            Source::Range { start, .. } => Ok(Operand::value(self.offset(*start, k, span))),
            Source::Elements {
                base,
                references,
                place,
            } => {
                if let Some(place) = place {
                    let mut place = place.clone();
                    place.path.push(Step::Index);
                    place.indices.push(k);
                    let item = self.load(&place, span);
                    self.aliases.insert(item.id, place);
                    return Ok(Operand {
                        references: 1,
                        ..item
                    });
                }
                let item = self.project(*base, Step::Index, Some(k), span);
                Ok(Operand {
                    references: item.references.max(*references),
                    ..item
                })
            }
            Source::Pieces {
                base,
                size,
                overlap,
                whole,
                ..
            } => {
                let start = match overlap {
                    true => k,
                    false => self.int(Primitive::Mul, k, *size, span),
                };
                let mut end = self.int(Primitive::Add, start, *size, span);
                if !whole {
                    let length = self.length(*base, span);
                    end = self.int(Primitive::Min, end, length, span);
                }
                let step = Step::Slice {
                    from: true,
                    to: true,
                    inclusive: false,
                };
                let piece = self.project_many(*base, step, vec![start, end], span);
                Ok(Operand {
                    references: 1,
                    ..piece
                })
            }
        }
    }

    pub(in crate::lower) fn pair(&mut self, a: Operand, b: Operand, span: Span) -> Operand {
        let ty = Ty::Tuple([a.id, b.id].map(|id| self.function.ty(id).clone()).to_vec());
        let id = self.push(Op::Aggregate(Shape::Tuple), vec![a.id, b.id], ty, span);
        self.element_references
            .insert(id, vec![a.references, b.references]);
        Operand::value(id)
    }

    fn int(&mut self, primitive: Primitive, a: ValueId, b: ValueId, span: Span) -> ValueId {
        self.push(Op::Apply(primitive), vec![a, b], Ty::Inactive, span)
    }

    fn offset(&mut self, start: ValueId, k: ValueId, span: Span) -> ValueId {
        let [s, own] = names(["start", "k"]);
        self.computed(
            quote!((#s..).nth(#own).unwrap()),
            &[(s, start), (own, k)],
            span,
        )
    }

    pub(in crate::lower) fn length(&mut self, base: Operand, span: Span) -> ValueId {
        let len = Observation::Method(Ident::new("len", span));
        self.push(Op::Observe(len), vec![base.id], Ty::Inactive, span)
    }

    /// An integer by code of the macro's own, over values under made-up names.
    pub(in crate::lower) fn computed(
        &mut self,
        tokens: TokenStream,
        values: &[(Ident, ValueId)],
        span: Span,
    ) -> ValueId {
        let captures = values
            .iter()
            .map(|(ident, _)| crate::ir::Capture {
                ident: ident.clone(),
                references: 0,
            })
            .collect();
        let op = Op::Verbatim(Rc::new(crate::ir::Verbatim {
            tokens,
            captures,
            changes: Vec::new(),
            pure: true,
        }));
        let args = values.iter().map(|(_, id)| *id).collect();
        self.push(op, args, Ty::Inactive, span)
    }

    /// How many windows or chunks there are: a literal for pieces of literal size of an array.
    pub(super) fn count_pieces(
        &mut self,
        name: &str,
        base: Operand,
        size: ValueId,
        span: Span,
    ) -> ValueId {
        let array = match self.infer.resolve(self.function.ty(base.id)) {
            Ty::Array(_, length) => literal_number(&length),
            _ => None,
        };
        let mut defined = self.stmts.iter().rev();
        let number = defined
            .find(|stmt| stmt.results == [size])
            .and_then(|stmt| match &stmt.op {
                Op::Literal {
                    lit: syn::Lit::Int(int),
                    ..
                } => int.base10_parse::<usize>().ok(),
                _ => None,
            });
        if let (Some(n), Some(k @ 1..)) = (array, number) {
            let count = match name {
                "chunks" => n.div_ceil(k),
                "chunks_exact" => n / k,
                _ => (n + 1).saturating_sub(k),
            };
            let lit = syn::Lit::Int(syn::LitInt::new(&count.to_string(), span));
            let op = Op::Literal {
                lit,
                negative: false,
            };
            return self.push(op, Vec::new(), Ty::Inactive, span);
        }
        let length = self.length(base, span);
        let [n, k] = names(["length", "size"]);
        let tokens = match name {
            "chunks" => quote!(#n.div_ceil(#k)),
            "chunks_exact" => quote!(#n / #k),
            _ => quote!((#n + 1).saturating_sub(#k)),
        };
        self.computed(tokens, &[(n, length), (k, size)], span)
    }

    /// How many items there are; `None` of an endless range.
    pub(super) fn count(
        &mut self,
        stream: &Stream,
        span: Span,
    ) -> Result<Option<ValueId>, Reported> {
        Ok(match stream {
            Stream::Source(source) => self.count_of_source(source, span)?,
            Stream::Chain(..) => None,
            Stream::Zip(a, b) => match (self.count(a, span)?, self.count(b, span)?) {
                (Some(a), Some(b)) => Some(self.int(Primitive::Min, a, b, span)),
                (a, b) => a.or(b),
            },
            Stream::Adapted(inner, adapter) => match (adapter, self.count(inner, span)?) {
                (Adapter::Take(most), Some(count)) => {
                    Some(self.int(Primitive::Min, count, *most, span))
                }
                (Adapter::Take(most), None) => Some(*most),
                (Adapter::Skip(dropped), Some(count)) => {
                    let [n, d] = names(["count", "dropped"]);
                    let tokens = quote!(#n.saturating_sub(#d));
                    Some(self.computed(tokens, &[(n, count), (d, *dropped)], span))
                }
                (Adapter::StepBy(stride), Some(count)) => {
                    let [n, s] = names(["count", "stride"]);
                    let tokens = quote!(#n.div_ceil(#s));
                    Some(self.computed(tokens, &[(n, count), (s, *stride)], span))
                }
                (_, count) => count,
            },
        })
    }

    fn count_of_source(
        &mut self,
        source: &Source,
        span: Span,
    ) -> Result<Option<ValueId>, Reported> {
        Ok(match source {
            Source::Loop { beside, .. } => self.count(beside, span)?,
            Source::Range { end: None, .. } => None,
            Source::Range {
                start,
                end: Some(end),
                inclusive,
                ..
            } => {
                let [a, b] = names(["start", "end"]);
                let tokens = match inclusive {
                    true => quote!((#a..=#b).count()),
                    false => quote!((#a..#b).count()),
                };
                Some(self.computed(tokens, &[(a, *start), (b, *end)], span))
            }
            Source::Elements { base, .. } => Some(self.length(*base, span)),
            Source::Pieces { count, .. } => Some(*count),
        })
    }
}

pub(super) fn names<const N: usize>(names: [&str; N]) -> [Ident; N] {
    names.map(|name| Ident::new(name, Span::mixed_site()))
}

fn literal_number(code: &Expr) -> Option<usize> {
    match code {
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(int),
            ..
        }) => int.base10_parse().ok(),
        _ => None,
    }
}
