//! The order of a joint program: what only the returned value needs comes after the reverse pass, so
//! that nothing is kept alive across it.

use crate::ids::IdSet;
use crate::ir::Stmt;

/// Splits the forward statements into those the reverse pass (or an effect) needs and the rest,
/// which may be printed last. Both keep their order.
pub fn postpone<'a>(forward: &'a [Stmt], backward: &[Stmt]) -> (Vec<&'a Stmt>, Vec<&'a Stmt>) {
    let mut needed: IdSet = backward
        .iter()
        .flat_map(|stmt| &stmt.args)
        .copied()
        .collect();
    let mut early = Vec::new();
    let mut late = Vec::new();
    for stmt in forward.iter().rev() {
        if stmt.op.is_pure() && !stmt.results.iter().any(|result| needed.contains(result)) {
            late.push(stmt);
        } else {
            needed.extend(&stmt.args);
            early.push(stmt);
        }
    }
    early.reverse();
    late.reverse();
    (early, late)
}
