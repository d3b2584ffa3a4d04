//! Checkpointing: a long loop keeps a few of its states instead of what its reverse needs of every
//! iteration, and runs again from them.
//!
//! A state is what an iteration starts from: the carried values and the memories that the loop
//! changes, as far as the reverse depends on them. The forward loop shows each of them to a tape of
//! the runtime, which keeps some. The reverse loop becomes one [`Op::Rewind`], two pieces of code for
//! that tape to call: a step from a state to the next, and an iteration followed by its reverse, in
//! one scope, so that nothing leaves it. See the runtime's module `checkpoint` for what runs when,
//! and Griewank & Walther, *Evaluating Derivatives*, ch. 12.

use std::collections::BTreeSet;

use quote::format_ident;

use crate::dce::dce;
use crate::fuse::{fuse, partner};
use crate::ids::{IdMap, IdSet};
use crate::ir::{
    ControlId, Function, LoopKind, Op, Region, Rewind, States, Stmt, Strategy, ValueId,
};
use crate::keep::Decision;
use crate::memory::Stability;
use crate::ty::{Sequence, Ty};

/// The loops that checkpointing applies to, in a joint program of which `keep` would decide so: the
/// outermost `for` loops of known count that keep something, they or what is in them.
pub fn candidates(stmts: &[Stmt], decisions: &[Decision]) -> Vec<ControlId> {
    let keeping = decisions
        .iter()
        .filter(|decision| !decision.kept.is_empty());
    let keeping: BTreeSet<ControlId> = keeping.map(|decision| decision.control).collect();
    let mut search = Search {
        keeping,
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    search.scope(stmts);
    search.found
}

struct Search {
    /// The branches and loops that keep something.
    keeping: BTreeSet<ControlId>,
    /// A reverse comes after what it reverses, under the same id.
    seen: BTreeSet<ControlId>,
    found: Vec<ControlId>,
}

impl Search {
    /// A scope in which a loop without a reverse is one that was fused with it, or has none.
    fn scope(&mut self, stmts: &[Stmt]) {
        for (at, stmt) in stmts.iter().enumerate() {
            let Some(id) = stmt.control_id() else {
                continue;
            };
            if !self.seen.insert(id) {
                continue;
            }
            match &stmt.op {
                Op::Loop(_) if partner(stmts, at).is_some() => self.try_loop(stmt, id),
                Op::Loop(_) => {
                    for region in &stmt.regions {
                        self.scope(&region.stmts);
                    }
                }
                _ => self.arms(stmt),
            }
        }
    }

    /// The arms of a branch, whose reverse stands elsewhere.
    fn arms(&mut self, branch: &Stmt) {
        for stmt in branch.regions.iter().flat_map(|region| &region.stmts) {
            let Some(id) = stmt.control_id() else {
                continue;
            };
            match &stmt.op {
                Op::Loop(_) => self.try_loop(stmt, id),
                _ => self.arms(stmt),
            }
        }
    }

    fn try_loop(&mut self, stmt: &Stmt, id: ControlId) {
        if is_counted(stmt) && contains(stmt, &mut |id| self.keeping.contains(&id)) {
            self.found.push(id);
        }
    }
}

/// Whether the number of iterations is known where the loop begins.
fn is_counted(stmt: &Stmt) -> bool {
    matches!(&stmt.op, Op::Loop(own) if matches!(own.kind, LoopKind::Range { .. }) && !own.exits)
}

/// Whether a branch or loop that satisfies `is` is the statement, or in it.
fn contains(stmt: &Stmt, is: &mut dyn FnMut(ControlId) -> bool) -> bool {
    stmt.control_id().is_some_and(&mut *is)
        || stmt
            .regions
            .iter()
            .flat_map(|region| &region.stmts)
            .any(|stmt| contains(stmt, is))
}

/// The memories that parts of them, which are no numbers, belong to.
pub fn wholes(primal: &Function) -> IdMap<ValueId> {
    let mut wholes = IdMap::new();
    primal.body.for_each(&mut |stmt| {
        if let (Op::Project(_), &[part]) = (&stmt.op, &stmt.results[..])
            && !primal.ty(part).is_scalar()
        {
            let whole = stmt.args[0];
            wholes.insert(part, wholes.get(&whole).copied().unwrap_or(whole));
        }
    });
    wholes
}

/// What the pass works with.
pub struct Checkpointer<'a> {
    pub function: &'a mut Function,
    pub stability: &'a Stability,
    pub strategy: &'a Strategy,
    /// The loops to be checkpointed.
    pub chosen: &'a [ControlId],
    /// The memories that values are parts of.
    pub wholes: &'a IdMap<ValueId>,
    /// As for [`fuse`].
    pub private: &'a [(ControlId, ValueId)],
}

