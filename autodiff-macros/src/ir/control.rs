//! Loops, and what they keep for their reverse.

use syn::Expr;

use super::{Region, ValueId};

/// A branch or a loop of the primal program; its derived forms bear the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ControlId(pub u32);

/// A loop. Arguments: those of its kind, then the initial carried values. Results: the carried
/// values after it.
#[derive(Clone, Debug)]
pub struct Loop {
    pub id: ControlId,
    pub kind: LoopKind,
    /// Whether the body's last yield says whether to go on.
    pub exits: bool,
    /// In derived programs: whether the last result is the number of iterations done.
    pub counted: bool,
}

#[derive(Clone, Debug)]
pub enum LoopKind {
    /// `for i in (start..end).rev().step_by(k)`. Arguments: the bounds, then one per adapter that
    /// takes one. The body's first parameter is the index.
    Range {
        inclusive: bool,
        adapters: Vec<Adapter>,
    },
    /// `while condition { … }`. Its regions are the condition and the body, of the same parameters.
    While,
    /// As often as the argument says.
    Times,
}

/// What stands behind the range of a `for` loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    Rev,
    StepBy,
    Take,
    /// In derived programs: `rev()` behind the others. Of few integer types can rustc tell how many
    /// items are left then, so the range is made one of the runtime's own.
    Back,
}

impl Adapter {
    /// Whether it says how many.
    pub fn has_argument(self) -> bool {
        matches!(self, Adapter::StepBy | Adapter::Take)
    }
}

impl LoopKind {
    /// How many of the arguments come before the carried values.
    pub fn arity(&self) -> usize {
        match self {
            LoopKind::Range { adapters, .. } => {
                2 + adapters
                    .iter()
                    .filter(|adapter| adapter.has_argument())
                    .count()
            }
            LoopKind::While => 0,
            LoopKind::Times => 1,
        }
    }

    /// Whether the body has an index for its first parameter.
    pub fn has_index(&self) -> bool {
        matches!(self, LoopKind::Range { .. })
    }
}

impl Loop {
    /// The region that is repeated.
    pub fn body<'r>(&self, regions: &'r [Region]) -> &'r Region {
        regions.last().expect("a loop has a body")
    }

    /// The carried values at the start of an iteration.
    pub fn carried_params<'r>(&self, body: &'r Region) -> &'r [ValueId] {
        &body.params[self.first_carried()..]
    }

    /// The position of the first carried value among the body's parameters.
    pub fn first_carried(&self) -> usize {
        usize::from(self.kind.has_index())
    }
}

/// Which states of a long loop are kept.
#[derive(Clone, Debug)]
pub enum Strategy {
    /// What the reverse needs of every step, and no step runs again.
    StoreAll,
    /// Every so many steps one.
    Periodic(Box<Expr>),
    /// At most so many.
    Revolve(Box<Expr>),
}

#[derive(Clone, Debug)]
pub struct States {
    pub kind: LoopKind,
    pub strategy: Strategy,
    /// Whether they are used up by one reverse.
    pub once: bool,
}

#[derive(Clone, Debug)]
pub struct Rewind {
    pub id: ControlId,
    pub kind: LoopKind,
    /// The number of the step, from zero.
    pub step: ValueId,
    /// How many values of the state are carried ones; they come before the memories.
    pub carried: usize,
    /// How many values the state has.
    pub state: usize,
}

/// Where a tape lives.
#[derive(Clone, Debug)]
pub enum TapeKind {
    /// In an array of known lengths, by the loops' indices.
    Fixed(Vec<Expr>),
    /// The same where only rustc knows how long that is: on the stack if the `chosen` lengths, named
    /// constants, have a product within the limit.
    Chosen {
        lengths: Vec<Expr>,
        chosen: Vec<Expr>,
        limit: usize,
    },
    /// In a vector as long as the loop, by its index. Argument: its end.
    Sized,
    /// In a vector that is filled from its start. Argument: the number of entries, if it is known.
    Growing,
}
