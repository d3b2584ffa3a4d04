//! Removes statements whose results nobody uses.

use crate::ids::IdSet;
use crate::ir::{Stmt, ValueId};

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
        let needed = stmt.results.iter().any(|result| used.contains(result));
        // A buffer by itself does nothing; it stays only where something reads or fills it.
        if !needed && (stmt.op.is_pure() || stmt.op.is_buffer()) {
            continue;
        }
        for region in &mut stmt.regions {
            sweep(&mut region.stmts, used);
        }
        used.extend(&stmt.args);
        kept.push(stmt);
    }
    kept.reverse();
    *stmts = kept;
}