impl Checkpointer<'_> {
    /// Lets the chosen loops of a scope keep states. A loop and its reverse stand in one list;
    /// `mark` stays before the same statement. `once` says that the reverse runs once.
    pub fn scope(&mut self, stmts: &mut Vec<Stmt>, mark: &mut usize, once: bool) {
        let mut at = 0;
        while at < stmts.len() {
            match partner(stmts, at) {
                Some(partner) => {
                    let (before, after) = stmts.split_at_mut(partner);
                    let declared = self.pair(&mut before[at], &mut after[0], once);
                    let count = declared.len();
                    stmts.splice(at..at, declared);
                    if at < *mark {
                        *mark += count;
                    }
                    at += count;
                }
                None if matches!(stmts[at].op, Op::Loop(_)) => {
                    let body = stmts[at].regions.last_mut().expect("a loop has a body");
                    self.scope(&mut body.stmts, &mut 0, once);
                }
                None => {}
            }
            at += 1;
        }
    }

    /// A branch or loop and its reverse; gives what is to be declared before.
    fn pair(&mut self, forward: &mut Stmt, reverse: &mut Stmt, once: bool) -> Vec<Stmt> {
        match forward.op {
            // In the split program also one that is fused in the joint program, around a chosen one.
            Op::Loop(_) if is_counted(forward) => {
                let chosen = self.chosen;
                match contains(forward, &mut |id| chosen.contains(&id)) {
                    true => self.convert(forward, reverse, once),
                    false => Vec::new(),
                }
            }
            Op::Loop(_) => Vec::new(),
            _ => {
                for (own, reverse) in forward.regions.iter_mut().zip(&mut reverse.regions) {
                    self.arm(own, reverse);
                }
                Vec::new()
            }
        }
    }

    /// The arm of a branch, out of which the tapes come by reference.
    fn arm(&mut self, forward: &mut Region, reverse: &mut Region) {
        for stmt in &mut reverse.stmts {
            let Some(id) = stmt.control_id() else {
                continue;
            };
            let own = |stmt: &Stmt| stmt.control_id() == Some(id);
            if let Some(at) = forward.stmts.iter().position(own) {
                let declared = self.pair(&mut forward.stmts[at], stmt, false);
                forward.stmts.splice(at..at, declared);
            }
        }
    }

    fn convert(&mut self, forward: &mut Stmt, reverse: &mut Stmt, once: bool) -> Vec<Stmt> {
        let span = forward.span;
        let Op::Loop(own) = forward.op.clone() else {
            unreachable!("only loops are checkpointed")
        };
        let kind_args = forward.args[..own.kind.arity()].to_vec();
        let body = forward.regions.last_mut().expect("a loop has a body");
        let (index, params) = (body.params[0], own.carried_params(body).to_vec());
        let memories = changed_outside(&body.stmts);

        // An iteration and its reverse.
        let mut again = body.stmts.clone();
        let back = reverse.regions.pop().expect("a loop has a body");
        again.extend(back.stmts);
        without_effects(&mut again);
        reduce(&mut again, &[], &memories, IdSet::new());
        let needed = uses(&again);

        // A step, and what of the state all this needs.
        let plain = {
            plain(&mut body.stmts);
            let mut stmts = body.stmts.clone();
            without_effects(&mut stmts);
            stmts
        };
        let mut used = needed;
        let (carried, step, yields) = loop {
            let live = |(_, param): &(usize, &ValueId)| used.contains(param);
            let live: Vec<usize> = params
                .iter()
                .enumerate()
                .filter(live)
                .map(|(k, _)| k)
                .collect();
            let yields: Vec<ValueId> = live.iter().map(|&k| body.yields[k]).collect();
            let mut stmts = plain.clone();
            reduce(&mut stmts, &yields, &memories, used.clone());
            let mut more = uses(&stmts);
            more.extend(&yields);
            let state = params.iter().copied().chain(memories.iter());
            let grown = state
                .filter(|id| more.contains(id) && !used.contains(id))
                .count()
                > 0;
            used.extend(more.iter());
            if !grown {
                let carried: Vec<ValueId> = live.iter().map(|&k| params[k]).collect();
                break (carried, stmts, yields);
            }
        };
        let mut state = carried.clone();
        state.extend(memories.iter().filter(|id| used.contains(id)));

        // What the loop reads and other code changes before the reverse.
        let mut declared = Vec::new();
        let (mut then, mut copies) = (Vec::new(), Vec::new());
        let mut looked_at = used.clone();
        looked_at.extend(used.iter().filter_map(|id| self.wholes.get(&id)));
        for memory in looked_at.iter() {
            if !state.contains(&memory) && self.stability.changes_after(memory, own.id) {
                let (copy, stmt) = self.copy_of(memory, span);
                declared.push(stmt);
                then.push(memory);
                copies.push(copy);
            }
        }

        // The scope is like a joint program's.
        again = fuse(&again, &[], self.private.to_vec()).stmts;
        self.scope(&mut again, &mut 0, true);

        let name = format_ident!("tape", span = proc_macro2::Span::mixed_site());
        let tape = self.function.new_value(Ty::Inactive, Some(name), span);
        let states = Op::States(States {
            kind: own.kind.clone(),
            strategy: self.strategy.clone(),
            once,
        });
        declared.push(Stmt::new(vec![tape], states, kind_args.clone(), span));
        let mut visit = vec![tape];
        visit.extend(&state);
        body.stmts
            .insert(0, Stmt::new(Vec::new(), Op::Visit, visit, span));

        let mut region_params = vec![index];
        region_params.extend(&state);
        region_params.extend(&then);
        let name = format_ident!("step", span = proc_macro2::Span::mixed_site());
        reverse.op = Op::Rewind(Rewind {
            id: own.id,
            kind: own.kind,
            step: self.function.new_value(Ty::Inactive, Some(name), span),
            carried: carried.len(),
            state: state.len(),
        });
        reverse.args = vec![tape];
        reverse.args.extend(kind_args);
        reverse.args.extend(copies);
        reverse.regions = vec![
            Region {
                params: region_params.clone(),
                stmts: step,
                yields,
            },
            Region {
                params: region_params,
                stmts: again,
                yields: Vec::new(),
            },
        ];
        declared
    }

    /// A copy of a memory as it is now.
    fn copy_of(&mut self, memory: ValueId, span: proc_macro2::Span) -> (ValueId, Stmt) {
        let (op, ty) = match self.function.ty(memory).clone() {
            Ty::Sequence(element, Sequence::Slice) => {
                let to_vec = proc_macro2::Ident::new("to_vec", span);
                let ty = Ty::Sequence(element, Sequence::Vec);
                (Op::Clone(Some(to_vec)), ty)
            }
            ty => (Op::Clone(None), ty),
        };
        let name = self.function.value(memory).name.clone();
        let name = name.map(|name| format_ident!("{name}_then"));
        let name = name.or_else(|| Some(format_ident!("then")));
        let copy = self.function.new_value(ty, name, span);
        (copy, Stmt::new(vec![copy], op, vec![memory], span))
    }
}

