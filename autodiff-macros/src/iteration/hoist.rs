//! What is the same in every iteration of a reverse loop is computed before it. The compiler that
//! comes after cannot see that `x_bar[i]` does not change where `x_bar[j]` does.

use super::{MOST, Surroundings};
use crate::fuse::Touch;
use crate::ids::IdSet;
use crate::ir::{Op, Stmt, ValueId, indices};
use crate::memory::{Access, Stability};

/// Moves adjoints, and scalars made of them, out of the loops that do not change them.
pub fn hoist(stmts: &mut Vec<Stmt>, mark: &mut usize, stability: &Stability) {
    let mut here = Surroundings::new(stmts, stability);
    here.hoist(stmts, mark);
}

impl Surroundings<'_> {
    fn hoist(&mut self, stmts: &mut Vec<Stmt>, mark: &mut usize) {
        let mut at = 0;
        while at < stmts.len() {
            self.inside(&mut stmts[at], |this, inner| this.hoist(inner, &mut 0));
            if let Op::Loop(_) = stmts[at].op {
                let moved = self.invariants(&stmts[..at], &stmts[at]);
                let body = stmts[at].regions.last_mut().expect("a loop has a body");
                let (mut before, mut rest) = (Vec::new(), Vec::new());
                for (k, stmt) in body.stmts.drain(..).enumerate() {
                    match moved.contains(&k) {
                        true => before.push(stmt),
                        false => rest.push(stmt),
                    }
                }
                body.stmts = rest;
                if at < *mark {
                    *mark += before.len();
                }
                at += before.len();
                let start = at - before.len();
                stmts.splice(start..start, before);
            }
            at += 1;
        }
    }

    /// The positions of what can be computed before the loop.
    fn invariants(&self, before: &[Stmt], own: &Stmt) -> Vec<usize> {
        let body = own.regions.last().expect("a loop has a body");
        // What is kept for the reverse comes back under the same id there: two of them are two definitions.
        let candidates = |stmt: &Stmt| {
            matches!(stmt.op, Op::Project(_) | Op::Apply(_))
                && (stmt.results.iter())
                    .all(|&id| !self.stability.knows(id) && !self.restored.contains(&id))
        };
        let accesses = self.accesses(own);
        let (mut moved, mut outside) = (Vec::new(), IdSet::new());
        for (k, stmt) in body.stmts.iter().enumerate() {
            let is_there = |id: &ValueId| !accesses.inside.contains(id) || outside.contains(id);
            if !candidates(stmt) || !stmt.args.iter().all(is_there) {
                continue;
            }
            let mut around = self.around.clone();
            around.extend(super::repeated(own));
            let mut reads = stmt.args.iter().map(|&id| match &stmt.op {
                Op::Project(path) if id == stmt.args[0] => {
                    let indices = stmt.args[1..].to_vec();
                    (id, Access::new(around.clone(), path.clone(), indices))
                }
                _ => (id, Access::new(around.clone(), Vec::new(), Vec::new())),
            });
            let stays = |(id, read): (ValueId, Access)| {
                let touched = accesses.found.get(&id);
                !touched.is_some_and(|touched| self.changes(touched, &read))
            };
            if reads.all(stays) && exists(before, stmt) {
                moved.push(k);
                outside.extend(&stmt.results);
            }
        }
        moved
    }

    /// Whether what is read may change in the loop.
    fn changes(&self, touched: &[(Touch, Access)], read: &Access) -> bool {
        let mut changes = touched.iter().filter(|(touch, _)| *touch != Touch::Reads);
        touched.len() > MOST
            || changes.any(|(_, change)| self.stability.meet(read, change, self.around.len()))
    }
}

/// Whether what is read is there even if the loop does nothing: it is no element, or a statement
/// before the loop has looked at it.
fn exists(before: &[Stmt], read: &Stmt) -> bool {
    let Op::Project(path) = &read.op else {
        return true;
    };
    indices(path) == 0
        || before.iter().any(|stmt| match &stmt.op {
            Op::Project(own) | Op::Take(own) => own == path && stmt.args == read.args,
            Op::Accumulate(own) => {
                own == path && stmt.args[0] == read.args[0] && stmt.args[2..] == read.args[1..]
            }
            _ => false,
        })
}
