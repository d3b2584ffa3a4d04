//! Fusing: a loop and its reverse become one where the adjoint that enters the reverse is known
//! before the loop begins and no iteration's adjoint depends on another's. Then nothing is kept and
//! nothing computed twice: the loop of a sum hands its cotangent to every term at once.

use crate::cse::replace;
use crate::ids::{IdMap, IdSet};
use crate::ir::{ControlId, Mode, Op, Stmt, ValueId};

/// The joint program, fused where it can be. `mark` is where its reverse pass begins.
#[derive(Default)]
pub struct Joint {
    pub stmts: Vec<Stmt>,
    pub mark: usize,
    /// The loops that were fused.
    pub fused: Vec<ControlId>,
    /// Why others were not.
    pub apart: Vec<(ControlId, Why)>,
}

/// Why a loop and its reverse are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// An iteration's adjoint depends on another's.
    Recurrence,
    /// The adjoint that enters the reverse is known only after the loop.
    Later,
}

/// Fuses where it can be. `private` are buffers whose content no iteration of a loop hands to another.
pub fn fuse(forward: &[Stmt], backward: &[Stmt], private: Vec<(ControlId, ValueId)>) -> Joint {
    let mut stmts: Vec<Stmt> = forward.iter().chain(backward).cloned().collect();
    let mut mark = forward.len();
    let (mut fused, mut apart) = (Vec::new(), Vec::new());
    let context = Context {
        private: &private,
        places: Places::of(&stmts),
    };
    fuse_all(&mut stmts, &mut mark, (&mut fused, &mut apart), &context);
    Joint {
        stmts,
        mark,
        fused,
        apart,
    }
}

struct Context<'c> {
    private: &'c [(ControlId, ValueId)],
    places: Places,
}

/// What is known of the places of a program.
#[derive(Default)]
pub struct Places {
    /// Vectors whose length changes.
    growing: IdSet,
    /// How the call behind each pullback passes its arguments.
    modes: IdMap<Vec<Mode>>,
}

impl Places {
    pub fn of(stmts: &[Stmt]) -> Places {
        let mut places = Places::default();
        stmts.iter().for_each(|stmt| places.gather(stmt));
        places
    }

    fn gather(&mut self, stmt: &Stmt) {
        match (&stmt.op, &stmt.results[..]) {
            (Op::Append | Op::Shrink, _) => {
                self.growing.insert(stmt.args[0]);
            }
            (Op::Call(callee), &[_, pullback]) => {
                self.modes.insert(pullback, callee.modes.clone());
            }
            _ => {}
        }
        for inner in stmt.regions.iter().flat_map(|region| &region.stmts) {
            self.gather(inner);
        }
    }

    /// Whether the vector's length changes.
    pub fn grows(&self, id: ValueId) -> bool {
        self.growing.contains(&id)
    }

    /// How the `k`-th place that the statement changes is changed. The adjoint of an argument that a
    /// call may change is replaced by its pullback, not added to.
    pub fn change(&self, stmt: &Stmt, k: usize) -> Touch {
        match &stmt.op {
            Op::Accumulate(_) | Op::AccumulateField { .. } | Op::AccumulateEach => Touch::Adds,
            Op::Pull(_) => match self.modes.get(&stmt.args[0]) {
                Some(modes) if modes[k] != Mode::Mutable => Touch::Adds,
                _ => Touch::Writes,
            },
            _ => Touch::Writes,
        }
    }
}

/// Fuses what can be in one scope, and in the loops that were fused there.
fn fuse_all(
    stmts: &mut Vec<Stmt>,
    mark: &mut usize,
    (fused, apart): (&mut Vec<ControlId>, &mut Vec<(ControlId, Why)>),
    context: &Context<'_>,
) {
    let mut at = 0;
    while at < stmts.len() {
        let partner = partner(stmts, at);
        if let (Op::Loop(own), Some(partner)) = (&stmts[at].op, partner) {
            let id = own.id;
            let before = movable(stmts, at, partner, context);
            apart.extend(before.as_ref().err().map(|why| (id, *why)));
            if let Ok(before) = before {
                *mark = (*mark).min(at);
                merge(stmts, at, partner, &before);
                fused.push(id);
                // What was moved stands before the loop now.
                at += before.len();
                let body = stmts[at].regions.last_mut().expect("a loop has a body");
                let mut inner = body.stmts.len();
                unlend(&mut body.stmts, &context.places);
                fuse_all(
                    &mut body.stmts,
                    &mut inner,
                    (&mut *fused, &mut *apart),
                    context,
                );
            }
        }
        at += 1;
    }
}

