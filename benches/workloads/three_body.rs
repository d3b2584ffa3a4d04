//! Three bodies in the plane, by the classical Runge–Kutta method.

use super::{Case, Workload};
use autodiff_runtime::prelude::*;

pub mod by_terms;

pub use by_terms::by_terms;

/// Position and velocity (x, y, vx, vy) of each body, or the rates of these.
pub type State = [[f64; 4]; 3];

/// The rate of change under Newton's gravitation, G = 1.
#[differentiable(wrt(state))]
pub fn rate(state: &[[f64; 4]; 3], masses: &[f64; 3]) -> [[f64; 4]; 3] {
    let mut rate = [[0.0; 4]; 3];
    for i in 0..3 {
        rate[i][0] += state[i][2];
        rate[i][1] += state[i][3];
        for j in 0..i {
            let dx = state[j][0] - state[i][0];
            let dy = state[j][1] - state[i][1];
            let square = dx * dx + dy * dy;
            let pull = 1.0 / (square * square.sqrt());
            rate[i][2] += masses[j] * pull * dx;
            rate[i][3] += masses[j] * pull * dy;
            rate[j][2] -= masses[i] * pull * dx;
            rate[j][3] -= masses[i] * pull * dy;
        }
    }
    rate
}

/// state + h · rate.
#[differentiable(wrt(state, rate))]
pub fn moved(state: &[[f64; 4]; 3], rate: &[[f64; 4]; 3], h: f64) -> [[f64; 4]; 3] {
    let mut moved = *state;
    for i in 0..3 {
        for k in 0..4 {
            moved[i][k] += h * rate[i][k];
        }
    }
    moved
}

/// One step of length `h`.
#[differentiable(wrt(state))]
pub fn step(state: &[[f64; 4]; 3], masses: &[f64; 3], h: f64) -> [[f64; 4]; 3] {
    let k1 = rate(state, masses);
    let k2 = rate(&moved(state, &k1, h / 2.0), masses);
    let k3 = rate(&moved(state, &k2, h / 2.0), masses);
    let k4 = rate(&moved(state, &k3, h), masses);
    let mut next = *state;
    for i in 0..3 {
        for k in 0..4 {
            next[i][k] += h / 6.0 * (k1[i][k] + 2.0 * k2[i][k] + 2.0 * k3[i][k] + k4[i][k]);
        }
    }
    next
}

/// The squared distance of the first two bodies after `steps` steps.
#[differentiable(wrt(start))]
pub fn final_distance(start: &[[f64; 4]; 3], masses: &[f64; 3], h: f64, steps: usize) -> f64 {
    let mut state = *start;
    for _ in 0..steps {
        state = step(&state, masses, h);
    }
    let dx = state[1][0] - state[0][0];
    let dy = state[1][1] - state[0][1];
    dx * dx + dy * dy
}

/// What the reverse of [`rate()`] needs of each pair of bodies: their distance in x and y, 1/r² and
/// 1/r³.
type Pairs = [[f64; 4]; 3];

const PAIRS: [(usize, usize); 3] = [(1, 0), (2, 0), (2, 1)];

/// As [`rate()`], keeping what its reverse needs.
#[inline]
fn rate_and_pairs(state: &State, masses: &[f64; 3]) -> (State, Pairs) {
    let mut rate = [[0.0; 4]; 3];
    let mut pairs = [[0.0; 4]; 3];
    for (body, state) in rate.iter_mut().zip(state) {
        body[0] = state[2];
        body[1] = state[3];
    }
    for (pair, (i, j)) in pairs.iter_mut().zip(PAIRS) {
        let dx = state[j][0] - state[i][0];
        let dy = state[j][1] - state[i][1];
        let square = dx * dx + dy * dy;
        let pull = 1.0 / (square * square.sqrt());
        rate[i][2] += masses[j] * pull * dx;
        rate[i][3] += masses[j] * pull * dy;
        rate[j][2] -= masses[i] * pull * dx;
        rate[j][3] -= masses[i] * pull * dy;
        *pair = [dx, dy, 1.0 / square, pull];
    }
    (rate, pairs)
}

