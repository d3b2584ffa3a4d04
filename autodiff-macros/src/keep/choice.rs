//! Which values the reverse of a region needs, and how it comes by each.

use super::Keeper;
use crate::ids::{IdMap, IdSet};
use crate::ir::{Observation, Op, Region, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::{Sequence, Ty};

/// What keeping one value costs, in the time of one multiplication: as a rule, and in an array of
/// few numbers.
pub(super) const KEEPING: usize = 4;
pub(super) const IN_ARRAY: usize = 2;
/// What is as dear as this is kept rather than computed again.
const DEAR: usize = 100;

impl Keeper<'_> {
    /// Which values the reverse of a region needs, and how it comes by them.
    pub(super) fn choose(
        &self,
        forward: &Region,
        carried: &[ValueId],
        reverse: &Region,
        keeping: usize,
        repeated: bool,
    ) -> Choice {
        let reloads = self.reloads(forward);
        let mut definitions: IdMap<&Stmt> = IdMap::new();
        for stmt in forward.stmts.iter().chain(&reloads) {
            definitions.extend(stmt.results.iter().map(|&id| (id, stmt)));
        }
        let mut defined: IdSet = carried.iter().copied().collect();
        for stmt in &forward.stmts {
            defined.extend(&stmt.results);
        }
        let mut needed = IdSet::new();
        self.free(reverse, &mut needed);
        let mut chooser = Chooser {
            keeper: self,
            reloaded: reloads
                .iter()
                .flat_map(|stmt| stmt.results.clone())
                .collect(),
            definitions,
            defined: &defined,
            keeping,
            repeated,
            kept: IdSet::new(),
            again: IdSet::new(),
        };
        let order: Vec<ValueId> = carried
            .iter()
            .copied()
            .chain(
                forward
                    .stmts
                    .iter()
                    .flat_map(|stmt| stmt.results.iter().copied()),
            )
            .filter(|id| needed.contains(id))
            .collect();
        // First what must be kept in any case: others may be computed from it.
        for &id in &order {
            if chooser.cost(id) >= DEAR {
                chooser.kept.insert(id);
            }
        }
        for &id in &order {
            if !chooser.kept.contains(&id) {
                // A slice has no value of its own that could be kept.
                let unsized_part = matches!(self.function.ty(id), Ty::Sequence(_, Sequence::Slice));
                if chooser.cost(id) <= keeping + 1 || unsized_part {
                    chooser.again(id);
                } else {
                    chooser.kept.insert(id);
                }
            }
        }
        let Chooser {
            kept,
            again,
            definitions,
            reloaded,
            ..
        } = chooser;
        let in_order = carried.iter().copied().chain(
            forward
                .stmts
                .iter()
                .flat_map(|stmt| stmt.results.iter().copied()),
        );
        Choice {
            kept: in_order.filter(|id| kept.contains(id)).collect(),
            reloaded: reloaded.iter().filter(|id| again.contains(id)).collect(),
            recomputed: in_dependence_order(forward, &again, &definitions),
        }
    }
}

