//! Timing of pairs: two variants run in turn, and what counts is the median of their ratios.
//!
//! A machine that is busy, hot or in another frequency state slows both halves of a pair alike, so
//! the ratio of neighbours is steadier than the ratio of two separate measurements.

use std::time::Instant;

/// One variant: runs the code under test the given number of times.
pub type Run = Box<dyn Fn(usize)>;

/// The length of one half of a pair: long against the clock's resolution and short against the
/// scheduler's slices.
const HALF_PAIR_NANOSECONDS: f64 = 100_000.0;
const PAIRS: usize = 1001;

/// What the pairs gave.
#[derive(Clone, Copy, Debug)]
pub struct Paired {
    /// Median time of one call, in nanoseconds.
    pub first: f64,
    /// Median time of one call of the second variant, in nanoseconds.
    pub second: f64,
    /// The time that one call in twenty stays under: what the machine does where nothing else runs on it.
    pub fastest: [f64; 2],
    /// Median of first/second over the pairs.
    pub ratio: f64,
    /// Its quartiles.
    pub quartiles: (f64, f64),
}

/// Times two variants in alternation.
pub fn paired(first: &Run, second: &Run) -> Paired {
    let calls = calls_for(second, 64);
    first(calls);
    alternate(first, second, [0, calls], PAIRS)
}

/// As [`paired`], for variants of which one call may take milliseconds: as many pairs as fit into
/// the given time, at least 21 and at most as many as there. Each half begins with `warm` calls that do not count, where
/// a call is to find caches and threads as the last one left them, and not as the other variant did.
pub fn paired_within(seconds: f64, warm: usize, first: &Run, second: &Run) -> Paired {
    let calls = calls_for(second, warm.max(1));
    first(calls);
    let pair = (time(first, calls) + time(second, calls)) * (calls + warm) as f64;
    let pairs = (seconds * 1e9 / pair) as usize;
    alternate(first, second, [warm, calls], pairs.clamp(21, PAIRS) | 1)
}

fn alternate(first: &Run, second: &Run, [warm, calls]: [usize; 2], pairs: usize) -> Paired {
    let time = |run: &Run, calls| {
        run(warm);
        time(run, calls)
    };
    let mut ratios = Vec::with_capacity(pairs);
    let mut times = (Vec::with_capacity(pairs), Vec::with_capacity(pairs));
    for pair in 0..pairs {
        // Who goes first changes, so that neither always finds the caches and the clock as the
        // other left them.
        let (a, b) = if pair % 2 == 0 {
            let a = time(first, calls);
            (a, time(second, calls))
        } else {
            let b = time(second, calls);
            (time(first, calls), b)
        };
        ratios.push(a / b);
        times.0.push(a);
        times.1.push(b);
    }
    Paired {
        fastest: [&mut times.0, &mut times.1].map(|times| quantile(times, 0.05)),
        first: quantile(&mut times.0, 0.5),
        second: quantile(&mut times.1, 0.5),
        ratio: quantile(&mut ratios, 0.5),
        quartiles: (quantile(&mut ratios, 0.25), quantile(&mut ratios, 0.75)),
    }
}

/// How many calls fill half a pair: the given number, doubled as often as needed.
fn calls_for(run: &Run, least: usize) -> usize {
    let mut calls = least;
    loop {
        let nanoseconds = time(run, calls) * calls as f64;
        if nanoseconds >= HALF_PAIR_NANOSECONDS {
            return calls;
        }
        calls *= 2;
    }
}

/// Nanoseconds per call.
fn time(run: &Run, calls: usize) -> f64 {
    let start = Instant::now();
    run(calls);
    start.elapsed().as_nanos() as f64 / calls as f64
}

fn quantile(numbers: &mut [f64], q: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[((numbers.len() - 1) as f64 * q).round() as usize]
}
