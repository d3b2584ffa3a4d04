use std::cell::Cell;
use std::rc::Rc;

use super::*;
use crate::checkpoint::binomial::least_advances;

/// How many states there are, and were at most.
#[derive(Default)]
struct Census {
    alive: Cell<usize>,
    most: Cell<usize>,
}

/// A state that knows how many steps have made it, and is counted.
struct Counted {
    steps: usize,
    census: Rc<Census>,
}

impl Counted {
    fn new(steps: usize, census: &Rc<Census>) -> Self {
        let alive = census.alive.get() + 1;
        census.alive.set(alive);
        census.most.set(census.most.get().max(alive));
        Self {
            steps,
            census: Rc::clone(census),
        }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.steps, &self.census)
    }

    fn clone_from(&mut self, source: &Self) {
        self.steps = source.steps;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.census.alive.set(self.census.alive.get() - 1);
    }
}

/// A loop that checks its steps and their reversal.
struct Loop {
    steps: usize,
    forward: Cell<usize>,
    left: Cell<usize>,
    census: Rc<Census>,
}

/// What a loop has seen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    /// Forward steps, those of a tape's forward sweep included.
    forward: usize,
    /// The most states there were at one time, besides the one that is worked on.
    stored: usize,
}

impl Loop {
    fn new(steps: usize) -> Self {
        Self {
            steps,
            forward: Cell::new(0),
            left: Cell::new(steps),
            census: Rc::default(),
        }
    }

    fn initial(&self) -> Counted {
        Counted::new(0, &self.census)
    }

    fn step(&self) -> impl Fn(usize, &mut Counted) {
        |step, state| {
            assert_eq!(state.steps, step, "a step runs on the wrong state");
            state.steps += 1;
            self.forward.set(self.forward.get() + 1);
        }
    }

    fn reverse(&self) -> impl Fn(usize, &Counted) {
        |step, state| {
            assert_eq!(step + 1, self.left.get(), "reversed out of order");
            assert_eq!(state.steps, step, "reversed from the wrong state");
            self.left.set(step);
        }
    }

    /// The forward sweep of a tape that visits steps so. The final state is dropped.
    fn sweep(&self, mut visit: impl FnMut(usize, &Counted)) {
        let mut state = self.initial();
        for k in 0..self.steps {
            visit(k, &state);
            self.step()(k, &mut state);
        }
    }

    /// What was seen by a reversal that is over now; the loop is ready for another.
    fn seen(&self) -> Seen {
        assert_eq!(self.left.replace(self.steps), 0, "not all are reversed");
        Seen {
            forward: self.forward.get(),
            stored: self.census.most.get().saturating_sub(1),
        }
    }
}

fn by_reverse_steps(strategy: Checkpoint, steps: usize) -> Seen {
    let run = Loop::new(steps);
    reverse_steps(strategy, steps, &run.initial(), run.step(), run.reverse());
    run.seen()
}

fn by_once_tape(strategy: Checkpoint, steps: usize) -> Seen {
    let run = Loop::new(steps);
    let mut tape = OnceTape::new(strategy, steps);
    run.sweep(|k, state| tape.visit(k, state));
    tape.reverse(run.step(), run.reverse());
    run.seen()
}

/// With several reverse sweeps, which have to be alike.
fn by_tape(strategy: Checkpoint, steps: usize) -> Seen {
    let run = Loop::new(steps);
    let mut tape = Tape::new(strategy, steps);
    run.sweep(|k, state| tape.visit(k, state));
    let sweep = run.forward.replace(0);
    let mut sweeps = (0..3).map(|_| {
        tape.reverse(run.step(), run.reverse());
        let seen = run.seen();
        Seen {
            forward: sweep + run.forward.replace(0),
            ..seen
        }
    });
    let first = sweeps.next().unwrap();
    assert!(sweeps.all(|seen| seen == first));
    first
}

/// The least number of forward steps, and of stores with that, for every number of steps and
/// slots up to these, by trying every place for the next store.
fn optima(steps: usize, slots: usize) -> impl Fn(usize, usize) -> (usize, usize) {
    let mut table = vec![vec![(0, 0); slots + 1]; steps + 1];
    for l in 2..=steps {
        table[l][1] = (l * (l - 1) / 2, 0);
        for s in 2..=slots {
            let (forward, stores) = (1..l)
                .map(|d| {
                    let (before, after) = (table[d][s], table[l - d][s - 1]);
                    // The last step is reversed at once.
                    let store = usize::from(l - d > 1);
                    (d + before.0 + after.0, store + before.1 + after.1)
                })
                .min()
                .unwrap();
            table[l][s] = (forward, stores);
        }
    }
    move |steps, slots| table[steps][slots]
}