impl Keeper<'_> {
    /// What an arm hands out has the branch's result for its name, and is there after it: its reverse
    /// uses that, rather than to compute again what is dear.
    pub(super) fn take_results(&mut self, arm: &Region, results: &[ValueId], reverse: &mut Region) {
        let dear = arm.stmts.iter().filter(|stmt| {
            matches!(stmt.op, Op::Apply(_)) && self.own_cost(stmt) >= price(Primitive::Div)
        });
        let dear: IdSet = dear.flat_map(|stmt| stmt.results.iter().copied()).collect();
        let handed = arm.yields.iter().copied().zip(results.iter().copied());
        let renamed: IdMap<ValueId> = handed
            .filter(|(id, _)| dear.contains(id) && self.function.ty(*id).is_scalar())
            .collect();
        let mut own = IdSet::new();
        arm.for_each(&mut |stmt| own.extend(&stmt.results));
        self.rename(reverse, renamed, &own);
    }

    /// Renames what a region uses. What it computes again of that has then another expression than in the
    /// forward region, which defines its `own` values, and therefore another id.
    fn rename(&mut self, region: &mut Region, mut renamed: IdMap<ValueId>, own: &IdSet) {
        for stmt in &mut region.stmts {
            let via = stmt.via.iter_mut().flat_map(|via| &mut via.args);
            let mut other = false;
            for arg in stmt.args.iter_mut().chain(via) {
                if let Some(&name) = renamed.get(arg) {
                    *arg = name;
                    other = true;
                }
            }
            for inner in &mut stmt.regions {
                self.rename(inner, renamed.clone(), own);
            }
            for result in &mut stmt.results {
                let known = renamed.remove(result);
                if other && stmt.op.is_pure() && own.contains(result) {
                    let id = known.unwrap_or_else(|| {
                        let value = self.function.value(*result).clone();
                        self.function.new_value(value.ty, value.name, value.span)
                    });
                    renamed.insert(*result, id);
                    *result = id;
                }
            }
        }
        for value in &mut region.yields {
            *value = renamed.get(value).copied().unwrap_or(*value);
        }
    }

    /// Loads that get a computed value back from where it was stored for good.
    fn reloads(&self, forward: &Region) -> Vec<Stmt> {
        let mut reloads = Vec::new();
        for store in &forward.stmts {
            let Op::Store(path) = &store.op else { continue };
            let value = store.args[1];
            let computed = forward.stmts.iter().any(|stmt| {
                stmt.results.contains(&value) && self.own_cost(stmt) > 1 && !stmt.op.is_buffer()
            });
            let local = forward
                .stmts
                .iter()
                .any(|stmt| stmt.results.contains(&store.args[0]));
            if computed
                && !local
                && self.function.ty(value).is_scalar()
                && self.stability.is_kept_by(store, value, &self.home)
            {
                let mut args = vec![store.args[0]];
                args.extend(&store.args[2..]);
                let op = Op::Project(path.clone());
                reloads.push(Stmt::new(vec![value], op, args, store.span));
            }
        }
        reloads
    }
}

/// Drops what a forward region computes for its reverse only, which computes it again.
pub(super) fn drop_unused(forward: &mut Region, again: &[Stmt]) {
    let mut used: IdSet = forward.yields.iter().copied().collect();
    let mut at = forward.stmts.len();
    while at > 0 {
        at -= 1;
        let stmt = &forward.stmts[at];
        let &[result] = &stmt.results[..] else {
            stmt.for_each_use(&mut |id| {
                used.insert(id);
            });
            continue;
        };
        let is_again = again.iter().any(|own| own.results == [result]);
        if is_again && stmt.op.is_pure() && !used.contains(&result) {
            forward.stmts.remove(at);
        } else {
            stmt.for_each_use(&mut |id| {
                used.insert(id);
            });
        }
    }
}

/// The definitions of the values in `again`, each behind those of its arguments. (A value that is
/// loaded where it was stored may need an index that was computed after it.)
fn in_dependence_order(forward: &Region, again: &IdSet, definitions: &IdMap<&Stmt>) -> Vec<Stmt> {
    fn emit(
        id: ValueId,
        again: &IdSet,
        definitions: &IdMap<&Stmt>,
        done: &mut IdSet,
        stmts: &mut Vec<Stmt>,
    ) {
        if !again.contains(&id) || done.contains(&id) {
            return;
        }
        let stmt = definitions[&id];
        done.extend(&stmt.results);
        for &arg in &stmt.args {
            emit(arg, again, definitions, done, stmts);
        }
        stmts.push(stmt.clone());
    }
    let (mut done, mut stmts) = (IdSet::new(), Vec::new());
    for &id in forward.stmts.iter().flat_map(|stmt| &stmt.results) {
        emit(id, again, definitions, &mut done, &mut stmts);
    }
    stmts
}

pub(super) struct Choice {
    pub(super) kept: Vec<ValueId>,
    /// Those of the recomputed values that are loaded from where they were stored.
    pub(super) reloaded: Vec<ValueId>,
    pub(super) recomputed: Vec<Stmt>,
}

struct Chooser<'c, 'a> {
    keeper: &'c Keeper<'a>,
    /// The values whose definition here is a load from where they were stored.
    reloaded: IdSet,
    definitions: IdMap<&'c Stmt>,
    /// The values of the region itself; all others are there.
    defined: &'c IdSet,
    /// What keeping a value costs.
    keeping: usize,
    /// Whether the region is run again and again.
    repeated: bool,
    kept: IdSet,
    again: IdSet,
}

