//! Loops whose number of iterations is known before they begin allocate at most once per nest.

use std::hint::black_box;

use allocation_counter::measure;
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

/// Three loops, each as far as the one around it has got.
#[differentiable]
fn pyramid(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..n {
        for j in 0..i {
            for k in j..i {
                y = (y + k as f64).sin();
            }
        }
    }
    y
}

#[differentiable]
fn in_a_branch(x: &[f64]) -> f64 {
    let mut y = x[0];
    if x.len() > 3 {
        for i in 0..x.len() {
            y = (y * x[i]).sin();
        }
    }
    y
}

/// The tape of the inner loop serves every iteration of the outer one.
#[differentiable]
fn in_a_fused_loop(x: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        let mut y = x[i];
        for _ in 0..n {
            y = (y * 1.1).sin();
        }
        total += y;
    }
    total
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

const NUMBERS: [f64; 100] = [0.3; 100];

/// Checks that the joint program, with buffers for its results, and `pullback` allocate once, and no
/// more than so many bytes.
macro_rules! allocate_once {
    ($($name:ident($($arg:ident : $value:expr),* $(; const $($const:expr),+)?) $bytes:literal;)+) => {$(
        #[test]
        fn $name() {
            $(let $arg = $value;)*
            $(let $arg = (black_box($arg), $arg.zero_gradient());)*
            $(let mut $arg = $arg;)*
            let joint = measure(|| {
                black_box(super::$name::grad_into($($arg.0,)* $($($const,)+)? $(&mut $arg.1),*));
            });
            assert_eq!((joint.count_total, joint.bytes_max), (1, $bytes), "joint: {joint:?}");
            let split = measure(|| {
                let (value, pullback) = super::$name::pullback($($arg.0,)* $($($const,)+)?);
                pullback(1.0, $(&mut $arg.1),*);
                black_box(value);
            });
            assert_eq!((split.count_total, split.bytes_max), (1, $bytes), "split: {split:?}");
        }
    )+};
}

mod counted {
    use super::*;

    allocate_once! {
        recurrence(x: &NUMBERS[..], k: 0.3) 800;
        by_count(x: 0.3; const 100) 800;
        from_the_middle(x: 0.3; const 10, 100) 728;
        backwards_in_steps(x: 0.3; const 100) 400;
        two_of_a_state(x: 0.3; const 100) 1600;
        rectangular(x: 0.3; const 10, 10) 800;
        rectangular_by_lengths(x: &NUMBERS[..10], w: &NUMBERS[..10]) 800;
        three_deep(x: 0.3; const 10) 2400;
        triangular(x: 0.3; const 20) 1520;
        upper_triangle(x: 0.3; const 20) 1520;
        pyramid(x: 0.3; const 6) 280;
        by_rows(x: &[vec![0.1; 10], vec![0.2; 30], vec![0.1; 100]][..]) 1120;
        zipped(x: &NUMBERS[..], w: &NUMBERS[..]) 800;
        windows(x: &NUMBERS[..]) 792;
        chunks(x: &NUMBERS[..]) 400;
        chain_with_closure(x: &NUMBERS[..], k: 0.3) 800;
        with_branch(x: &NUMBERS[..]) 1600;
        in_a_branch(x: &NUMBERS[..]) 800;
        calls_carried(x: &NUMBERS[..], k: 0.3) 2400;
        matrix_vector(a: &[[0.1, 0.2, 0.3]; 50][..]; const 50) 1200;
        of_struct(l: &Layer { weight: NUMBERS.to_vec(), bias: 0.1 }, x: &NUMBERS[..]) 800;
    }

    /// What a sum hands on is known before: nothing is kept where the calls can be pulled at once.
    #[test]
    fn fused_loops_keep_nothing() {
        let (x, mut x_bar, mut k_bar) = (&NUMBERS[..], vec![0.0; 100], 0.0);
        let joint = measure(|| {
            black_box(calls_summed::grad_into(x, 0.3, &mut x_bar, &mut k_bar));
        });
        assert_eq!(joint.count_total, 0, "{joint:?}");
    }

