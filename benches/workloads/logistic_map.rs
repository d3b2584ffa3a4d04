//! The logistic map: one number carried through a thousand steps.

use super::{Case, Workload};
use autodiff_runtime::prelude::*;

/// x after `steps` steps of x ← r x (1 − x).
#[differentiable]
pub fn logistic_map(x: f64, r: f64, steps: usize) -> f64 {
    let mut x = x;
    for _ in 0..steps {
        x = r * x * (1.0 - x);
    }
    x
}

/// Value and both derivatives, backwards through the steps.
pub fn by_hand(x: f64, r: f64, steps: usize) -> (f64, (f64, f64)) {
    let mut visited = vec![0.0; steps];
    let mut x = x;
    for visited in &mut visited {
        *visited = x;
        x = r * x * (1.0 - x);
    }
    let (mut dx, mut dr) = (1.0, 0.0);
    for &x in visited.iter().rev() {
        dr += dx * (x * (1.0 - x));
        dx *= r * (1.0 - 2.0 * x);
    }
    (x, (dx, dr))
}

/// The same forwards, which needs no memory and is what to choose by hand for two parameters.
pub fn by_hand_forwards(x: f64, r: f64, steps: usize) -> (f64, (f64, f64)) {
    let mut x = x;
    let (mut dx, mut dr) = (1.0, 0.0);
    for _ in 0..steps {
        let slope = r * (1.0 - 2.0 * x);
        dx *= slope;
        dr = x * (1.0 - x) + slope * dr;
        x = r * x * (1.0 - x);
    }
    (x, (dx, dr))
}

/// Start and r at the threshold of chaos, where derivatives neither vanish nor explode.
pub const INPUT: (f64, f64) = (0.4, 3.569_945_67);

const STEPS: usize = 1000;

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let reverse = Case::new(
        "logistic map, 1000 steps",
        INPUT,
        |&(x, r)| logistic_map(x, r, STEPS),
        |&(x, r)| by_hand(x, r, STEPS),
    );
    let forward = Case::new(
        "logistic map, 1000 steps, forwards by hand",
        INPUT,
        |&(x, r)| logistic_map(x, r, STEPS),
        |&(x, r)| by_hand_forwards(x, r, STEPS),
    );
    vec![
        reverse
            .generated(|&(x, r)| logistic_map::value_and_grad(x, r, STEPS))
            .workload(),
        forward
            .generated(|&(x, r)| logistic_map::value_and_grad(x, r, STEPS))
            .workload(),
    ]
}

#[test]
fn the_gradients_by_hand_are_right() {
    for steps in [0, 1, 2, 9] {
        let value = |&(x, r): &_| logistic_map(x, r, steps);
        super::check_gradient(&INPUT, value, |&(x, r)| by_hand(x, r, steps));
        super::check_gradient(&INPUT, value, |&(x, r)| by_hand_forwards(x, r, steps));
    }
}
