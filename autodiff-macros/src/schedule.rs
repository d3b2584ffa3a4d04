//! The order of a derived program: what only the returned value needs comes after the derivative, so
//! that nothing is kept alive across it.

use crate::ids::IdSet;
use crate::ir::Stmt;

/// Splits statements into those that `needed` (or an effect) depends on and the rest, which may be
/// printed last. Both keep their order.
pub fn postpone(stmts: &[Stmt], mut needed: IdSet) -> (Vec<&Stmt>, Vec<&Stmt>) {
    let mut early = Vec::new();
    let mut late = Vec::new();
    for stmt in stmts.iter().rev() {
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
