//! Branches: `if` as a statement and as an expression, `match`, conditions on active and on inactive
//! values.
#![allow(
    clippy::assign_op_pattern,
    clippy::manual_is_multiple_of,
    clippy::neg_cmp_op_on_partial_ord,
    reason = "branches are written in every way that users write them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;
use autodiff_tests::{check, check_at_kink};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

// ---------------------------------------------------------------------------- on active values

#[differentiable]
fn magnitude(x: f64) -> f64 {
    if x > 0.0 { x } else { -x }
}

#[test]
fn an_expression() {
    assert_near(check!(magnitude(1.5)), 1.0);
    assert_near(check!(magnitude(-2.5)), -1.0);
    // Everything goes to the branch taken.
    assert_near(check_at_kink!(magnitude(0.0)), -1.0);
}

#[differentiable]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[test]
fn two_arguments() {
    assert_near(check!(larger(2.0, 1.0)), (1.0, 0.0));
    assert_near(check!(larger(1.0, 2.0)), (0.0, 1.0));
    assert_near(check_at_kink!(larger(1.0, 1.0)), (0.0, 1.0));
}

#[differentiable]
fn penalty(weight: f64, limit: f64) -> f64 {
    let mut cost = weight * weight;
    if weight > limit {
        cost += weight - limit;
    }
    cost
}

#[test]
fn a_statement() {
    assert_near(check!(penalty(3.0, 2.0)), (7.0, -1.0));
    assert_near(check!(penalty(1.0, 2.0)), (2.0, 0.0));
}

#[differentiable]
fn leaky(x: f64, slope: f64) -> f64 {
    2.0 + if x >= 0.0 { x } else { slope * x }
}

#[test]
fn an_operand() {
    assert_near(check!(leaky(1.5, 0.1)), (1.0, 0.0));
    assert_near(check!(leaky(-1.5, 0.1)), (0.1, -1.5));
}

#[differentiable]
fn huber(error: f64, delta: f64) -> f64 {
    let size = error.abs();
    if size <= delta {
        0.5 * error * error
    } else {
        let excess = size - 0.5 * delta;
        delta * excess
    }
}

#[test]
fn lets_in_a_branch() {
    assert_near(check!(huber(0.5, 1.0)), (0.5, 0.0));
    assert_near(check!(huber(-3.0, 1.0)), (-1.0, 2.0));
}

#[differentiable]
fn smoothstep(x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        x * x * (3.0 - 2.0 * x)
    }
}

#[test]
fn constant_branches() {
    assert_near(check!(smoothstep(-0.5)), 0.0);
    assert_near(check!(smoothstep(1.5)), 0.0);
    assert_near(check!(smoothstep(0.25)), 1.125);
}

/// Progressive: each bracket is taxed at its own rate.
#[differentiable]
fn tax(income: f64, rates: &[f64; 3]) -> f64 {
    let mut due = 0.0;
    if income > 10.0 {
        due += (income - 10.0) * rates[2];
        due += 5.0 * rates[1];
        due += 5.0 * rates[0];
    } else if income > 5.0 {
        due += (income - 5.0) * rates[1];
        due += 5.0 * rates[0];
    } else {
        due += income * rates[0];
    }
    due
}

#[test]
fn a_chain_of_statements() {
    let rates = [0.1, 0.2, 0.4];
    assert_near(check!(tax(3.0, &rates)), (0.1, [3.0, 0.0, 0.0]));
    assert_near(check!(tax(7.0, &rates)), (0.2, [5.0, 2.0, 0.0]));
    assert_near(check!(tax(20.0, &rates)), (0.4, [5.0, 5.0, 10.0]));
}

/// ln x, continued linearly where it does not exist.
#[differentiable]
fn safe_ln(x: f64) -> f64 {
    if x > 1e-3 { x.ln() } else { x * 1e3 }
}

