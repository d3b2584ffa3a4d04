//! The constant graphs of functions with control flow: what the interpreter makes of them, held
//! against the generated derivatives, and their pictures.
#![allow(
    clippy::needless_range_loop,
    clippy::manual_memcpy,
    clippy::ptr_arg,
    reason = "loops are written in every way that users write them"
)]

use autodiff_runtime::graph::{Graph, LoopKind, NodeId, Op, Trace};
use autodiff_runtime::prelude::*;

/// A gradient as the list of its numbers.
trait Numbers {
    fn numbers(&self) -> Vec<f64>;
}

impl Numbers for f64 {
    fn numbers(&self) -> Vec<f64> {
        vec![*self]
    }
}

impl Numbers for Vec<f64> {
    fn numbers(&self) -> Vec<f64> {
        self.clone()
    }
}

impl<const N: usize> Numbers for [f64; N] {
    fn numbers(&self) -> Vec<f64> {
        self.to_vec()
    }
}

impl<A: Numbers, B: Numbers> Numbers for (A, B) {
    fn numbers(&self) -> Vec<f64> {
        [self.0.numbers(), self.1.numbers()].concat()
    }
}

impl<A: Numbers, B: Numbers, C: Numbers> Numbers for (A, B, C) {
    fn numbers(&self) -> Vec<f64> {
        [self.0.numbers(), self.1.numbers(), self.2.numbers()].concat()
    }
}

#[track_caller]
fn assert_close(a: &[f64], b: &[f64], what: &str) {
    assert_eq!(a.len(), b.len(), "{what}: {a:?} and {b:?}");
    for (x, y) in a.iter().zip(b) {
        let size = x.abs().max(y.abs()).max(1.0);
        assert!((x - y).abs() <= 1e-12 * size, "{what}: {a:?} and {b:?}");
    }
}

/// Every format draws the graph, also evaluated.
fn draw(graph: &Graph, trace: &Trace) {
    for dot in [graph.to_dot(), trace.to_dot()] {
        assert!(dot.starts_with("digraph") && dot.contains("->"), "{dot}");
    }
    for mermaid in [graph.to_mermaid(), trace.to_mermaid()] {
        assert!(
            mermaid.starts_with("flowchart") && mermaid.contains("-->"),
            "{mermaid}"
        );
    }
    for (svg, kind) in [(graph.to_svg(), "graph"), (trace.to_svg(), "trace")] {
        assert!(
            svg.starts_with("<svg") && svg.ends_with("</svg>\n"),
            "{svg}"
        );
        if let Ok(folder) = std::env::var("DRAW_GRAPHS") {
            std::fs::write(format!("{folder}/{}.{kind}.svg", graph.name), svg).unwrap();
        }
    }
}

/// Holds the trace against the generated gradient by the active parameters, whose positions among
/// the numbers of all parameters are `0..`; integers come last.
macro_rules! agree {
    ($f:ident($($arg:expr),*)) => {{
        let trace = $f::trace($($arg),*);
        let (value, gradient) = $f::value_and_grad($($arg),*);
        let what = stringify!($f($($arg),*));
        assert_close(&trace.outputs(), &[value], what);
        let (gradient, all) = (gradient.numbers(), trace.gradient());
        assert_close(&all[..gradient.len()], &gradient, what);
        assert!(all[gradient.len()..].iter().all(|x| *x == 0.0), "{what}: {all:?}");
        draw(&$f::GRAPH, &trace);
        trace
    }};
}

fn headers(graph: &Graph) -> Vec<&'static str> {
    let mut found = Vec::new();
    for node in graph.nodes {
        match node.op {
            Op::Loop { header, body, .. } => {
                found.push(header);
                found.extend(headers(&body.named("")));
            }
            Op::Branch { header, arms, .. } => {
                found.push(header);
                for arm in arms {
                    found.extend(headers(&arm.body.named("")));
                }
            }
            _ => {}
        }
    }
    found
}

// ------------------------------------------------------------------------------------------- loops

#[differentiable]
fn sum_of_sines(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        total += x[i].sin();
    }
    total
}

#[test]
fn a_sum() {
    let trace = agree!(sum_of_sines(&[0.5, 1.0, 1.5]));
    assert_eq!(headers(&sum_of_sines::GRAPH), ["for i in 0..x.len()"]);
    let inside = trace.loops.values().next().unwrap();
    assert_eq!(inside.iterations(), 3);
    assert_eq!(inside.last.as_ref().unwrap().value("i"), Some(2.0));
    agree!(sum_of_sines(&[]));
}

#[differentiable]
fn dot(x: &[f64], w: &[f64]) -> f64 {
    let mut total = 0.0;
    for (a, b) in x.iter().zip(w) {
        total += a * b;
    }
    total
}

