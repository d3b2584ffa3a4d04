//! What is evaluated when, and how often: iterators and closures in locals, what is matched on,
//! conditions that do something, and objects with a state of their own.

use autodiff_runtime::prelude::*;
use autodiff_tests::check;

// -------------------------------------------------------------- iterators and closures in locals

#[differentiable]
fn shadowed_behind_an_iterator(x: &[f64]) -> f64 {
    let a = x[0];
    let scaled = x.iter().map(|t| t * a);
    let a = x[1];
    scaled.sum::<f64>() * a
}

#[differentiable]
fn changed_behind_an_iterator(x: &[f64]) -> f64 {
    let mut a = x[0];
    let scaled = x.iter().map(move |t| t * a);
    a = a * a * 3.0;
    scaled.sum::<f64>() * a
}

#[differentiable]
fn counted_before(x: &[f64]) -> f64 {
    let mut n = [2];
    let first = x.iter().take(n[0]);
    n[0] = 1;
    first.sum::<f64>() * n[0] as f64
}

#[differentiable]
fn range_in_a_local(x: &[f64]) -> f64 {
    let positions = 0..x.len();
    let mut sum = 0.0;
    for i in positions {
        sum += x[i] * x[i];
    }
    sum
}

#[test]
fn iterators_in_locals() {
    let x = vec![1.5, 3.0, 2.0];
    check!(shadowed_behind_an_iterator(&x));
    check!(changed_behind_an_iterator(&x));
    check!(counted_before(&x));
    check!(range_in_a_local(&x));
}

#[differentiable]
fn closure_with_a_copy(x: f64) -> f64 {
    let mut a = [x, 2.0 * x];
    let f = move |t: f64| a[0] * t;
    a[0] = 5.0 * x;
    f(x) + a[0]
}

#[differentiable]
fn iterator_of_a_copy(x: f64) -> f64 {
    let mut a = [x, 2.0 * x];
    let items = a.into_iter();
    a[0] = 5.0 * x;
    items.sum::<f64>() * a[0]
}

#[differentiable]
fn loop_over_a_copy(x: f64) -> f64 {
    let mut a = [x, 2.0 * x, x * x];
    let mut sum = 0.0;
    for t in a {
        a[2] = 7.0 * x;
        sum += t * t;
    }
    sum * a[2]
}

#[test]
fn copies() {
    check!(closure_with_a_copy(1.5));
    check!(iterator_of_a_copy(1.5));
    check!(loop_over_a_copy(1.5));
}

// ------------------------------------------------------------------------------ what is matched on

#[differentiable]
fn two_flags(x: f64) -> f64 {
    match (x > 0.0, x > 1.0) {
        (true, false) => x * x,
        (true, true) => x * x * x,
        _ => x,
    }
}

#[differentiable]
fn counted_up(x: f64) -> f64 {
    let count = std::cell::Cell::new(3);
    let mut sum = 0.0;
    for _ in 0..4 {
        match count.replace(count.get() + 1) {
            3 => sum += x,
            k => sum += x * x * k as f64,
        }
    }
    sum
}

#[differentiable]
fn guarded(x: f64, text: &str) -> f64 {
    match text.split_once(',') {
        Some((a, b)) if a != b => x * a.len() as f64 + x * x * b.len() as f64,
        Some((a, _)) => x * x * x * a.len() as f64,
        None => x,
    }
}

#[test]
fn matched_on_once() {
    for x in [-1.5, 0.5, 1.5] {
        check!(two_flags(x));
    }
    check!(counted_up(0.5));
    for text in ["3,aa", "ab,ab", ""] {
        check!(guarded(0.5, const text));
    }
}

// --------------------------------------------------------------------------------------- conditions

#[differentiable]
fn queue(x: f64, n: usize) -> f64 {
    let mut left = vec![n];
    let mut sum = 0.0;
    'all: while let Some(k) = left.pop() {
        if k == 2 {
            left.push(1);
            continue 'all;
        }
        sum += x * x * k as f64;
        if k > 1 {
            left.push(k - 1);
        } else {
            for _ in 0..2 {
                sum *= x;
                if sum > 30.0 {
                    break 'all;
                }
            }
        }
    }
    sum
}

#[differentiable]
fn growing_condition(x: f64) -> f64 {
    let mut s = x;
    while {
        s *= 1.5;
        s < 20.0
    } {
        s += x;
    }
    s
}

#[differentiable]
fn looked_at(x: f64) -> f64 {
    let rounds = std::cell::Cell::new(0);
    let mut s = x;
    while rounds.get() < 3 {
        rounds.set(rounds.get() + 1);
        s *= x;
    }
    s
}

#[differentiable]
fn moving_index(x: f64) -> f64 {
    let mut v = [x, x * x, x];
    let mut i = 0;
    v[{
        i += 1;
        i
    }] *= x;
    v[{
        i += 1;
        i
    }] += x * i as f64;
    v[0] * v[1] * v[2]
}

#[differentiable]
fn taken_apart(x: f64) -> f64 {
    let (mut a, mut b, mut c) = (x, 2.0 * x, x);
    for _ in 0..2 {
        ((a, b), c) = ((b * x, c * a), a);
        [a, b] = [b, a * c];
    }
    a * b * c
}

#[test]
fn conditions_and_places() {
    check!(queue(1.5, const 3));
    check!(queue(3.5, const 4));
    check!(growing_condition(1.5));
    check!(looked_at(1.5));
    check!(moving_index(1.5));
    check!(taken_apart(1.1));
}

// ---------------------------------------------------------------------- objects with their own state

struct Lcg {
    state: u64,
}

impl Lcg {
    fn new(state: u64) -> Lcg {
        Lcg { state }
    }

    fn next(&mut self) -> f64 {
        self.state = self.state.wrapping_mul(6364136223846793005).wrapping_add(1);
        (self.state >> 40) as f64 / (1u64 << 24) as f64
    }
}

#[differentiable]
fn noisy(x: f64) -> f64 {
    let mut random = Lcg { state: 3 };
    let mut s = 1.0;
    for _ in 0..6 {
        let u = random.next();
        if u > 0.3 {
            s = s * (x * u).sin() + u;
        } else {
            s *= x;
        }
    }
    s
}

#[differentiable]
fn noisy_items(x: &[f64]) -> f64 {
    let mut random = Lcg::new(7);
    x.iter()
        .map(|t| {
            let v = t + random.next();
            v * v * random.next()
        })
        .sum()
}

#[differentiable]
fn hailstone(x: f64) -> f64 {
    let mut n: u32 = 7;
    let mut s = x;
    while n != 1 {
        n = match n.is_multiple_of(2) {
            true => n.wrapping_div(2),
            false => n.wrapping_mul(3).wrapping_add(1),
        };
        s = s * 0.9 + x * f64::from(n).sqrt();
    }
    s
}

#[test]
fn own_state() {
    check!(noisy(1.5));
    check!(noisy_items(&vec![1.5, 2.0]));
    check!(hailstone(0.5));
}
