//! From the two runs of statements to the programs: dead code, fusing, what is kept, the order of
//! iterations, and memory given back.

use std::collections::BTreeSet;

use super::Reverse;
use crate::carry::carry;
use crate::checkpoint::{self, Checkpointer};
use crate::dce::dce_pair;
use crate::fuse::{Joint, fuse};
use crate::give_back::give_back;
use crate::ids::IdMap;
use crate::ir::{ControlId, Function, Op, Step, Stmt, Strategy, ValueId};
use crate::iteration::{ascend, distribute, hoist, take_dots};
use crate::keep::{Decision, keep};
use crate::meet::meet;
use crate::memory::{self, Stability};
use crate::reach::check_reach;

/// What was decided on the way.
pub struct Finished {
    pub decisions: Vec<Decision>,
    /// The loops that keep whole states.
    pub checkpointed: Vec<ControlId>,
}

impl Reverse {
    /// Drops what nobody uses, fuses loops, and sees to it that every value is there where it is
    /// used. What was decided in the joint program is for the report.
    pub fn finish(&mut self, primal: &Function, checkpoint: Option<&Strategy>) -> Finished {
        dce_pair(&mut self.forward, &mut self.backward, [primal.output]);
        let stability = Stability::of(primal);
        let private = memory::private(primal).into_iter();
        let private =
            private.filter_map(|(control, memory)| Some((control, *self.memories.get(&memory)?)));
        let private: Vec<(ControlId, ValueId)> = private.collect();
        self.joint = fuse(&self.forward, &self.backward, private.clone());
        let checkpointed = match checkpoint {
            Some(strategy) => self.checkpoint(primal, strategy, &stability, &private),
            None => Vec::new(),
        };
        let mut split: Vec<Stmt> = std::mem::take(&mut self.forward);
        let mut mark = split.len();
        split.append(&mut self.backward);
        keep(&mut self.function, &mut split, &mut mark, &stability);
        carry(&mut self.function, &mut split, &mut mark, &stability);
        hoist(&mut split, &mut mark, &stability);
        ascend(&mut split, &stability);
        take_dots(&mut self.function, &mut split, &mut mark, &stability);
        distribute(&mut split, &stability);
        self.backward = split.split_off(mark);
        self.forward = split;
        let Joint { stmts, mark, .. } = &mut self.joint;
        let decisions = keep(&mut self.function, stmts, mark, &stability);
        carry(&mut self.function, stmts, mark, &stability);
        hoist(stmts, mark, &stability);
        ascend(stmts, &stability);
        take_dots(&mut self.function, stmts, mark, &stability);
        distribute(stmts, &stability);
        meet(stmts, *mark);
        let active = primal.params.iter().filter(|param| param.active);
        let bars = self.bars.iter().copied();
        let bars: Vec<(ValueId, ValueId)> = bars.zip(active.map(|param| param.value)).collect();
        check_reach(&self.function, stmts, mark, &bars);
        give_back(&self.function, stmts);
        Finished {
            decisions,
            checkpointed,
        }
    }

    /// Lets long loops keep states instead of values, in both programs.
    fn checkpoint(
        &mut self,
        primal: &Function,
        strategy: &Strategy,
        stability: &Stability,
        private: &[(ControlId, ValueId)],
    ) -> Vec<ControlId> {
        // What would be kept without.
        let mut stmts = self.joint.stmts.clone();
        let mut function = self.function.clone();
        let decisions = keep(&mut function, &mut stmts, &mut 0, stability);
        let chosen = checkpoint::candidates(&self.joint.stmts, &decisions);
        if matches!(strategy, Strategy::StoreAll) {
            return chosen;
        }
        let wholes = checkpoint::wholes(primal);
        let mut checkpointer = Checkpointer {
            function: &mut self.function,
            stability,
            strategy,
            chosen: &chosen,
            wholes: &wholes,
            private,
        };
        let Joint { stmts, mark, .. } = &mut self.joint;
        checkpointer.scope(stmts, mark, true);
        let mut reverse = stmts.split_off(*mark);
        dce_pair(stmts, &mut reverse, [primal.output]);
        *mark = stmts.len();
        stmts.append(&mut reverse);

        let mut split: Vec<Stmt> = std::mem::take(&mut self.forward);
        let mut mark = split.len();
        split.append(&mut self.backward);
        checkpointer.scope(&mut split, &mut mark, false);
        self.backward = split.split_off(mark);
        self.forward = split;
        dce_pair(&mut self.forward, &mut self.backward, [primal.output]);
        chosen
    }

    /// Per active parameter, whether every number of its buffer is certainly accumulated into: then
    /// it may start from −0, to which adding is exact and free.
    pub fn fully_accumulated(&self) -> Vec<bool> {
        let mut hit: IdMap<BTreeSet<Vec<usize>>> = IdMap::new();
        for stmt in &self.backward {
            let Op::Accumulate(path) = &stmt.op else {
                continue;
            };
            let indices = path.iter().map(|step| match step {
                Step::At(index) => Some(*index),
                _ => None,
            });
            if let Some(indices) = indices.collect::<Option<Vec<usize>>>() {
                hit.or_default(stmt.args[0]).insert(indices);
            }
        }
        let full = |bar: &ValueId| {
            let Some((lengths, hit)) = self.function.ty(*bar).literal_lengths().zip(hit.get(bar))
            else {
                return false;
            };
            let numbers = hit
                .iter()
                .filter(|indices| indices.len() == lengths.len())
                .count();
            numbers == lengths.iter().product::<usize>()
        };
        self.bars.iter().map(full).collect()
    }
}
