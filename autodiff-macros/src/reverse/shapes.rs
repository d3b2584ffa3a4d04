//! Shapes that adjoints take from values which are gone when the reverse runs.
//!
//! What is moved into a call leaves a *template* behind, its zero gradient. The reverse of `a = b`
//! takes the adjoint of the new content away and leaves zeros, which must have the shape of the old
//! content, perhaps a vector of another length: that is noted before it is overwritten.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};
use quote::format_ident;

use super::Reverser;
use super::control::RegionId;
use crate::codegen::types;
use crate::ids::IdMap;
use crate::ir::{Mode, Observation, Op, Region, Step, Stmt, ValueId};
use crate::ty::Ty;

/// The shape of something that is overwritten.
#[derive(Clone)]
struct Shape {
    value: ValueId,
    /// Of a vector of numbers, whose shape is its length.
    element: Option<Ty>,
}

#[derive(Default)]
pub(super) struct Shapes {
    /// Of the content before each store, known by the address of the primal statement.
    overwritten: BTreeMap<*const Stmt, Shape>,
    /// Of the values at the start of an iteration.
    carried: IdMap<Shape>,
}

/// Whether all values of the type surely have the same shape.
fn is_fixed(ty: &Ty) -> bool {
    types::zero(ty).is_some()
}