#[differentiable]
fn safe_norm(x: f64, y: f64) -> f64 {
    let square = x * x + y * y;
    let norm = if square > 0.0 { square.sqrt() } else { 0.0 };
    norm * (1.0 + x)
}

#[test]
fn branches_not_taken_are_not_evaluated() {
    assert_near(check!(safe_ln(-2.0)), 1e3);
    assert_near(check!(safe_ln(2.0)), 0.5);
    assert_near(check!(safe_norm(3.0, 4.0)), (0.6 * 4.0 + 5.0, 0.8 * 4.0));
    assert_near(check_at_kink!(safe_norm(0.0, 0.0)), (0.0, 0.0));
}

#[differentiable]
fn tree(x: f64, y: f64) -> f64 {
    if x > 0.0 {
        let z = x * y;
        if y > 0.0 {
            if z > 1.0 { z.ln() } else { z * z }
        } else {
            -z
        }
    } else if y > x {
        y - x
    } else {
        let scaled = 3.0 * x;
        scaled.exp() * y
    }
}

#[test]
fn nested() {
    assert_near(check!(tree(2.0, 1.0)), (0.5, 1.0));
    assert_near(check!(tree(0.5, 1.0)), (1.0, 0.5));
    assert_near(check!(tree(2.0, -1.0)), (1.0, -2.0));
    assert_near(check!(tree(-2.0, 1.0)), (-1.0, 1.0));
    let e = (-3.0_f64).exp();
    assert_near(check!(tree(-1.0, -2.0)), (-6.0 * e, e));
}

#[differentiable]
fn inside(x: f64, y: f64) -> f64 {
    let both = x > 0.0 && y > 0.0;
    let not = !(x < y);
    if both && not {
        x * y
    } else if both || (x < -1.0 && y.ln() < 0.0) {
        x + y
    } else {
        y - x
    }
}

#[test]
fn logical_operators() {
    assert_near(check!(inside(2.0, 1.0)), (1.0, 2.0));
    assert_near(check!(inside(1.0, 2.0)), (1.0, 1.0));
    assert_near(check!(inside(-2.0, 0.5)), (1.0, 1.0));
    assert_near(check!(inside(-2.0, 1.5)), (-1.0, 1.0));
    assert_near(check!(inside(-0.5, -1.5)), (-1.0, 1.0));
}

#[differentiable]
fn twice_asked(x: f64, y: f64) -> f64 {
    let close = x * x + y * y < 1.0;
    let mut value = x.sin();
    if close {
        value = value * y;
    }
    let scaled = value * value + x;
    if close { scaled } else { scaled * y }
}

#[test]
fn a_condition_used_twice() {
    check!(twice_asked(0.5, 0.25));
    check!(twice_asked(1.5, 0.25));
}

#[differentiable]
fn sorted(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    low * low + 10.0 * high
}

#[test]
fn tuples_from_branches() {
    assert_near(check!(sorted(2.0, 3.0)), (4.0, 10.0));
    assert_near(check!(sorted(3.0, 2.0)), (10.0, 4.0));
}

#[differentiable]
fn weights(x: f64, y: f64) -> f64 {
    let w = if x > y {
        [x, y, 1.0]
    } else {
        [y * y, x * y, x]
    };
    w[0] * w[1] + w[2]
}

#[test]
fn arrays_from_branches() {
    assert_near(check!(weights(3.0, 2.0)), (2.0, 3.0));
    // xy³ + x
    assert_near(check!(weights(2.0, 3.0)), (27.0 + 1.0, 54.0));
}

#[differentiable]
fn reflected(p: &Point, wall: f64) -> Point {
    if p.x > wall {
        Point {
            x: 2.0 * wall - p.x,
            y: p.y,
        }
    } else {
        p.clone()
    }
}

