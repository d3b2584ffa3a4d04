//! Values that only some paths of control give: structs returned early from loops, or set by the arm
//! that breaks. None of them is `Default`.
#![allow(
    clippy::needless_range_loop,
    reason = "loops are written as numerical code has them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use autodiff_tests::derivatives::assert_near;

/// Without `Copy` and `Default`.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct State {
    position: f64,
    velocity: f64,
    steps: usize,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Track {
    points: Vec<f64>,
    last: State,
}

/// A struct that the arm which breaks sets.
#[differentiable]
fn state_after(x: f64, v: f64, n: usize) -> f64 {
    let state;
    let mut position = x;
    let mut k = 0;
    loop {
        k += 1;
        position += 0.5 * v * position;
        if k > n {
            state = State {
                position,
                velocity: v * x,
                steps: k,
            };
            break;
        }
    }
    state.position * state.velocity * state.steps as f64
}

#[test]
fn a_struct_set_by_the_arm_that_breaks() {
    // (n + 1) x² v (1 + v/2)ⁿ⁺¹
    assert_near(check!(state_after(2.0, 1.0, const 0)), (6.0, 4.0 * 2.0));
    assert_near(
        check!(state_after(2.0, 1.0, const 1)),
        (2.0 * 9.0, 2.0 * 4.0 * (2.25 + 1.5)),
    );
}

/// A struct returned early from a loop.
#[differentiable]
fn first_fast(x: &[f64], v: f64) -> State {
    let mut velocity = v;
    for (k, &step) in x.iter().enumerate() {
        velocity *= step;
        if velocity > 2.0 {
            return State {
                position: step * v,
                velocity,
                steps: k,
            };
        }
    }
    State {
        position: v * v,
        velocity,
        steps: x.len(),
    }
}

#[differentiable]
fn energy_when_fast(x: &[f64], v: f64) -> f64 {
    let state = first_fast(x, v);
    0.5 * state.velocity.powi(2) + state.position
}

#[test]
fn a_struct_returned_early_from_a_loop() {
    let x = vec![1.5, 2.0, 5.0];
    // v = 1: 1.5, then 3.0: ½ (1.5·2)² + 2.
    assert_near(
        check!(energy_when_fast(&x, 1.0)),
        ([3.0 * 2.0, 3.0 * 1.5 + 1.0, 0.0], 3.0 * 3.0 + 2.0),
    );
    // v = 0.1: never; ½ (15 v)² + v².
    assert_near(
        check!(energy_when_fast(&x, 0.1)),
        ([1.5, 1.5 * 0.75, 0.3 * 1.5], 22.5 + 0.2),
    );
    let (state, pullback) = first_fast::pullback(&x, 1.0);
    assert_eq!(state, first_fast(&x, 1.0));
    let (mut x_bar, mut v_bar) = (vec![0.0; 3], 0.0);
    pullback(
        StateGradient {
            position: 1.0,
            velocity: 10.0,
        },
        &mut x_bar,
        &mut v_bar,
    );
    assert_eq!((x_bar, v_bar), (vec![20.0, 16.0, 0.0], 32.0));
}

/// Structs with vectors, arrays of structs, and tuples with a flag, out of nested loops.
#[differentiable]
fn found(x: &[f64], scale: f64, limit: f64) -> f64 {
    let track;
    let pair;
    let (flagged, mut sum) = 'search: {
        for i in 0..x.len() {
            for j in 0..i {
                let product = x[i] * x[j] * scale;
                if product > limit {
                    pair = [
                        State {
                            position: product,
                            velocity: x[j],
                            steps: i,
                        },
                        State {
                            position: scale,
                            velocity: product * product,
                            steps: j,
                        },
                    ];
                    track = Track {
                        points: vec![product, scale],
                        last: pair[1].clone(),
                    };
                    break 'search ((product, true), scale);
                }
            }
        }
        return scale * limit;
    };
    let (product, flag) = flagged;
    for point in &track.points {
        sum += point * point;
    }
    if flag {
        sum += pair[0].velocity * product;
    }
    sum * track.last.velocity
}

