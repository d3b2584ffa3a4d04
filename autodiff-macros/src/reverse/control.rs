//! The reverse of branches and loops, and of what changes memory.
//!
//! The statements made here refer to values of the forward region as if they were still there;
//! `keep` sees to it that they are.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};

use super::{Place, Reverser};
use crate::ids::{IdMap, IdSet};
use crate::ir::{Adapter, ControlId, Function, Loop, LoopKind, Op, Region, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegionId(u32);

/// The region that each value of a program is defined in.
pub struct Homes {
    of: IdMap<RegionId>,
    regions: BTreeMap<(ControlId, usize), RegionId>,
}

impl Homes {
    /// The function's body.
    pub const BODY: RegionId = RegionId(0);

    pub fn of(function: &Function) -> Homes {
        let mut homes = Homes {
            of: IdMap::new(),
            regions: BTreeMap::new(),
        };
        for param in &function.params {
            homes.of.insert(param.value, Homes::BODY);
        }
        homes.fill(&function.body, Homes::BODY);
        homes
    }

    fn fill(&mut self, region: &Region, own: RegionId) {
        self.of.extend(region.params.iter().map(|&id| (id, own)));
        for stmt in &region.stmts {
            self.of.extend(stmt.results.iter().map(|&id| (id, own)));
            for (k, inner) in stmt.regions.iter().enumerate() {
                let id = stmt.control_id().expect("only control flow has regions");
                let number = RegionId(self.regions.len() as u32 + 1);
                self.regions.insert((id, k), number);
                self.fill(inner, number);
            }
        }
    }

    pub fn of_value(&self, id: ValueId) -> RegionId {
        self.of[&id]
    }

    pub fn region(&self, id: ControlId, position: usize) -> RegionId {
        self.regions[&(id, position)]
    }
}

impl Reverser<'_> {
    /// A branch or loop with its inner calls made to keep their pullbacks.
    pub(super) fn forward_control(&mut self, stmt: &Stmt) {
        let id = stmt.control_id().expect("only control flow has regions");
        let mut regions = Vec::new();
        for (k, region) in stmt.regions.iter().enumerate() {
            let outside = self.build.enter(None);
            self.depth += 1;
            self.templates_of(&region.params, stmt.span);
            if let Op::Loop(own) = &stmt.op
                && k + 1 == stmt.regions.len()
            {
                self.note_carried(own.carried_params(region), &stmt.results);
            }
            for inner in &region.stmts {
                self.forward(inner);
            }
            self.depth -= 1;
            let (stmts, calls) = self.build.leave(outside);
            self.calls.insert(self.homes.region(id, k), calls);
            regions.push(Region {
                stmts,
                ..region.clone()
            });
        }
        let mut stmt = Stmt {
            regions,
            ..stmt.clone()
        };
        if let Op::Loop(own) = &mut stmt.op
            && (own.exits || matches!(own.kind, LoopKind::While))
            && stmt.regions.iter().any(|region| {
                region.params.iter().any(|&id| self.activity.is_active(id))
                    || region.stmts.iter().any(|stmt| self.activity.reaches(stmt))
            })
        {
            own.counted = true;
            let name = Ident::new("rounds", Span::mixed_site());
            let count = self.build.new_value(Ty::Inactive, Some(name), stmt.span);
            self.counts.insert(own.id, count);
            stmt.results.push(count);
        }
        self.build.push_stmt(stmt);
    }

    /// Runs `reverse` in the reverse of a region.
    fn region(
        &mut self,
        id: ControlId,
        position: usize,
        reverse: impl FnOnce(&mut Self),
    ) -> Vec<Stmt> {
        let own = self.homes.region(id, position);
        let around = std::mem::replace(&mut self.current, own);
        let outside = self.build.enter(self.calls.get(&own));
        reverse(self);
        self.current = around;
        self.build.leave(outside).0
    }

    /// Gives every value of this region that the statement's regions contribute to a buffer.
    fn prepare_captured(&mut self, stmt: &Stmt) {
        let mut seen = IdSet::new();
        let mut captured = Vec::new();
        for region in &stmt.regions {
            collect(region, &mut seen, &mut captured);
        }
        for id in captured {
            if !self.activity.is_active(id) || self.homes.of_value(id) != self.current {
                continue;
            }
            let is_scalar = self.primal.ty(id).is_scalar() && !self.primal.is_memory(id);
            if self.primal.param(id).is_some() || self.buffers.contains_key(&id) {
                continue;
            }
            if is_scalar {
                self.scalar_buffer(id, stmt.span);
            } else if self.is_root(id) {
                self.buffer(id, stmt.span);
            } else {
                self.place(id, stmt.span);
            }
        }
    }

    pub(super) fn backward_branch(&mut self, stmt: &Stmt) {
        if !self.activity.reaches(stmt) {
            return;
        }
        let id = stmt.control_id().expect("a branch has an id");
        let cotangents: Vec<Option<ValueId>> = stmt
            .results
            .iter()
            .map(|&result| {
                self.activity
                    .is_active(result)
                    .then(|| self.cotangent(result))
                    .flatten()
            })
            .collect();
        self.prepare_captured(stmt);
        let mut regions = Vec::new();
        for (k, region) in stmt.regions.iter().enumerate() {
            let stmts = self.region(id, k, |this| {
                for (&value, d) in region.yields.iter().zip(&cotangents) {
                    if let Some(d) = d.filter(|_| this.activity.is_active(value)) {
                        this.contribute(value, d, stmt.span);
                    }
                }
                for inner in region.stmts.iter().rev() {
                    this.backward(inner);
                }
            });
            regions.push(Region {
                stmts,
                ..Region::default()
            });
        }
        self.build.push_stmt(Stmt::control(
            Vec::new(),
            stmt.op.clone(),
            stmt.args.clone(),
            regions,
            stmt.span,
        ));
    }

    pub(super) fn backward_loop(&mut self, stmt: &Stmt, own: &Loop) {
        if !self.activity.reaches(stmt) {
            return;
        }
        let span = stmt.span;
        let body = own.body(&stmt.regions);
        let params = own.carried_params(body);
        let inits = &stmt.args[own.kind.arity()..];
        let carried: Vec<(usize, ValueId)> = params
            .iter()
            .enumerate()
            .filter(|(k, param)| {
                self.activity.is_active(**param) || self.activity.is_active(stmt.results[*k])
            })
            .map(|(k, _)| (k, self.carried_buffer(stmt.results[k], span)))
            .collect();
        self.prepare_captured(stmt);
        let position = stmt.regions.len() - 1;
        let stmts = self.region(own.id, position, |this| {
            // All of them first: an iteration may hand the value of one variable to another.
            let mut taken = Vec::new();
            for &(k, bar) in &carried {
                let ty = this.primal.ty(body.yields[k]).clone();
                taken.push(match ty.is_scalar() {
                    true => bar,
                    false => {
                        this.buffers.insert(params[k], bar);
                        let d = this
                            .build
                            .push(Op::Take(Vec::new()), vec![bar], ty, None, span);
                        this.reshape_carried(params[k], bar, span);
                        d
                    }
                });
            }
            for (&(k, _), d) in carried.iter().zip(taken) {
                if this.activity.is_active(body.yields[k]) {
                    this.contribute(body.yields[k], d, span);
                }
            }
            for inner in body.stmts.iter().rev() {
                this.backward(inner);
            }
            this.assign_carried(&carried, params, span);
        });
        let mut args = stmt.args[..own.kind.arity()].to_vec();
        let kind = self.reversed(own, &mut args);
        let region = Region {
            params: body.params[..own.first_carried()].to_vec(),
            stmts,
            yields: Vec::new(),
        };
        let op = Op::Loop(Loop {
            id: own.id,
            kind,
            exits: false,
            counted: false,
        });
        self.build
            .push_stmt(Stmt::control(Vec::new(), op, args, vec![region], span));
        for (k, bar) in carried {
            if self.activity.is_active(inits[k]) {
                self.contribute(inits[k], bar, span);
            }
        }
    }

    /// The variable that holds the adjoint of a carried value, as it was after the loop.
    fn carried_buffer(&mut self, result: ValueId, span: Span) -> ValueId {
        let scalar = self.primal.ty(result).is_scalar();
        if !self.activity.is_active(result) {
            let ty = self.primal.ty(result).clone();
            let name = self.bar_name(result);
            return match scalar {
                true => {
                    let zero = self.build.constant(0.0, ty.clone(), span);
                    self.build.push(Op::Buffer, vec![zero], ty, name, span)
                }
                false => self.build.push(Op::Zero, vec![result], ty, name, span),
            };
        }
        if !scalar {
            return self.buffer(result, span);
        }
        match self.buffers.get(&result) {
            Some(&buffer) => {
                if let Some(more) = self.sum_unnamed(result) {
                    self.accumulate(Place::whole(buffer), more, span);
                }
                buffer
            }
            None => self.scalar_buffer(result, span),
        }
    }

    /// The adjoints of the carried values at the start of the iteration.
    fn assign_carried(&mut self, carried: &[(usize, ValueId)], params: &[ValueId], span: Span) {
        let (mut bars, mut values) = (Vec::new(), Vec::new());
        for &(k, bar) in carried {
            if !self.primal.ty(params[k]).is_scalar() {
                continue;
            }
            let pending = self.sum_unnamed(params[k]);
            let inner = self.buffers.get(&params[k]).copied();
            let next = match (inner, pending) {
                (Some(inner), Some(pending)) => self.build.add(inner, pending, span),
                (Some(next), None) | (None, Some(next)) => next,
                (None, None) => {
                    let ty = self.primal.ty(params[k]).clone();
                    self.build.constant(0.0, ty, span)
                }
            };
            if next != bar {
                let factor = match carried {
                    [_] => self.build.coefficient(next, bar, span),
                    _ => None,
                };
                bars.push(bar);
                values.push(match factor {
                    Some(factor) => self.build.apply(Primitive::Mul, &[bar, factor], span),
                    None => next,
                });
            }
        }
        if !bars.is_empty() {
            bars.extend(values);
            self.build
                .push_stmt(Stmt::new(Vec::new(), Op::Assign, bars, span));
        }
    }

    /// The loop that runs backwards over the iterations done.
    fn reversed(&self, own: &Loop, args: &mut Vec<ValueId>) -> LoopKind {
        match &own.kind {
            LoopKind::Range {
                inclusive,
                adapters,
            } => {
                let mut adapters = adapters.clone();
                if let Some(&count) = self.counts.get(&own.id) {
                    adapters.push(Adapter::Take);
                    args.push(count);
                }
                match adapters.last() {
                    Some(Adapter::Rev) => drop(adapters.pop()),
                    Some(_) => adapters.push(Adapter::Back),
                    None => adapters.push(Adapter::Rev),
                }
                LoopKind::Range {
                    inclusive: *inclusive,
                    adapters,
                }
            }
            LoopKind::While => {
                args.push(self.counts[&own.id]);
                LoopKind::Times
            }
            LoopKind::Times => unreachable!("no primal loop is counted"),
        }
    }

    /// `x[i] = e` takes the adjoint of the new content along and leaves none; `x[i] += e` hands it on.
    pub(super) fn backward_change(&mut self, stmt: &Stmt) {
        let (memory, value) = (stmt.args[0], stmt.args[1]);
        if !self.activity.is_active(memory) {
            return;
        }
        let span = stmt.span;
        let mut place = self.place(memory, span);
        let path: &[Step] = match &stmt.op {
            Op::Store(path) | Op::Update(path, _) => path,
            _ => &[],
        };
        place.path.extend(path.iter().cloned());
        place.indices.extend(&stmt.args[2..]);
        let ty = self.primal.ty(value).clone();
        let args: Vec<ValueId> = [place.buffer].into_iter().chain(place.indices).collect();
        let d = match &stmt.op {
            Op::Store(_) => {
                let take = Op::Take(place.path.clone());
                let d = self.build.push(take, args.clone(), ty, None, span);
                self.reshape_overwritten(stmt, place.path, args);
                d
            }
            Op::Append => self.build.push(Op::PopAdjoint, args, ty, None, span),
            Op::Update(_, primitive) => {
                if !self.activity.is_active(value) {
                    return;
                }
                let d = self
                    .build
                    .push(Op::Project(place.path), args, ty, None, span);
                match primitive {
                    Primitive::Sub => self.build.apply(Primitive::Neg, &[d], span),
                    _ => d,
                }
            }
            _ => unreachable!("nothing else changes memory"),
        };
        if self.activity.is_active(value) {
            self.contribute(value, d, span);
        }
    }
}

/// The values that the statements of a region use, in order of appearance.
fn collect(region: &Region, seen: &mut IdSet, found: &mut Vec<ValueId>) {
    for stmt in &region.stmts {
        let via = stmt.via.iter().flat_map(|via| &via.args);
        for &arg in stmt.args.iter().chain(via) {
            if seen.insert(arg) {
                found.push(arg);
            }
        }
        for inner in &stmt.regions {
            collect(inner, seen, found);
        }
    }
    for &value in &region.yields {
        if seen.insert(value) {
            found.push(value);
        }
    }
}
