//! Iterators: a chain of adapters becomes one counted loop in which every adapter says what the
//! `k`-th item is.

mod ends;
mod items;
mod read;
mod stream;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprForLoop, ExprMethodCall};

use super::loops::Repeat;
use super::{Key, Lowerer, Operand, Place, Reported};
use crate::diagnostics::Cause;
use crate::ir::{LoopKind, Op, ValueId};
pub(super) use stream::Stream;
use stream::{Adapter, Source};

/// Methods that start a stream, or make one of another.
const ADAPTERS: [&str; 17] = [
    "iter",
    "iter_mut",
    "into_iter",
    "chunks",
    "chunks_exact",
    "windows",
    "zip",
    "enumerate",
    "rev",
    "skip",
    "take",
    "step_by",
    "copied",
    "cloned",
    "map",
    "filter",
    "chain",
];

/// Methods that end one.
const ENDS: [&str; 5] = ["sum", "product", "fold", "for_each", "collect"];

/// Whether the expression is an iterator that the macro takes apart.
pub(super) fn is_stream(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) if call.method == "map" => is_stream(&call.receiver),
        Expr::MethodCall(call) => ADAPTERS.iter().any(|name| call.method == name),
        Expr::Paren(inner) => is_stream(&inner.expr),
        Expr::Range(_) => true,
        _ => false,
    }
}

pub(super) fn ends_stream(call: &ExprMethodCall) -> bool {
    ENDS.iter().any(|name| call.method == name)
}

impl Lowerer<'_> {
    /// `for pattern in iterator`.
    pub(super) fn for_each_item(&mut self, own: &ExprForLoop, body: &Expr) -> Result<(), Reported> {
        let stream = self.stream(&own.expr)?;
        let span = own.for_token.span;
        self.drive(
            &stream,
            own.label.as_ref(),
            &[body],
            Vec::new(),
            span,
            &mut |this, item| {
                this.bind(&own.pat, item)?;
                this.block_value(&own.body.stmts, own.body.span())
                    .map(|_| ())
            },
        )
    }

    /// Loops over the items, in their order.
    fn drive(
        &mut self,
        stream: &Stream,
        label: Option<&syn::Label>,
        code: &[&Expr],
        hidden: Vec<Key>,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Operand) -> Result<(), Reported>,
    ) -> Result<(), Reported> {
        match stream {
            Stream::Chain(first, second) => {
                self.drive(first, label, code, hidden.clone(), span, body)?;
                self.guarded(span, &mut |this| {
                    this.drive(second, label, code, hidden.clone(), span, body)
                })
            }
            _ => self.count_through(stream, label, code, hidden, span, body),
        }
    }

    /// A counted loop over the items.
    fn count_through(
        &mut self,
        stream: &Stream,
        label: Option<&syn::Label>,
        code: &[&Expr],
        hidden: Vec<Key>,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Operand) -> Result<(), Reported>,
    ) -> Result<(), Reported> {
        if let Some((kind, args)) = stream.as_range() {
            let repeat = Repeat {
                kind,
                args,
                label,
                condition: None,
                code,
                hidden,
                span,
            };
            return self.run_loop(repeat, &mut |this, k| {
                let k = k.expect("a range has an index");
                this.with_item(stream, k, span, body)
            });
        }
        let Some(count) = self.count(stream, span)? else {
            return self.refuse_uncounted(stream, span);
        };
        let start = self.integer(0, span);
        let repeat = Repeat {
            kind: LoopKind::Range {
                inclusive: false,
                adapters: Vec::new(),
            },
            args: vec![start, count],
            label,
            condition: None,
            code,
            hidden,
            span,
        };
        self.run_loop(repeat, &mut |this, k| {
            let k = k.expect("a range has an index");
            this.with_item(stream, k, span, body)
        })
    }

    /// Refuses to count the items of a stream.
    fn refuse_uncounted<T>(&mut self, stream: &Stream, span: Span) -> Result<T, Reported> {
        match stream.has_chain() {
            true => self.refuse_behind_chain(span),
            false => self.refuse_endless(span),
        }
    }

    fn refuse_behind_chain<T>(&mut self, span: Span) -> Result<T, Reported> {
        self.diagnostics.refuse_at(
            span,
            crate::diagnostics::Refusal {
                cause: Cause::D0807,
                what: "an adapter behind `chain`",
                why: "the macro loops over the two parts one after the other",
                instead: "put `chain` last, before `map`, `filter`, `sum`, `product` or `fold`, or write two loops",
            },
        );
        Err(Reported)
    }

    fn refuse_endless<T>(&mut self, span: Span) -> Result<T, Reported> {
        self.diagnostics.refuse_at(
            span,
            crate::diagnostics::Refusal {
                cause: Cause::D0809,
                what: "an iterator without an end",
                why: "the number of items must be known when the loop is reversed",
                instead: "give the range an end, or zip it with a slice",
            },
        );
        Err(Reported)
    }

    /// Runs `body` for the `k`-th item, unless a filter drops it.
    fn with_item(
        &mut self,
        stream: &Stream,
        k: ValueId,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Operand) -> Result<(), Reported>,
    ) -> Result<(), Reported> {
        match stream {
            Stream::Adapted(inner, Adapter::Filter(predicate)) => {
                self.with_item(inner, k, span, &mut |this, item| {
                    let seen = Operand {
                        references: item.references + 1,
                        ..item
                    };
                    let kept = this.apply_code(predicate, seen)?.id;
                    this.branch(Op::If, kept, 2, predicate.expr.span(), &mut |this, arm| {
                        if arm == 0 {
                            body(this, item)?;
                        }
                        Ok(None)
                    })
                    .map(|_| ())
                })
            }
            Stream::Adapted(inner, adapter @ (Adapter::Map(_) | Adapter::Copied)) => self
                .with_item(inner, k, span, &mut |this, item| {
                    let item = this.adapted_item(adapter, k, item, span)?;
                    body(this, item)
                }),
            _ => {
                let item = self.nth_item(stream, k, span)?;
                body(self, item)
            }
        }
    }

    /// A loop over the elements of a place.
    pub(super) fn for_each_element(
        &mut self,
        place: &Place,
        span: Span,
        body: &mut dyn FnMut(&mut Self, &Place) -> Result<(), Reported>,
    ) -> Result<(), Reported> {
        let base = match place.path.is_empty() {
            true => Operand::value(place.memory),
            false => self.load(place, span),
        };
        let stream = Stream::Source(Source::Elements {
            base,
            references: 1,
            place: Some(place.clone()),
        });
        self.drive(&stream, None, &[], Vec::new(), span, &mut |this, item| {
            let part = this.aliases.get(&item.id).cloned();
            body(this, &part.expect("an element of a place is one"))
        })
    }
}
