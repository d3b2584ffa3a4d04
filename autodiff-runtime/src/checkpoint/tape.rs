//! Schedules carried out on states.

use super::plan::{Plan, Reuse};
use super::{Action, Checkpoint, Place, Schedule};

/// Reverses the loop `for k in 0..steps { step(k, &mut state) }` that starts from `initial`: calls
/// `reverse(k, &state_before_step_k)` once for every step, the last first, and `step` as often as
/// the strategy needs to get at those states.
///
/// Use [`OnceTape`] where the final state is wanted, too. The caller's initial state counts as
/// stored, so with [`Revolve(s)`](Checkpoint::Revolve) there are at most `s` states beside it: `s − 1`
/// stored ones and the working one. Room for them is allocated at the start, and a state is written
/// over an old one, where there is one, by [`clone_from`](Clone::clone_from), which for vectors and
/// arrays of numbers allocates nothing.
///
/// # Panics
/// If the strategy is `Periodic(0)` or `Revolve(0)`.
pub fn reverse_steps<S: Clone>(
    strategy: Checkpoint,
    steps: usize,
    initial: &S,
    step: impl FnMut(usize, &mut S),
    reverse: impl FnMut(usize, &S),
) {
    let schedule = Schedule::new(strategy, steps);
    let slots = Slots {
        extra: Vec::with_capacity(schedule.slots().saturating_sub(1)),
        kept: std::slice::from_ref(initial),
    };
    run(schedule, slots, step, reverse);
}

/// What is stored on the way through a loop, for any number of reverse sweeps.
///
/// The number of steps is known beforehand; each is announced before it runs. Then
/// [`reverse`](Tape::reverse) may be called as often as need be, since it leaves the stored states
/// as they are.
///
/// ```
/// use autodiff_runtime::checkpoint::{Checkpoint, Tape};
///
/// // x ← x − h·sin(x), a hundred times, and the derivative of the last x by the first.
/// let (h, steps) = (0.1_f64, 100);
/// let step = |_: usize, x: &mut f64| *x -= h * x.sin();
///
/// let (mut x, mut slope) = (1.0_f64, 1.0);
/// let mut tape = Tape::new(Checkpoint::Revolve(6), steps);
/// for k in 0..steps {
///     tape.visit(k, &x);
///     slope *= 1.0 - h * x.cos(); // to compare with
///     step(k, &mut x);
/// }
///
/// let pullback = |mut x_bar: f64| {
///     tape.reverse(step, |_, x| x_bar *= 1.0 - h * x.cos());
///     x_bar
/// };
/// assert!((pullback(1.0) / slope - 1.0).abs() < 1e-12);
/// assert_eq!(pullback(2.0), 2.0 * pullback(1.0));
/// ```
///
/// # Cost
///
/// As in the [module](super). With [`Revolve(s)`](Checkpoint::Revolve) the forward sweep stores the
/// states before `p` blocks of equal length (`mᵢ`, as near as may be), and a reverse sweep moves
/// the other `s − p` slots through the blocks, each of which takes `t(mᵢ, s − p + 1)` steps; `p` is
/// the number with which that is least. As the first `p` states must stay, this is more than with a
/// [`OnceTape`]: 3340 steps are run again instead of 2640, for 1000 steps and 10 slots.
#[derive(Debug)]
pub struct Tape<S>(Sweep<S>);

impl<S: Clone> Tape<S> {
    /// Readies a tape for a loop of so many steps.
    ///
    /// # Panics
    /// If the strategy is `Periodic(0)` or `Revolve(0)`.
    pub fn new(strategy: Checkpoint, steps: usize) -> Self {
        let plan = Plan::of_tape(strategy, steps, Reuse::No);
        Self(Sweep::new(plan.blocks(), plan))
    }

    /// Announces that this step is next, from this state, which is stored if the strategy says so.
    ///
    /// # Panics
    /// Unless the steps come in order, from 0 to the number that was given, each once.
    #[inline]
    pub fn visit(&mut self, step: usize, state: &S) {
        self.0.visit(step, state);
    }

    /// As [`visit`](Self::visit) for the step after the last one that was announced; the state is
    /// only made if it is to be stored.
    ///
    /// # Panics
    /// If all steps were visited.
    #[inline]
    pub fn visit_next(&mut self, state: impl FnOnce() -> S) {
        self.0.visit_next(state);
    }

    /// Calls `reverse(k, &state_before_step_k)` once for every step, the last first; `step` is the
    /// loop's, to run steps again.
    ///
    /// # Panics
    /// If not all steps were visited.
    pub fn reverse(&self, step: impl FnMut(usize, &mut S), reverse: impl FnMut(usize, &S)) {
        self.0.check_complete();
        let plan = &self.0.plan;
        let slots = Slots {
            kept: &self.0.kept,
            extra: Vec::with_capacity(plan.most_extra()),
        };
        run(Schedule::after_sweep(plan.clone()), slots, step, reverse);
    }
}