#[test]
fn structs_from_branches() {
    let p = Point { x: 3.0, y: 1.0 };
    let out_bar = PointGradient { x: 1.0, y: 10.0 };
    let (p_bar, wall_bar) = check!(reflected(&p, 2.0) => out_bar.clone());
    assert_near((p_bar.x, p_bar.y, wall_bar), (-1.0, 10.0, 2.0));
    let (p_bar, wall_bar) = check!(reflected(&p, 4.0) => out_bar);
    assert_near((p_bar.x, p_bar.y, wall_bar), (1.0, 10.0, 0.0));
}

#[differentiable]
fn two_rates(x: f64, threshold: f64) -> f64 {
    let rate;
    let mut offset = threshold;
    if x > threshold {
        rate = x * x;
        offset *= 3.0;
    } else {
        rate = 2.0;
    }
    rate * x + offset
}

#[test]
fn variables_set_in_branches() {
    assert_near(check!(two_rates(2.0, 1.0)), (12.0, 3.0));
    assert_near(check!(two_rates(2.0, 3.0)), (2.0, 1.0));
}

#[differentiable]
fn shadowed(x: f64) -> f64 {
    let y = x + 1.0;
    let z = if y > 2.0 {
        let y = y * x;
        let x = y.sqrt();
        x + y
    } else {
        let x = 3.0 * x;
        x * y
    };
    z * y + x
}

#[test]
fn shadowing_in_branches() {
    check!(shadowed(1.5));
    // 3x(x + 1)² + x
    assert_near(check!(shadowed(0.5)), 3.0 * 2.25 + 3.0 * 1.5 + 1.0);
}

#[differentiable]
fn of_computed(x: f64, n: usize) -> f64 {
    let grown = (0.5 * x).exp();
    if grown * n as f64 > 3.0 {
        grown.ln() * x
    } else if n % 2 == 0 && grown > 1.0 {
        grown
    } else {
        x
    }
}

#[test]
fn computed_conditions() {
    assert_near(check!(of_computed(1.0, const 4)), 1.0);
    assert_near(check!(of_computed(0.5, const 2)), 0.5 * 0.25_f64.exp());
    assert_near(check!(of_computed(0.5, const 1)), 1.0);
}

/// The cubic spline kernel of smoothed particle hydrodynamics.
#[differentiable]
fn spline_kernel(r: f64, h: f64) -> f64 {
    let q = r / h;
    let norm = 2.0 / (3.0 * h);
    norm * if q < 1.0 {
        1.0 - 1.5 * q * q * (1.0 - 0.5 * q)
    } else if q < 2.0 {
        0.25 * (2.0 - q).powi(3)
    } else {
        0.0
    }
}

#[test]
fn a_piecewise_polynomial() {
    let mut points = Points::seeded(1);
    for _ in 0..20 {
        check!(spline_kernel(points.uniform(0.1, 0.9), 1.0));
        check!(spline_kernel(points.uniform(1.1, 1.9), 1.0));
        check!(spline_kernel(points.uniform(2.1, 2.9), 1.0));
    }
    assert_near(check!(spline_kernel(1.5, 1.0)).0, -0.5 * 0.25);
}

#[differentiable]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[differentiable]
fn hypotenuse(p: &[f64; 2]) -> f64 {
    p[0].hypot(p[1])
}

#[differentiable]
fn calls_in_branches(x: f64, p: &[f64; 2]) -> f64 {
    if cube(x) > p[0] {
        cube(x) * p[1]
    } else {
        hypotenuse(p) * x
    }
}

#[test]
fn calls() {
    assert_near(
        check!(calls_in_branches(2.0, &[3.0, 4.0])),
        (48.0, [0.0, 8.0]),
    );
    assert_near(
        check!(calls_in_branches(1.0, &[3.0, 4.0])),
        (5.0, [0.6, 0.8]),
    );
}

/// One parameter per quadrant, read at elements that the branches choose.
#[differentiable]
fn by_quadrant(w: &[f64; 4], x: f64, y: f64) -> f64 {
    let k = if x > 0.0 {
        if y > 0.0 { 0 } else { 3 }
    } else if y > 0.0 {
        1
    } else {
        2
    };
    w[k] * x + w[(k + 1) % 4] * y
}

