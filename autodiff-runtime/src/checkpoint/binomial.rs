//! The combinatorics of optimal schedules: how far states and repetitions reach, and where the
//! next state goes.

/// How many steps can be reversed with `slots` stored states, the one before the first step among
/// them, running none more than `repeats` times: the binomial coefficient `β` of the sources.
/// Nothing with less than no slots or repeats.
fn reach(slots: i128, repeats: i128) -> i128 {
    if slots < 0 || repeats < 0 {
        return 0;
    }
    let (few, many) = (slots.min(repeats), slots.max(repeats));
    (1..=few).fold(1, |product, factor| product * (many + factor) / factor)
}

/// The least number of repetitions with which `slots` states reach over `steps`.
fn repeats(steps: i128, slots: i128) -> i128 {
    if slots == 1 {
        return (steps - 1).max(0);
    }
    let (mut repeats, mut reach) = (0, 1);
    while reach < steps {
        repeats += 1;
        reach = reach * (slots + repeats) / repeats;
    }
    repeats
}

/// The least number of forward steps by which `steps` can be reversed with `slots` stored states:
/// `t` in the documentation of the module.
pub(super) fn least_advances(steps: usize, slots: usize) -> i128 {
    let (steps, slots) = (steps as i128, slots as i128);
    let repeats = repeats(steps, slots);
    repeats * steps - reach(slots + 1, repeats - 1)
}

/// How far to advance before the next state is stored, where `steps` (at least 2) are to be
/// reversed from a stored state and there are `slots` (at least 2), that state's among them.
///
/// With `r` repetitions every distance is optimal that leaves the steps before the new state in
/// reach of `r − 1` and not of `r − 2` repetitions, and those behind it, which have a slot less, in
/// reach of `r` and not of `r − 1`, where touching the lower bounds is allowed. Of these, the rule
/// of Algorithm 799 takes one that leads to the fewest stores.
pub(super) fn distance(steps: usize, slots: usize) -> usize {
    let (steps, s) = (steps as i128, slots as i128);
    let r = repeats(steps, s);
    let longest = reach(s, r - 1);
    let distance = if steps <= longest + reach(s - 2, r - 1) {
        reach(s, r - 2)
    } else if steps >= reach(s, r) - reach(s - 3, r) {
        longest
    } else {
        steps - reach(s - 1, r - 1) - reach(s - 2, r - 1)
    };
    distance.max(1) as usize
}