#[test]
fn two_slices() {
    agree!(dot(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]));
}

#[differentiable]
fn pairs(x: &[f64], k: f64) -> f64 {
    let n = x.len();
    let mut energy = 0.0;
    for i in 0..n {
        for j in i + 1..n {
            let d = x[i] - x[j];
            energy += k * d * d;
        }
    }
    energy
}

#[test]
fn nested() {
    agree!(pairs(&[0.5, 1.0, 1.7, -0.3], 0.5));
    assert_eq!(
        headers(&pairs::GRAPH),
        ["for i in 0..n", "for j in i + 1..n"]
    );
}

#[differentiable]
fn adapters(x: &[f64], k: f64) -> f64 {
    let mut value = 0.0;
    for i in (0..x.len()).rev() {
        value = value * k + x[i];
    }
    for i in (0..=4_u8).step_by(2) {
        value += k * f64::from(i);
    }
    for i in (1..x.len()).rev().step_by(2) {
        value = value * x[i] + k;
    }
    for i in (0..x.len()).step_by(2).rev() {
        value = value * k - x[i];
    }
    value
}

#[test]
fn ranges() {
    for n in 0..7 {
        let x: Vec<f64> = (0..n).map(|i| 0.3 + 0.2 * f64::from(i)).collect();
        agree!(adapters(&x, 0.7));
    }
    assert_eq!(
        headers(&adapters::GRAPH),
        [
            "for i in (0..x.len()).rev()",
            "for i in (0..=4_u8).step_by(2)",
            "for i in (1..x.len()).rev().step_by(2)",
            "for i in (0..x.len()).step_by(2).rev()",
        ]
    );
}

#[differentiable]
fn newton(a: f64, tol: f64) -> f64 {
    let mut x = a;
    while (x * x - a).abs() > tol {
        x = 0.5 * (x + a / x);
    }
    x
}

#[test]
fn a_while() {
    let trace = agree!(newton(2.0, 1e-9));
    assert_eq!(headers(&newton::GRAPH), ["while (x * x - a).abs() > tol"]);
    let inside = trace.loops.values().next().unwrap();
    assert!(inside.iterations() > 3);
    agree!(newton(1.0, 0.5));
}

#[differentiable]
fn iterators(x: &[f64], k: f64) -> f64 {
    let squares: f64 = x.iter().map(|v| v * v).sum();
    let product = x.iter().skip(1).fold(k, |acc, v| acc * v);
    let big: f64 = x.iter().filter(|v| **v > k).sum();
    let mut windows = 0.0;
    for pair in x.windows(2) {
        windows += pair[0] * pair[1];
    }
    let mut weighted = 0.0;
    for (i, v) in x.iter().enumerate().rev() {
        weighted += i as f64 * v;
    }
    squares * product + big * windows - weighted
}

#[test]
fn iterator_chains() {
    agree!(iterators(&[0.5, 1.5, -0.7, 2.0], 0.8));
    agree!(iterators(&[0.5], 0.8));
}

#[differentiable]
fn over_constant_length<const N: usize>(x: [f64; N], k: f64) -> f64 {
    let mut y = [0.0; N];
    for i in 0..N {
        y[i] = k * x[i];
    }
    y[0] * y[N - 1]
}

#[test]
fn a_constant_length() {
    agree!(over_constant_length([1.0, 2.0, 3.0], 0.5));
}

// ---------------------------------------------------------------------------------------- branches

#[differentiable]
fn leaky(x: &[f64], slope: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        if x[i] > 0.0 {
            total += x[i];
        } else if x[i] < -1.0 && x[i] > -3.0 {
            total -= slope;
        } else {
            total += slope * x[i];
        }
    }
    total
}

#[test]
fn a_branch_in_a_loop() {
    agree!(leaky(&[1.0, -0.5, -2.0, -5.0, 3.0], 0.1));
    assert_eq!(
        headers(&leaky::GRAPH),
        [
            "for i in 0..x.len()",
            "if x[i] > 0.0",
            "if x[i] < -1.0 && x[i] > -3.0"
        ]
    );
}

#[differentiable]
fn guarded(x: f64, y: f64) -> f64 {
    if x < 0.0 {
        return -y;
    }
    let root = x.sqrt();
    if root > y {
        return root * y;
    }
    root + y
}

#[test]
fn early_return() {
    for (x, y) in [(-1.0, 2.0), (4.0, 1.0), (4.0, 3.0)] {
        agree!(guarded(x, y));
    }
    assert_eq!(headers(&guarded::GRAPH), ["if x < 0.0", "if root > y"]);
}

#[differentiable]
fn first_large(x: &[f64], limit: f64) -> f64 {
    for i in 0..x.len() {
        if x[i] > limit {
            return x[i] * x[i];
        }
    }
    limit
}