#[test]
fn structs_out_of_nested_loops() {
    let x = vec![0.5, 1.0, 3.0];
    check!(found(&x, 2.0, 1.4));
    check!(found(&x, 2.0, 4.0));
    assert_near(check!(found(&x, 2.0, 9.0)), ([0.0; 3], 9.0, 2.0));
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Step {
    size: f64,
    slope: f64,
}

/// The last of several: set again and again, read in the loop where it is there.
#[differentiable]
fn last_steps(x: &[f64], c: f64) -> f64 {
    let mut best = Step {
        size: c,
        slope: c * c,
    };
    let mut total = 0.0;
    for i in 0..x.len() {
        let step = match i % 3 {
            0 => continue,
            1 => Step {
                size: x[i] * best.size,
                slope: x[i],
            },
            _ => {
                if x[i] < 0.0 {
                    break;
                }
                Step {
                    size: best.slope,
                    slope: x[i] * x[i],
                }
            }
        };
        total += step.size * step.slope;
        best = step;
    }
    total + best.slope
}

#[test]
fn a_struct_that_some_arms_give() {
    let x = vec![0.5, 1.5, 3.0, 2.0, -0.5, 0.75];
    check!(last_steps(&x, 1.5));
    check!(last_steps(&vec![1.0, 2.0, -1.0, 5.0], 1.5));
    assert_near(check!(last_steps(&Vec::<f64>::new(), 1.5)), ((), 3.0));
}

/// What it is, only rustc knows: the result of a call.
#[differentiable]
fn state_of_call(x: &[f64], v: f64) -> f64 {
    let mut kept = v;
    let state = loop {
        kept *= 1.5;
        let state = first_fast(x, kept);
        if state.velocity > 2.0 {
            println!("{} {:?}", state.steps, state.position);
            break state;
        }
    };
    state.position * state.velocity
}

#[test]
fn the_result_of_a_call_leaves_a_loop() {
    check!(state_of_call(&vec![1.5, 2.0], 0.125));
    check!(state_of_call(&vec![1.5, 0.5], 0.125));
}

#[derive(Clone, Copy)]
enum Growth {
    Linear,
    Square,
}

fn growth_of(rounds: usize) -> Growth {
    match rounds % 2 {
        0 => Growth::Linear,
        _ => Growth::Square,
    }
}

/// What has no derivative may be given late, too.
#[differentiable]
fn grown(x: f64, rounds: usize) -> f64 {
    let growth;
    let mut k = 0;
    loop {
        k += 1;
        if k > rounds {
            growth = growth_of(k);
            break;
        }
    }
    let factor = match rounds {
        0 => Growth::Square,
        1 => growth,
        _ => return 7.0 * x,
    };
    match factor {
        Growth::Linear => x,
        Growth::Square => x * x,
    }
}

#[test]
fn inactive_values_given_late() {
    assert_near(check!(grown(3.0, const 0)), 6.0);
    assert_near(check!(grown(3.0, const 1)), 1.0);
    assert_near(check!(grown(3.0, const 2)), 7.0);
}

/// A pair of a number and a flag, with several tangents side by side.
#[differentiable]
fn flagged(x: &[f64; 2], rounds: usize) -> [f64; 2] {
    let pair;
    let mut y = x[0];
    let mut k = 0;
    loop {
        k += 1;
        y *= x[1];
        if k > rounds {
            pair = (y, k > 2);
            break;
        }
    }
    let (power, is_high) = pair;
    if is_high {
        [power, x[0]]
    } else {
        [x[1], power]
    }
}

#[test]
fn several_tangents_of_late_values() {
    let (_, tangent) = flagged::jvp(&[2.0, 3.0], 2, &[0.0, 1.0]);
    assert_eq!(tangent, [54.0, 0.0]);
    // x₀ x₁ᵏ
    assert_eq!(flagged::jacobian(&[2.0, 3.0], 0), [[0.0, 1.0], [3.0, 2.0]]);
    assert_eq!(
        flagged::jacobian(&[2.0, 3.0], 2),
        [[27.0, 54.0], [1.0, 0.0]]
    );
}

/// An array of `ndarray`.
#[differentiable]
fn scaled_beyond(x: &ndarray::Array1<f64>, limit: f64) -> f64 {
    let scaled;
    let mut scale = 1.0;
    loop {
        scale *= 2.0;
        if scale > limit {
            scaled = x * scale;
            break;
        }
    }
    (&scaled * x).sum()
}

#[test]
fn an_array_set_by_the_arm_that_breaks() {
    let x = ndarray::arr1(&[1.0, -3.0]);
    let (value, (x_bar, limit_bar)) = scaled_beyond::value_and_grad(&x, 3.0);
    assert_eq!((value, limit_bar), (40.0, 0.0));
    assert_eq!(x_bar, ndarray::arr1(&[8.0, -24.0]));
    let (_, tangent) = scaled_beyond::jvp(&x, 3.0, &ndarray::arr1(&[1.0, 0.0]), 1.0);
    assert_eq!(tangent, 8.0);
}
