//! Where adjoints live and how contributions get there.

use proc_macro2::{Ident, Span};
use quote::format_ident;

use super::Reverser;
use crate::ir::{Op, Step, Stmt, ValueId};
use crate::ty::Ty;

/// A part of a buffer.
#[derive(Clone)]
pub(super) struct Place {
    pub buffer: ValueId,
    pub path: Vec<Step>,
    pub indices: Vec<ValueId>,
}

impl Place {
    pub fn whole(buffer: ValueId) -> Place {
        Place {
            buffer,
            path: Vec::new(),
            indices: Vec::new(),
        }
    }

    /// Whether the two certainly have nothing in common.
    pub fn is_apart_from(&self, other: &Place) -> bool {
        if self.buffer != other.buffer {
            return true;
        }
        for steps in self.path.iter().zip(&other.path) {
            match steps {
                (Step::Field(a), Step::Field(b)) if a != b => return true,
                (Step::Field(_), Step::Field(_)) => {}
                // Elements may differ, but rustc cannot borrow them side by side.
                _ => return false,
            }
        }
        false
    }
}

impl Reverser<'_> {
    /// Whether contributions to the scalar are summed later, at its definition.
    pub(super) fn pending_counts(&self, arg: ValueId) -> bool {
        !self.buffers.contains_key(&arg) || self.primal.param(arg).is_some()
    }

    /// A struct's field passed on by value whose type only rustc knows: it may have no gradient.
    pub(super) fn unseen_field(&self, arg: ValueId) -> Option<syn::Member> {
        match (self.definition_path(arg)?.last()?, self.primal.ty(arg)) {
            (Step::Field(member @ syn::Member::Named(_)), Ty::Var(_)) => Some(member.clone()),
            _ => None,
        }
    }

    pub(super) fn definition_path(&self, id: ValueId) -> Option<&[Step]> {
        let stmt = self.definitions.get(&id)?;
        match &stmt.op {
            Op::Project(path) if !self.is_snapshot(stmt) => Some(path),
            _ => None,
        }
    }

    /// Whether the statement copies a part of a memory, which may change while the copy lives.
    pub(super) fn is_snapshot(&self, stmt: &Stmt) -> bool {
        matches!(stmt.op, Op::Project(_))
            && self.primal.is_memory(stmt.args[0])
            && self.primal.value(stmt.results[0]).name.is_some()
            && !self.primal.ty(stmt.results[0]).is_scalar()
    }

    /// Whether the value is of an active memory, the whole or a part.
    pub(super) fn is_active_memory(&self, id: ValueId) -> bool {
        let root = match self.definitions.get(&id) {
            Some(stmt) if matches!(stmt.op, Op::Project(_)) => stmt.args[0],
            _ => id,
        };
        self.primal.is_memory(root) && self.activity.is_active(root)
    }

    /// Whether the value is a part of a memory as it was at some time.
    pub(super) fn is_of_memory(&self, id: ValueId) -> bool {
        self.definitions.get(&id).is_some_and(|stmt| {
            matches!(stmt.op, Op::Project(_)) && self.primal.is_memory(stmt.args[0])
        })
    }

    /// Whether the value is a view of an array.
    pub(super) fn is_view(&self, id: ValueId) -> bool {
        let path = self.definition_path(id).unwrap_or_default();
        path.iter().any(|step| matches!(step, Step::View(_)))
    }

    /// Whether the value is not part of another one.
    pub(super) fn is_root(&self, id: ValueId) -> bool {
        self.definition_path(id).is_none()
    }

    /// Where the adjoint of a value that is not a local scalar lives.
    pub(super) fn place(&mut self, id: ValueId, span: Span) -> Place {
        if let Some(
            stmt @ Stmt {
                op: Op::Project(path),
                args,
                ..
            },
        ) = self.definitions.get(&id).copied()
            && !self.is_snapshot(stmt)
            && !self.buffers.contains_key(&id)
        {
            let mut place = self.place(args[0], span);
            place.path.extend(path.iter().cloned());
            place.indices.extend(&args[1..]);
            return place;
        }
        Place::whole(self.buffer(id, span))
    }

    /// The buffer of a root, made on first use.
    pub(super) fn buffer(&mut self, id: ValueId, span: Span) -> ValueId {
        if let Some(&buffer) = self.buffers.get(&id) {
            return buffer;
        }
        let ty = self.primal.ty(id).clone();
        let name = self.bar_name(id);
        let (op, from) = match (self.seed, self.templates.get(&id)) {
            (Some((output, out_bar)), _) if output == id => {
                self.seed = None;
                (Op::Buffer, out_bar)
            }
            (_, Some(&template)) => (Op::Buffer, template),
            _ => (Op::Zero, id),
        };
        let buffer = self.build.push(op, vec![from], ty, name, span);
        self.buffers.insert(id, buffer);
        buffer
    }

    /// Where a call's pullback accumulates: local scalars get a buffer that holds what is known.
    pub(super) fn call_place(&mut self, arg: ValueId, span: Span) -> Place {
        // What was read from memory has an adjoint of its own until the read is reversed.
        let is_local_scalar = self.primal.ty(arg).is_scalar()
            && (self.is_root(arg) || self.is_of_memory(arg))
            && !self.primal.is_memory(arg)
            && self.primal.param(arg).is_none();
        if is_local_scalar && !self.buffers.contains_key(&arg) {
            self.scalar_buffer(arg, span);
        }
        self.place(arg, span)
    }

    /// A buffer for a scalar, which starts from what is known.
    pub(super) fn scalar_buffer(&mut self, id: ValueId, span: Span) -> ValueId {
        let ty = self.primal.ty(id).clone();
        let so_far = match self.sum_unnamed(id) {
            Some(so_far) => so_far,
            None => self.build.constant(0.0, ty.clone(), span),
        };
        let name = self.bar_name(id);
        let buffer = self.build.push(Op::Buffer, vec![so_far], ty, name, span);
        self.buffers.insert(id, buffer);
        buffer
    }

    pub(super) fn bar_name(&self, id: ValueId) -> Option<Ident> {
        self.primal
            .value(id)
            .name
            .as_ref()
            .map(|name| format_ident!("{name}_bar"))
    }

    /// Adds `term` to the adjoint of `id`.
    pub(super) fn contribute(&mut self, id: ValueId, term: ValueId, span: Span) {
        if let Some(field) = self.unseen_field(id) {
            return self.accumulate_field(id, field, term, span);
        }
        let here = self.homes.of_value(id) == self.current;
        if self.primal.ty(id).is_scalar() && !self.primal.is_memory(id) {
            if here {
                self.pending.or_default(id).push(term);
            } else {
                let place = Place::whole(self.buffers[&id]);
                self.accumulate(place, term, span);
            }
        } else if self.is_root(id)
            && self.primal.param(id).is_none()
            && !self.buffers.contains_key(&id)
            && self.seed.is_none_or(|(output, _)| output != id)
        {
            let name = self.bar_name(id);
            let buffer = self.build.push(
                Op::Buffer,
                vec![term],
                self.primal.ty(id).clone(),
                name,
                span,
            );
            self.buffers.insert(id, buffer);
        } else {
            let place = self.place(id, span);
            self.accumulate(place, term, span);
        }
    }

    /// Adds `term` to a field that may not be there, by the gradient's own method.
    pub(super) fn accumulate_field(
        &mut self,
        id: ValueId,
        field: syn::Member,
        term: ValueId,
        span: Span,
    ) {
        let mut place = self.place(id, span);
        place.path.pop();
        let op = Op::AccumulateField {
            path: place.path,
            field,
        };
        let args = [place.buffer, term]
            .into_iter()
            .chain(place.indices)
            .collect();
        self.build.push_stmt(Stmt::new(Vec::new(), op, args, span));
    }

    pub(super) fn accumulate(&mut self, place: Place, term: ValueId, span: Span) {
        let args = [place.buffer, term]
            .into_iter()
            .chain(place.indices)
            .collect();
        self.build.push_stmt(Stmt::new(
            Vec::new(),
            Op::Accumulate(place.path),
            args,
            span,
        ));
    }

    pub(super) fn sum_unnamed(&mut self, id: ValueId) -> Option<ValueId> {
        let span = self.primal.value(id).span;
        let terms = self.pending.remove(&id)?;
        terms
            .into_iter()
            .reduce(|sum, term| self.build.add(sum, term, span))
    }

    /// The adjoint of a scalar at its definition; `None` if nothing was contributed.
    pub(super) fn sum(&mut self, id: ValueId) -> Option<ValueId> {
        let is_param = self.primal.param(id).is_some();
        let buffer = self.buffers.get(&id).copied().filter(|_| !is_param);
        let pending = self.sum_unnamed(id);
        let total = match (buffer, pending) {
            (Some(buffer), Some(pending)) => {
                let span = self.primal.value(id).span;
                self.build.add(buffer, pending, span)
            }
            (Some(total), None) | (None, Some(total)) => total,
            (None, None) => return None,
        };
        if !is_param
            && self.is_root(id)
            && self.build.name_of(total).is_none()
            && self.build.number(total).is_none()
            && let Some(name) = self.bar_name(id)
        {
            self.build.set_name(total, name);
        }
        Some(total)
    }

    /// The cotangent of a value of any type at its definition.
    pub(super) fn cotangent(&mut self, id: ValueId) -> Option<ValueId> {
        if self.primal.ty(id).is_scalar() && !self.primal.is_memory(id) {
            return self.sum(id);
        }
        match self.seed {
            Some((output, out_bar)) if output == id => Some(out_bar),
            _ => self.buffers.get(&id).copied(),
        }
    }
}