#[test]
fn return_from_a_loop() {
    agree!(first_large(&[0.5, 1.5, 2.5], 1.0));
    agree!(first_large(&[0.5, 1.5, 2.5], 4.0));
}

#[differentiable]
fn until_small(x: f64, n: usize) -> f64 {
    let mut term = x;
    let mut total = 0.0;
    for k in 1..n {
        if term.abs() < 1e-3 {
            break;
        }
        if k == 3 {
            continue;
        }
        total += term;
        term *= x / k as f64;
    }
    total
}

#[test]
fn break_and_continue() {
    agree!(until_small(0.8, 20));
    agree!(until_small(0.8, 4));
    agree!(until_small(0.0, 4));
}

#[differentiable]
fn halved(x: f64, bound: f64) -> f64 {
    let mut y = x;
    let steps = loop {
        y *= 0.5;
        if y < bound {
            break y * x;
        }
    };
    steps + y
}

#[test]
fn endless_with_break() {
    let trace = agree!(halved(10.0, 1.0));
    let kinds: Vec<LoopKind> = halved::GRAPH
        .nodes
        .iter()
        .filter_map(|node| match node.op {
            Op::Loop { kind, .. } => Some(kind),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [LoopKind::Endless]);
    assert_eq!(trace.loops.values().next().unwrap().iterations(), 4);
}

#[differentiable]
fn labelled(x: &[f64], limit: f64) -> f64 {
    let mut total = 0.0;
    'rows: for i in 0..x.len() {
        for j in 0..x.len() {
            let product = x[i] * x[j];
            if product > limit {
                continue 'rows;
            }
            if total > 2.0 * limit {
                break 'rows;
            }
            total += product;
        }
        total += x[i];
    }
    total
}

#[test]
fn jumps_out_of_nested_loops() {
    agree!(labelled(&[0.5, 1.0, 1.5, 2.0], 1.2));
    agree!(labelled(&[0.5, 0.6, 0.4, 0.9, 0.8], 0.5));
}

#[differentiable]
fn by_kind(x: f64, k: i32) -> f64 {
    match k {
        0 => x,
        1 | 2 => x * x,
        3..=5 => x.sin(),
        -3 => -x,
        n if n < 0 => x.cos(),
        other => x * other as f64,
    }
}

#[differentiable]
fn by_number(x: f64, k: i32) -> f64 {
    match k {
        0 => x,
        1 | 2 => x * x,
        3..=5 => x.sin(),
        -3 => -x,
        other => x * other as f64,
    }
}

#[test]
fn a_match() {
    for k in -4..8 {
        agree!(by_number(0.7, k));
    }
    assert_eq!(headers(&by_number::GRAPH), ["match k"]);
    let Op::Branch { arms, .. } = by_number::GRAPH.node(by_number::GRAPH.outputs[0]).op else {
        panic!("the result is that of the match");
    };
    let labels: Vec<&str> = arms.iter().map(|arm| arm.label).collect();
    assert_eq!(labels, ["0", "1 | 2", "3..=5", "-3", "_"]);
}

#[test]
fn a_guard_is_drawn_only() {
    assert!(by_kind::GRAPH.to_svg().contains("match k"));
    assert!(by_kind::GRAPH.try_evaluate(&[1.0, 2.0]).is_err());
}

#[differentiable]
fn by_flags(x: f64, y: f64, twice: bool) -> f64 {
    let rising = x < y;
    let base = match rising {
        true => x * y,
        false => x - y,
    };
    if twice && !rising || y > 10.0 {
        2.0 * base
    } else {
        base
    }
}

#[test]
fn flags() {
    for (x, y) in [(1.0, 2.0), (3.0, 2.0), (1.0, 12.0)] {
        agree!(by_flags(x, y, true));
        agree!(by_flags(x, y, false));
    }
}

#[differentiable]
fn kept_code(x: f64, n: usize, up: bool) -> f64 {
    let order = match n {
        0 => 1,
        1 | 2 => 2,
        _ => 4,
    };
    let shift = if up && n.max(2) > 2 { 0.5 } else { -0.5 };
    let mut sign = false;
    let mut total = 0.0;
    for k in 0..order {
        if sign {
            total -= x * shift;
        } else {
            total += x.powi(k + 1);
        }
        sign = !sign;
    }
    total
}

#[test]
fn inactive_code() {
    for n in 0..5 {
        agree!(kept_code(0.7, n, true));
        agree!(kept_code(0.7, n, false));
    }
}

// ------------------------------------------------------------------------------------------ memory

