//! What is folded into the expression that uses it, and what gets a `let`.

use super::{Printer, Style};
use crate::ids::{IdMap, IdSet};
use crate::ir::{Mode, Op, Region, Step, Stmt, ValueId};
use crate::ty::{Scalar, Ty};

/// Largest expression that is folded into another, in operations: beyond, a `let` reads better.
const FOLD_LIMIT: usize = 6;

/// The same in a vector program, where every `let` is an array to be written and read again.
const FOLD_LIMIT_OF_LANES: usize = 24;

/// The uses of a value in the region that defines it.
#[derive(Default, Clone, Copy)]
struct Uses {
    count: usize,
    /// Where the last one is.
    at: usize,
    /// Whether some are in a nested region, and in a loop.
    nested: bool,
    looped: bool,
}

/// What is known while the regions are walked.
#[derive(Default)]
struct Plan {
    captured: IdSet,
    /// What pullbacks borrow from their calls on: no temporary lives so long.
    borrowed: IdSet,
    /// Parts of memory that are lent mutably: no `let` could stand for them.
    lent: IdSet,
    /// Arguments beside others that are lent mutably, and what those are part of.
    behind: IdMap<Vec<ValueId>>,
    /// Values of which one definition cannot be folded.
    bound: IdSet,
    /// Values that are used more than once after one of their definitions.
    shared: IdSet,
    sizes: IdMap<usize>,
    /// The places that a folded expression reads.
    reads: IdMap<Vec<ValueId>>,
}

impl<'a> Printer<'a> {
    /// Decides what is folded, in all statements that will be printed; `roots` are used once more.
    pub fn plan(&mut self, stmts: impl Iterator<Item = &'a Stmt> + Clone, roots: &[ValueId]) {
        let mut plan = Plan::default();
        for stmt in stmts.clone() {
            self.gather(stmt, &mut plan, 1);
        }
        let stmts: Vec<&'a Stmt> = stmts.collect();
        if self.style == Style::Readable {
            stmts.iter().for_each(|stmt| self.find_wanted(stmt));
        }
        self.plan_region(&[], &stmts, roots, false, &mut plan);
        let Plan { bound, shared, .. } = plan;
        self.taken.retain(|id| !shared.contains(id));
        self.folded.retain(|id| !bound.contains(id));
    }

    /// The memory or buffer that a value is part of.
    pub(super) fn root(&self, id: ValueId) -> ValueId {
        match self.definitions.get(&id) {
            Some(stmt) if matches!(stmt.op, Op::Project(_)) => stmt.args[0],
            _ => id,
        }
    }

    /// Definitions, uses that may move, and what is changed. What a loop uses is used `often`.
    fn gather(&mut self, stmt: &'a Stmt, plan: &mut Plan, often: usize) {
        for &result in &stmt.results {
            let restored = matches!(stmt.op, Op::Restore | Op::Unwrap);
            if !restored || !self.definitions.contains_key(&result) {
                self.definitions.insert(result, stmt);
            }
        }
        // Taking the shape of a value before it is moved does not keep it from being moved, nor does giving
        // it back.
        if !matches!(stmt.op, Op::Template | Op::GiveBack) {
            for &arg in &stmt.args {
                *self.uses.or_default(arg) += often;
            }
        }
        if let Op::Verbatim(_) | Op::Effect(_) = &stmt.op {
            plan.captured.extend(&stmt.args);
        }
        if let Op::Call(callee) = &stmt.op {
            let modes = callee.modes.iter().cycle().zip(stmt.args.iter().copied());
            if stmt.results.len() == 2 && !callee.detached {
                let by_reference = modes.clone().take(callee.modes.len());
                let by_reference = by_reference.filter(|(mode, _)| **mode == Mode::Reference);
                plan.borrowed.extend(by_reference.map(|(_, arg)| arg));
            }
            let (lent, others): (Vec<_>, Vec<_>) =
                modes.partition(|(mode, _)| **mode == Mode::Mutable);
            plan.lent.extend(lent.iter().map(|(_, arg)| *arg));
            // What is lent cannot be read among the arguments: in `x.f(x.y)` rustc reads `x.y` before
            // it lends `x`, but among the derivative's arguments are loans that come before.
            let roots: Vec<ValueId> = lent.iter().map(|(_, arg)| self.root(*arg)).collect();
            for (mode, arg) in others {
                if *mode == Mode::Value || self.function.ty(arg).is_scalar() {
                    plan.behind.or_default(arg).extend(&roots);
                }
            }
        }
        self.mutated.extend(&stmt.op.changes(&stmt.args));
        if let Op::Save(indices) = stmt.op {
            let kept = stmt.args[1 + indices..].to_vec();
            self.taped.insert(stmt.args[0], kept);
        }
        if let Op::Loop(own) = &stmt.op {
            let body = own.body(&stmt.regions);
            self.carried.extend(own.carried_params(body));
        }
        let often = match stmt.op {
            Op::Loop(_) | Op::Rewind(_) => 2,
            _ => often,
        };
        for region in &stmt.regions {
            for stmt in &region.stmts {
                self.gather(stmt, plan, often);
            }
            for &value in &region.yields {
                *self.uses.or_default(value) += often;
            }
        }
    }

