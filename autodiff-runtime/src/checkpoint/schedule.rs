//! What is done when, to reverse a loop.

use std::iter::FusedIterator;

use super::Checkpoint;
use super::binomial::distance;
use super::plan::Plan;

/// One action of a [`Schedule`], on a working state and numbered slots for stored ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The working state becomes a copy of the one in the slot.
    Restore {
        /// The slot, which holds a state.
        slot: usize,
    },
    /// The steps `from..to` run on the working state, which is the one before step `from`.
    Advance {
        /// The first step.
        from: usize,
        /// The step behind the last.
        to: usize,
    },
    /// The slot receives a copy of the working state. It is new (and the next in number), or what
    /// it holds is not needed any more.
    Store {
        /// The slot.
        slot: usize,
    },
    /// The step is reversed.
    Reverse {
        /// The step.
        step: usize,
        /// Where the state before the step is.
        at: Place,
    },
}

/// Where a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The working state.
    Working,
    /// The slot of this number.
    Slot(usize),
}

/// The actions that reverse a loop, one by one. It allocates once, when it is made.
///
/// ```
/// use autodiff_runtime::checkpoint::{Action, Checkpoint, Schedule};
///
/// // How many steps run forward, to reverse 1000 of them?
/// let forward = |strategy| -> usize {
///     Schedule::new(strategy, 1000)
///         .map(|action| match action {
///             Action::Advance { from, to } => to - from,
///             _ => 0,
///         })
///         .sum()
/// };
/// assert_eq!(forward(Checkpoint::StoreAll), 999);
/// assert_eq!(forward(Checkpoint::Periodic(32)), 1960);
/// assert_eq!(forward(Checkpoint::Revolve(62)), 1936);
/// assert_eq!(forward(Checkpoint::Revolve(10)), 3636);
/// assert_eq!(forward(Checkpoint::Revolve(1)), 499_500);
/// ```
#[derive(Clone, Debug)]
pub struct Schedule {
    plan: Plan,
    /// How many blocks have the state before them stored.
    stored: usize,
    /// The block being reversed.
    block: usize,
    /// The steps of this block before which a state is stored, in the slots from the first free
    /// one on.
    extra: Vec<usize>,
    /// The steps from here on are reversed.
    end: usize,
    /// The step before which the working state is, while that is of use.
    working: Option<usize>,
}

impl Schedule {
    /// Starts with the state before step 0 in slot 0, and reverses all `steps`.
    ///
    /// # Panics
    /// If the strategy is `Periodic(0)` or `Revolve(0)`.
    pub fn new(strategy: Checkpoint, steps: usize) -> Self {
        Self {
            stored: 1,
            ..Self::after_sweep(Plan::of_initial(strategy, steps))
        }
    }

    /// Starts with the state before each block in the block's slot.
    pub(super) fn after_sweep(plan: Plan) -> Self {
        Self {
            stored: plan.blocks(),
            block: plan.blocks().saturating_sub(1),
            extra: Vec::with_capacity(plan.most_extra()),
            end: plan.steps(),
            working: None,
            plan,
        }
    }

    /// The number of slots: as many states are stored at most.
    pub fn slots(&self) -> usize {
        self.plan.slots()
    }

    /// The next action of the forward sweep to this step, where the state is to be stored.
    fn sweep_to(&mut self, target: usize) -> Action {
        match self.working {
            None => {
                self.working = Some(0);
                Action::Restore { slot: 0 }
            }
            Some(at) if at == target => {
                self.stored += 1;
                Action::Store {
                    slot: self.stored - 1,
                }
            }
            Some(from) => {
                self.working = Some(target);
                Action::Advance { from, to: target }
            }
        }
    }

    /// The last step before which a state is stored, and that state's slot. States that are not
    /// needed any more, since the step before which they are is reversed, are given up.
    fn last_stored(&mut self) -> Option<(usize, usize)> {
        while let Some(&step) = self.extra.last() {
            if step < self.end {
                let slot = self.plan.free_from(self.block) + self.extra.len() - 1;
                return Some((step, slot));
            }
            self.extra.pop();
        }
        let start = self.plan.start(self.block)?;
        if start < self.end {
            return Some((start, self.block));
        }
        self.block = self.block.checked_sub(1)?;
        Some((self.plan.start(self.block)?, self.block))
    }

    fn reverse(&mut self, at: Place) -> Action {
        self.end -= 1;
        self.working = None;
        Action::Reverse { step: self.end, at }
    }
}

impl Iterator for Schedule {
    type Item = Action;

    fn next(&mut self) -> Option<Action> {
        if self.end == 0 {
            return None;
        }
        if let Some(target) = self.plan.start(self.stored) {
            return Some(self.sweep_to(target));
        }
        let (start, slot) = self.last_stored()?;
        let steps = self.end - start;
        if steps == 1 {
            return Some(self.reverse(Place::Slot(slot)));
        }
        let free = self.plan.free_from(self.block) + self.extra.len();
        Some(match self.working {
            None => {
                self.working = Some(start);
                Action::Restore { slot }
            }
            Some(at) if at == start => {
                // The slot of the state at the start is one of those there are.
                let to = match self.plan.slots() - free {
                    0 => self.end - 1,
                    more => start + distance(steps, more + 1),
                };
                self.working = Some(to);
                Action::Advance { from: start, to }
            }
            Some(at) if at + 1 == self.end => self.reverse(Place::Working),
            Some(at) => {
                self.extra.push(at);
                Action::Store { slot: free }
            }
        })
    }
}

impl FusedIterator for Schedule {}