/// The transposed Jacobian of [`rate()`] times `d`: with f = mⱼ dvᵢ − mᵢ dvⱼ and the distance r it
/// is (f − 3 (f·r) r / r²) / r³ for the positions of a pair.
#[inline]
fn rate_transposed(pairs: &Pairs, masses: &[f64; 3], d: &State) -> State {
    let mut result = [[0.0; 4]; 3];
    for (result, d) in result.iter_mut().zip(d) {
        result[2] = d[0];
        result[3] = d[1];
    }
    for (&[dx, dy, inverse_square, pull], (i, j)) in pairs.iter().zip(PAIRS) {
        let fx = masses[j] * d[i][2] - masses[i] * d[j][2];
        let fy = masses[j] * d[i][3] - masses[i] * d[j][3];
        let along = 3.0 * (fx * dx + fy * dy) * inverse_square;
        let (px, py) = (pull * (fx - along * dx), pull * (fy - along * dy));
        result[j][0] += px;
        result[j][1] += py;
        result[i][0] -= px;
        result[i][1] -= py;
    }
    result
}

/// a + factor · b.
#[inline]
fn plus(a: &State, factor: f64, b: &State) -> State {
    let mut sum = *a;
    for (sum, b) in sum.as_flattened_mut().iter_mut().zip(b.as_flattened()) {
        *sum += factor * b;
    }
    sum
}

/// Value and gradient: the forward sweep keeps the pairs of all four stages of each step.
pub fn by_hand(start: &State, masses: &[f64; 3], h: f64, steps: usize) -> (f64, State) {
    let mut kept: Vec<[Pairs; 4]> = Vec::with_capacity(steps);
    let mut state = *start;
    for _ in 0..steps {
        let (k1, p1) = rate_and_pairs(&state, masses);
        let (k2, p2) = rate_and_pairs(&moved(&state, &k1, h / 2.0), masses);
        let (k3, p3) = rate_and_pairs(&moved(&state, &k2, h / 2.0), masses);
        let (k4, p4) = rate_and_pairs(&moved(&state, &k3, h), masses);
        kept.push([p1, p2, p3, p4]);
        for i in 0..3 {
            for k in 0..4 {
                state[i][k] += h / 6.0 * (k1[i][k] + 2.0 * k2[i][k] + 2.0 * k3[i][k] + k4[i][k]);
            }
        }
    }
    let dx = state[1][0] - state[0][0];
    let dy = state[1][1] - state[0][1];

    let (dx2, dy2) = (2.0 * dx, 2.0 * dy);
    let mut d = [[-dx2, -dy2, 0.0, 0.0], [dx2, dy2, 0.0, 0.0], [0.0; 4]];
    for [p1, p2, p3, p4] in kept.iter().rev() {
        let zero = [[0.0; 4]; 3];
        let d4 = rate_transposed(p4, masses, &plus(&zero, h / 6.0, &d));
        let d3 = rate_transposed(p3, masses, &plus(&plus(&zero, h / 3.0, &d), h, &d4));
        let d2 = rate_transposed(p2, masses, &plus(&plus(&zero, h / 3.0, &d), h / 2.0, &d3));
        let d1 = rate_transposed(p1, masses, &plus(&plus(&zero, h / 6.0, &d), h / 2.0, &d2));
        for stage in [d1, d2, d3, d4] {
            d = plus(&d, 1.0, &stage);
        }
    }
    (dx * dx + dy * dy, d)
}

/// Masses and start near the periodic orbit in the shape of an eight (Moore, 1993).
pub fn input() -> (State, [f64; 3]) {
    let (x, y) = (0.97, -0.243);
    let (vx, vy) = (0.466, 0.432);
    let start = [
        [x, y, vx, vy],
        [-x, -y, vx, vy],
        [0.0, 0.0, -2.0 * vx, -2.0 * vy],
    ];
    (start, [1.0, 1.01, 0.99])
}

const H: f64 = 0.005;

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let generated = |(start, masses): &_| final_distance::value_and_grad(start, masses, H, 1000);
    let case = Case::new(
        "three bodies, 1000 steps of RK4",
        input(),
        |(start, masses)| final_distance(start, masses, H, 1000),
        |(start, masses)| by_hand(start, masses, H, 1000),
    );
    let terms = Case::new(
        "three bodies, by terms by hand",
        input(),
        |(start, masses)| final_distance(start, masses, H, 1000),
        |(start, masses)| by_terms(start, masses, H, 1000),
    );
    vec![
        case.generated(generated).workload(),
        terms.generated(generated).workload(),
    ]
}

#[test]
fn the_gradients_by_hand_are_right() {
    let (start, masses) = input();
    for by_hand in [by_hand, by_terms] {
        super::check_gradient(
            &start,
            |start| final_distance(start, &masses, 0.05, 20),
            |start| by_hand(start, &masses, 0.05, 20),
        );
    }
}