const STEPS: usize = 60;
const SLOTS: usize = 9;

#[test]
fn revolve_takes_the_fewest_forward_steps() {
    let optimum = optima(STEPS + 1, SLOTS);
    for steps in 0..=STEPS {
        for slots in 1..=SLOTS {
            let strategy = Checkpoint::Revolve(slots);
            let seen = by_reverse_steps(strategy, steps);
            assert_eq!(seen.forward, optimum(steps, slots).0);
            assert!(seen.stored <= slots);
            let seen = by_once_tape(strategy, steps);
            assert_eq!(seen.forward, optimum(steps + 1, slots).0);
            assert!(seen.stored <= slots);
        }
    }
}

#[test]
fn revolve_stores_least_often() {
    let optimum = optima(STEPS, SLOTS);
    for steps in 0..=STEPS {
        for slots in 1..=SLOTS {
            let stores = Schedule::new(Checkpoint::Revolve(slots), steps)
                .filter(|action| matches!(action, Action::Store { .. }))
                .count();
            assert_eq!(stores, optimum(steps, slots).1, "{steps} {slots}");
        }
    }
}

#[test]
fn formula_is_the_optimum() {
    let optimum = optima(STEPS, SLOTS);
    for steps in 1..=STEPS {
        for slots in 1..=SLOTS {
            let forward = optimum(steps, slots).0;
            assert_eq!(least_advances(steps, slots), forward as i128);
        }
    }
}

/// However the forward sweep places states that stay.
#[test]
fn revolve_on_a_tape_takes_the_fewest_forward_steps() {
    let optimum = optima(STEPS, SLOTS);
    // For so many slots, kept states and steps: the least sum over as many blocks.
    for slots in 1..=SLOTS {
        let mut least = vec![usize::MAX; STEPS + 1];
        least[0] = 0;
        for kept in 1..=slots {
            let mut sums = vec![Some(0)];
            sums.resize(STEPS + 1, None);
            for _ in 0..kept {
                sums = (0..=STEPS)
                    .map(|steps| {
                        let ways = (0..=steps).filter_map(|last| {
                            Some(sums[steps - last]? + optimum(last, slots - kept + 1).0)
                        });
                        ways.min()
                    })
                    .collect();
            }
            for (least, sum) in least.iter_mut().zip(sums) {
                *least = sum.map_or(*least, |sum| sum.min(*least));
            }
        }
        for (steps, least) in least.into_iter().enumerate() {
            let seen = by_tape(Checkpoint::Revolve(slots), steps);
            assert_eq!(seen.forward, steps + least, "{steps} {slots}");
            assert!(seen.stored <= slots);
        }
    }
}

#[test]
fn periodic_has_the_documented_cost() {
    for steps in 0..=STEPS {
        for period in 1..=10 {
            let strategy = Checkpoint::Periodic(period);
            let periods = steps.div_ceil(period);
            let last = steps - periods.saturating_sub(1) * period;
            let stored = periods + period.saturating_sub(2);

            let seen = by_reverse_steps(strategy, steps);
            assert_eq!(seen.forward, 2 * steps - periods - last);
            assert!(seen.stored <= stored);
            for by in [by_once_tape, by_tape] {
                let seen = by(strategy, steps);
                assert_eq!(seen.forward, 2 * steps - periods);
                assert!(seen.stored <= stored);
            }
        }
    }
}

#[test]
fn store_all_runs_no_step_twice() {
    for steps in 0..=STEPS {
        let seen = by_reverse_steps(Checkpoint::StoreAll, steps);
        assert_eq!(seen.forward, steps.saturating_sub(1));
        assert!(seen.stored <= steps);
        for by in [by_once_tape, by_tape] {
            let seen = by(Checkpoint::StoreAll, steps);
            assert_eq!(seen.forward, steps);
            assert_eq!(seen.stored, steps);
        }
    }
}

