//! Which states the forward sweep keeps, and the slots the reverse sweep has.

use super::Checkpoint;
use super::binomial::{distance, least_advances};

/// Divides the steps into blocks. The forward sweep stores the state before each block, in the
/// slot of the block's number; the reverse sweep takes the blocks last first, each with the slots
/// then free.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    steps: usize,
    starts: Starts,
    slots: usize,
    reuse: Reuse,
}

/// The first steps of the blocks.
#[derive(Clone, Debug)]
enum Starts {
    /// The multiples of this.
    Every(usize),
    Listed(Vec<usize>),
}

/// Whether the slots of reversed blocks are free for the blocks before them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reuse {
    No,
    Yes,
}

impl Plan {
    /// For a forward sweep that is there anyhow and goes on to the final state.
    pub(super) fn of_tape(strategy: Checkpoint, steps: usize, reuse: Reuse) -> Self {
        match (strategy.checked(), reuse) {
            (Checkpoint::StoreAll, _) => Self::periodic(1, steps, reuse),
            (Checkpoint::Periodic(period), _) => Self::periodic(period, steps, reuse),
            (Checkpoint::Revolve(slots), Reuse::Yes) => Self::binomial(slots, steps),
            (Checkpoint::Revolve(slots), Reuse::No) => Self::even(slots, steps),
        }
    }

    /// For an initial state: steps of the forward sweep count, and the last need not be run.
    pub(super) fn of_initial(strategy: Checkpoint, steps: usize) -> Self {
        match strategy.checked() {
            Checkpoint::Revolve(slots) => Self {
                steps,
                starts: Starts::Listed(vec![0]),
                slots: slots.min(steps.max(1)),
                reuse: Reuse::Yes,
            },
            _ => Self::of_tape(strategy, steps, Reuse::Yes),
        }
    }

    fn periodic(period: usize, steps: usize, reuse: Reuse) -> Self {
        let longest = period.min(steps);
        Self {
            steps,
            starts: Starts::Every(period),
            // The first state of a period is kept anyhow, the last is the working state.
            slots: steps.div_ceil(period) + longest.saturating_sub(2),
            reuse,
        }
    }

    /// The states that `revolve` stores on its first sweep over the steps and one more, which
    /// stands for whatever the caller does with the final state.
    fn binomial(slots: usize, steps: usize) -> Self {
        let slots = slots.min(steps);
        let mut starts = Vec::with_capacity(slots);
        let mut start = 0;
        while start < steps && starts.len() < slots {
            starts.push(start);
            let free = slots - starts.len();
            start += match free {
                0 => break,
                _ => distance(steps + 1 - start, free + 1),
            };
        }
        Self {
            steps,
            starts: Starts::Listed(starts),
            slots,
            reuse: Reuse::Yes,
        }
    }

    /// Blocks of equal length, as near as may be, which is best since they all find the same slots
    /// free. Their number is the least of those that cost the fewest steps.
    fn even(slots: usize, steps: usize) -> Self {
        let slots = slots.min(steps);
        let cost = |&blocks: &usize| {
            let (length, longer) = (steps / blocks, steps % blocks);
            let cost = |length| least_advances(length, slots - blocks + 1);
            longer as i128 * cost(length + 1) + (blocks - longer) as i128 * cost(length)
        };
        let blocks = (1..=slots).min_by_key(cost).unwrap_or(0);
        let starts = (0..blocks)
            .map(|block| block * (steps / blocks) + block.min(steps % blocks))
            .collect();
        Self {
            steps,
            starts: Starts::Listed(starts),
            slots,
            reuse: Reuse::No,
        }
    }

    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// The number of slots.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    pub(super) fn blocks(&self) -> usize {
        match &self.starts {
            Starts::Every(period) => self.steps.div_ceil(*period),
            Starts::Listed(starts) => starts.len(),
        }
    }

    /// The first step of the block; none behind the last block.
    pub(super) fn start(&self, block: usize) -> Option<usize> {
        match &self.starts {
            Starts::Every(period) => (block < self.blocks()).then(|| block * period),
            Starts::Listed(starts) => starts.get(block).copied(),
        }
    }

    /// The first slot that is free while this block is reversed, as are all behind it.
    pub(super) fn free_from(&self, block: usize) -> usize {
        match self.reuse {
            Reuse::No => self.blocks(),
            Reuse::Yes => block + 1,
        }
    }

    /// The most states that are stored beside those before the blocks.
    pub(super) fn most_extra(&self) -> usize {
        let free = self.slots.saturating_sub(self.free_from(0));
        match self.starts {
            Starts::Every(period) => free.min(period.saturating_sub(2)),
            Starts::Listed(_) => free,
        }
    }
}

impl Checkpoint {
    fn checked(self) -> Self {
        match self {
            Self::Periodic(0) => panic!("the period of a periodic checkpoint must not be 0"),
            Self::Revolve(0) => {
                panic!("revolve needs at least one slot, which holds the initial state")
            }
            _ => self,
        }
    }
}
