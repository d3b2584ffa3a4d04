//! The order of a derived program: what only the returned value needs comes after the derivative, so
//! that nothing is kept alive across it.

use crate::ids::IdSet;
use crate::ir::{Function, Stmt};

/// Splits statements into those that `needed` (or an effect) depends on and the rest, which may be
/// printed last. Both keep their order. What reads a memory stays where it is.
pub fn postpone<'s>(
    function: &Function,
    stmts: &'s [Stmt],
    mut needed: IdSet,
) -> (Vec<&'s Stmt>, Vec<&'s Stmt>) {
    let mut early = Vec::new();
    let mut late = Vec::new();
    for stmt in stmts.iter().rev() {
        let moves = stmt.op.is_pure() && !stmt.args.iter().any(|&arg| function.is_memory(arg));
        if moves && !stmt.results.iter().any(|result| needed.contains(result)) {
            late.push(stmt);
        } else {
            stmt.for_each_use(&mut |id| {
                needed.insert(id);
            });
            early.push(stmt);
        }
    }
    early.reverse();
    late.reverse();
    (early, late)
}
