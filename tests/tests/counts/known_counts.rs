//! Loops whose number of iterations is known before they begin allocate at most once per nest.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use autodiff_runtime::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Layer {
    weight: Vec<f64>,
    bias: f64,
}

#[differentiable]
fn recurrence(x: &[f64], k: f64) -> f64 {
    let mut y = k;
    for i in 0..x.len() {
        y = (y * x[i]).sin();
    }
    y
}

#[differentiable]
fn by_count(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        y = y.exp().ln_1p();
    }
    y
}

#[differentiable]
fn from_the_middle(x: f64, m: usize, n: usize) -> f64 {
    let mut y = x;
    for i in m..=n {
        y = (y * i as f64).sin();
    }
    y
}

#[differentiable]
fn backwards_in_steps(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in (0..n).rev().step_by(2) {
        y = (y * i as f64).sin();
    }
    y
}

#[differentiable]
fn two_of_a_state(x: f64, n: usize) -> f64 {
    let (mut a, mut b) = (x, 1.0);
    for _ in 0..n {
        let c = (a * b).sin();
        b = (a + b).cos();
        a = c;
    }
    a * b
}

#[differentiable]
fn rectangular(x: f64, m: usize, n: usize) -> f64 {
    let mut y = x;
    for i in 0..m {
        for j in 0..n {
            y = (y + (i * j) as f64).sin();
        }
    }
    y
}

#[differentiable]
fn rectangular_by_lengths(x: &[f64], w: &[f64]) -> f64 {
    let mut y = 1.0;
    for i in 0..x.len() {
        for j in 0..w.len() {
            y = (y + x[i] * w[j]).sin();
        }
    }
    y
}

#[differentiable]
fn three_deep(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        for _ in 0..3 {
            for _ in 0..n {
                y = (y * 1.1).sin();
            }
        }
    }
    y
}

#[differentiable]
fn triangular(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..n {
        for j in 0..i {
            y = (y + j as f64).sin();
        }
    }
    y
}

#[differentiable]
fn upper_triangle(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..n {
        for j in i + 1..n {
            y = (y + j as f64).sin();
        }
    }
    y
}

#[differentiable]
fn by_rows(x: &[Vec<f64>]) -> f64 {
    let mut y = 1.0;
    for i in 0..x.len() {
        for j in 0..x[i].len() {
            y = (y + x[i][j]).sin();
        }
    }
    y
}

#[differentiable]
fn zipped(x: &[f64], w: &[f64]) -> f64 {
    let mut y = 1.0;
    for (a, b) in x.iter().zip(w) {
        y = (y * a + b).sin();
    }
    y
}

#[differentiable]
fn windows(x: &[f64]) -> f64 {
    let mut y = 1.0;
    for pair in x.windows(2) {
        y = (y * pair[0] + pair[1]).sin();
    }
    y
}

#[differentiable]
fn chunks(x: &[f64]) -> f64 {
    let mut y = 1.0;
    for pair in x.chunks_exact(2) {
        y = (y * pair[0] + pair[1]).sin();
    }
    y
}

#[differentiable]
fn chain_with_closure(x: &[f64], k: f64) -> f64 {
    x.iter()
        .enumerate()
        .map(|(i, v)| (v * k).sin() * i as f64)
        .fold(1.0, |y, v| (y + v).tanh())
}

#[differentiable]
fn broken_off(x: &[f64]) -> f64 {
    let mut y = 1.0;
    for i in 0..x.len() {
        if y > 10.0 {
            break;
        }
        y = (y + x[i]).exp();
    }
    y
}

#[differentiable]
fn with_branch(x: &[f64]) -> f64 {
    let mut y = 1.0;
    for i in 0..x.len() {
        if x[i] > 0.5 {
            y = (y * x[i]).sin();
        } else {
            y = y.exp() - x[i];
        }
    }
    y
}

#[differentiable]
fn step(x: f64, k: f64) -> f64 {
    (x * k).sin() + x
}

#[differentiable]
fn calls_carried(x: &[f64], k: f64) -> f64 {
    let mut y = k;
    for i in 0..x.len() {
        y = step(y, x[i]);
    }
    y
}