    /// Where the outer loop is fused, one tape serves all its iterations.
    #[test]
    fn tapes_in_fused_loops_are_used_again() {
        let (x, mut x_bar) = (&NUMBERS[..], vec![0.0; 100]);
        let joint = measure(|| {
            black_box(in_a_fused_loop::grad_into(x, 9, &mut x_bar));
        });
        assert_eq!((joint.count_total, joint.bytes_max), (1, 72), "{joint:?}");
        let split = measure(|| in_a_fused_loop::pullback(x, 9).1(1.0, &mut x_bar));
        assert_eq!((split.count_total, split.bytes_max), (1, 7200), "{split:?}");
    }

    /// The tape, and the content that the closure cannot borrow.
    #[test]
    fn changed_in_place() {
        let (mut x, mut x_bar, mut k_bar) = (NUMBERS.to_vec(), vec![1.0; 100], 0.0);
        let once = measure(|| {
            let ((), pullback) = in_place::pullback(black_box(&mut x), 0.5);
            pullback((), &mut x_bar, &mut k_bar);
        });
        assert_eq!(
            (once.count_total, once.bytes_max),
            (2, 792 + 800),
            "{once:?}"
        );
        let nest = measure(|| {
            let ((), pullback) = in_place_again::pullback(black_box(&mut x), 0.5, 7);
            pullback((), &mut x_bar, &mut k_bar);
        });
        assert_eq!(
            (nest.count_total, nest.bytes_max),
            (1, 7 * 99 * 16),
            "{nest:?}"
        );
    }

    /// The gradient of a slice is a vector: one allocation more, which the result is made of.
    #[test]
    fn results_are_allocated() {
        let info = measure(|| {
            black_box(recurrence::grad(&NUMBERS, 0.3));
        });
        assert_eq!((info.count_total, info.bytes_total), (2, 1600), "{info:?}");
    }
}

mod uncounted {
    use super::*;

    /// The allocations and bytes of a gradient by `n`, of a loop of so many iterations.
    macro_rules! of {
        ($name:ident($($arg:expr),+)) => {{
            let info = measure(|| {
                black_box($name::grad($($arg),+));
            });
            (info.count_total, info.bytes_max)
        }};
    }

    /// A vector that doubles when it is full: few allocations, and less than three times the bytes
    /// while it moves.
    #[track_caller]
    fn assert_amortised((count, bytes): (u64, u64), entries: u64) {
        let doublings = u64::from(64 - entries.leading_zeros());
        assert!(
            count <= doublings,
            "{count} allocations for {entries} entries"
        );
        assert!(
            bytes <= 8 * 3 * entries,
            "{bytes} bytes for {entries} entries"
        );
    }

    #[differentiable]
    fn halved(x: f64, limit: f64) -> f64 {
        let mut y = x;
        while y > limit {
            y = (y * 0.99).sin();
        }
        y
    }

    #[differentiable]
    fn broken_off(x: f64, n: usize) -> f64 {
        let mut y = x;
        for i in 0..usize::MAX {
            if i == n {
                break;
            }
            y = (y * 0.99).sin();
        }
        y
    }

    #[test]
    fn grow() {
        for n in [10, 100, 1000] {
            assert_amortised(of!(broken_off(0.5, n)), n as u64);
        }
        assert_amortised(of!(halved(0.9, 0.3)), 20);
    }

    /// Checkpoints take what the strategy says, whatever the number of steps.
    #[test]
    fn checkpoints_stay_few() {
        let (short, long) = (of!(revolved(0.3, 100)), of!(revolved(0.3, 1000)));
        assert_eq!(short, long);
        let (short, long) = (of!(checkpointed(0.3, 64)), of!(checkpointed(0.3, 512)));
        assert_eq!(short.0, long.0);
        // One state for eight steps, beside the tape of eight steps, which grows.
        assert!(long.1 <= 8 * (512 / 8) + 3 * 8 * 8, "{long:?}");
    }
}
