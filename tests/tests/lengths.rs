//! Vectors that are replaced by others of another length: the adjoint of what was there before has
//! the old length again.
#![allow(
    clippy::useless_vec,
    clippy::needless_range_loop,
    clippy::clone_on_copy,
    reason = "vectors are what is tested"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use autodiff_tests::derivatives::assert_near;

/// One number more than it gets.
#[differentiable]
fn widened(v: &[f64], k: f64) -> Vec<f64> {
    let mut wider = v.to_vec();
    wider.push(k * v[0]);
    wider[0] *= 0.9;
    wider
}

/// Sums of neighbours: one number less.
#[differentiable]
fn narrowed(v: &[f64], k: f64) -> Vec<f64> {
    v.windows(2).map(|pair| k * pair[0] * pair[1]).collect()
}

#[differentiable]
fn layers(x: f64, k: &[f64]) -> f64 {
    let mut h = vec![x, x * x];
    for &k in k {
        h = widened(&h, k);
    }
    for _ in 0..2 {
        h = narrowed(&h, x);
    }
    h.iter().sum()
}

#[test]
fn carried_by_a_loop() {
    check!(layers(0.8, &[0.5, -1.2, 0.7].to_vec()));
    check!(layers(-0.4, &[0.5].to_vec()));
}

#[differentiable]
fn shrinking(x: f64, w: &[f64]) -> f64 {
    let mut h = vec![x, x * x];
    for i in 0..3 {
        let mut next = vec![0.0; 5 - i];
        for k in 0..next.len() {
            next[k] = w[k % w.len()] * h[k % h.len()].sin();
        }
        h = next;
    }
    h.iter().sum()
}

#[test]
fn shorter_in_every_iteration() {
    check!(shrinking(0.6, &[0.5, -1.2, 0.7].to_vec()));
}

#[differentiable]
fn pushed_then_replaced(x: f64, w: &[f64]) -> f64 {
    let mut a = vec![x, x * 2.0];
    a.push(x * x);
    let last = a[2] * x;
    a = vec![x; 5];
    a.push(x * w[0]);
    last + a[5] + a[2]
}

#[test]
fn replaced_by_a_longer_one_after_a_push() {
    // x³ + x·w + x.
    let (x_bar, w_bar) = check!(pushed_then_replaced(0.6, &vec![2.0]));
    assert_near(x_bar, 3.0 * 0.36 + 2.0 + 1.0);
    assert_near(w_bar, vec![0.6]);
}

#[differentiable]
fn replaced_now_and_then(x: f64, w: &[f64]) -> f64 {
    let mut a = vec![x, x * 2.0];
    for i in 0..3 {
        a.push(x * a[i]);
        let l = a[2] * x;
        if l > 0.3 {
            a = vec![l; 3 - i];
            a.push(x);
            a.push(l);
        }
        a[0] *= w[i];
    }
    a.iter().map(|u| u.sin()).sum()
}

#[test]
fn replaced_in_some_iterations() {
    for x in [0.9, 0.65, 0.1, -0.8] {
        check!(replaced_now_and_then(x, &vec![0.5, 1.5, -0.7]));
    }
}

#[differentiable]
fn replaced_in_branches(x: f64, w: &[f64]) -> f64 {
    let mut v = vec![x, x * w[1], 1.0];
    v[0] *= x;
    if x > 0.2 {
        v = w.to_vec();
    }
    if w[0] < 0.0 {
        v = vec![x];
    }
    v.iter().map(|u| u * u).sum()
}

#[test]
fn replaced_in_a_branch() {
    for x in [0.5, -0.5] {
        for first in [0.3, -0.3] {
            check!(replaced_in_branches(x, &vec![first, 0.8, 1.1, -2.0]));
        }
    }
}

#[differentiable]
fn exchanged(x: f64, w: &[f64]) -> f64 {
    let mut a = vec![x, x * 2.0];
    let mut b = w.to_vec();
    b[0] *= x;
    a[1] *= w[0];
    std::mem::swap(&mut a, &mut b);
    a[3] *= x;
    b[1] *= a[0];
    a.iter().sum::<f64>() * b[1]
}

#[test]
fn vectors_of_different_length_swapped() {
    check!(exchanged(0.7, &vec![0.5, -1.5, 0.3, 2.0]));
}

#[differentiable]
fn rows(x: f64, w: &[f64]) -> f64 {
    let mut rows = vec![vec![x, x * 2.0], vec![1.0, w[0], w[1]]];
    rows[0][1] *= x;
    let square = rows[0][1] * rows[1][2];
    rows[0] = vec![w[2]; 4];
    rows[0][3] *= square;
    rows[1] = vec![x];
    let mut sum = 0.0;
    for row in rows.iter() {
        for v in row.iter() {
            sum += v * v;
        }
    }
    sum
}