#[test]
fn schedules_keep_to_their_slots() {
    let strategies = (1..=SLOTS)
        .flat_map(|number| [Checkpoint::Revolve(number), Checkpoint::Periodic(number)])
        .chain([Checkpoint::StoreAll]);
    for (strategy, steps) in strategies.flat_map(|it| (0..=STEPS).map(move |n| (it, n))) {
        let schedule = Schedule::new(strategy, steps);
        // The steps before which the states are.
        let mut slots = vec![0];
        slots.reserve_exact(schedule.slots());
        let most = schedule.slots().max(1);
        let mut working = None;
        let mut left = steps;
        for action in schedule {
            match action {
                Action::Restore { slot } => working = Some(slots[slot]),
                Action::Advance { from, to } => {
                    assert!(from < to && to < left);
                    assert_eq!(working.replace(to), Some(from));
                }
                Action::Store { slot } => match slots.get_mut(slot) {
                    Some(old) => *old = working.unwrap(),
                    None => {
                        assert_eq!(slot, slots.len());
                        slots.push(working.unwrap());
                    }
                },
                Action::Reverse { step, at } => {
                    left -= 1;
                    assert_eq!(step, left);
                    assert_eq!(
                        Some(step),
                        match at {
                            Place::Working => working,
                            Place::Slot(slot) => Some(slots[slot]),
                        }
                    );
                }
            }
        }
        assert_eq!(left, 0);
        assert!(slots.len() <= most, "{strategy:?} {steps}");
    }
}

#[test]
fn long_loops() {
    let steps = 10_000;
    // r·n − β(s + 1, r − 1), by hand: 4·n − 2024 and 3·n − 1953.
    for (slots, forward) in [(20, 37_976), (60, 28_047), (usize::MAX, 9_999)] {
        let seen = by_reverse_steps(Checkpoint::Revolve(slots), steps);
        assert_eq!(seen.forward, forward);
        assert!(seen.stored <= slots);
    }
    for slots in [2, 3, 10, 150, steps] {
        for by in [by_reverse_steps, by_once_tape, by_tape] {
            assert!(by(Checkpoint::Revolve(slots), steps).stored <= slots);
        }
    }
    // What the documentation of `Tape` says.
    let again = |by: fn(_, _) -> Seen| by(Checkpoint::Revolve(10), 1000).forward - 1000;
    assert_eq!((again(by_tape), again(by_once_tape)), (3340, 2640));
    for by in [by_once_tape, by_tape] {
        let seen = by(Checkpoint::Periodic(100), steps);
        assert_eq!((seen.forward, seen.stored), (19_900, 198));
        assert_eq!(by(Checkpoint::StoreAll, steps).stored, steps);
    }
}

#[test]
#[should_panic(expected = "at least one slot")]
fn revolve_without_slots_is_refused() {
    Schedule::new(Checkpoint::Revolve(0), 0);
}

#[test]
#[should_panic(expected = "must not be 0")]
fn period_of_zero_is_refused() {
    Tape::<f64>::new(Checkpoint::Periodic(0), 5);
}

#[test]
#[should_panic(expected = "step 2 of 5 is visited after 1 steps")]
fn visits_out_of_order_are_refused() {
    let mut tape = Tape::new(Checkpoint::StoreAll, 5);
    tape.visit(0, &1.0);
    tape.visit(2, &1.0);
}

#[test]
fn states_are_made_only_to_be_stored() {
    for (strategy, made) in [
        (Checkpoint::Periodic(4), 5),
        (Checkpoint::Revolve(1), 1),
        (Checkpoint::StoreAll, 20),
    ] {
        let count = Cell::new(0);
        let (mut tape, mut once) = (Tape::new(strategy, 20), OnceTape::new(strategy, 20));
        for k in 0..20 {
            tape.visit_next(|| count.replace(count.get() + 1).min(k).max(k));
            once.visit_next(|| k);
        }
        assert_eq!(count.get(), made, "{strategy:?}");
        let mut left = 20;
        let mut reverse = |k: usize, state: &usize| {
            left -= 1;
            assert_eq!((k, *state), (left, left));
        };
        tape.reverse(|_, state| *state += 1, &mut reverse);
        left = 20;
        let mut reverse = |k: usize, state: &usize| {
            left -= 1;
            assert_eq!((k, *state), (left, left));
        };
        once.reverse(|_, state| *state += 1, &mut reverse);
    }
}

#[test]
#[should_panic(expected = "a step is visited after all 1")]
fn one_visit_too_many_is_refused() {
    let mut tape = Tape::new(Checkpoint::Periodic(3), 1);
    tape.visit_next(|| 1.0);
    tape.visit_next(|| 1.0);
}

#[test]
#[should_panic(expected = "only 0 of 1 steps were visited")]
fn reversal_of_an_unfinished_sweep_is_refused() {
    OnceTape::<f64>::new(Checkpoint::StoreAll, 1).reverse(|_, _| {}, |_, _| {});
}
