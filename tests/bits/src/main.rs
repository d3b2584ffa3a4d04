//! Prints values and derivatives to the last bit: of every rule, the naive formulas, the functions of
//! the golden files and the benchmarks' workloads. The test `profiles` compares what a debug build
//! prints to what a release build prints.

// What of the shared modules is not printed is not used.
#![allow(dead_code, missing_docs)]

// The modules of the tests are compiled here once more, and know their crate by that name.
extern crate self as autodiff_tests;

#[path = "../../check.rs"]
pub mod check;
#[path = "../../tests/formulas/formulas.rs"]
mod formulas;
#[path = "../../tests/golden/functions.rs"]
mod functions;
#[path = "../../../benches/numbers.rs"]
mod numbers;
#[path = "../../points.rs"]
pub mod points;
#[path = "../../tests/rule_table/rules.rs"]
mod rules;
#[path = "../../../benches/workloads/mod.rs"]
mod workloads;

/// What the workloads ask of the benchmarks' clock.
mod measure {
    pub type Run = Box<dyn Fn(usize)>;
}

use std::hint::black_box;

use autodiff_runtime::Leaves;
use autodiff_runtime::differentiable::named_leaves;
use functions as golden;

/// All NaNs are one: which bits an operation gives a NaN is not specified.
fn bits(number: f64) -> String {
    match number.is_nan() {
        true => "NaN".to_owned(),
        false => format!("{:016x}", number.to_bits()),
    }
}

fn show_numbers(name: &str, numbers: impl IntoIterator<Item = f64>) {
    let numbers: Vec<String> = numbers.into_iter().map(bits).collect();
    println!("{name}: {}", numbers.join(" "));
}

fn show(name: &str, result: &impl Leaves) {
    let leaves = named_leaves(result);
    show_numbers(
        name,
        leaves.iter().flat_map(|(_, leaf)| leaf.iter().copied()),
    );
}

fn main() {
    show_rules();
    show_formulas();
    show_golden();
    for workload in workloads::all() {
        show_numbers(&workload.name, workload.derivative);
    }
}

/// The points of a data file, with the name they are for.
fn points(data: &'static str, from: usize) -> impl Iterator<Item = (&'static str, Vec<f64>)> {
    data.lines().map(move |line| {
        let point = line.split('|').next().unwrap_or_default();
        let mut words = point.split_whitespace();
        let name = words.next().unwrap_or_default();
        let numbers = words.skip(from).map(|word| word.parse().expect("a number"));
        (name, numbers.collect())
    })
}

fn show_rules() {
    let double = include_str!("../../data/rules.f64.txt");
    let single = include_str!("../../data/rules.f32.txt");
    for row in rules::rules() {
        let name = row.name.replace(' ', "_");
        for (_, x) in points(double, 1).filter(|(rule, _)| *rule == name) {
            show_numbers(row.name, (row.double)(&x).concat());
        }
        for (_, x) in points(single, 1).filter(|(rule, _)| *rule == name) {
            show_numbers(
                row.name,
                (row.single)(&x).concat().into_iter().map(f64::from),
            );
        }
    }
}

fn show_formulas() {
    let data = include_str!("../../data/formulas.txt");
    for formula in formulas::formulas() {
        let companion = &formula.companion;
        for (_, x) in points(data, 0).filter(|(name, _)| *name == formula.name) {
            let (value, [slope]) = (companion.value_and_grad)([x[0]]);
            let tangent = (companion.jvp)([x[0]], [1.0]).1;
            show_numbers(formula.source, [value, slope, tangent]);
        }
    }
}

fn show_golden() {
    // Hidden from the optimiser: what it computes at compile time it computes its own way.
    let n = black_box::<f64>;
    let s = black_box::<f32>;
    let k = black_box::<i32>;
    let p = golden::Point {
        x: n(1.5),
        y: n(-0.3),
    };
    let q = golden::Point {
        x: n(0.2),
        y: n(0.9),
    };
    let x = [0.3, -1.2, 0.7, 2.1].map(n);
    let a = [[4.0, 1.0, 0.5], [1.5, 3.0, -0.2], [0.1, 0.7, 2.0]].map(|row| row.map(n));
    let w = [
        [0.1, 0.2, -0.3],
        [0.4, -0.5, 0.6],
        [0.7, 0.8, 0.9],
        [-1.0, 1.1, 0.2],
    ]
    .map(|row| row.map(n));
    show("loss", &golden::loss::value_and_grad(n(2.3)));
    show(
        "neuron",
        &golden::neuron::value_and_grad(&[1.1, -0.4], [0.5, 0.3].map(n), n(0.1), &[0.7]),
    );
    show(
        "naive_nll",
        &golden::naive_nll::value_and_grad(n(-1.3), n(0.4)),
    );
    show("shared", &golden::shared::value_and_grad(n(1.1), n(0.6)));
    show("generic", &golden::generic::jacobian(n(1.1), n(0.6)));
    show("generic f32", &golden::generic::jacobian(s(1.1), s(0.6)));
    show("distance", &golden::distance::value_and_grad(&p, q.clone()));
    show("composed", &golden::composed::value_and_grad(&p, &q, 0.3));
    show("indexed", &golden::indexed::value_and_grad(&x, 1, 2));
    show(
        "piecewise",
        &golden::piecewise::value_and_grad(n(0.7), n(1.9), k(5)),
    );
    show("rebound", &golden::rebound::value_and_grad(n(0.37)));
    show(
        "pendulum",
        &golden::pendulum::value_and_grad(n(0.4), n(1.3), 50),
    );
    show(
        "unlucky_names",
        &golden::unlucky_names::value_and_grad(n(0.4), n(1.3), n(0.9)),
    );
    show("rosenbrock", &golden::rosenbrock::value_and_grad(&x));
    show(
        "logistic_map",
        &golden::logistic_map::value_and_grad(n(0.3), n(3.7), 40),
    );
    show("newton", &golden::newton::value_and_grad(n(7.7)));
    show(
        "log_loss",
        &golden::log_loss::value_and_grad(&[0.3, -0.2, 0.9], 0.1, &a, &[1.0, 0.0, 1.0]),
    );
    show(
        "forward_substitution",
        &golden::forward_substitution::jacobian(&a, &[1.0, 2.0, 3.0]),
    );
    show("determinant", &golden::determinant::value_and_grad(&a));
    show("layer", &golden::layer::jacobian(&w, &[0.3, -0.8, 1.7]));
    show("swing", &golden::swing::value_and_grad(n(2.3), 60));
    show(
        "programmed",
        &golden::programmed::value_and_grad(n(0.6), &[0, 1, 2, 1, 0]),
    );
    show(
        "nested_sine",
        &golden::nested_sine::value_and_grad(n(0.6), 9),
    );
    show(
        "running_products",
        &golden::running_products::value_and_grad(&x),
    );
}