/// The reverse of the branch or loop at a position, if it stands in the same scope.
pub fn partner(stmts: &[Stmt], at: usize) -> Option<usize> {
    let id = stmts[at].control_id()?;
    let later = stmts[at + 1..].iter();
    let mut later = later
        .enumerate()
        .filter(|(_, stmt)| stmt.control_id() == Some(id));
    later.next().map(|(distance, _)| at + 1 + distance)
}

/// How a statement touches a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    Reads,
    /// Adds to it: the order of such does not matter.
    Adds,
    Writes,
}

/// The statements between a loop and its reverse that must come before the two in one; an error if
/// some of them need what the loop computes, or an iteration what another one leaves.
fn movable(
    stmts: &[Stmt],
    at: usize,
    partner: usize,
    context: &Context<'_>,
) -> Result<Vec<usize>, Why> {
    if !is_order_free(&stmts[partner], context) {
        return Err(Why::Recurrence);
    }
    let touches: Vec<IdMap<Touch>> = stmts[at..=partner]
        .iter()
        .map(|stmt| touches(stmt, &context.places))
        .collect();
    let uses: Vec<IdSet> = stmts[at..=partner].iter().map(uses).collect();
    let depends = |later: usize, earlier: usize| {
        let (l, e) = (later - at, earlier - at);
        let defined = &stmts[earlier].results;
        // A reverse looks into its forward.
        let reverses = stmts[later].control_id().is_some()
            && stmts[later].control_id() == stmts[earlier].control_id();
        reverses
            || defined.iter().any(|id| uses[l].contains(id))
            || uses[l]
                .iter()
                .any(|id| match (touches[l].get(&id), touches[e].get(&id)) {
                    (Some(a), Some(b)) => !(a == b && *a != Touch::Writes),
                    _ => false,
                })
    };
    // What depends on the loop, and what the reverse depends on.
    let mut after = vec![false; partner - at + 1];
    after[0] = true;
    for later in at + 1..partner {
        after[later - at] =
            (at..later).any(|earlier| after[earlier - at] && depends(later, earlier));
    }
    let mut before = vec![false; partner - at + 1];
    before[partner - at] = true;
    for earlier in (at + 1..partner).rev() {
        before[earlier - at] =
            (earlier + 1..=partner).any(|later| before[later - at] && depends(later, earlier));
        if before[earlier - at] && after[earlier - at] {
            return Err(Why::Later);
        }
    }
    // The reverse may need the values of an iteration, but not what the loop leaves.
    let left = &stmts[at].results;
    if left.iter().any(|id| uses[partner - at].contains(id)) {
        return Err(Why::Later);
    }
    Ok((at + 1..partner).filter(|k| before[k - at]).collect())
}

/// Puts the statements of `before` and then the fused loop in the loop's place.
fn merge(stmts: &mut Vec<Stmt>, at: usize, partner: usize, before: &[usize]) {
    let reverse = stmts.remove(partner);
    let mut moved = Vec::new();
    for &k in before.iter().rev() {
        moved.push(stmts.remove(k));
    }
    let own = &mut stmts[at];
    if let Op::Loop(loop_) = &mut own.op
        && loop_.counted
    {
        loop_.counted = false;
        own.results.pop();
    }
    let body = own.regions.last_mut().expect("a loop has a body");
    let reverse = reverse.regions.into_iter().next_back();
    body.stmts
        .extend(reverse.into_iter().flat_map(|region| region.stmts));
    stmts.splice(at..at, moved.into_iter().rev());
}

/// Whether the iterations of a reverse loop only add to what is outside, and read nothing that they
/// add to.
fn is_order_free(reverse: &Stmt, context: &Context<'_>) -> bool {
    let mut touched = touches(reverse, &context.places);
    for (control, buffer) in context.private {
        if reverse.control_id() == Some(*control) {
            touched.remove(buffer);
        }
    }
    reverse
        .regions
        .iter()
        .flat_map(|region| &region.stmts)
        .all(|stmt| only_adds(stmt, &touched))
        && touched.values().all(|touch| *touch != Touch::Writes)
}

fn only_adds(stmt: &Stmt, touched: &IdMap<Touch>) -> bool {
    let adds = |id: &ValueId| touched.get(id) == Some(&Touch::Adds);
    let targets = stmt.op.changes(&stmt.args);
    let reads = stmt.args.iter().filter(|arg| !targets.contains(arg));
    !reads.clone().any(adds)
        && stmt
            .regions
            .iter()
            .flat_map(|region| &region.stmts)
            .all(|inner| only_adds(inner, touched))
}

