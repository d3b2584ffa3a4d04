//! Expressions other than calls.

use std::rc::Rc;

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprCast, ExprLit, Lit, Member, Type, UnOp};

use super::call::is_text;
use super::inactive::standard_name;
use super::{Lowered, Lowerer, Operand, Place, Reported};
use crate::diagnostics::Cause;
use crate::ir::{Observation, Op, Shape, Step, ValueId};
use crate::rules::Primitive;
use crate::ty::{self, Scalar, Ty};

impl Lowerer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Lowered {
        match expr {
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Lit(literal) => self.literal(literal, false),
            Expr::Path(path) => self.path(path),
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(_) => self.negation(unary),
                UnOp::Deref(_) if self.is_unseen_reference(&unary.expr) => self.inactive(expr),
                UnOp::Deref(_) => {
                    let operand = self.expr(&unary.expr)?;
                    let ty = self.infer.resolve(self.function.ty(operand.id));
                    if operand.references == 1 && matches!(ty, Ty::Named(_) | Ty::Tensor(_)) {
                        // A copy of the whole value.
                        let id = self.push(Op::Clone(None), vec![operand.id], ty, unary.span());
                        return Ok(Operand::value(id));
                    }
                    Ok(Operand {
                        references: operand.references.saturating_sub(1),
                        ..operand
                    })
                }
                UnOp::Not(_) if self.mentions_varied(&unary.expr) => self.not(unary),
                _ => self.inactive(expr),
            },
            Expr::If(own) if !self.may_stay(expr) => self.if_expr(own),
            Expr::Match(own) if !self.may_stay(expr) => self.match_expr(own),
            Expr::Loop(_) | Expr::Block(_) if is_statement(expr) && !self.may_stay(expr) => {
                let value = self.statement_value(expr)?;
                Ok(value.unwrap_or_else(|| self.unit(expr.span())))
            }
            Expr::Macro(own) => self.macro_call(own, expr),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Reference(reference) if reference.mutability.is_some() => {
                let Some(place) = self.place_of(&reference.expr)? else {
                    return self.inactive(expr);
                };
                let item = self.load(&place, expr.span());
                self.aliases.insert(item.id, place);
                Ok(Operand {
                    references: 1,
                    ..item
                })
            }
            Expr::Reference(reference) => {
                let operand = self.expr(&reference.expr)?;
                Ok(Operand {
                    references: operand.references + 1,
                    ..operand
                })
            }
            Expr::Block(block) if block.label.is_none() => self.scoped_block(&block.block),
            Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
                let elements = self.operands(&tuple.elems)?;
                let ids: Vec<ValueId> = elements.iter().map(|element| element.id).collect();
                let ty = Ty::Tuple(ids.iter().map(|&id| self.function.ty(id).clone()).collect());
                let id = self.push(Op::Aggregate(Shape::Tuple), ids, ty, expr.span());
                let references = elements.iter().map(|element| element.references).collect();
                self.element_references.insert(id, references);
                Ok(Operand::value(id))
            }
            Expr::Tuple(_) => Ok(self.unit(expr.span())),
            Expr::Array(array) => self.array(array),
            Expr::Repeat(repeat) => self.repeat(repeat),
            Expr::Struct(literal) => self.struct_literal(literal),
            Expr::Field(field) => {
                let base = self.base(&field.base)?;
                let part =
                    self.project(base, Step::Field(field.member.clone()), None, field.span());
                // Only a reference that was put into the tuple comes out of it as one.
                let kept = self.element_references.contains_key(&base.id);
                let references = if kept { part.references } else { 0 };
                Ok(Operand { references, ..part })
            }
            Expr::Index(index) => self.index(index),
            Expr::Cast(cast) => self.cast(cast),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Assign(assign) => self.refuse(
                Cause::D0902,
                assign.eq_token,
                "an assignment inside an expression",
                "its value is `()`, which has no derivative",
                "make it a statement of its own",
            ),
            _ => self.inactive(expr),
        }
    }

    /// Whether only rustc sees what the expression refers to; it is nothing active.
    fn is_unseen_reference(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => {
                let local = path.path.get_ident().and_then(|ident| self.lookup(ident));
                local.is_some_and(|local| {
                    local.references == 0
                        && local.value.is_some_and(|id| {
                            !self.varied.contains(&id) && !self.poisoned.contains(&id)
                        })
                })
            }
            Expr::Call(_) | Expr::MethodCall(_) => !self.mentions_varied(expr),
            _ => false,
        }
    }

    /// The value of which a part is taken: `(*p).x` is a part of what `p` refers to.
    fn base(&mut self, expr: &Expr) -> Lowered {
        match expr {
            Expr::Paren(inner) => self.base(&inner.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.expr(&unary.expr),
            _ => self.expr(expr),
        }
    }

    fn operands<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Vec<Operand>, Reported> {
        // All of them are lowered, so that the errors of all are reported.
        let lowered: Vec<Lowered> = exprs.into_iter().map(|expr| self.expr(expr)).collect();
        lowered.into_iter().collect()
    }

    pub(super) fn all<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Vec<ValueId>, Reported> {
        let operands = self.operands(exprs)?;
        Ok(operands.into_iter().map(|operand| operand.id).collect())
    }

    pub(super) fn literal(&mut self, literal: &ExprLit, negative: bool) -> Lowered {
        let lit = literal.lit.clone();
        let ty = match &lit {
            Lit::Float(float) => match float.suffix() {
                "f32" => Ty::Scalar(Scalar::F32),
                "f64" => Ty::f64(),
                _ => self.infer.fresh_scalar(),
            },
            Lit::Int(int) => match int.suffix() {
                "" => self.infer.fresh_integer(),
                "f32" => Ty::Scalar(Scalar::F32),
                "f64" => Ty::f64(),
                _ => Ty::Inactive,
            },
            _ => Ty::Inactive,
        };
        Ok(Operand::value(self.push(
            Op::Literal { lit, negative },
            Vec::new(),
            ty,
            literal.span(),
        )))
    }

    fn path(&mut self, path: &syn::ExprPath) -> Lowered {
        if let Some(ident) = path.path.get_ident()
            && let Some(local) = self.lookup(ident)
        {
            let (value, references) = (local.value, local.references);
            if let Some(closure) = local.closure {
                return self.refuse_code(ident, closure);
            }
            if let Some(place) = local.alias.clone() {
                let item = self.load(&place, ident.span());
                self.aliases.insert(item.id, place);
                return Ok(Operand {
                    references: 1,
                    ..item
                });
            }
            if let Some(id) = value.filter(|&id| self.function.is_memory(id)) {
                let ty = self.infer.resolve(self.function.ty(id));
                if matches!(ty, Ty::Scalar(_) | Ty::Var(_) | Ty::Inactive) {
                    let now = self.push(Op::Project(Vec::new()), vec![id], ty, ident.span());
                    if references > 0 {
                        // Handed on bare, a mutable reference is lent again.
                        let place = Place::whole(id);
                        self.aliases.insert(now, place);
                    }
                    return Ok(Operand {
                        id: now,
                        references,
                    });
                }
            }
            return match value {
                Some(id) if self.poisoned.contains(&id) => Err(Reported),
                Some(id) => Ok(Operand {
                    id,
                    references,
                }),
                None => self.refuse(
                    Cause::D0903,
                    ident,
                    &format!("`{ident}` has no value that the macro can see"),
                    "it is declared without one, and is not assigned before this by a statement of its own",
                    &format!("give it its value where it is declared: `let {ident} = if … {{ … }} else {{ … }};`"),
                ),
            };
        }
        let is_integer_parameter = path.path.get_ident().is_some_and(|ident| {
            self.signature
                .const_params()
                .any(|param| param.ident == *ident)
        });
        let ty = if is_integer_parameter {
            Ty::Inactive
        } else {
            self.infer.fresh()
        };
        Ok(Operand::value(self.push(
            Op::Path(path.clone()),
            Vec::new(),
            ty,
            path.span(),
        )))
    }

    fn negation(&mut self, unary: &syn::ExprUnary) -> Lowered {
        if let Expr::Lit(literal) = &*unary.expr
            && matches!(literal.lit, Lit::Int(_) | Lit::Float(_))
        {
            return self.literal(literal, true);
        }
        let operand = self.expr(&unary.expr)?;
        if let Some(negative) = self.tensor_operator(Primitive::Neg, &[operand], unary.span()) {
            return negative;
        }
        Ok(Operand::value(self.arithmetic(
            Primitive::Neg,
            &[operand.id],
            unary.span(),
        )))
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> Lowered {
        let primitive = match binary.op {
            BinOp::Add(_) => Primitive::Add,
            BinOp::Sub(_) => Primitive::Sub,
            BinOp::Mul(_) => Primitive::Mul,
            BinOp::Div(_) => Primitive::Div,
            BinOp::Rem(_) => Primitive::Rem,
            BinOp::Lt(_)
            | BinOp::Le(_)
            | BinOp::Gt(_)
            | BinOp::Ge(_)
            | BinOp::Eq(_)
            | BinOp::Ne(_) => return self.comparison(binary),
            BinOp::And(_) | BinOp::Or(_) if self.mentions_varied(&Expr::Binary(binary.clone())) => {
                return self.logical(binary, matches!(binary.op, BinOp::And(_)));
            }
            _ => return self.inactive(&Expr::Binary(binary.clone())),
        };
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        self.operator(primitive, left, right, binary)
    }

    /// What is done with the operands; apart from the recursion, which wants little stack.
    fn operator(
        &mut self,
        primitive: Primitive,
        left: Lowered,
        right: Lowered,
        binary: &syn::ExprBinary,
    ) -> Lowered {
        // Where rustc reports operands that do not fit.
        let (operands, span) = ([left?, right?], binary.op.span());
        if let Some(result) = self.tensor_operator(primitive, &operands, span) {
            return result;
        }
        let operands = operands.map(|operand| operand.id);
        Ok(Operand::value(self.arithmetic(primitive, &operands, span)))
    }

    fn comparison(&mut self, binary: &syn::ExprBinary) -> Lowered {
        if is_text(&binary.left) || is_text(&binary.right) {
            return self.inactive(&Expr::Binary(binary.clone()));
        }
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        let (left, right) = (left?.id, right?.id);
        let ty = self.function.ty(left).clone();
        let _ = self.infer.unify(&ty, &self.function.ty(right).clone());
        let sides = [&binary.left, &binary.right].map(|side| match &**side {
            Expr::Path(name) => name.path.get_ident().map(proc_macro2::Ident::span),
            _ => None,
        });
        let op = Op::Observe(Observation::Compare(binary.op, sides));
        Ok(Operand::value(self.push(
            op,
            vec![left, right],
            Ty::Inactive,
            binary.span(),
        )))
    }

    /// An operator, on floats or on integers.
    pub(super) fn arithmetic(
        &mut self,
        primitive: Primitive,
        args: &[ValueId],
        span: proc_macro2::Span,
    ) -> ValueId {
        let integers = args
            .iter()
            .any(|&arg| matches!(self.infer.resolve(self.function.ty(arg)), Ty::Inactive));
        if !integers {
            return self.apply(primitive, args, span);
        }
        let fit = args.iter().all(|&arg| {
            let ty = self.function.ty(arg).clone();
            self.unify(&ty, &Ty::Inactive, span)
        });
        // Of a mismatch the user hears once: it has any type from here on.
        let ty = match fit {
            true => Ty::Inactive,
            false => self.infer.fresh(),
        };
        self.push(Op::Apply(primitive), args.to_vec(), ty, span)
    }

    fn array(&mut self, array: &syn::ExprArray) -> Lowered {
        let elements = self.all(&array.elems)?;
        let element = self.infer.fresh();
        for &id in &elements {
            let ty = self.function.ty(id).clone();
            self.unify(&element, &ty, array.span());
        }
        let length = elements.len();
        let ty = Ty::Array(Box::new(element), Box::new(syn::parse_quote!(#length)));
        Ok(Operand::value(self.push(
            Op::Aggregate(Shape::Array),
            elements,
            ty,
            array.span(),
        )))
    }

    fn repeat(&mut self, repeat: &syn::ExprRepeat) -> Lowered {
        let element = self.expr(&repeat.expr)?.id;
        let ty = Ty::Array(
            Box::new(self.function.ty(element).clone()),
            repeat.len.clone(),
        );
        let op = Op::Repeat(Rc::new((*repeat.len).clone()));
        Ok(Operand::value(self.push(
            op,
            vec![element],
            ty,
            repeat.span(),
        )))
    }

    fn struct_literal(&mut self, literal: &syn::ExprStruct) -> Lowered {
        if let Some(rest) = &literal.rest {
            return self.refuse(
                Cause::D0303,
                rest,
                "`..` in a struct literal",
                "the fields it fills are not visible to the macro",
                "write every field",
            );
        }
        let members = literal
            .fields
            .iter()
            .map(|field| field.member.clone())
            .collect();
        let elements = self.all(literal.fields.iter().map(|field| &field.expr))?;
        let path = literal.path.clone();
        let ty = self.with_owner(Ty::Named(Box::new(Type::Path(syn::TypePath {
            attrs: Vec::new(),
            qself: None,
            path: without_turbofish(&path),
        }))));
        let shape = Shape::Struct {
            path,
            members,
            positional: false,
        };
        Ok(Operand::value(self.push(
            Op::Aggregate(shape),
            elements,
            ty,
            literal.span(),
        )))
    }

    fn index(&mut self, index: &syn::ExprIndex) -> Lowered {
        if let Some(length) = self.length_of_axis(index) {
            return length;
        }
        let base = self.base(&index.expr)?;
        let (step, args) = match self.element_step(base.id, &index.index)? {
            Some(step) => step,
            None => self.step(&index.index)?,
        };
        let is_slice = matches!(step, Step::Slice { .. });
        let part = self.project_many(base, step, args, index.span());
        Ok(if is_slice {
            part
        } else {
            Operand::value(part.id)
        })
    }

    /// What stands in the brackets of an index expression.
    pub(super) fn step(&mut self, index: &Expr) -> Result<(Step, Vec<ValueId>), Reported> {
        match index {
            Expr::Lit(ExprLit {
                lit: Lit::Int(int), ..
            }) if int.base10_parse::<usize>().is_ok() => {
                let position = int.base10_parse().expect("just parsed");
                Ok((Step::At(position), Vec::new()))
            }
            Expr::Range(range) => {
                let mut args = Vec::new();
                for bound in [&range.start, &range.end].into_iter().flatten() {
                    args.push(self.position(bound)?);
                }
                let step = Step::Slice {
                    from: range.start.is_some(),
                    to: range.end.is_some(),
                    inclusive: matches!(range.limits, syn::RangeLimits::Closed(_)),
                };
                Ok((step, args))
            }
            _ => Ok((Step::Index, vec![self.position(index)?])),
        }
    }

    pub(super) fn position(&mut self, index: &Expr) -> Result<ValueId, Reported> {
        let position = self.expr(index)?.id;
        let ty = self.function.ty(position).clone();
        self.unify(&ty, &Ty::Inactive, index.span());
        Ok(position)
    }

    /// A part of a value whose type only rustc knows: the generated code makes sure it is no float.
    fn is_unseen_part(&self, id: ValueId, ty: &Ty) -> bool {
        let definition = self.definitions.get(&id).map(|stmt| &stmt.op);
        matches!(ty, Ty::Var(_)) && matches!(definition, Some(Op::Project(_)))
    }

    fn cast(&mut self, cast: &ExprCast) -> Lowered {
        let target = ty::read(&cast.ty, &self.signature.reals, &mut || Ty::Inactive).ty;
        let operand = self.expr(&cast.expr)?.id;
        let own = self.infer.resolve(self.function.ty(operand));
        match target {
            Ty::Scalar(Scalar::F32 | Scalar::F64) => Ok(Operand::value(self.push(
                Op::Cast,
                vec![operand],
                target,
                cast.span(),
            ))),
            Ty::Inactive => {
                let op = Op::Observe(Observation::Integer(Rc::new((*cast.ty).clone())));
                if self.varied.contains(&operand)
                    && !matches!(own, Ty::Inactive)
                    && !self.is_unseen_part(operand, &own)
                {
                    let target = cast.ty.to_token_stream();
                    let operand = match &*cast.expr {
                        simple @ (Expr::Paren(_) | Expr::Path(_) | Expr::MethodCall(_)) => {
                            simple.to_token_stream().to_string()
                        }
                        other => format!("({})", other.to_token_stream()),
                    };
                    let operand = operand.replace(" . ", ".");
                    return self.refuse(
                        Cause::D0302,
                        cast,
                        &format!("an active value is cast to the integer type `{target}`"),
                        "the cast cuts the derivative off without a sign of it in the code",
                        &format!("write `{operand}.floor() as {target}` (or `ceil`, `round`, `trunc`): its derivative is zero"),
                    );
                }
                Ok(Operand::value(self.push(
                    op,
                    vec![operand],
                    Ty::Inactive,
                    cast.span(),
                )))
            }
            _ => self.inactive(&Expr::Cast(cast.clone())),
        }
    }
}

/// Expressions whose lowering is that of statements.
fn is_statement(expr: &Expr) -> bool {
    match expr {
        Expr::Block(block) => block.label.is_some(),
        _ => true,
    }
}

/// The type a struct literal's path names.
pub(super) fn without_turbofish(path: &syn::Path) -> syn::Path {
    let mut path = path.clone();
    for segment in &mut path.segments {
        if let syn::PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token = None;
        }
    }
    path
}

/// The members of a tuple struct with `count` fields.
pub(super) fn positions(count: usize) -> Vec<Member> {
    (0..count).map(Member::from).collect()
}

/// Whether the macro is the standard library's `vec!`, by its name or path.
pub fn is_vec(mac: &syn::Macro) -> bool {
    standard_name(mac).is_some_and(|name| name == "vec")
}
