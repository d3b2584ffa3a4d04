//! Patterns, and the parts of values that they and projections name.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Member, Pat, Type};

use super::{Lowerer, Operand, Reported};
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
                self.ascribe(operand, &typed.ty);
                self.bind(&typed.pat, operand)
            }
            Pat::Ident(ident) => {
                if let Some((_, inner)) = &ident.subpat {
                    self.bind(inner, operand)?;
                }
                let references = operand.references + usize::from(ident.by_ref.is_some());
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

    /// Part of an aggregate; parts of an aggregate built here are its elements themselves.
    pub(super) fn project(
        &mut self,
        base: Operand,
        step: Step,
        index: Option<ValueId>,
        span: Span,
    ) -> Operand {
        let references = base.references;
        if let Some(element) = self.built_element(&base, &step) {
            return element;
        }
        let base_ty = self.infer.resolve(self.function.ty(base.id));
        let ty = match (&base_ty, &step) {
            (Ty::Array(element, _) | Ty::Sequence(element, _), Step::At(_) | Step::Index) => {
                (**element).clone()
            }
            (Ty::Tuple(elements), Step::Field(Member::Unnamed(k))) => elements
                .get(k.index as usize)
                .cloned()
                .unwrap_or_else(|| self.infer.fresh()),
            _ => self.infer.fresh(),
        };
        let (root, mut path, mut args) = match self.definition(base.id) {
            Some(Stmt {
                op: Op::Project(path),
                args,
                ..
            }) => (args[0], path.clone(), args[1..].to_vec()),
            _ => (base.id, Vec::new(), Vec::new()),
        };
        path.push(step);
        args.extend(index);
        args.insert(0, root);
        let id = self.push(Op::Project(path), args, ty, span);
        Operand {
            id,
            references: references.min(1),
        }
    }

    fn definition(&self, id: ValueId) -> Option<&Stmt> {
        self.definitions
            .get(&id)
            .map(|&position| &self.function.body.stmts[position])
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
        let references = self
            .element_references
            .get(&base.id)
            .map_or(0, |all| all[position]);
        args.get(position).map(|&id| Operand { id, references })
    }

    /// A type annotation on a value.
    fn ascribe(&mut self, operand: Operand, written: &Type) {
        let Lowerer {
            infer, signature, ..
        } = self;
        let ty = ty::read(written, &signature.reals, &mut || infer.fresh()).ty;
        let own = self.infer.resolve(self.function.ty(operand.id));
        self.unify(&own, &ty, written.span());
        if let (Ty::Var(_), Ty::Named(_)) = (&own, &ty) {
            self.function.value_mut(operand.id).ty = ty;
        }
    }
}
