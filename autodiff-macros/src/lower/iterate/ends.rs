//! What is done with the items: sums, products, folds, collections, arrays that are mapped.

use std::rc::Rc;

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall};

use super::super::{Key, Lowered, Lowerer, Operand, Place, Reported};
use super::read::StreamOrArray;
use super::{ADAPTERS, Stream};
use crate::diagnostics::Cause;
use crate::ir::{Observation, Op, Step, ValueId};
use crate::rules::Primitive;
use crate::ty::{Sequence, Ty};

impl Lowerer<'_> {
    pub(in crate::lower) fn for_each(&mut self, call: &ExprMethodCall) -> Result<(), Reported> {
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
    pub(in crate::lower) fn end_of_stream(&mut self, call: &ExprMethodCall) -> Lowered {
        let stream = match self.stream_or_array(&call.receiver)? {
            StreamOrArray::Stream(stream) => stream,
            StreamOrArray::Array(array) => {
                let name = call.method.to_string();
                if matches!(name.as_str(), "sum" | "product")
                    && let Some(done) = self.tensor_method(call, array)
                {
                    return done;
                }
                self.stream_of_array(array, name == "fold", call.method.span())
            }
        };
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
    pub(in crate::lower) fn refuse_iterator<T>(
        &mut self,
        call: &ExprMethodCall,
    ) -> Result<T, Reported> {
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
        let ty = Ty::Sequence(Box::new(element.clone()), Sequence::Vec);
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
    pub(in crate::lower) fn refuse_collection<T>(
        &mut self,
        written: impl ToTokens,
    ) -> Result<T, Reported> {
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
    pub(in crate::lower) fn mapped_array(
        &mut self,
        base: Operand,
        code: &Expr,
        span: Span,
    ) -> Lowered {
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
        let zeros = self.push(op, vec![zero], ty, span);
        let base = Operand {
            references: 0,
            ..base
        };
        self.filled_run(zeros, &element, base, code, span)
    }

    /// The vector of what a closure makes of each number of a run; it takes them as the operand's
    /// references say.
    pub(in crate::lower) fn mapped_numbers(
        &mut self,
        base: Operand,
        code: &Expr,
        span: Span,
    ) -> Lowered {
        let element = self.infer.fresh_scalar();
        let zero = self.push(Op::Constant(0.0), Vec::new(), element.clone(), span);
        let length = Op::Observe(Observation::Method(Ident::new("len", span)));
        let length = self.push(length, vec![base.id], Ty::Inactive, span);
        let ty = Ty::Sequence(Box::new(element.clone()), Sequence::Vec);
        let zeros = self.push(Op::Fill, vec![zero, length], ty, span);
        self.filled_run(zeros, &element, base, code, span)
    }

    /// A run that starts from `zeros`, filled with what a closure makes of each element of `base`.
    fn filled_run(
        &mut self,
        zeros: ValueId,
        element: &Ty,
        base: Operand,
        code: &Expr,
        span: Span,
    ) -> Lowered {
        let references = base.references;
        let ty = self.function.ty(zeros).clone();
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
            let item = this.apply_closure(code, vec![Operand { references, ..item }], span)?;
            let own = this.function.ty(item.id).clone();
            this.unify(element, &own, span);
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
