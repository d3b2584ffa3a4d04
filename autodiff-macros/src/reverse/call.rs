//! The reverse of a call: its pullback adds to the buffers of the arguments, in place.

use proc_macro2::Span;

use super::{Place, Reverser};
use crate::ir::{Callee, Mode, Op, Stmt, ValueId};
use crate::ty::Ty;

impl Reverser<'_> {
    pub(super) fn backward_call(&mut self, stmt: &Stmt, callee: &Callee, result: ValueId) {
        let span = stmt.span;
        let known = self
            .activity
            .is_active(result)
            .then(|| self.cotangent(result))
            .flatten();
        let d = match known {
            Some(d) => d,
            None if callee.changes.is_empty() => return,
            // What it changed counts, though its result does not.
            None => self.no_cotangent(result, span),
        };
        let mut args = vec![self.pullbacks[&result], d];
        let mut paths = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        let mut ignored: Vec<ValueId> = Vec::new();
        let mut late = Vec::new();
        for (&arg, &mode) in stmt.args.iter().zip(&callee.modes) {
            let changed = mode == Mode::Mutable;
            let place = if !(self.activity.is_active(arg) || changed && self.is_active_memory(arg))
            {
                let ty = self.primal.ty(arg).clone();
                let spare = (mode == Mode::Reference)
                    .then(|| self.ignored(arg, &ignored))
                    .flatten();
                let place = spare.unwrap_or_else(|| {
                    let op = Op::Scratch { read: false };
                    Place::whole(self.build.push(op, vec![arg], ty, None, span))
                });
                ignored.push(place.buffer);
                place
            } else {
                let place = match changed {
                    true => self.place(arg, span),
                    false => self.call_place(arg, span),
                };
                let unseen = mode == Mode::Value && self.unseen_field(arg).is_some();
                let taken = places.iter().filter(|other| !other.is_apart_from(&place));
                let taken = taken.count();
                let spare = match mode {
                    Mode::Reference if taken > 0 => self.spare(arg, &place, taken),
                    _ => None,
                };
                if let Some(spare) = spare {
                    places.push(place.clone());
                    Place {
                        buffer: spare,
                        ..place
                    }
                } else if !changed && (unseen || taken > 0 || self.is_view(arg)) {
                    let ty = self.primal.ty(arg).clone();
                    let name = self.bar_name(arg);
                    let apart = self.build.push(Op::Zero, vec![arg], ty, name, span);
                    late.push((arg, apart, mode));
                    Place::whole(apart)
                } else {
                    places.push(place.clone());
                    place
                }
            };
            args.push(place.buffer);
            args.extend(&place.indices);
            paths.push(place.path);
        }
        self.build
            .push_stmt(Stmt::new(Vec::new(), Op::Pull(paths), args, span));
        for (arg, apart, mode) in late {
            match self.unseen_field(arg).filter(|_| mode == Mode::Value) {
                Some(field) => self.accumulate_field(arg, field, apart, span),
                None if self.primal.ty(arg).is_scalar() && self.pending_counts(arg) => {
                    self.contribute(arg, apart, span)
                }
                None => {
                    let place = self.call_place(arg, span);
                    self.accumulate(place, apart, span);
                }
            }
        }
    }

    fn no_cotangent(&mut self, result: ValueId, span: Span) -> ValueId {
        let ty = self.primal.ty(result).clone();
        match ty {
            Ty::Scalar(_) => self.build.constant(0.0, ty, span),
            Ty::Named(_) | Ty::Sequence(..) | Ty::Array(..) | Ty::Tuple(_) | Ty::Tensor(_) => {
                self.build.push(Op::Zero, vec![result], ty, None, span)
            }
            Ty::Inactive | Ty::Var(_) => self.build.push(Op::Dummy, Vec::new(), ty, None, span),
        }
    }
}
