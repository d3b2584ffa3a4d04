//! The gradient by the chain rule, term by term of [`rate()`](super::rate()) as it is written: no algebra
//! that takes the terms of a pair together.

use super::{State, moved, plus};

/// What the reverse needs of each pair of bodies: the distance in x and y, its square, the root of that and
/// 1/r³.
type Terms = [[f64; 5]; 3];

/// As [`rate()`](super::rate()), keeping what its reverse needs.
#[inline]
fn rate_and_terms(state: &State, masses: &[f64; 3]) -> (State, Terms) {
    let mut rate = [[0.0; 4]; 3];
    let mut terms = [[0.0; 5]; 3];
    for i in 0..3 {
        rate[i][0] += state[i][2];
        rate[i][1] += state[i][3];
        for j in 0..i {
            let dx = state[j][0] - state[i][0];
            let dy = state[j][1] - state[i][1];
            let square = dx * dx + dy * dy;
            let root = square.sqrt();
            let pull = 1.0 / (square * root);
            rate[i][2] += masses[j] * pull * dx;
            rate[i][3] += masses[j] * pull * dy;
            rate[j][2] -= masses[i] * pull * dx;
            rate[j][3] -= masses[i] * pull * dy;
            terms[i + j - 1] = [dx, dy, square, root, pull];
        }
    }
    (rate, terms)
}

/// The transposed Jacobian of [`rate()`](super::rate()) times `d`.
#[inline]
fn rate_transposed(terms: &Terms, masses: &[f64; 3], d: &State) -> State {
    let mut result = [[0.0; 4]; 3];
    for i in 0..3 {
        for j in 0..i {
            let [dx, dy, square, root, pull] = terms[i + j - 1];
            let (of_i, of_j) = (masses[j] * pull, masses[i] * pull);
            let pull_bar = masses[j] * (d[i][2] * dx + d[i][3] * dy)
                - masses[i] * (d[j][2] * dx + d[j][3] * dy);
            let cube_bar = -pull_bar * pull * pull;
            let square_bar = cube_bar * root + cube_bar * square / (2.0 * root);
            let dx_bar = of_i * d[i][2] - of_j * d[j][2] + square_bar * (2.0 * dx);
            let dy_bar = of_i * d[i][3] - of_j * d[j][3] + square_bar * (2.0 * dy);
            result[j][0] += dx_bar;
            result[j][1] += dy_bar;
            result[i][0] -= dx_bar;
            result[i][1] -= dy_bar;
        }
        result[i][2] += d[i][0];
        result[i][3] += d[i][1];
    }
    result
}

/// Value and gradient: the forward sweep keeps the terms of all four stages of each step.
pub fn by_terms(start: &State, masses: &[f64; 3], h: f64, steps: usize) -> (f64, State) {
    let mut kept: Vec<[Terms; 4]> = Vec::with_capacity(steps);
    let mut state = *start;
    for _ in 0..steps {
        let (k1, t1) = rate_and_terms(&state, masses);
        let (k2, t2) = rate_and_terms(&moved(&state, &k1, h / 2.0), masses);
        let (k3, t3) = rate_and_terms(&moved(&state, &k2, h / 2.0), masses);
        let (k4, t4) = rate_and_terms(&moved(&state, &k3, h), masses);
        kept.push([t1, t2, t3, t4]);
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
    for [t1, t2, t3, t4] in kept.iter().rev() {
        let zero = [[0.0; 4]; 3];
        let outer = plus(&zero, h / 6.0, &d);
        let inner = plus(&zero, h / 3.0, &d);
        let d4 = rate_transposed(t4, masses, &outer);
        let d3 = rate_transposed(t3, masses, &plus(&inner, h, &d4));
        let d2 = rate_transposed(t2, masses, &plus(&inner, h / 2.0, &d3));
        let d1 = rate_transposed(t1, masses, &plus(&outer, h / 2.0, &d2));
        for stage in [d1, d2, d3, d4] {
            d = plus(&d, 1.0, &stage);
        }
    }
    (dx * dx + dy * dy, d)
}