#[test]
fn rows_replaced() {
    check!(rows(0.7, &vec![0.5, -1.5, 0.3]));
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Track {
    places: Vec<f64>,
    weight: f64,
}

#[differentiable]
fn extended(track: &Track, step: f64) -> Track {
    let mut places = track.places.to_vec();
    places.push(step * places[places.len() - 1]);
    Track {
        places,
        weight: track.weight * step,
    }
}

#[differentiable]
fn travelled(x: f64, steps: &[f64]) -> f64 {
    let mut track = Track {
        places: vec![x],
        weight: 1.0,
    };
    for &step in steps {
        track = extended(&track, step);
    }
    track.weight * track.places.iter().sum::<f64>()
}

#[differentiable]
fn moved_on(x: f64, steps: &[f64]) -> f64 {
    let mut track = Track {
        places: vec![x],
        weight: x,
    };
    for &step in steps {
        track.weight += 0.1;
        track = extended(&track, step);
        track.weight *= step;
    }
    track.weight * track.places.iter().sum::<f64>()
}

#[test]
fn structs_with_vectors_that_grow() {
    check!(travelled(0.7, &vec![0.5, -1.5, 0.3]));
    check!(moved_on(0.7, &vec![0.5, -1.5, 0.3]));
}

// --------------------------------------------------------------------------- vectors as results

#[differentiable]
fn several_returns(x: f64, w: &[f64; 3]) -> Vec<f64> {
    if x <= 0.1 {
        let square = x * x;
        if square > 0.5 {
            return vec![x, square];
        }
    }
    for &v in w {
        if x < v {
            return vec![x * v, v];
        }
    }
    vec![x, x * w[0]]
}

#[test]
fn a_vector_returned_early() {
    for x in [-0.9, -0.3, 0.05, 0.4, 2.0] {
        check!(several_returns(x, &[-0.2, 0.3, 0.6]) => vec![1.5, -0.5]);
    }
}

#[differentiable]
fn as_long_as_it_gets(x: f64, w: &[f64]) -> Vec<f64> {
    let mut found = Vec::new();
    for (i, &v) in w.iter().enumerate() {
        if v < 0.0 {
            return vec![x; i + 1];
        }
        found.push(v * x);
        if v > 1.0 {
            return found;
        }
    }
    found
}

#[test]
fn vectors_of_different_length_returned() {
    check!(as_long_as_it_gets(0.7, &vec![0.5, -1.0]) => vec![1.0, 2.0]);
    check!(as_long_as_it_gets(0.7, &vec![0.5, 0.6, 1.5, 0.1]) => vec![1.0, 2.0, -0.5]);
    check!(as_long_as_it_gets(0.7, &vec![0.5, 0.6]) => vec![1.0, 2.0]);
}

// ------------------------------------------------------------------------- what a call moves away

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Pair {
    a: f64,
    b: f64,
}

#[differentiable]
fn turned(pair: Pair, k: f64) -> (f64, Pair) {
    (
        pair.a * k,
        Pair {
            a: pair.b,
            b: k * pair.a,
        },
    )
}

#[differentiable]
fn turned_around(x: f64, mut pair: Pair) -> f64 {
    pair.a -= x;
    let k = pair.b;
    for _ in 0..3 {
        pair = turned(pair.clone(), k).1;
    }
    pair.b
}

#[differentiable]
fn turned_perhaps(x: f64, y: f64) -> f64 {
    let pair = Pair { a: x * y, b: y };
    let pair = turned(pair, x).1;
    if x > 0.2 {
        let (first, rest) = turned(pair, y);
        first * rest.a
    } else {
        pair.a * y
    }
}

#[test]
fn values_moved_into_a_call_inside() {
    check!(turned_around(0.3, Pair { a: 0.5, b: -1.2 }));
    check!(turned_perhaps(0.3, 0.7));
    check!(turned_perhaps(0.1, 0.7));
}

// --------------------------------------------------------------------------- a field as a vector

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Fields {
    array: [f64; 3],
    vector: Vec<f64>,
}

#[differentiable]
fn fields_as_vectors(x: f64, fields: &Fields) -> f64 {
    let mut array = fields.array.to_vec();
    let vector = fields.vector.to_vec();
    array[0] *= x;
    array[0] * array[1] + fields.array.to_vec()[2] * vector[1]
}

#[test]
fn fields_of_any_kind_to_vectors() {
    let fields = Fields {
        array: [0.5, -1.5, 0.3],
        vector: vec![2.0, 3.0],
    };
    let (x_bar, fields_bar) = check!(fields_as_vectors(0.7, &fields));
    assert_near(x_bar, 0.5 * -1.5);
    assert_near(fields_bar.vector, vec![0.0, 0.3]);
}

// ------------------------------------------------- arrays that the macro may take for vectors

#[differentiable]
fn scaled<const N: usize>(v: [f64; N], k: f64) -> [f64; N] {
    let mut scaled = v;
    for i in 0..N {
        scaled[i] = k * v[(i + 1) % N];
    }
    scaled
}

#[differentiable]
fn arrays_from_calls(x: f64, start: [f64; 3]) -> f64 {
    let mut a = scaled(start, x);
    for _ in 0..2 {
        let mut b = a.clone();
        for j in 0..3 {
            b[j] = 0.5 * a[(j + 1) % 3] + x;
        }
        a = b;
    }
    let copy = a.to_vec();
    let sum = a.chunks(2).map(|c| c[0] * x).sum::<f64>();
    a.copy_from_slice(&start);
    a[1] *= x;
    let mut last = a.to_vec();
    last[1] += copy[2];
    a = scaled(a, sum);
    a.windows(2).map(|u| u[0] * u[1]).sum::<f64>() + last[1] * sum
}

#[test]
fn arrays_that_are_used_like_vectors() {
    check!(arrays_from_calls(0.7, [0.5, -1.2, 0.3]));
}
