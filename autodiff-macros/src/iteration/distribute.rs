//! Two loops for one. Where a loop within a loop adds to several adjoints, the iteration around it that
//! comes next waits for one of them, and finds it only where the inner loop has done everything. So
//! what is waited for gets a loop of its own, and the other additions come behind it: while they run,
//! the next iteration is on its way.

use super::{Surroundings, drop_unused};
use crate::fuse::Touch;
use crate::ids::IdSet;
use crate::ir::{Loop, LoopKind, Op, Step, Stmt};
use crate::memory::Stability;

/// Distributes the innermost loops of a derived program that hold up the loops around them.
pub fn distribute(stmts: &mut Vec<Stmt>, stability: &Stability) {
    Surroundings::new(stmts, stability).distribute(stmts);
}

impl Surroundings<'_> {
    fn distribute(&mut self, stmts: &mut Vec<Stmt>) {
        for at in (0..stmts.len()).rev() {
            self.inside(&mut stmts[at], |this, inner| {
                this.distribute(inner);
            });
            let (before, rest) = stmts.split_at(at);
            let (own, behind) = rest.split_first().expect("the position is one of them");
            let is_awaited = |addition: &Stmt| {
                let mut siblings = before.iter().chain(behind);
                siblings.any(|read| reads_row(read, addition))
            };
            if self.around.is_empty() || !self.is_free(own) {
                continue;
            }
            if let Some(parts) = divided(own, is_awaited) {
                stmts.splice(at..=at, parts);
            }
        }
    }

    /// Whether the loop does nothing but add, in an order that does not matter, and may be long.
    fn is_free(&self, stmt: &Stmt) -> bool {
        let Op::Loop(Loop {
            kind: LoopKind::Range { .. },
            exits: false,
            counted: false,
            ..
        }) = &stmt.op
        else {
            return false;
        };
        let adds = |inner: &Stmt| match inner.op {
            Op::Accumulate(_) => true,
            _ => inner.op.is_pure() && inner.regions.is_empty(),
        };
        let body = &stmt.regions[0].stmts;
        stmt.results.is_empty()
            && body.iter().all(adds)
            && !self.is_short(stmt)
            && self.accesses(stmt).found.entries().all(|(_, touched)| {
                let first = touched[0].0;
                matches!(first, Touch::Reads | Touch::Adds)
                    && touched.iter().all(|(touch, _)| *touch == first)
            })
    }
}

/// Whether a statement reads an element of the row that the addition runs along.
fn reads_row(read: &Stmt, addition: &Stmt) -> bool {
    let (Op::Project(own) | Op::Take(own), Op::Accumulate(path)) = (&read.op, &addition.op) else {
        return false;
    };
    let (Some(Step::Index), Some((_, row))) = (path.last(), addition.args[2..].split_last()) else {
        return false;
    };
    own == path && read.args[0] == addition.args[0] && read.args[1..].starts_with(row)
}

/// The loop with the additions that are awaited, and the one with the others.
fn divided(stmt: &Stmt, is_awaited: impl Fn(&Stmt) -> bool) -> Option<[Stmt; 2]> {
    let adds = |inner: &Stmt| matches!(inner.op, Op::Accumulate(_));
    let parts = [true, false].map(|awaited| {
        let mut part = stmt.clone();
        let body = &mut part.regions[0];
        body.stmts
            .retain(|inner| !adds(inner) || is_awaited(inner) == awaited);
        drop_unused(body);
        part
    });
    let bodies = parts.iter().map(|part| &part.regions[0].stmts);
    if !bodies.clone().all(|body| body.iter().any(adds)) {
        return None;
    }
    // To read twice costs little, to compute twice does not.
    let is_read = |inner: &Stmt| {
        let op = &inner.op;
        adds(inner) || matches!(op, Op::Project(_) | Op::Literal { .. } | Op::Constant(_))
    };
    let mut computed = IdSet::new();
    bodies
        .flat_map(|body| body.iter().filter(|inner| !is_read(inner)))
        .flat_map(|inner| &inner.results)
        .all(|&result| computed.insert(result))
        .then_some(parts)
}
