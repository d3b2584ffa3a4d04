//! Lengths that no iteration changes are taken before the loop: then the bounds of inner loops are
//! known where the nest begins, and no reverse needs the content of a memory for its length.

use crate::ids::IdSet;
use crate::ir::{Function, Observation, Op, Region, Stmt};
use crate::memory::Stability;
use crate::ty::Ty;

pub fn hoist(function: &mut Function) {
    let stability = Stability::of(function);
    let mut body = std::mem::take(&mut function.body);
    from_loops(&mut body, function, &stability);
    function.body = body;
}

fn from_loops(region: &mut Region, function: &Function, stability: &Stability) {
    let mut done = Vec::with_capacity(region.stmts.len());
    for mut stmt in std::mem::take(&mut region.stmts) {
        for inner in &mut stmt.regions {
            from_loops(inner, function, stability);
        }
        if let Op::Loop(_) = stmt.op {
            for inner in &mut stmt.regions {
                invariant(inner, function, stability, &mut done);
            }
        }
        done.push(stmt);
    }
    region.stmts = done;
}

/// Moves the lengths of what is defined outside of a loop's region out of it.
fn invariant(
    region: &mut Region,
    function: &Function,
    stability: &Stability,
    before: &mut Vec<Stmt>,
) {
    let mut inside: IdSet = region.params.iter().copied().collect();
    for stmt in &region.stmts {
        inside.extend(&stmt.results);
    }
    let is_invariant = |stmt: &Stmt| match &stmt.op {
        Op::Observe(Observation::Method(method)) => {
            let whole = stmt.args[0];
            // Those of arrays are constants anyway, and another type's `len` may do anything.
            method == "len"
                && matches!(function.ty(whole), Ty::Sequence(..))
                && !inside.contains(&whole)
                && (!function.is_memory(whole) || stability.keeps_length(function, whole))
        }
        _ => false,
    };
    before.extend(region.stmts.extract_if(.., |stmt| is_invariant(stmt)));
}