#[differentiable]
fn cumulative(x: &[f64; 3], k: f64) -> f64 {
    let mut a = [0.0; 3];
    a[0] = x[0];
    for i in 1..3 {
        a[i] = a[i - 1] * x[i];
        a[i] += k;
    }
    a[2] *= a[0];
    a[2] - a[1]
}

#[test]
fn an_array() {
    let trace = agree!(cumulative(&[0.5, 2.0, 3.0], 0.1));
    assert!(trace.to_mermaid().contains("a[i]"));
}

#[differentiable]
fn relaxed(x: &[f64], rounds: usize) -> f64 {
    let mut u = x.to_vec();
    for _ in 0..rounds {
        for i in 1..u.len() - 1 {
            if u[i] > 0.0 {
                u[i] = 0.5 * (u[i - 1] + u[i + 1]);
            }
        }
        u.swap(0, 1);
    }
    let mut total = 0.0;
    for v in &u {
        total += v * v;
    }
    total
}

#[test]
fn a_vector_in_nested_loops() {
    agree!(relaxed(&[1.0, 2.0, -1.0, 4.0, 0.5], 3));
}

#[differentiable]
fn grown(x: f64, n: usize) -> f64 {
    let mut list = vec![x; 2];
    for k in 0..n {
        let last = list[k] * list[k + 1];
        list.push(last + 0.1);
    }
    list.pop();
    let mut other = Vec::with_capacity(n);
    for v in list.iter().rev() {
        other.push(v * x);
    }
    let doubled: Vec<f64> = other.iter().map(|v| 2.0 * v).collect();
    let pair = (doubled[0], doubled.len());
    let mut state = (x, [1.0, 2.0]);
    state.1[1] += pair.0;
    state.0 *= 3.0;
    state.0 * state.1[1] + pair.1 as f64
}

#[test]
fn growing_vectors() {
    agree!(grown(0.9, 4));
    agree!(grown(1.1, 1));
}

#[differentiable]
fn scaled(x: &mut [f64], k: f64) {
    for v in x.iter_mut() {
        *v *= k;
    }
}

#[differentiable]
fn through_memory(a: f64, k: f64) -> f64 {
    let mut list = [a, 2.0 * a, 3.0];
    scaled(&mut list, k);
    scaled(&mut list[1..], k);
    list[0] + list[1] * list[2]
}

#[test]
fn mutable_parameters() {
    let trace = scaled::trace(&mut [2.0, 3.0], 5.0);
    assert_eq!(trace.outputs(), [10.0, 15.0]);
    assert_eq!(trace.gradient(), [5.0, 5.0, 5.0]);
    draw(&scaled::GRAPH, &trace);
    agree!(through_memory(0.5, 1.5));
}

#[differentiable]
fn counted_up(x: &mut f64, n: usize) -> f64 {
    let before = *x;
    for _ in 0..n {
        *x += before;
    }
    if n > 2 {
        *x *= 2.0;
    }
    before * before
}

#[test]
fn a_mutable_number() {
    // The content after it, then the value.
    let trace = counted_up::trace(&mut 3.0, 4);
    assert_eq!(trace.outputs(), [30.0, 9.0]);
    assert_eq!(trace.gradient(), [10.0 + 6.0, 0.0]);
    let trace = counted_up::trace(&mut 3.0, 1);
    assert_eq!(trace.outputs(), [6.0, 9.0]);
}

// ------------------------------------------------------------------------------------------- calls

#[differentiable]
fn power(x: f64, n: u32) -> f64 {
    if n == 0 { 1.0 } else { x * power(x, n - 1) }
}

#[differentiable]
fn polynomial(x: f64, n: u32) -> f64 {
    let mut total = 0.0;
    for k in 0..n {
        total += power(x, k) / (k as f64 + 1.0);
    }
    total
}

#[test]
fn recursion_in_a_loop() {
    let trace = agree!(power(1.5, 4));
    assert_eq!(trace.branches.len(), 1);
    let trace = agree!(polynomial(0.5, 5));
    let last = trace.loops.values().next().unwrap().last.as_ref().unwrap();
    assert_eq!(last.calls.len(), 1);
}

// ---------------------------------------------------------------------------------------- pictures

/// What only the lowering of jumps keeps is not in the graph.
#[test]
fn nothing_but_the_program() {
    let Op::Loop { body, exits, .. } = until_small::GRAPH
        .node(
            until_small::GRAPH
                .nodes
                .iter()
                .position(|node| matches!(node.op, Op::Loop { .. }))
                .map(NodeId)
                .unwrap(),
        )
        .op
    else {
        unreachable!()
    };
    assert!(exits);
    assert_eq!(body.outputs.len(), 3);
    assert!(
        guarded::GRAPH
            .nodes
            .iter()
            .all(|node| !matches!(node.op, Op::Result(_)))
    );
}
