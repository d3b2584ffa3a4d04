//! Iterator expressions, read as streams.

use proc_macro2::Span;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall};

use super::super::{Lowerer, Operand, Reported};
use super::items::names;
use super::stream::{Adapter, Code, Source};
use super::{ADAPTERS, Stream};
use crate::diagnostics::Cause;
use crate::ty::Ty;

/// What an iterator's method may be called on.
pub(super) enum StreamOrArray {
    Stream(Stream),
    Array(Operand),
}

impl Lowerer<'_> {
    /// Takes an iterator expression apart.
    pub(in crate::lower) fn stream(&mut self, expr: &Expr) -> Result<Stream, Reported> {
        match self.stream_or_array(expr)? {
            StreamOrArray::Stream(stream) => Ok(stream),
            // `for x in &array`.
            StreamOrArray::Array(array) => Ok(self.stream_of_array(array, false, expr.span())),
        }
    }

    /// The numbers of an array, one by one; `folded` in the order of `array.fold(…)`.
    pub(super) fn stream_of_array(&mut self, array: Operand, folded: bool, span: Span) -> Stream {
        Stream::Source(Source::Elements {
            base: self.elements_of(array, folded, span),
            references: 1,
            place: None,
        })
    }

    /// The same, but for an array itself, which has methods of its own: `ndarray` adds up in another order.
    pub(super) fn stream_or_array(&mut self, expr: &Expr) -> Result<StreamOrArray, Reported> {
        let stream = match expr {
            Expr::Paren(inner) => return self.stream_or_array(&inner.expr),
            Expr::Group(inner) => return self.stream_or_array(&inner.expr),
            _ => self.written_stream(expr)?,
        };
        if let Some(stream) = stream {
            return Ok(StreamOrArray::Stream(stream));
        }
        let base = self.expr(expr)?;
        if self.tensor(base.id).is_some() {
            return Ok(StreamOrArray::Array(base));
        }
        let references = usize::from(base.references > 0);
        let ty = self.infer.resolve(self.function.ty(base.id));
        let base = match ty {
            // It is moved into the loop.
            Ty::Sequence(..) => base,
            // What is changed meanwhile is another copy.
            _ => self.snapshot(base, expr.span()),
        };
        Ok(StreamOrArray::Stream(Stream::Source(Source::Elements {
            base,
            references,
            place: None,
        })))
    }

    /// An expression that is a stream by how it is written; none if it is a value, whose items are taken.
    fn written_stream(&mut self, expr: &Expr) -> Result<Option<Stream>, Reported> {
        if let Expr::Path(path) = expr
            && let Some(ident) = path.path.get_ident()
            && let Some(named) = self.lookup(ident).and_then(|local| local.closure)
            && let Some(stream) = &self.closures[named].stream
        {
            return Ok(Some(stream.clone()));
        }
        match expr {
            Expr::Range(range) => self.range_stream(range).map(Some),
            Expr::MethodCall(call) if ADAPTERS.iter().any(|name| call.method == name) => {
                self.adapted(call).map(Some)
            }
            Expr::Reference(reference) if reference.mutability.is_some() => {
                self.mutable_elements(&reference.expr).map(Some)
            }
            Expr::MethodCall(_) | Expr::Call(_) if !self.mentions_varied(expr) => {
                // Whatever it is, it yields nothing active: its items are collected before.
                let items: Expr = syn::parse_quote_spanned!(expr.span()=>
                    ::core::iter::Iterator::collect::<::std::vec::Vec<_>>(
                        ::core::iter::IntoIterator::into_iter(#expr)
                    )
                );
                let base = self.verbatim(&items, false)?;
                Ok(Some(Stream::Source(Source::Elements {
                    base,
                    references: 0,
                    place: None,
                })))
            }
            _ => Ok(None),
        }
    }

    fn mutable_elements(&mut self, expr: &Expr) -> Result<Stream, Reported> {
        let place = self.place_of(expr)?;
        let base = self.expr(expr)?;
        Ok(Stream::Source(Source::Elements {
            base,
            references: 1,
            place,
        }))
    }

    fn range_stream(&mut self, range: &syn::ExprRange) -> Result<Stream, Reported> {
        let span = range.span();
        let Some(start) = &range.start else {
            return self.refuse_endless(span);
        };
        let start = self.expr(start)?.id;
        let end = match &range.end {
            Some(end) => Some(self.expr(end)?.id),
            None => None,
        };
        let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
        Ok(Stream::Source(Source::Range {
            start,
            end,
            inclusive,
            alone: true,
        }))
    }

    fn adapted(&mut self, call: &ExprMethodCall) -> Result<Stream, Reported> {
        let span = call.method.span();
        let name = call.method.to_string();
        let first = call.args.first();
        match (name.as_str(), first) {
            ("iter", None) => {
                let base = self.expr(&call.receiver)?;
                let base = self.elements_of(base, false, span);
                Ok(Stream::Source(Source::Elements {
                    base,
                    references: 1,
                    place: None,
                }))
            }
            ("iter_mut", None) => self.mutable_elements(&call.receiver),
            ("into_iter", None) => self.stream(&call.receiver),
            ("chunks" | "chunks_exact" | "windows", Some(size)) => {
                let base = self.expr(&call.receiver)?;
                let size = self.expr(size)?.id;
                let count = self.count_pieces(&name, base, size, span);
                Ok(Stream::Source(Source::Pieces {
                    base,
                    size,
                    count,
                    overlap: name == "windows",
                    whole: name != "chunks",
                }))
            }
            ("zip", Some(other)) => {
                let inner = self.stream(&call.receiver)?;
                let other = self.stream(other)?.beside();
                Ok(Stream::Zip(Box::new(inner.beside()), Box::new(other)))
            }
            ("enumerate", None) => {
                let inner = self.stream(&call.receiver)?.beside();
                Ok(inner.adapted(Adapter::Enumerate))
            }
            ("copied" | "cloned", None) => Ok(self.stream(&call.receiver)?.each(&Adapter::Copied)),
            ("map", Some(code)) => {
                let map = Adapter::Map(Code::new(code));
                Ok(self.stream(&call.receiver)?.each(&map))
            }
            ("filter", Some(code)) => {
                let filter = Adapter::Filter(Code::new(code));
                Ok(self.stream(&call.receiver)?.each(&filter))
            }
            ("chain", Some(other)) => {
                let inner = self.stream(&call.receiver)?;
                let other = self.stream(other)?;
                Ok(Stream::Chain(Box::new(inner), Box::new(other)))
            }
            ("rev" | "step_by", _) if is_range(&call.receiver) => {
                let adapted = self.range(&Expr::MethodCall(call.clone()))?;
                // Without the arguments that the adapter takes it is none.
                let Some((kind, args)) = adapted else {
                    return self.adapted_generally(call);
                };
                let beside = Box::new(self.adapted_generally(call)?);
                Ok(Stream::Source(Source::Loop { kind, args, beside }))
            }
            _ => self.adapted_generally(call),
        }
    }

    /// Adapters that ask for the number of items.
    fn adapted_generally(&mut self, call: &ExprMethodCall) -> Result<Stream, Reported> {
        let span = call.method.span();
        let name = call.method.to_string();
        match (name.as_str(), call.args.first()) {
            ("rev", None) => {
                let inner = self.stream(&call.receiver)?.beside();
                let Some(count) = self.count(&inner, span)? else {
                    return self.refuse_uncounted(&inner, span);
                };
                let [n] = names(["count"]);
                let last = self.computed(quote!(#n.wrapping_sub(1)), &[(n, count)], span);
                Ok(inner.adapted(Adapter::Rev(last)))
            }
            ("skip" | "take" | "step_by", Some(count)) => {
                let inner = self.stream(&call.receiver)?.beside();
                let count = self.expr(count)?.id;
                Ok(inner.adapted(match name.as_str() {
                    "skip" => Adapter::Skip(count),
                    "take" => Adapter::Take(count),
                    _ => Adapter::StepBy(count),
                }))
            }
            _ => self.refuse(
                Cause::D0806,
                &call.method,
                &format!("the method `{name}` with these arguments"),
                "as a method of an iterator it has others",
                &format!("give it the arguments of `Iterator::{name}`"),
            ),
        }
    }
}

/// Whether the expression is a range with both bounds, perhaps with adapters of its own.
fn is_range(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_range(&inner.expr),
        Expr::Range(range) => range.start.is_some() && range.end.is_some(),
        Expr::MethodCall(call) => {
            (call.method == "rev" || call.method == "step_by") && is_range(&call.receiver)
        }
        _ => false,
    }
}
