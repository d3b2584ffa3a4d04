//! Removes statements whose results nobody uses, and what branches and loops hand out in vain.

use crate::ids::IdSet;
use crate::ir::{Loop, Op, Stmt, ValueId};

/// Keeps what has an effect and what `roots` need.
pub fn dce(stmts: &mut Vec<Stmt>, roots: impl IntoIterator<Item = ValueId>) {
    let mut used: IdSet = roots.into_iter().collect();
    sweep(stmts, &mut used);
}

/// As [`dce`] for two consecutive runs of statements, the later of which reads the earlier.
pub fn dce_pair(
    earlier: &mut Vec<Stmt>,
    later: &mut Vec<Stmt>,
    roots: impl IntoIterator<Item = ValueId>,
) {
    let mut used: IdSet = roots.into_iter().collect();
    sweep(later, &mut used);
    sweep(earlier, &mut used);
}

fn sweep(stmts: &mut Vec<Stmt>, used: &mut IdSet) {
    let mut kept = Vec::with_capacity(stmts.len());
    while let Some(mut stmt) = stmts.pop() {
        if !defines_used(&stmt, used) && !has_effect(&stmt) {
            continue;
        }
        match stmt.op.clone() {
            Op::If(_) | Op::Switch(_) => sweep_branch(&mut stmt, used),
            Op::Loop(own) => sweep_loop(&own, &mut stmt, used),
            Op::Rewind(_) => stmt.for_each_use(&mut |id| {
                used.insert(id);
            }),
            _ => {}
        }
        used.extend(&stmt.args);
        kept.push(stmt);
    }
    kept.reverse();
    *stmts = kept;
}

/// Whether somebody uses what the statement computes; its reverse may use what it does inside.
fn defines_used(stmt: &Stmt, used: &IdSet) -> bool {
    let is_used = |id: &ValueId| used.contains(id);
    stmt.results.iter().any(is_used)
        || stmt.regions.iter().any(|region| {
            region.params.iter().any(is_used)
                || region.stmts.iter().any(|stmt| defines_used(stmt, used))
        })
}

/// Whether the statement does more than to define its results. (A place by itself does nothing; it
/// stays only where something reads or fills it.)
fn has_effect(stmt: &Stmt) -> bool {
    match stmt.op {
        Op::If(_) | Op::Switch(_) | Op::Loop(_) => {
            let mut inner = stmt.regions.iter().flat_map(|region| &region.stmts);
            inner.any(has_effect)
        }
        Op::Memory | Op::Tape(_) | Op::States(_) | Op::Cursor => false,
        _ => !stmt.op.is_pure() && !stmt.op.is_buffer(),
    }
}

fn sweep_branch(stmt: &mut Stmt, used: &mut IdSet) {
    let live: Vec<bool> = stmt.results.iter().map(|id| used.contains(id)).collect();
    keep(&mut stmt.results, &live);
    for region in &mut stmt.regions {
        keep(&mut region.yields, &live);
        used.extend(&region.yields);
        sweep(&mut region.stmts, used);
    }
}

/// A carried value lives if it is used after the loop, or by what lives inside.
fn sweep_loop(own: &Loop, stmt: &mut Stmt, used: &mut IdSet) {
    let arity = own.kind.arity();
    let first = own.first_carried();
    let count = stmt.results.len() - usize::from(own.counted);
    let mut live: Vec<bool> = stmt.results[..count]
        .iter()
        .map(|id| used.contains(id))
        .collect();
    loop {
        let mut regions = stmt.regions.clone();
        let mut inside = used.clone();
        let body = regions.len() - 1;
        for (position, region) in regions.iter_mut().enumerate().rev() {
            for (k, yielded) in region.yields.iter().enumerate() {
                // A condition's flag and the flag to go on are always used.
                if position != body || live.get(k).copied().unwrap_or(true) {
                    inside.insert(*yielded);
                }
            }
            sweep(&mut region.stmts, &mut inside);
        }
        let body = regions.last().expect("a loop has a body");
        let more: Vec<bool> = (0..count)
            .map(|k| live[k] || inside.contains(&body.params[first + k]))
            .collect();
        if more == live {
            *used = inside;
            stmt.regions = regions;
            break;
        }
        live = more;
    }
    let counted = own.counted.then(|| stmt.results.pop()).flatten();
    keep(&mut stmt.results, &live);
    stmt.results.extend(counted);
    let mut inits = stmt.args.split_off(arity);
    keep(&mut inits, &live);
    stmt.args.extend(inits);
    for region in &mut stmt.regions {
        let mut params = region.params.split_off(first);
        keep(&mut params, &live);
        region.params.extend(params);
    }
    let body = stmt.regions.last_mut().expect("a loop has a body");
    let flags = body.yields.split_off(count);
    keep(&mut body.yields, &live);
    body.yields.extend(flags);
}

fn keep(ids: &mut Vec<ValueId>, live: &[bool]) {
    let mut live = live.iter();
    ids.retain(|_| *live.next().expect("one flag per value"));
}