#[test]
fn an_index_from_branches() {
    let w = [2.0, 3.0, 5.0, 7.0];
    assert_near(
        check!(by_quadrant(&w, 1.0, 4.0)),
        ([1.0, 4.0, 0.0, 0.0], 2.0, 3.0),
    );
    assert_near(
        check!(by_quadrant(&w, 1.0, -4.0)),
        ([-4.0, 0.0, 0.0, 1.0], 7.0, 2.0),
    );
    assert_near(
        check!(by_quadrant(&w, -1.0, -4.0)),
        ([0.0, 0.0, -1.0, -4.0], 5.0, 7.0),
    );
}

// -------------------------------------------------------------------------- on inactive values

#[differentiable]
fn by_flag(x: f64, squared: bool) -> f64 {
    if squared { x * x } else { x.sin() }
}

#[test]
fn a_flag() {
    assert_near(check!(by_flag(3.0, const true)), 6.0);
    assert_near(check!(by_flag(3.0, const false)), 3.0_f64.cos());
}

#[differentiable]
fn kernel(kind: u8, distance: f64) -> f64 {
    let scale = 2.0 * distance;
    match kind {
        0 => scale,
        1 | 2 => scale * scale,
        3..=5 => {
            let e = (-scale).exp();
            e * distance
        }
        _ => 1.0,
    }
}

#[test]
fn integers() {
    assert_near(check!(kernel(const 0, 1.5)), 2.0);
    assert_near(check!(kernel(const 2, 1.5)), 12.0);
    assert_near(check!(kernel(const 4, 1.5)), (-3.0_f64).exp() * (1.0 - 3.0));
    assert_near(check!(kernel(const 9, 1.5)), 0.0);
}

#[derive(Clone, Copy)]
enum Law {
    Linear,
    Power(i32),
    Capped { limit: f64 },
}

#[differentiable]
fn by_law(x: f64, #[constant] law: Law) -> f64 {
    match law {
        Law::Linear => 2.0 * x,
        Law::Power(n) => x.powi(n),
        Law::Capped { limit } => {
            if x < limit {
                x * x
            } else {
                limit * x
            }
        }
    }
}

#[test]
fn an_enum() {
    assert_near(check!(by_law(1.5, const Law::Linear)), 2.0);
    assert_near(check!(by_law(1.5, const Law::Power(3))), 6.75);
    assert_near(check!(by_law(1.5, const Law::Capped { limit: 2.0 })), 3.0);
    assert_near(check!(by_law(1.5, const Law::Capped { limit: 1.0 })), 1.0);
}

#[differentiable]
fn guarded(x: f64, n: i32) -> f64 {
    match n {
        0 => x,
        k if x > 1.0 => x * f64::from(k),
        k if k % 2 == 0 => x.powi(k),
        _ => -x,
    }
}

#[test]
fn guards() {
    assert_near(check!(guarded(2.0, const 0)), 1.0);
    assert_near(check!(guarded(2.0, const 5)), 5.0);
    assert_near(check!(guarded(0.5, const 2)), 1.0);
    assert_near(check!(guarded(0.5, const 3)), -1.0);
}

/// The condition is on active values; what is matched are its outcomes.
#[differentiable]
fn matched_signs(x: f64, y: f64) -> f64 {
    match (x > 0.0, y > 0.0) {
        (true, true) => x * y,
        (true, false) => x - y,
        (false, _) => x * x * y,
    }
}

#[test]
fn a_tuple_of_conditions() {
    assert_near(check!(matched_signs(2.0, 3.0)), (3.0, 2.0));
    assert_near(check!(matched_signs(2.0, -3.0)), (1.0, -1.0));
    assert_near(check!(matched_signs(-2.0, -3.0)), (12.0, 4.0));
}