/// What is stored on the way through a loop, for one reverse sweep, which uses the room again for
/// other states. Apart from that, and from the [cost](super#cost), it is a [`Tape`].
///
/// ```
/// use autodiff_runtime::checkpoint::{Checkpoint, OnceTape};
///
/// // A hundred steps of the pendulum, and the gradient of its final energy by the initial state.
/// let (h, steps) = (0.01_f64, 100);
/// let step = |_: usize, state: &mut [f64; 2]| {
///     state[1] -= h * state[0].sin();
///     state[0] += h * state[1];
/// };
///
/// let mut state = [1.0_f64, 0.0];
/// let mut tape = OnceTape::new(Checkpoint::Revolve(4), steps);
/// for k in 0..steps {
///     tape.visit(k, &state);
///     step(k, &mut state);
/// }
/// let mut bar = [state[0].sin(), state[1]];
/// tape.reverse(step, |_, state| {
///     bar[1] += h * bar[0];
///     bar[0] -= h * state[0].cos() * bar[1];
/// });
/// // The energy hardly changes, so this is about its gradient at the start.
/// assert!((bar[0] - 1.0_f64.sin()).abs() < 1e-2 && bar[1].abs() < 1e-2);
/// ```
#[derive(Debug)]
pub struct OnceTape<S>(Sweep<S>);

impl<S: Clone> OnceTape<S> {
    /// Readies a tape for a loop of so many steps.
    ///
    /// # Panics
    /// If the strategy is `Periodic(0)` or `Revolve(0)`.
    pub fn new(strategy: Checkpoint, steps: usize) -> Self {
        let plan = Plan::of_tape(strategy, steps, Reuse::Yes);
        Self(Sweep::new(plan.slots(), plan))
    }

    /// Announces that this step is next, from this state, which is stored if the strategy says so.
    ///
    /// # Panics
    /// Unless the steps come in order, from 0 to the number that was given, each once.
    #[inline]
    pub fn visit(&mut self, step: usize, state: &S) {
        self.0.visit(step, state);
    }

    /// As [`visit`](Self::visit) for the step after the last one that was announced; the state is
    /// only made if it is to be stored.
    ///
    /// # Panics
    /// If all steps were visited.
    #[inline]
    pub fn visit_next(&mut self, state: impl FnOnce() -> S) {
        self.0.visit_next(state);
    }

    /// Calls `reverse(k, &state_before_step_k)` once for every step, the last first; `step` is the
    /// loop's, to run steps again.
    ///
    /// # Panics
    /// If not all steps were visited.
    pub fn reverse(self, step: impl FnMut(usize, &mut S), reverse: impl FnMut(usize, &S)) {
        self.0.check_complete();
        let slots = Slots {
            kept: &[],
            extra: self.0.kept,
        };
        run(Schedule::after_sweep(self.0.plan), slots, step, reverse);
    }
}

/// A forward sweep that keeps the states before the blocks of its plan.
#[derive(Debug)]
struct Sweep<S> {
    plan: Plan,
    visited: usize,
    /// The next step before which the state is to be kept.
    due: Option<usize>,
    kept: Vec<S>,
}

impl<S: Clone> Sweep<S> {
    fn new(room: usize, plan: Plan) -> Self {
        Self {
            visited: 0,
            due: plan.start(0),
            kept: Vec::with_capacity(room),
            plan,
        }
    }

    #[inline]
    fn visit(&mut self, step: usize, state: &S) {
        assert!(
            step == self.visited && step < self.plan.steps(),
            "step {step} of {} is visited after {} steps",
            self.plan.steps(),
            self.visited,
        );
        self.pass(|| state.clone());
    }

    #[inline]
    fn visit_next(&mut self, state: impl FnOnce() -> S) {
        assert!(
            self.visited < self.plan.steps(),
            "a step is visited after all {}",
            self.plan.steps(),
        );
        self.pass(state);
    }

    #[inline]
    fn pass(&mut self, state: impl FnOnce() -> S) {
        if self.due == Some(self.visited) {
            debug_assert!(self.kept.len() < self.kept.capacity());
            self.kept.push(state());
            self.due = self.plan.start(self.kept.len());
        }
        self.visited += 1;
    }

    fn check_complete(&self) {
        assert!(
            self.visited == self.plan.steps(),
            "only {} of {} steps were visited before their reversal",
            self.visited,
            self.plan.steps(),
        );
    }
}

/// The stored states: first those that stay as they are, behind them those that may be replaced.
struct Slots<'a, S> {
    kept: &'a [S],
    extra: Vec<S>,
}

impl<S: Clone> Slots<'_, S> {
    fn get(&self, slot: usize) -> &S {
        match slot.checked_sub(self.kept.len()) {
            None => &self.kept[slot],
            Some(slot) => &self.extra[slot],
        }
    }

    fn set(&mut self, slot: usize, state: &S) {
        let slot = slot - self.kept.len();
        match self.extra.get_mut(slot) {
            Some(old) => old.clone_from(state),
            // Schedules fill slots in order of their numbers.
            None => {
                debug_assert!(slot == self.extra.len() && slot < self.extra.capacity());
                self.extra.push(state.clone());
            }
        }
    }
}

fn run<S: Clone>(
    schedule: Schedule,
    mut slots: Slots<S>,
    mut step: impl FnMut(usize, &mut S),
    mut reverse: impl FnMut(usize, &S),
) {
    const RESTORED: &str = "a schedule restores a state before it uses the working one";
    let mut working: Option<S> = None;
    for action in schedule {
        match action {
            Action::Restore { slot } => match &mut working {
                Some(working) => working.clone_from(slots.get(slot)),
                None => working = Some(slots.get(slot).clone()),
            },
            Action::Advance { from, to } => {
                let state = working.as_mut().expect(RESTORED);
                for k in from..to {
                    step(k, state);
                }
            }
            Action::Store { slot } => slots.set(slot, working.as_ref().expect(RESTORED)),
            Action::Reverse { step, at } => reverse(
                step,
                match at {
                    Place::Working => working.as_ref().expect(RESTORED),
                    Place::Slot(slot) => slots.get(slot),
                },
            ),
        }
    }
}
