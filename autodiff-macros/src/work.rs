//! How much a function does, which decides whether it becomes a part of its callers.
//!
//! What a pullback keeps is copied if it is handed on from one function to another, so the forward part of one that calls
//! none is always built where it stays. If it does so little that the way of its adjoints through memory takes longer than its own
//! work, then so is its reverse. A function that calls others is left to the optimiser: a chain of functions, each
//! calling the next one twice, would be written out as often as the last one runs.

use crate::ids::IdMap;
use crate::ir::{Function, LoopKind, Op, Region, Stmt, ValueId};

/// How many operations are few.
const FEW: usize = 512;

/// What a function does, as far as it decides whether it becomes a part of its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Work {
    /// It calls other functions.
    #[default]
    Calls,
    /// It calls none, and has more to do than a call takes.
    Heavy,
    /// It calls none, and does at most a few operations, however it is called.
    Light,
}

impl Work {
    pub fn of(function: &Function) -> Work {
        let mut calls = false;
        function
            .body
            .for_each(&mut |stmt| calls |= matches!(stmt.op, Op::Call(_)));
        if calls {
            return Work::Calls;
        }
        let weights = Weights {
            definitions: function.definitions(),
        };
        match weights.of_region(&function.body, &mut IdMap::new()) {
            Some(weight) if weight <= FEW => Work::Light,
            _ => Work::Heavy,
        }
    }
}

struct Weights<'f> {
    definitions: IdMap<&'f Stmt>,
}

impl Weights<'_> {
    /// How many operations a region has, those of loops as often as they run. `lengths` has those of the loops around it by
    /// their indices. `None` if that depends on the arguments.
    fn of_region(&self, region: &Region, lengths: &mut IdMap<usize>) -> Option<usize> {
        let mut sum = 0_usize;
        for stmt in &region.stmts {
            let own = match &stmt.op {
                Op::Loop(own) => {
                    let body = own.body(&stmt.regions);
                    let length = self.length(&own.kind, &stmt.args, lengths)?;
                    lengths.insert(body.params[0], length);
                    length.saturating_mul(self.of_region(body, lengths)?)
                }
                _ => {
                    let mut inner = 1_usize;
                    for region in &stmt.regions {
                        inner = inner.saturating_add(self.of_region(region, lengths)?);
                    }
                    inner
                }
            };
            sum = sum.saturating_add(own);
        }
        Some(sum)
    }

    /// How often at most a loop runs: from one number to another, or to the index of a loop around it.
    fn length(&self, kind: &LoopKind, args: &[ValueId], lengths: &IdMap<usize>) -> Option<usize> {
        let LoopKind::Range { inclusive, .. } = kind else {
            return None;
        };
        let number = |id: &ValueId| self.definitions.get(id)?.op.number();
        let start = number(&args[0])?;
        let end = match lengths.get(&args[1]) {
            Some(&outer) => outer as f64,
            None => number(&args[1])?,
        };
        let count = end - start + f64::from(u8::from(*inclusive));
        Some(count.max(0.0) as usize)
    }
}