#[differentiable]
fn match_as_statement(x: f64, ops: &[u8; 3]) -> f64 {
    let mut y = x;
    match ops[0] {
        b'+' => y += 1.0,
        b'*' => y *= x,
        _ => {}
    }
    match ops[1] {
        b's' => y = y.sin(),
        b'e' => {
            y = y.exp();
            y -= 1.0;
        }
        _ => (),
    }
    y
}

#[test]
fn statements_in_arms() {
    assert_near(check!(match_as_statement(0.5, const b"+s.")), 1.5_f64.cos());
    assert_near(
        check!(match_as_statement(0.5, const b"*e.")),
        0.25_f64.exp(),
    );
    assert_near(check!(match_as_statement(0.5, const b"...")), 1.0);
}

#[differentiable]
fn by_name(x: f64, activation: &str) -> f64 {
    match activation {
        "relu" => relu(x),
        "tanh" => x.tanh(),
        "logistic" => sigmoid(x),
        other => panic!("no activation of the name {other}"),
    }
}

#[test]
fn strings_and_an_arm_that_panics() {
    assert_near(check!(by_name(0.5, const "relu")), 1.0);
    assert_near(
        check!(by_name(0.5, const "tanh")),
        1.0 - 0.5_f64.tanh().powi(2),
    );
    let s = sigmoid(0.5);
    assert_near(check!(by_name(0.5, const "logistic")), s * (1.0 - s));
}

#[differentiable]
fn checked_root(x: f64) -> f64 {
    let root = if x >= 0.0 {
        x.sqrt()
    } else {
        panic!("no root of {x}");
    };
    if !root.is_finite() {
        panic!("too large");
    }
    root * x
}

#[test]
fn branches_that_panic() {
    assert_near(check!(checked_root(4.0)), 3.0);
    let refused = std::panic::catch_unwind(|| checked_root::grad(-1.0));
    assert!(refused.is_err());
}

#[differentiable]
fn looks_only(x: f64, verbose: bool) -> f64 {
    let y = x * x;
    if verbose {
        let size = y.sqrt();
        println!("{y} {size}");
    } else if y > 1e9 {
        eprintln!("large");
    }
    y
}

#[test]
fn branches_without_a_result() {
    assert_near(check!(looks_only(3.0, const true)), 6.0);
    assert_near(check!(looks_only(3.0, const false)), 6.0);
}

#[differentiable]
fn perhaps_scaled(x: f64, #[constant] scale: Option<f64>) -> f64 {
    match scale {
        Some(scale) => x * scale,
        None => x * x,
    }
}

#[differentiable]
fn perhaps_shifted(x: f64, #[constant] offset: Option<f64>) -> f64 {
    if let Some(offset) = offset {
        x * offset
    } else {
        x * x
    }
}

#[test]
fn a_constant_option() {
    assert_near(check!(perhaps_scaled(3.0, const Some(5.0))), 5.0);
    assert_near(check!(perhaps_scaled(3.0, const None)), 6.0);
    assert_near(check!(perhaps_shifted(3.0, const Some(5.0))), 5.0);
    assert_near(check!(perhaps_shifted(3.0, const None)), 6.0);
}

/// References chosen by a branch: the adjoint reaches the one that was read.
#[differentiable]
fn chosen_vector(a: &[f64; 2], b: &[f64; 2], x: f64) -> f64 {
    let w = if x > 0.0 { a } else { b };
    w[0] * x + w[1] * a[0]
}

#[test]
fn references_from_branches() {
    let (a, b) = ([2.0, 3.0], [5.0, 7.0]);
    assert_near(
        check!(chosen_vector(&a, &b, 1.5)),
        ([1.5 + 3.0, 2.0], [0.0, 0.0], 2.0),
    );
    assert_near(
        check!(chosen_vector(&a, &b, -1.5)),
        ([7.0, 0.0], [-1.5, 2.0], 5.0),
    );
}
