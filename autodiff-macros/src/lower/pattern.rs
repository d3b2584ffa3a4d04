//! Patterns, and the parts of values that they and projections name.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Member, Pat, Type};

use super::{Key, Lowerer, Operand, Reported};
use crate::diagnostics::Cause;
use crate::ir::{Op, Step, Stmt, ValueId};
use crate::ty::{self, Ty};

impl Lowerer<'_> {
    pub(super) fn bind(&mut self, pat: &Pat, operand: Operand) -> Result<(), Reported> {
        match pat {
            Pat::Wild(_) => Ok(()),
            Pat::Paren(inner) => self.bind(&inner.pat, operand),
            Pat::Reference(inner) => {
                let references = operand.references.saturating_sub(1);
                self.bind(
                    &inner.pat,
                    Operand {
                        references,
                        ..operand
                    },
                )
            }
            Pat::Type(typed) => {
                self.ascribe(operand, &typed.ty)?;
                self.bind(&typed.pat, operand)
            }
            Pat::Ident(ident) => {
                if let Some((_, inner)) = &ident.subpat {
                    self.bind(inner, operand)?;
                }
                let references = operand.references + usize::from(ident.by_ref.is_some());
                if let Some(place) = self.aliases.get(&operand.id).cloned()
                    && references > 0
                {
                    self.declare(&ident.ident, Some(operand.id), references);
                    self.slot(&ident.ident).expect("it was declared").alias = Some(place);
                    return Ok(());
                }
                let operand = if references == 0 {
                    self.snapshot(operand, ident.span())
                } else {
                    operand
                };
                let changes = ident.mutability.is_some()
                    && references == 0
                    && self.is_changed_in_part(&ident.ident, self.function.ty(operand.id));
                if changes {
                    let memory = self.memory(operand.id, &ident.ident);
                    self.declare(&ident.ident, Some(memory), 0);
                    return Ok(());
                }
                let is_part = matches!(
                    self.definition(operand.id),
                    Some(Stmt {
                        op: Op::Project(_),
                        ..
                    })
                );
                if references > 0 && is_part && self.function.value(operand.id).name.is_none() {
                    self.function.borrowed.insert(operand.id);
                }
                self.name_value(operand.id, &ident.ident);
                self.declare(&ident.ident, Some(operand.id), references);
                Ok(())
            }
            Pat::Tuple(tuple) => {
                self.bind_elements(&tuple.elems, operand, pat, |k| Step::Field(Member::from(k)))
            }
            Pat::TupleStruct(tuple) => {
                self.bind_elements(&tuple.elems, operand, pat, |k| Step::Field(Member::from(k)))
            }
            Pat::Slice(slice) => self.bind_elements(&slice.elems, operand, pat, Step::At),
            Pat::Struct(pattern) => {
                for field in &pattern.fields {
                    let part = self.project(
                        operand,
                        Step::Field(field.member.clone()),
                        None,
                        field.span(),
                    );
                    self.bind(&field.pat, part)?;
                }
                Ok(())
            }
            _ => self.refuse(
                Cause::D1001,
                pat,
                "this pattern",
                "only patterns that always match and name parts of a value are understood",
                "bind the whole value and take it apart by fields and indices",
            ),
        }
    }

    fn bind_elements<'p>(
        &mut self,
        elements: impl IntoIterator<Item = &'p Pat>,
        operand: Operand,
        whole: &Pat,
        step: impl Fn(usize) -> Step,
    ) -> Result<(), Reported> {
        let mut elements = elements.into_iter().enumerate().peekable();
        while let Some((k, element)) = elements.next() {
            if matches!(element, Pat::Rest(_)) && elements.peek().is_none() {
                break;
            }
            if matches!(element, Pat::Rest(_)) {
                return self.refuse(
                    Cause::D1002,
                    whole,
                    "`..` in this pattern",
                    "the positions behind it are not known to the macro",
                    "name every part, with `_` for those that are not used",
                );
            }
            let part = self.project(operand, step(k), None, element.span());
            self.bind(element, part)?;
        }
        Ok(())
    }

    /// Whether a local of the type is changed in part, by a method perhaps.
    pub(super) fn is_changed_in_part(&self, ident: &Ident, ty: &Ty) -> bool {
        self.changed_in_part.contains(&Key::new(ident)) || self.may_be_changed_by_method(ident, ty)
    }

    /// A place of its own for a local that is changed in part.
    pub(super) fn memory(&mut self, init: ValueId, name: &Ident) -> ValueId {
        let ty = self.function.ty(init).clone();
        let memory = self.push(Op::Memory, vec![init], ty, name.span());
        self.function.value_mut(memory).name = Some(name.clone());
        self.function.memories.insert(memory);
        if let Some(collection) = self.collections.get(&init).copied() {
            self.collections.insert(memory, collection);
        }
        if !self.is_inactive(memory) {
            // What is stored in it later may be active.
            self.varied.insert(memory);
        }
        memory
    }

    /// The type of a part.
    pub(super) fn part_type(&mut self, whole: &Ty, step: &Step) -> Ty {
        match (self.infer.resolve(whole), step) {
            (Ty::Array(element, _) | Ty::Sequence(element, _), Step::At(_) | Step::Index) => {
                *element
            }
            (Ty::Array(element, _) | Ty::Sequence(element, _), Step::Slice { .. }) => {
                Ty::Sequence(element, ty::Sequence::Slice)
            }
            (Ty::Tuple(elements), Step::Field(Member::Unnamed(k))) => {
                let element = elements.get(k.index as usize).cloned();
                element.unwrap_or_else(|| {
                    self.diagnostics.leave_to_rustc();
                    self.infer.fresh()
                })
            }
            (Ty::Scalar(ty::Scalar::F32 | ty::Scalar::F64), _) => {
                self.diagnostics.leave_to_rustc();
                self.infer.fresh()
            }
            (Ty::Tensor(tensor), Step::Element(_)) => *tensor.element,
            (Ty::Var(_), Step::Element(count)) => {
                let element = self.infer.fresh_scalar();
                let tensor = Ty::Tensor(ty::Tensor::new(element.clone(), Some(*count)));
                let _ = self.infer.unify(whole, &tensor);
                element
            }
            (Ty::Tensor(tensor), Step::View(_)) => {
                Ty::Tensor(ty::Tensor::new(*tensor.element, tensor.rank))
            }
            // The whole may be an array as well as a vector.
            (Ty::Var(_), Step::Slice { .. }) => {
                let element = self.infer.fresh();
                Ty::Sequence(Box::new(element), ty::Sequence::Slice)
            }
            _ => self.infer.fresh(),
        }
    }

    /// Part of an aggregate; parts of an aggregate built here are its elements themselves.
    pub(super) fn project(
        &mut self,
        base: Operand,
        step: Step,
        index: Option<ValueId>,
        span: Span,
    ) -> Operand {
        self.project_many(base, step, index.into_iter().collect(), span)
    }

    pub(super) fn project_many(
        &mut self,
        base: Operand,
        step: Step,
        indices: Vec<ValueId>,
        span: Span,
    ) -> Operand {
        let references = base.references;
        if let Some(element) = self.built_element(&base, &step) {
            return element;
        }
        if let Some(place) = self.aliases.get(&base.id) {
            let mut place = place.clone();
            place.path.push(step);
            place.indices.extend(indices);
            return self.load(&place, span);
        }
        let base_ty = self.function.ty(base.id).clone();
        let ty = self.part_type(&base_ty, &step);
        let (root, mut path, mut args) = match self.definition(base.id) {
            // A part of memory that was copied under a name stays as it was then.
            Some(Stmt {
                op: Op::Project(path),
                args,
                ..
            }) if references > 0
                || self.function.value(base.id).name.is_none()
                || !self.function.is_memory(args[0]) =>
            {
                (args[0], path.clone(), args[1..].to_vec())
            }
            _ => (base.id, Vec::new(), Vec::new()),
        };
        path.push(step);
        args.extend(indices);
        args.insert(0, root);
        let id = self.push(Op::Project(path), args, ty, span);
        Operand {
            id,
            references: references.min(1),
        }
    }

    pub(super) fn definition(&self, id: ValueId) -> Option<&Stmt> {
        self.definitions.get(&id)
    }

    /// The element itself, of an aggregate that was built here.
    fn built_element(&self, base: &Operand, step: &Step) -> Option<Operand> {
        let Some(Stmt {
            op: Op::Aggregate(shape),
            args,
            ..
        }) = self.definition(base.id)
        else {
            return None;
        };
        let position = shape.position(step)?;
        let id = *args.get(position)?;
        let references = self
            .element_references
            .get(&base.id)
            .map_or(0, |all| all[position]);
        let may_change = references == 0 && self.is_of_memory(id);
        (!may_change).then_some(Operand { id, references })
    }

    /// Whether the value is a memory, or a part that is no scalar: what it is may change later.
    fn is_of_memory(&self, id: ValueId) -> bool {
        let is_part = matches!(self.definition(id),
            Some(Stmt { op: Op::Project(_), args, .. }) if self.function.is_memory(args[0]));
        let ty = self.infer.resolve(self.function.ty(id));
        self.function.is_memory(id) || is_part && !ty.is_scalar() && !ty.is_inactive()
    }

    /// `let n: u32 = 7` is `7u32`, whatever is done with `n` later.
    fn give_suffix(&mut self, id: ValueId, written: &Type) {
        const INTEGERS: [&str; 12] = [
            "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
        ];
        let Type::Path(path) = written else { return };
        let Some(name) = path.path.get_ident().map(ToString::to_string) else {
            return;
        };
        if let Some(stmt) = self.stmts.last_mut()
            && stmt.result() == Some(id)
            && let Op::Literal {
                lit: syn::Lit::Int(int),
                ..
            } = &mut stmt.op
            && int.suffix().is_empty()
            && INTEGERS.contains(&name.as_str())
        {
            *int = syn::LitInt::new(&format!("{int}{name}"), int.span());
        }
    }

    /// A type annotation on a value.
    fn ascribe(&mut self, operand: Operand, written: &Type) -> Result<(), Reported> {
        let Lowerer {
            infer, signature, ..
        } = self;
        let ty = ty::read(written, &signature.reals, &mut || infer.fresh()).ty;
        let ty = self.with_owner(ty);
        let own = self.infer.resolve(self.function.ty(operand.id));
        if self.fresh.contains(&operand.id) && matches!(ty, Ty::Named(_)) {
            return self.refuse_collection(written);
        }
        self.unify(&own, &ty, written.span());
        self.give_suffix(operand.id, written);
        if let (Ty::Var(_), Ty::Named(_)) = (&own, &ty) {
            self.function.value_mut(operand.id).ty = ty;
        }
        Ok(())
    }
}