    fn plan_region(
        &mut self,
        params: &[ValueId],
        stmts: &[&'a Stmt],
        yields: &[ValueId],
        inner: bool,
        plan: &mut Plan,
    ) {
        let mut uses: IdMap<Uses> = IdMap::new();
        let mut changes: IdMap<Vec<usize>> = IdMap::new();
        for (at, stmt) in stmts.iter().enumerate() {
            for &arg in &stmt.args {
                let own = uses.or_default(arg);
                own.count += 1;
                own.at = at;
            }
            for region in &stmt.regions {
                let looped = matches!(stmt.op, Op::Loop(_) | Op::Rewind(_));
                let mut inside = IdMap::new();
                nested_uses(region, at, looped, &mut inside);
                let bound: &[ValueId] = match stmt.op {
                    // They stand for values that are defined outside, too.
                    Op::Rewind(_) => &region.params,
                    _ => &[],
                };
                add_uses(inside, bound, &mut uses);
            }
            all_changes(stmt, &mut |place| changes.or_default(place).push(at));
        }
        for &value in yields {
            let own = uses.or_default(value);
            own.count += 1;
            own.at = stmts.len();
        }
        // The one use of a value in a region that runs as often as its definition may take it away.
        let once = |id: ValueId| {
            uses.get(&id)
                .is_some_and(|own| own.count == 1 && !own.looped)
        };
        let defined = stmts.iter().flat_map(|stmt| stmt.results.iter().copied());
        for id in params.iter().copied().chain(defined) {
            if once(id) {
                self.taken.insert(id);
            } else {
                plan.shared.insert(id);
            }
        }
        for (at, stmt) in stmts.iter().enumerate() {
            for region in &stmt.regions {
                let inner: Vec<&'a Stmt> = region.stmts.iter().collect();
                self.plan_region(&region.params, &inner, &region.yields, true, plan);
                // What is run again starts from states that stay.
                if let Op::Rewind(_) = stmt.op {
                    self.leaving.retain(|id| !region.params.contains(id));
                }
            }
            let &[result] = &stmt.results[..] else {
                continue;
            };
            let own = uses.get(&result).copied().unwrap_or_default();
            let mut reads: Vec<ValueId> = Vec::new();
            for &arg in &stmt.args {
                if self.mutated.contains(&arg) || self.function.is_memory(arg) {
                    reads.push(arg);
                }
                reads.extend(plan.reads.get(&arg).into_iter().flatten());
            }
            let still = reads.iter().all(|place| {
                let changed = changes.get(place).into_iter().flatten();
                !changed
                    .clone()
                    .any(|&change| at < change && change < own.at)
            });
            let size = 1 + stmt
                .args
                .iter()
                .filter_map(|arg| plan.sizes.get(arg))
                .sum::<usize>();
            // What a region yields has its name outside.
            let yielded = inner && own.at == stmts.len();
            let named = self.function.value(result).name.is_some() && !yielded;
            let behind = plan.behind.get(&result);
            let too_late = behind.is_some_and(|lent| reads.iter().any(|own| lent.contains(own)));
            if !too_late
                && self.folds(
                    stmt,
                    result,
                    own,
                    still,
                    !reads.is_empty(),
                    size,
                    named,
                    plan,
                )
            {
                self.folded.insert(result);
                let size = match stmt.op {
                    Op::Apply(_) => size,
                    _ => 0,
                };
                plan.sizes.insert(result, size);
                plan.reads.insert(result, reads);
            } else {
                plan.bound.insert(result);
            }
        }
        self.find_leaving(params, stmts, &uses, plan);
    }

    /// What nobody reads any more when it goes onto a tape, in the region that it belongs to. (A variable of a loop gets
    /// its next value at the end of the body, before anything leaves the loop.)
    fn find_leaving(
        &mut self,
        params: &[ValueId],
        stmts: &[&'a Stmt],
        uses: &IdMap<Uses>,
        plan: &Plan,
    ) {
        // What is folded reads its arguments where it is used itself.
        let folded = |stmt: &&Stmt| stmt.results.iter().any(|id| self.folded.contains(id));
        let read_later = stmts.iter().copied().filter(folded);
        let read_later: IdSet = read_later
            .flat_map(|stmt| stmt.args.iter().copied())
            .collect();
        let defined = stmts.iter().flat_map(|stmt| stmt.results.iter().copied());
        for id in params.iter().copied().chain(defined) {
            let last = uses.get(&id).and_then(|own| stmts.get(own.at));
            if let Some(stmt) = last
                && let Op::Save(_) = stmt.op
                && stmt.args.iter().filter(|arg| **arg == id).count() == 1
                && self.root(id) == id
                && !read_later.contains(&id)
                && !plan.borrowed.contains(&id)
                && !self.mutated.contains(&id)
                && !self.function.is_memory(id)
            {
                self.leaving.insert(id);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn folds(
        &self,
        stmt: &Stmt,
        result: ValueId,
        uses: Uses,
        still: bool,
        reads: bool,
        size: usize,
        named: bool,
        plan: &Plan,
    ) -> bool {
        let single = uses.count <= 1 && !uses.nested && still;
        let captured = plan.captured.contains(&result);
        let borrowed = plan.borrowed.contains(&result);
        match &stmt.op {
            Op::Project(_) if plan.lent.contains(&result) => true,
            // Of constants rustc makes a place of its own, but not of calls and of what is generic.
            Op::Path(_) if borrowed => false,
            Op::Constant(_) if borrowed => {
                let ty = self.function.ty(result);
                !captured && !matches!(ty, Ty::Scalar(Scalar::Param(_)))
            }
            Op::Literal { .. } | Op::Constant(_) | Op::Path(_) | Op::Dummy => !captured,
            // One for all iterations of a loop, and for all calls.
            Op::Scratch { .. } => !captured && uses.count <= 1 && !uses.looped,
            // A `let` of a part that is not `Copy` would take it out of the whole; of a whole that is an
            // expression it may, and must if that reads what changes before the part is used.
            Op::Project(_) if self.may_move(result) => {
                !captured && (still || !self.folded.contains(&stmt.args[0]))
            }
            _ if named || captured => false,
            op if borrowed && !matches!(op, Op::Project(_)) => false,
            // A part of what does not change is written out wherever it is used, not copied.
            Op::Project(_) if !self.function.ty(result).is_scalar() && !reads => {
                self.function.ty(result).is_copy()
            }
            Op::Project(path) => {
                let plain = self.function.ty(result).is_scalar() && !reads;
                let fixed = !path.iter().any(|step| matches!(step, Step::Index));
                single || plain && (fixed || !uses.nested)
            }
            Op::Zero
            | Op::Template
            | Op::Buffer
            | Op::Verbatim(_)
            | Op::Call(_)
            | Op::If(_)
            | Op::Switch(_)
            | Op::Loop(_)
            | Op::Memory
            | Op::Take(_)
            | Op::PopAdjoint
            | Op::Tape(_)
            | Op::States(_)
            | Op::Restore
            | Op::Unwrap
            | Op::Cursor => false,
            Op::Aggregate(_)
            | Op::Observe(_)
            | Op::Cast
            | Op::Clone(_)
            | Op::Optional
            | Op::ProjectField { .. } => single,
            _ if self.has_lanes(result) => single && size <= FOLD_LIMIT_OF_LANES,
            _ => single && size <= FOLD_LIMIT,
        }
    }
}

/// Adds the uses of a region to those of the one around it, but for what is `bound` in it.
fn add_uses(inside: IdMap<Uses>, bound: &[ValueId], uses: &mut IdMap<Uses>) {
    for (id, inner) in inside.entries() {
        if !bound.contains(&id) {
            let own = uses.or_default(id);
            own.count += inner.count;
            own.at = inner.at;
            own.nested = true;
            own.looped |= inner.looped;
        }
    }
}

fn nested_uses(region: &Region, at: usize, looped: bool, uses: &mut IdMap<Uses>) {
    let mut nested = |value: ValueId| {
        let own = uses.or_default(value);
        own.count += 1;
        own.at = at;
        own.nested = true;
        own.looped |= looped;
    };
    for stmt in &region.stmts {
        stmt.args.iter().copied().for_each(&mut nested);
    }
    region.yields.iter().copied().for_each(nested);
    for stmt in &region.stmts {
        let looped = looped || matches!(stmt.op, Op::Loop(_) | Op::Rewind(_));
        for inner in &stmt.regions {
            nested_uses(inner, at, looped, uses);
        }
    }
}

fn all_changes(stmt: &Stmt, found: &mut dyn FnMut(ValueId)) {
    stmt.op
        .changes(&stmt.args)
        .into_iter()
        .for_each(&mut *found);
    for region in &stmt.regions {
        for inner in &region.stmts {
            all_changes(inner, &mut |id| {
                // A copy of a state is not what it is a copy of.
                if !(matches!(stmt.op, Op::Rewind(_)) && region.params.contains(&id)) {
                    found(id);
                }
            });
        }
    }
}
