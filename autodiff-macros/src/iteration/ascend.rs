//! The order of a reverse loop's iterations: where they are independent of each other, they run
//! upwards, as a person writes it and as vector instructions like it.

use super::{MOST, Surroundings};
use crate::fuse::Touch;
use crate::ir::{Adapter, ControlId, Loop, LoopKind, Op, Stmt};
use crate::memory::{Access, Stability};

/// Lets the reverse loops of a derived program run upwards where that changes nothing but the order
/// of additions to an adjoint.
pub fn ascend(stmts: &mut [Stmt], stability: &Stability) {
    let mut here = Surroundings::new(stmts, stability);
    here.ascend(stmts);
}

impl Surroundings<'_> {
    fn ascend(&mut self, stmts: &mut [Stmt]) {
        for stmt in stmts {
            if let Op::Loop(own) = &stmt.op
                && self.runs_down(own)
                && self.is_parallel(stmt, own.id)
                && let Op::Loop(Loop {
                    kind: LoopKind::Range { adapters, .. },
                    ..
                }) = &mut stmt.op
            {
                adapters.pop();
            }
            self.inside(stmt, |this, inner| this.ascend(inner));
        }
    }

    /// Whether it is the reverse of a loop that runs upwards over all of its range.
    fn runs_down(&self, own: &Loop) -> bool {
        let LoopKind::Range { adapters, .. } = &own.kind else {
            return false;
        };
        !adapters.contains(&Adapter::Take)
            && adapters.last() == Some(&Adapter::Rev)
            && self.stability.ascends(own.id)
    }

    /// Whether no iteration changes what another one reads or changes otherwise than by adding.
    fn is_parallel(&self, stmt: &Stmt, control: ControlId) -> bool {
        let accesses = self.accesses(stmt);
        accesses
            .found
            .entries()
            .filter(|(id, _)| !accesses.inside.contains(id))
            .all(|(_, touched)| self.are_apart(touched, control))
    }

    fn are_apart(&self, touched: &[(Touch, Access)], control: ControlId) -> bool {
        let harmless = |a: Touch, b: Touch| a == b && matches!(a, Touch::Reads | Touch::Adds);
        if touched
            .iter()
            .all(|(touch, _)| harmless(touched[0].0, *touch))
        {
            return true;
        }
        touched.len() <= MOST
            && touched.iter().enumerate().all(|(k, (touch, access))| {
                touched[k..].iter().all(|(other_touch, other)| {
                    harmless(*touch, *other_touch)
                        || !self.stability.meet_across(access, other, control)
                })
            })
    }
}
