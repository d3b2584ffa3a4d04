//! Iterators: a chain of adapters becomes one counted loop in which every adapter says what the
//! `k`-th item is.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprForLoop, ExprMethodCall};

use super::loops::Repeat;
use super::{Key, Local, Lowered, Lowerer, Operand, Place, Reported};
use crate::diagnostics::Cause;
use crate::ir::{LoopKind, Observation, Op, Shape, Step, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

/// What an iterator yields, as far as the macro takes it apart.
#[derive(Clone)]
pub(super) enum Stream {
    /// `a..b`; without an end only beside another stream. By itself it is looped over as it is.
    Range {
        start: ValueId,
        end: Option<ValueId>,
        inclusive: bool,
        alone: bool,
    },
    /// A range with adapters of its own, and what it is beside another stream.
    Adapted {
        kind: LoopKind,
        args: Vec<ValueId>,
        beside: Box<Stream>,
    },
    /// The elements of an array, slice or vector, mutably where it is a place.
    Elements {
        base: Operand,
        references: usize,
        place: Option<Place>,
    },
    /// Sub-slices of a length, each starting `stride` after the one before.
    Pieces {
        base: Operand,
        size: ValueId,
        count: ValueId,
        overlap: bool,
        whole: bool,
    },
    Zip(Box<Stream>, Box<Stream>),
    Chain(Box<Stream>, Box<Stream>),
    Enumerate(Box<Stream>),
    Rev(Box<Stream>, ValueId),
    Skip(Box<Stream>, ValueId),
    Take(Box<Stream>, ValueId),
    StepBy(Box<Stream>, ValueId),
    Copied(Box<Stream>),
    Map(Box<Stream>, Code),
    Filter(Box<Stream>, Code),
}

/// What an adapter does with an item.
#[derive(Clone)]
pub(super) struct Code {
    expr: Rc<Expr>,
    /// The locals where it was written, if it is used elsewhere.
    scopes: Option<Rc<Vec<BTreeMap<Key, Local>>>>,
}

impl Code {
    fn new(expr: &Expr) -> Code {
        Code {
            expr: Rc::new(expr.clone()),
            scopes: None,
        }
    }
}

impl Stream {
    /// The range that a loop can run over without counting.
    fn as_range(&self) -> Option<(LoopKind, Vec<ValueId>)> {
        match self {
            Stream::Range {
                start,
                end: Some(end),
                inclusive,
                alone: true,
                ..
            } => {
                let kind = LoopKind::Range {
                    inclusive: *inclusive,
                    adapters: Vec::new(),
                };
                Some((kind, vec![*start, *end]))
            }
            Stream::Adapted { kind, args, .. } => Some((kind.clone(), args.clone())),
            Stream::Map(inner, _) | Stream::Filter(inner, _) | Stream::Copied(inner) => {
                inner.as_range()
            }
            _ => None,
        }
    }

    fn has_chain(&self) -> bool {
        match self {
            Stream::Chain(..) => true,
            Stream::Zip(a, b) => a.has_chain() || b.has_chain(),
            Stream::Enumerate(inner)
            | Stream::Rev(inner, _)
            | Stream::Skip(inner, _)
            | Stream::Take(inner, _)
            | Stream::StepBy(inner, _)
            | Stream::Copied(inner)
            | Stream::Map(inner, _)
            | Stream::Filter(inner, _) => inner.has_chain(),
            Stream::Range { .. }
            | Stream::Adapted { .. }
            | Stream::Elements { .. }
            | Stream::Pieces { .. } => false,
        }
    }

    /// An adapter on each part of a chain.
    fn each(self, adapt: &dyn Fn(Box<Stream>) -> Stream) -> Stream {
        match self {
            Stream::Chain(a, b) => Stream::Chain(Box::new(a.each(adapt)), Box::new(b.each(adapt))),
            other => adapt(Box::new(other)),
        }
    }

    /// The stream, for use elsewhere than where it was written.
    pub(super) fn within(self, scopes: &Rc<Vec<BTreeMap<Key, Local>>>) -> Stream {
        let each = |inner: Box<Stream>| Box::new(inner.within(scopes));
        let code = |code: Code| Code {
            scopes: code.scopes.or_else(|| Some(Rc::clone(scopes))),
            ..code
        };
        match self {
            Stream::Adapted { kind, args, beside } => Stream::Adapted {
                kind,
                args,
                beside: each(beside),
            },
            Stream::Zip(a, b) => Stream::Zip(each(a), each(b)),
            Stream::Chain(a, b) => Stream::Chain(each(a), each(b)),
            Stream::Enumerate(inner) => Stream::Enumerate(each(inner)),
            Stream::Rev(inner, last) => Stream::Rev(each(inner), last),
            Stream::Skip(inner, count) => Stream::Skip(each(inner), count),
            Stream::Take(inner, count) => Stream::Take(each(inner), count),
            Stream::StepBy(inner, stride) => Stream::StepBy(each(inner), stride),
            Stream::Copied(inner) => Stream::Copied(each(inner)),
            Stream::Map(inner, own) => Stream::Map(each(inner), code(own)),
            Stream::Filter(inner, own) => Stream::Filter(each(inner), code(own)),
            own @ (Stream::Range { .. } | Stream::Elements { .. } | Stream::Pieces { .. }) => own,
        }
    }

    /// The stream as part of another one, where its items are counted from zero.
    fn beside(self) -> Stream {
        match self {
            Stream::Range {
                start,
                end,
                inclusive,
                ..
            } => Stream::Range {
                start,
                end,
                inclusive,
                alone: false,
            },
            Stream::Adapted { beside, .. } => *beside,
            Stream::Map(inner, code) => Stream::Map(Box::new(inner.beside()), code),
            Stream::Filter(inner, code) => Stream::Filter(Box::new(inner.beside()), code),
            Stream::Copied(inner) => Stream::Copied(Box::new(inner.beside())),
            other => other,
        }
    }
}

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

    pub(super) fn for_each(&mut self, call: &ExprMethodCall) -> Result<(), Reported> {
        let stream = self.stream(&call.receiver)?;
        let code = &call.args[0];
        self.drive(
            &stream,
            None,
            &[code],
            Vec::new(),
            call.span(),
            &mut |this, item| {
                this.apply_closure(code, vec![item], code.span())
                    .map(|_| ())
            },
        )
    }

    /// `sum`, `product` and `fold`.
    pub(super) fn end_of_stream(&mut self, call: &ExprMethodCall) -> Lowered {
        let stream = self.stream(&call.receiver)?;
        let span = call.method.span();
        if call.method == "collect" {
            return self.collected(call, &stream, span);
        }
        self.scopes.push(Default::default());
        let total = self.fresh_hidden("total");
        let value = self.fold(call, &stream, &total, span);
        let result = self.hidden(&total);
        self.scopes.pop();
        value?;
        Ok(result.expect("a fold starts from a value"))
    }

    /// A method of an iterator of active values that is none of those taken apart, or an iterator
    /// that is not ended.
    pub(super) fn refuse_iterator<T>(&mut self, call: &ExprMethodCall) -> Result<T, Reported> {
        let name = call.method.to_string();
        if ADAPTERS.contains(&name.as_str()) {
            return self.refuse(
                Cause::D0802,
                &call.method,
                "an iterator of active values that is used as a value",
                "the macro turns iterators into loops, and cannot see what is done with this one",
                "end it here, in `sum`, `product`, `fold`, `for_each`, a `for` loop or `collect::<Vec<_>>()`, and go on with the result",
            );
        }
        self.refuse(
            Cause::D0801,
            &call.method,
            &format!("the method `{name}` on an iterator of active values"),
            "the macro turns iterators into loops, and does not know what this method does with the items",
            instead_of_iterator(&name),
        )
    }

    /// `collect()` into a vector: a memory that grows.
    fn collected(&mut self, call: &ExprMethodCall, stream: &Stream, span: Span) -> Lowered {
        if let Some(written) = &call.turbofish
            && !written.args.first().is_some_and(is_vec)
        {
            return self.refuse_collection(&written.args);
        }
        let count = self.count(stream, span)?;
        let element = self.infer.fresh();
        let ty = Ty::Sequence(Box::new(element.clone()), crate::ty::Sequence::Vec);
        let krate = &self.signature.krate;
        let tokens = match count {
            Some(_) => quote!(#krate::__private::Vec::with_capacity(count)),
            None => quote!(#krate::__private::Vec::new()),
        };
        let [name] = [Ident::new("count", Span::call_site())];
        let values: Vec<(Ident, ValueId)> =
            count.into_iter().map(|id| (name.clone(), id)).collect();
        let empty = self.computed(tokens, &values, span);
        self.function.value_mut(empty).ty = ty.clone();
        let memory = self.push(Op::Memory, vec![empty], ty, span);
        self.function.memories.insert(memory);
        self.varied.insert(memory);
        self.fresh.insert(memory);
        let code: Vec<&Expr> = vec![&call.receiver];
        self.drive(stream, None, &code, Vec::new(), span, &mut |this, item| {
            let own = this.function.ty(item.id).clone();
            this.unify(&element, &own, span);
            let item = this.snapshot(item, span);
            this.stmts.push(crate::ir::Stmt::new(
                Vec::new(),
                Op::Append,
                vec![memory, item.id],
                span,
            ));
            Ok(())
        })?;
        Ok(Operand::value(memory))
    }

    /// Only of a vector it is known where each item goes.
    pub(super) fn refuse_collection<T>(&mut self, written: impl ToTokens) -> Result<T, Reported> {
        let text = written.to_token_stream().to_string().replace(' ', "");
        self.refuse(
            Cause::D0804,
            written,
            &format!("`collect` of active values into `{text}`"),
            "only rustc knows what it makes of the items, and in which order it keeps them",
            "collect into a `Vec`",
        )
    }

    /// `array.map(f)`: an array that is filled.
    pub(super) fn mapped_array(&mut self, base: Operand, code: &Expr, span: Span) -> Lowered {
        let Ty::Array(_, length) = self.infer.resolve(self.function.ty(base.id)) else {
            return self.refuse(
                Cause::D0805,
                code,
                "`map` on something that is no array here",
                "the macro must see the length of the array that it gives",
                "annotate the type of the `let`, or use `iter().map(…).collect::<Vec<_>>()`",
            );
        };
        let element = self.infer.fresh_scalar();
        let zero = self.push(Op::Constant(0.0), Vec::new(), element.clone(), span);
        let ty = Ty::Array(Box::new(element.clone()), length.clone());
        let op = Op::Repeat(Rc::new((*length).clone()));
        let zeros = self.push(op, vec![zero], ty.clone(), span);
        let memory = self.push(Op::Memory, vec![zeros], ty, span);
        self.function.memories.insert(memory);
        self.varied.insert(memory);
        self.fresh.insert(memory);
        let place = Place {
            memory,
            path: Vec::new(),
            indices: Vec::new(),
        };
        self.for_each_element(&place, span, &mut |this, part| {
            let index = *part.indices.last().expect("an element has an index");
            let item = this.project(base, Step::Index, Some(index), span);
            let item = this.apply_closure(
                code,
                vec![Operand {
                    references: 0,
                    ..item
                }],
                span,
            )?;
            let own = this.function.ty(item.id).clone();
            this.unify(&element, &own, span);
            let mut args = vec![part.memory, item.id];
            args.extend(&part.indices);
            this.stmts.push(crate::ir::Stmt::new(
                Vec::new(),
                Op::Store(part.path.clone()),
                args,
                span,
            ));
            Ok(())
        })?;
        Ok(Operand::value(memory))
    }

    fn fold(
        &mut self,
        call: &ExprMethodCall,
        stream: &Stream,
        total: &Key,
        span: Span,
    ) -> Result<(), Reported> {
        let name = call.method.to_string();
        let (init, step): (Operand, Option<&Expr>) = match (name.as_str(), call.args.len()) {
            ("fold", 2) => (self.expr(&call.args[0])?, Some(&call.args[1])),
            ("sum" | "product", 0) => {
                let ty = match &call.turbofish {
                    Some(written) if written.args.len() == 1 => {
                        let syn::GenericArgument::Type(ty) = &written.args[0] else {
                            unreachable!("`sum` takes a type");
                        };
                        let Lowerer {
                            infer, signature, ..
                        } = self;
                        crate::ty::read(ty, &signature.reals, &mut || infer.fresh()).ty
                    }
                    _ => self.infer.fresh(),
                };
                // As the standard library starts: the neutral element of addition is −0.
                let neutral = if name == "sum" { -0.0 } else { 1.0 };
                let op = if self.infer.is_inactive(&ty) {
                    let number = if name == "sum" { 0 } else { 1 };
                    let id = self.integer(number, span);
                    Operand::value(id)
                } else {
                    Operand::value(self.push(Op::Constant(neutral), Vec::new(), ty, span))
                };
                (op, None)
            }
            _ => {
                return self.refuse(
                    Cause::D0806,
                    &call.method,
                    &format!("the method `{name}` with these arguments"),
                    "as a method of an iterator it has others",
                    &format!("give it the arguments of `Iterator::{name}`"),
                );
            }
        };
        self.set_hidden(total, init);
        let code: Vec<&Expr> = std::iter::once(&*call.receiver).chain(step).collect();
        let hidden = vec![total.clone()];
        self.drive(stream, None, &code, hidden, span, &mut |this, item| {
            let so_far = this.hidden(total).expect("a fold starts from a value");
            let next = match step {
                Some(step) => this.apply_closure(step, vec![so_far, item], step.span())?,
                None => {
                    let primitive = if name == "sum" {
                        Primitive::Add
                    } else {
                        Primitive::Mul
                    };
                    Operand::value(this.arithmetic(primitive, &[so_far.id, item.id], span))
                }
            };
            this.set_hidden(total, next);
            Ok(())
        })
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
            Stream::Filter(inner, predicate) => {
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
            Stream::Map(inner, code) => self.with_item(inner, k, span, &mut |this, item| {
                let item = this.apply_code(code, item)?;
                body(this, item)
            }),
            Stream::Copied(inner) => self.with_item(inner, k, span, &mut |this, item| {
                let references = item.references.saturating_sub(1);
                body(this, Operand { references, ..item })
            }),
            _ => {
                let item = self.nth_item(stream, k, span)?;
                body(self, item)
            }
        }
    }

    fn apply_code(&mut self, code: &Code, item: Operand) -> Lowered {
        let span = code.expr.span();
        let Some(scopes) = &code.scopes else {
            return self.apply_closure(&code.expr, vec![item], span);
        };
        let own = std::mem::replace(&mut self.scopes, (**scopes).clone());
        let value = self.apply_closure(&code.expr, vec![item], span);
        self.scopes = own;
        value
    }

    /// The `k`-th item of a stream in which nothing is dropped.
    fn nth_item(&mut self, stream: &Stream, k: ValueId, span: Span) -> Lowered {
        match stream {
            Stream::Range { alone: true, .. } | Stream::Adapted { .. } => Ok(Operand::value(k)),
            Stream::Range { start, .. } => Ok(Operand::value(self.offset(*start, k, span))),
            Stream::Elements {
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
            Stream::Pieces {
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
            Stream::Zip(a, b) => {
                let (a, b) = (self.nth_item(a, k, span)?, self.nth_item(b, k, span)?);
                Ok(self.pair(a, b, span))
            }
            Stream::Enumerate(inner) => {
                let item = self.nth_item(inner, k, span)?;
                Ok(self.pair(Operand::value(k), item, span))
            }
            Stream::Rev(inner, last) => {
                let k = self.int(Primitive::Sub, *last, k, span);
                self.nth_item(inner, k, span)
            }
            Stream::Skip(inner, count) => {
                let k = self.int(Primitive::Add, *count, k, span);
                self.nth_item(inner, k, span)
            }
            Stream::StepBy(inner, stride) => {
                let k = self.int(Primitive::Mul, k, *stride, span);
                self.nth_item(inner, k, span)
            }
            Stream::Take(inner, _) => self.nth_item(inner, k, span),
            Stream::Map(inner, code) => {
                let item = self.nth_item(inner, k, span)?;
                self.apply_code(code, item)
            }
            Stream::Copied(inner) => {
                let item = self.nth_item(inner, k, span)?;
                let references = item.references.saturating_sub(1);
                Ok(Operand { references, ..item })
            }
            Stream::Chain(..) => self.refuse_behind_chain(span),
            Stream::Filter(_, predicate) => self.refuse(
                Cause::D0808,
                &predicate.expr,
                "an adapter behind `filter`",
                "which items are left is known only as the loop runs",
                "put `filter` last, before `map`, `sum`, `product` or `fold`, or write a loop",
            ),
        }
    }

    pub(super) fn pair(&mut self, a: Operand, b: Operand, span: Span) -> Operand {
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

    pub(super) fn length(&mut self, base: Operand, span: Span) -> ValueId {
        let len = Observation::Method(Ident::new("len", Span::mixed_site()));
        self.push(Op::Observe(len), vec![base.id], Ty::Inactive, span)
    }

    /// An integer by code of the macro's own, over values under made-up names.
    fn computed(
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
    fn count_pieces(&mut self, name: &str, base: Operand, size: ValueId, span: Span) -> ValueId {
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
    fn count(&mut self, stream: &Stream, span: Span) -> Result<Option<ValueId>, Reported> {
        Ok(match stream {
            Stream::Adapted { beside, .. } => self.count(beside, span)?,
            Stream::Range { end: None, .. } => None,
            Stream::Range {
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
            Stream::Elements { base, .. } => Some(self.length(*base, span)),
            Stream::Pieces { count, .. } => Some(*count),
            Stream::Chain(..) => None,
            Stream::Zip(a, b) => match (self.count(a, span)?, self.count(b, span)?) {
                (Some(a), Some(b)) => Some(self.int(Primitive::Min, a, b, span)),
                (a, b) => a.or(b),
            },
            Stream::Enumerate(inner)
            | Stream::Rev(inner, _)
            | Stream::Copied(inner)
            | Stream::Map(inner, _)
            | Stream::Filter(inner, _) => self.count(inner, span)?,
            Stream::Take(inner, most) => match self.count(inner, span)? {
                Some(count) => Some(self.int(Primitive::Min, count, *most, span)),
                None => Some(*most),
            },
            Stream::Skip(inner, dropped) => match self.count(inner, span)? {
                Some(count) => {
                    let [n, d] = names(["count", "dropped"]);
                    let tokens = quote!(#n.saturating_sub(#d));
                    Some(self.computed(tokens, &[(n, count), (d, *dropped)], span))
                }
                None => None,
            },
            Stream::StepBy(inner, stride) => match self.count(inner, span)? {
                Some(count) => {
                    let [n, s] = names(["count", "stride"]);
                    let tokens = quote!(#n.div_ceil(#s));
                    Some(self.computed(tokens, &[(n, count), (s, *stride)], span))
                }
                None => None,
            },
        })
    }

    /// Takes an iterator expression apart.
    pub(super) fn stream(&mut self, expr: &Expr) -> Result<Stream, Reported> {
        if let Expr::Path(path) = expr
            && let Some(ident) = path.path.get_ident()
            && let Some(named) = self.lookup(ident).and_then(|local| local.closure)
            && let Some(stream) = &self.closures[named].stream
        {
            return Ok(stream.clone());
        }
        match expr {
            Expr::Paren(inner) => self.stream(&inner.expr),
            Expr::Group(inner) => self.stream(&inner.expr),
            Expr::Range(range) => self.range_stream(range),
            Expr::MethodCall(call) if ADAPTERS.iter().any(|name| call.method == name) => {
                self.adapted(call)
            }
            Expr::Reference(reference) if reference.mutability.is_some() => {
                self.mutable_elements(&reference.expr)
            }
            Expr::MethodCall(_) | Expr::Call(_) if !self.mentions_varied(expr) => {
                // Whatever it is, it yields nothing active: its items are collected before.
                let items: Expr = syn::parse_quote_spanned!(expr.span()=>
                    ::core::iter::Iterator::collect::<::std::vec::Vec<_>>(
                        ::core::iter::IntoIterator::into_iter(#expr)
                    )
                );
                let base = self.verbatim(&items, false)?;
                Ok(Stream::Elements {
                    base,
                    references: 0,
                    place: None,
                })
            }
            _ => {
                let base = self.expr(expr)?;
                let references = usize::from(base.references > 0);
                let ty = self.infer.resolve(self.function.ty(base.id));
                let base = match ty {
                    // It is moved into the loop.
                    Ty::Sequence(..) => base,
                    // What is changed meanwhile is another copy.
                    _ => self.snapshot(base, expr.span()),
                };
                Ok(Stream::Elements {
                    base,
                    references,
                    place: None,
                })
            }
        }
    }

    fn mutable_elements(&mut self, expr: &Expr) -> Result<Stream, Reported> {
        let place = self.place_of(expr)?;
        let base = self.expr(expr)?;
        Ok(Stream::Elements {
            base,
            references: 1,
            place,
        })
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
        Ok(Stream::Range {
            start,
            end,
            inclusive,
            alone: true,
        })
    }

    fn adapted(&mut self, call: &ExprMethodCall) -> Result<Stream, Reported> {
        let span = call.method.span();
        let name = call.method.to_string();
        let first = call.args.first();
        match (name.as_str(), first) {
            ("iter", None) => {
                let base = self.expr(&call.receiver)?;
                Ok(Stream::Elements {
                    base,
                    references: 1,
                    place: None,
                })
            }
            ("iter_mut", None) => self.mutable_elements(&call.receiver),
            ("into_iter", None) => self.stream(&call.receiver),
            ("chunks" | "chunks_exact" | "windows", Some(size)) => {
                let base = self.expr(&call.receiver)?;
                let size = self.expr(size)?.id;
                let count = self.count_pieces(&name, base, size, span);
                Ok(Stream::Pieces {
                    base,
                    size,
                    count,
                    overlap: name == "windows",
                    whole: name != "chunks",
                })
            }
            ("zip", Some(other)) => {
                let inner = self.stream(&call.receiver)?;
                let other = self.stream(other)?.beside();
                Ok(Stream::Zip(Box::new(inner.beside()), Box::new(other)))
            }
            ("enumerate", None) => Ok(Stream::Enumerate(Box::new(
                self.stream(&call.receiver)?.beside(),
            ))),
            ("copied" | "cloned", None) => Ok(self.stream(&call.receiver)?.each(&Stream::Copied)),
            ("map", Some(code)) => Ok(self
                .stream(&call.receiver)?
                .each(&|inner| Stream::Map(inner, Code::new(code)))),
            ("filter", Some(code)) => Ok(self
                .stream(&call.receiver)?
                .each(&|inner| Stream::Filter(inner, Code::new(code)))),
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
                Ok(Stream::Adapted { kind, args, beside })
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
                Ok(Stream::Rev(Box::new(inner), last))
            }
            ("skip" | "take" | "step_by", Some(count)) => {
                let inner = Box::new(self.stream(&call.receiver)?.beside());
                let count = self.expr(count)?.id;
                Ok(match name.as_str() {
                    "skip" => Stream::Skip(inner, count),
                    "take" => Stream::Take(inner, count),
                    _ => Stream::StepBy(inner, count),
                })
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
        let stream = Stream::Elements {
            base,
            references: 1,
            place: Some(place.clone()),
        };
        self.drive(&stream, None, &[], Vec::new(), span, &mut |this, item| {
            let part = this.aliases.get(&item.id).cloned();
            body(this, &part.expect("an element of a place is one"))
        })
    }
}

fn instead_of_iterator(name: &str) -> &'static str {
    match name {
        "max_by" | "min_by" | "max" | "min" | "reduce" | "max_by_key" | "min_by_key" => {
            "write a `fold`, such as `x.iter().fold(x[0], |a, &b| a.max(b))`"
        }
        "any" | "all" | "position" | "count" | "is_sorted" => {
            "what it gives has no derivative: bind it by `#[constant] let name = …;`"
        }
        "take_while" | "skip_while" | "map_while" | "find" | "try_fold" => {
            "write a `for` loop with a `break`"
        }
        "scan" => "use `map` with a closure that changes a `let mut` variable",
        "flat_map" | "flatten" => "nest two `for` loops",
        "filter_map" | "find_map" => "use `filter`, and `map` behind it",
        "next" | "last" | "nth" => "use an index: `x[0]`, `x[x.len() - 1]`",
        "unzip" | "partition" => "`collect` each part by itself",
        _ => "write a `for` loop over indices",
    }
}

/// Whether a type argument is `Vec<…>`.
fn is_vec(argument: &syn::GenericArgument) -> bool {
    let syn::GenericArgument::Type(syn::Type::Path(path)) = argument else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|last| last.ident == "Vec")
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

fn names<const N: usize>(names: [&str; N]) -> [Ident; N] {
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