impl Chooser<'_, '_> {
    /// What it costs to have the value in the reverse.
    fn cost(&self, id: ValueId) -> usize {
        if !self.defined.contains(&id) || self.kept.contains(&id) || self.again.contains(&id) {
            return 0;
        }
        let Some(stmt) = self.definitions.get(&id) else {
            return DEAR;
        };
        let own = match self.reloaded.contains(&id) {
            true => 1,
            false => match self.keeper.own_cost(stmt) {
                // rustc takes it out of the loop.
                own if own < DEAR && self.is_invariant(stmt) => own.min(1),
                own => own,
            },
        };
        if own >= DEAR {
            return DEAR;
        }
        // Of an aggregate that nothing else needs, only what is observed is kept.
        let observes = matches!(stmt.op, Op::Observe(_));
        let parts = stmt.args.iter().map(|&arg| match self.cost(arg) {
            cost if cost < DEAR => cost,
            _ if observes && !self.keeper.function.ty(arg).is_scalar() => 2 * self.keeping,
            _ => self.keeping,
        });
        let total = own + parts.sum::<usize>();
        // Computing it again from many kept values is worse than to keep it.
        total.min(DEAR - 1)
    }

    /// Whether the statement computes the same in every iteration, from what is there anyway.
    fn is_invariant(&self, stmt: &Stmt) -> bool {
        let is_there = |arg: &ValueId| {
            let number = |stmt: &&Stmt| matches!(stmt.op, Op::Literal { .. } | Op::Constant(_));
            !self.defined.contains(arg) || self.definitions.get(arg).is_some_and(number)
        };
        self.repeated && matches!(stmt.op, Op::Apply(_)) && stmt.args.iter().all(is_there)
    }

    /// Computes the value again, and what it needs, or keeps that.
    fn again(&mut self, id: ValueId) {
        if !self.defined.contains(&id) || self.kept.contains(&id) {
            return;
        }
        if self.cost(id) >= DEAR {
            self.kept.insert(id);
            return;
        }
        if !self.again.insert(id) {
            return;
        }
        let stmt = self.definitions[&id];
        for &arg in &stmt.args {
            self.again(arg);
        }
    }
}

impl Keeper<'_> {
    /// What one statement costs to run again, `DEAR` if it cannot be.
    fn own_cost(&self, stmt: &Stmt) -> usize {
        match &stmt.op {
            Op::Literal { .. } | Op::Constant(_) | Op::Path(_) => 0,
            // Integers are indices: computing one is nothing beside keeping it.
            Op::Apply(_) if self.function.ty(stmt.results[0]).is_inactive() => 0,
            Op::Apply(primitive) => price(*primitive),
            Op::Cast | Op::Dummy => 1,
            Op::Observe(Observation::Method(_) | Observation::Shape) if self.reads_moving(stmt) => {
                DEAR
            }
            Op::Observe(_) => 1,
            Op::Aggregate(_)
                if stmt.args.iter().all(|&arg| {
                    let ty = self.function.ty(arg);
                    ty.is_copy() || matches!(ty, Ty::Inactive)
                }) =>
            {
                0
            }
            Op::Project(_) if self.reads_moving(stmt) => DEAR,
            Op::Project(_) => 1,
            _ => DEAR,
        }
    }

    /// Whether the statement reads memory that has another content in the reverse.
    fn reads_moving(&self, stmt: &Stmt) -> bool {
        stmt.args.iter().any(|&arg| self.function.is_memory(arg))
            && !self.stability.is_stable(stmt, &self.home)
    }
}

/// What a function costs to compute again.
fn price(primitive: Primitive) -> usize {
    use Primitive::*;
    match primitive {
        Add | Sub | Mul | Neg | Abs | Max | Min => 1,
        Div | Sqrt | Recip => 4,
        _ => DEAR,
    }
}

impl Keeper<'_> {
    /// The values that the statements of a region use and do not define.
    fn free(&self, region: &Region, found: &mut IdSet) {
        let mut inside: IdSet = region.params.iter().copied().collect();
        for stmt in &region.stmts {
            let again = match stmt.op {
                Op::Pull(_) => self.references.get(&stmt.args[0]),
                _ => None,
            };
            let shape_only = matches!(stmt.op, Op::Zero | Op::Scratch { .. })
                && crate::codegen::types::zero(self.function.ty(stmt.args[0])).is_some();
            let args = stmt.args.iter().filter(|_| !shape_only);
            for &arg in args.chain(again.into_iter().flatten()) {
                if !inside.contains(&arg) {
                    found.insert(arg);
                }
            }
            for inner in &stmt.regions {
                let mut nested = IdSet::new();
                self.free(inner, &mut nested);
                nested.retain(|id| !inside.contains(id));
                found.extend(nested.iter());
            }
            inside.extend(&stmt.results);
        }
        found.extend(region.yields.iter().filter(|id| !inside.contains(id)));
    }
}