/// What statements change that is not theirs.
pub fn changed_outside(stmts: &[Stmt]) -> IdSet {
    let (mut changed, mut defined) = (IdSet::new(), IdSet::new());
    gather_changed(stmts, &mut changed, &mut defined);
    changed.retain(|id| !defined.contains(id));
    changed
}

fn gather_changed(stmts: &[Stmt], changed: &mut IdSet, defined: &mut IdSet) {
    for stmt in stmts {
        defined.extend(&stmt.results);
        if is_change(stmt) {
            changed.insert(stmt.args[0]);
        }
        match &stmt.op {
            Op::Call(callee) => changed.extend(&callee.changes),
            Op::Verbatim(verbatim) => {
                changed.extend(verbatim.changes.iter().map(|&k| stmt.args[k]));
            }
            _ => {}
        }
        for region in &stmt.regions {
            defined.extend(&region.params);
            gather_changed(&region.stmts, changed, defined);
        }
    }
}

/// Whether the statement changes its first argument and only looks at the others.
fn is_change(stmt: &Stmt) -> bool {
    matches!(
        stmt.op,
        Op::Store(_) | Op::Update(..) | Op::Append | Op::Shrink
    )
}

/// What runs again does so silently.
fn without_effects(stmts: &mut Vec<Stmt>) {
    stmts.retain(|stmt| !matches!(stmt.op, Op::Effect(_)));
    for stmt in stmts {
        for region in &mut stmt.regions {
            without_effects(&mut region.stmts);
        }
    }
}