/// Every value that a statement uses.
fn uses(stmt: &Stmt) -> IdSet {
    let mut found = IdSet::new();
    stmt.for_each_use(&mut |id| {
        found.insert(id);
    });
    found.extend(&stmt.op.changes(&stmt.args));
    found
}

/// The places outside of a statement that it touches: the strongest of all its ways.
pub fn touches(stmt: &Stmt, places: &Places) -> IdMap<Touch> {
    let mut found = IdMap::new();
    let mut inside = IdSet::new();
    gather(stmt, places, &mut found, &mut inside);
    for id in inside.iter() {
        found.remove(&id);
    }
    found
}

fn gather(stmt: &Stmt, places: &Places, found: &mut IdMap<Touch>, inside: &mut IdSet) {
    let targets = stmt.op.changes(&stmt.args);
    // The shape of what does not grow is the same at all times.
    let shape_only = matches!(stmt.op, Op::Zero | Op::Template | Op::Scratch { .. })
        && !places.growing.contains(&stmt.args[0]);
    for &id in stmt.args.iter().filter(|_| !shape_only) {
        if !targets.contains(&id) {
            touch(found, id, Touch::Reads);
        }
    }
    for (k, &id) in targets.iter().enumerate() {
        touch(found, id, places.change(stmt, k));
    }
    for region in &stmt.regions {
        inside.extend(&region.params);
        for inner in &region.stmts {
            gather(inner, places, found, inside);
            inside.extend(&inner.results);
        }
        for &id in &region.yields {
            touch(found, id, Touch::Reads);
        }
    }
}

fn touch(found: &mut IdMap<Touch>, id: ValueId, how: Touch) {
    let known = found.get(&id).copied();
    let touch = match (known, how) {
        (None, how) => how,
        (Some(known), how) if known == how => how,
        // Reading what is added to, too, fixes the order.
        _ => Touch::Writes,
    };
    found.insert(id, touch);
}

/// In a fused iteration what was lent to a call is reversed before it changes: no copy is needed, and
/// the call's adjoint goes where the memory's is.
fn unlend(stmts: &mut Vec<Stmt>, places: &Places) {
    let mut at = 0;
    while at < stmts.len() {
        if let Some(((copy, bar), (memory, whole))) = lent(stmts, at, places) {
            let renamed: IdMap<ValueId> = [(copy, memory), (bar, whole)].into_iter().collect();
            stmts.retain(|stmt| {
                let declares = stmt.results == [copy] || stmt.results == [bar];
                let adds = matches!(stmt.op, Op::Accumulate(_)) && stmt.args == [whole, bar];
                !declares && !adds
            });
            for stmt in stmts.iter_mut() {
                replace(stmt, &renamed);
            }
        } else {
            at += 1;
        }
    }
}

/// A copy of a whole memory with its buffer, and the memory with its own, if all that happens in
/// between is the call and its pullback.
#[allow(clippy::type_complexity)]
fn lent(
    stmts: &[Stmt],
    at: usize,
    places: &Places,
) -> Option<((ValueId, ValueId), (ValueId, ValueId))> {
    let Stmt {
        op: Op::Clone(None),
        args,
        results,
        ..
    } = &stmts[at]
    else {
        return None;
    };
    let (copy, memory) = (results[0], args[0]);
    let rest = &stmts[at + 1..];
    let zero = rest
        .iter()
        .find(|stmt| matches!(stmt.op, Op::Zero) && stmt.args == [copy])?;
    let bar = zero.results[0];
    let last = rest.iter().position(|stmt| {
        matches!(&stmt.op, Op::Accumulate(path) if path.is_empty()) && stmt.args[1] == bar
    })?;
    let whole = rest[last].args[0];
    let quiet = rest[..last].iter().all(|stmt| {
        let mut touched = IdMap::new();
        gather(stmt, places, &mut touched, &mut IdSet::new());
        touched.get(&memory) != Some(&Touch::Writes) && !touched.contains_key(&whole)
    });
    let mut later = rest[last + 1..].iter();
    let unused = later.all(|stmt| {
        let used = uses(stmt);
        !used.contains(&copy) && !used.contains(&bar)
    });
    (quiet && unused).then_some(((copy, bar), (memory, whole)))
}