#[differentiable]
fn calls_summed(x: &[f64], k: f64) -> f64 {
    let mut y = 0.0;
    for i in 0..x.len() {
        y += step(k, x[i]);
    }
    y
}

#[differentiable]
fn matrix_vector(a: &[[f64; 3]], n: usize) -> f64 {
    let mut x = [1.0, 0.5, 0.25];
    for i in 0..n {
        let mut next = [0.0; 3];
        for j in 0..3 {
            for k in 0..3 {
                next[j] += (a[i][k] * x[j]).sin();
            }
        }
        x = next;
    }
    x[0] * x[1] + x[2]
}

#[differentiable]
fn in_place(x: &mut [f64], k: f64) {
    for i in 1..x.len() {
        x[i] = (x[i] * k + x[i - 1]).sin();
    }
}

#[differentiable]
fn in_place_again(x: &mut [f64], k: f64, n: usize) {
    for _ in 0..n {
        for i in 1..x.len() {
            x[i] = (x[i] * k + x[i - 1]).sin();
        }
    }
}

#[differentiable]
fn of_struct(layer: &Layer, x: &[f64]) -> f64 {
    let mut y = layer.bias;
    for i in 0..x.len() {
        y = (y + layer.weight[i] * x[i]).tanh();
    }
    y
}

#[differentiable(checkpoint = periodic(8))]
fn checkpointed(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        y = (y * 1.1).sin();
    }
    y
}

#[differentiable(checkpoint = revolve(4))]
fn revolved(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        y = (y * 1.1).sin();
    }
    y
}

/// How often a function allocates: when it is called for its gradient, and through `pullback`.
fn count(work: impl FnOnce()) -> AllocationInfo {
    measure(work)
}

macro_rules! print {
    ($($name:ident($($arg:ident : $value:expr),* $(; const $($const:expr),+)?);)+) => {
        #[test]
        fn print() {$({
            $(let $arg = $value; let $arg = black_box($arg);)*
            $(let $arg = ($arg, $arg.zero_gradient());)*
            let joint;
            {
                $(let mut $arg = $arg.clone();)*
                joint = count(|| { black_box($name::grad_into($($arg.0,)* $($($const,)+)? $(&mut $arg.1),*)); });
            }
            let split;
            {
                $(let mut $arg = $arg.clone();)*
                split = count(|| {
                    let (value, pullback) = $name::pullback($($arg.0,)* $($($const,)+)?);
                    pullback(1.0, $(&mut $arg.1),*);
                    black_box(value);
                });
            }
            println!("{:24} joint {:4} {:6} split {:4} {:6}", stringify!($name), joint.count_total, joint.bytes_max, split.count_total, split.bytes_max);
        })+}
    };
}

const X: [f64; 100] = [0.3; 100];

print! {
    recurrence(x: &X[..], k: 0.3);
    by_count(x: 0.3; const 100);
    from_the_middle(x: 0.3; const 10, 100);
    backwards_in_steps(x: 0.3; const 100);
    two_of_a_state(x: 0.3; const 100);
    rectangular(x: 0.3; const 10, 10);
    rectangular_by_lengths(x: &X[..10], w: &X[..10]);
    three_deep(x: 0.3; const 10);
    triangular(x: 0.3; const 20);
    upper_triangle(x: 0.3; const 20);
    by_rows(x: &[vec![0.1; 10], vec![0.2; 30], vec![0.1; 100]][..]);
    zipped(x: &X[..], w: &X[..]);
    windows(x: &X[..]);
    chunks(x: &X[..]);
    chain_with_closure(x: &X[..], k: 0.3);
    broken_off(x: &X[..]);
    with_branch(x: &X[..]);
    calls_carried(x: &X[..], k: 0.3);
    calls_summed(x: &X[..], k: 0.3);
    matrix_vector(a: &[[0.1, 0.2, 0.3]; 50][..]; const 50);
    of_struct(l: &Layer { weight: X.to_vec(), bias: 0.1 }, x: &X[..]);
    checkpointed(x: 0.3; const 100);
    revolved(x: 0.3; const 100);
}