/// Takes away what the forward statements do for their reverse.
fn plain(stmts: &mut [Stmt]) {
    for stmt in stmts {
        match &mut stmt.op {
            Op::Call(_) => stmt.results.truncate(1),
            Op::Loop(own) if own.counted => {
                own.counted = false;
                stmt.results.pop();
            }
            _ => {}
        }
        for region in &mut stmt.regions {
            plain(&mut region.stmts);
        }
    }
}

/// Drops what neither the roots nor an effect needs. Changes of `memories` count where these are
/// read, or `read` says that they are afterwards; calls that change nothing have run before.
fn reduce(stmts: &mut Vec<Stmt>, roots: &[ValueId], memories: &IdSet, mut read: IdSet) {
    loop {
        let mut reduced = stmts.clone();
        without_unread(&mut reduced, memories, &read);
        let mut count = usize::MAX;
        while count_of(&reduced) < count {
            count = count_of(&reduced);
            dce(&mut reduced, roots.iter().copied());
            let mut used = uses(&reduced);
            used.extend(roots);
            without_idle_calls(&mut reduced, &used);
        }
        let mut reads = IdSet::new();
        gather_reads(&reduced, &mut reads);
        if memories
            .iter()
            .all(|id| !reads.contains(&id) || read.contains(&id))
        {
            *stmts = reduced;
            return;
        }
        read.extend(reads.iter());
    }
}

fn count_of(stmts: &[Stmt]) -> usize {
    let inner = stmts.iter().flat_map(|stmt| &stmt.regions);
    stmts.len() + inner.map(|region| count_of(&region.stmts)).sum::<usize>()
}

fn without_unread(stmts: &mut Vec<Stmt>, memories: &IdSet, read: &IdSet) {
    stmts.retain(|stmt| {
        !is_change(stmt) || !memories.contains(&stmt.args[0]) || read.contains(&stmt.args[0])
    });
    for stmt in stmts {
        for region in &mut stmt.regions {
            without_unread(&mut region.stmts, memories, read);
        }
    }
}

fn without_idle_calls(stmts: &mut Vec<Stmt>, used: &IdSet) {
    stmts.retain(|stmt| match &stmt.op {
        Op::Call(callee) => {
            !callee.changes.is_empty() || stmt.results.iter().any(|id| used.contains(id))
        }
        _ => true,
    });
    for stmt in stmts {
        for region in &mut stmt.regions {
            without_idle_calls(&mut region.stmts, used);
        }
    }
}

/// Every value that is looked at, not only changed.
fn gather_reads(stmts: &[Stmt], reads: &mut IdSet) {
    for stmt in stmts {
        let skipped = usize::from(is_change(stmt));
        reads.extend(&stmt.args[skipped..]);
        for region in &stmt.regions {
            reads.extend(&region.yields);
            gather_reads(&region.stmts, reads);
        }
    }
}

fn uses(stmts: &[Stmt]) -> IdSet {
    let mut found = IdSet::new();
    for stmt in stmts {
        stmt.for_each_use(&mut |id| {
            found.insert(id);
        });
    }
    found
}