impl Reverser<'_> {
    /// The locals that a call or `vec![x; n]` moves away, whose adjoint takes its shape from them.
    pub(super) fn moved_by(&self, stmt: &Stmt) -> Vec<ValueId> {
        let args: Vec<ValueId> = match &stmt.op {
            Op::Call(callee) => {
                let args = stmt.args.iter().zip(&callee.modes);
                let by_value = args.filter(|(_, mode)| **mode == Mode::Value);
                by_value.map(|(&arg, _)| arg).collect()
            }
            Op::Fill | Op::Repeat(_) => vec![stmt.args[0]],
            _ => Vec::new(),
        };
        let has_own_shape = |&arg: &ValueId| {
            self.primal.param(arg).is_none()
                && self.definition_path(arg).is_none()
                && self.activity.is_active(arg)
                && !self.primal.ty(arg).is_copy()
        };
        args.into_iter().filter(has_own_shape).collect()
    }

    /// Finds what is moved away in branches and loops from outside of them.
    pub(super) fn find_moved_inside(&mut self, region: &Region, own: RegionId) {
        for stmt in &region.stmts {
            if self.activity.reaches(stmt) {
                let mut outer = self.moved_by(stmt);
                outer.retain(|&arg| self.homes.of_value(arg) != own);
                self.moved_inside.extend(outer);
            }
            for (k, inner) in stmt.regions.iter().enumerate() {
                let id = stmt.control_id().expect("only control flow has regions");
                self.find_moved_inside(inner, self.homes.region(id, k));
            }
        }
    }

    /// Templates of values just defined that are moved away further inside.
    pub(super) fn templates_of(&mut self, values: &[ValueId], span: Span) {
        for &value in values {
            if self.moved_inside.contains(&value) {
                self.template(value, span);
            }
        }
    }

    /// Takes the zero gradient of a value before it is moved away.
    pub(super) fn template(&mut self, value: ValueId, span: Span) {
        if self.moved_inside.contains(&value) && self.templates.contains_key(&value) {
            return;
        }
        let ty = self.primal.ty(value).clone();
        let name = self.primal.value(value).name.as_ref();
        let name = name.map(|name| format_ident!("{name}_zero"));
        let zero = self.build.push(Op::Template, vec![value], ty, name, span);
        self.templates.insert(value, zero);
    }

    /// Notes the shape of what is about to be overwritten.
    pub(super) fn note_overwritten(&mut self, stmt: &Stmt, path: &[Step]) {
        let (memory, value) = (stmt.args[0], stmt.args[1]);
        let ty = self.primal.ty(value).clone();
        // A field may be missing from the gradient, and then its type need not have one. That of what is
        // active does.
        let behind_field = path
            .iter()
            .any(|step| matches!(step, Step::Field(syn::Member::Named(_))));
        let unseen = behind_field && element(&ty).is_none() && !self.activity.is_active(value);
        if !self.activity.is_active(memory) || is_fixed(&ty) || unseen {
            return;
        }
        let name = self.primal.value(memory).name.clone();
        let content = match path {
            [] => memory,
            _ => {
                let args = [memory].into_iter().chain(stmt.args[2..].iter().copied());
                let part = Op::Project(path.to_vec());
                self.build
                    .push(part, args.collect(), ty.clone(), None, stmt.span)
            }
        };
        let shape = self.shape(content, &ty, name, stmt.span);
        self.shapes.overwritten.insert(stmt, shape);
    }

    /// Notes the shapes of the values at the start of an iteration.
    pub(super) fn note_carried(&mut self, params: &[ValueId], results: &[ValueId]) {
        for (&param, &result) in params.iter().zip(results) {
            let ty = self.primal.ty(param).clone();
            let active = self.activity.is_active(param) || self.activity.is_active(result);
            if active && !is_fixed(&ty) {
                let value = self.primal.value(param);
                let (name, span) = (value.name.clone(), value.span);
                let shape = self.shape(param, &ty, name, span);
                self.shapes.carried.insert(param, shape);
            }
        }
    }

    fn shape(&mut self, content: ValueId, ty: &Ty, name: Option<Ident>, span: Span) -> Shape {
        let element = element(ty);
        let (observation, suffix) = match &element {
            Some(_) => {
                let len = Ident::new("len", span);
                (Observation::Method(len), "len")
            }
            None => (Observation::Shape, "shape"),
        };
        let name = name.map_or_else(
            || Ident::new(suffix, Span::mixed_site()),
            |name| format_ident!("{name}_{suffix}"),
        );
        let op = Op::Observe(observation);
        let value = self
            .build
            .push(op, vec![content], Ty::Inactive, Some(name), span);
        Shape { value, element }
    }

    /// Whether the value is no array: what a field or the result of a call is, only rustc knows.
    pub(super) fn is_surely_vector(&self, id: ValueId) -> bool {
        let stmt = self.definitions.get(&id).copied();
        let unseen = match stmt.map(|stmt| (&stmt.op, &stmt.args)) {
            Some((Op::Memory | Op::Clone(None), args)) => return self.is_surely_vector(args[0]),
            Some((Op::Project(path), args)) if path.is_empty() => {
                return self.is_surely_vector(args[0]);
            }
            Some((Op::Project(path), _)) => path
                .last()
                .is_some_and(|step| matches!(step, Step::Field(syn::Member::Named(_)))),
            Some((Op::Call(_), _)) => true,
            _ => false,
        };
        !unseen && matches!(self.primal.ty(id), Ty::Sequence(..))
    }

    /// Gives the adjoint of what was overwritten its shape.
    pub(super) fn reshape_overwritten(
        &mut self,
        stmt: &Stmt,
        path: Vec<Step>,
        mut args: Vec<ValueId>,
    ) {
        let key: *const Stmt = stmt;
        if let Some(Shape { value, element }) = self.shapes.overwritten.get(&key).cloned() {
            args.insert(1, value);
            let op = Op::Reshape { path, element };
            self.build
                .push_stmt(Stmt::new(Vec::new(), op, args, stmt.span));
        }
    }

    /// Gives the adjoint of what a loop carries the shape of the iteration's start.
    pub(super) fn reshape_carried(&mut self, param: ValueId, bar: ValueId, span: Span) {
        if let Some(Shape { value, element }) = self.shapes.carried.get(&param).cloned() {
            let path = Vec::new();
            let op = Op::Reshape { path, element };
            self.build
                .push_stmt(Stmt::new(Vec::new(), op, vec![bar, value], span));
        }
    }
}

/// What a vector holds, if that is numbers.
fn element(ty: &Ty) -> Option<Ty> {
    match ty {
        Ty::Sequence(element, _) if is_fixed(element) => Some((**element).clone()),
        _ => None,
    }
}
