//! The checks find what is wrong: here rules written by hand, each with one mistake.

use autodiff_programs::check::{Kind, check};
use autodiff_programs::generate;
use autodiff_programs::harness::Workshop;
use autodiff_programs::shrink::shrink;
use autodiff_programs::types::{Mode, Param, Program, Type};

/// A function of one number.
fn program(text: String) -> Program {
    let x = Param {
        name: "x".into(),
        ty: Type::Float,
        mode: Mode::Value,
        mutable: false,
    };
    Program {
        params: vec![x],
        output: Type::Float,
        text,
        ..generate::program(0)
    }
}

/// A program that calls `square`, which has this rule by hand.
fn with_rule(body: &str, value: &str, pull: &str, tangent: &str) -> Program {
    program(format!(
        "pub fn program(x: f64) -> f64 {{ {body} }}

        #[differentiable(pullback = square_pullback, jvp = square_jvp)]
        pub fn square(a: f64) -> f64 {{ a * a }}

        fn square_pullback(a: f64) -> (f64, impl Fn(f64, &mut f64)) {{
            ({value}, move |d: f64, a_bar: &mut f64| {pull})
        }}

        fn square_jvp(a: f64, a_dot: f64) -> (f64, f64) {{ ({value}, {tangent}) }}"
    ))
}

#[test]
fn every_kind_of_mistake_is_found() {
    let (value, pull, tangent) = ("a * a", "*a_bar += 2.0 * a * d", "2.0 * a * a_dot");
    let square = |value, pull, tangent| with_rule("square(x)", value, pull, tangent);
    let cases = [
        (None, square(value, pull, tangent)),
        (
            Some(Kind::Evaluator),
            square(value, "*a_bar += 3.0 * a * d", tangent),
        ),
        (
            Some(Kind::Evaluator),
            square(value, pull, "3.0 * a * a_dot"),
        ),
        // Both modes agree, and differences cannot see it.
        (
            Some(Kind::Evaluator),
            square(
                value,
                "*a_bar += (2.0 + 1e-9) * a * d",
                "(2.0 + 1e-9) * a * a_dot",
            ),
        ),
        // Finer than what the evaluator is held to.
        (
            Some(Kind::Modes),
            square(value, pull, "(2.0 + 1e-11) * a * a_dot"),
        ),
        // The second pull forgets the first.
        (
            Some(Kind::Programs),
            square(value, "*a_bar = 2.0 * a * d", tangent),
        ),
        (
            Some(Kind::Value),
            square("(a * a).next_up()", pull, tangent),
        ),
        (
            Some(Kind::Panic),
            square(value, "panic!(\"{a} {d} {a_bar}\")", tangent),
        ),
        // The pull never ends.
        (
            Some(Kind::Panic),
            square(
                value,
                "while d == d { std::hint::black_box((a, &a_bar)); }",
                tangent,
            ),
        ),
        (
            Some(Kind::Refused),
            program("pub fn program(x: f64) -> f64 { x as usize as f64 }".into()),
        ),
        // So many steps that they look like a slope.
        (
            Some(Kind::Differences),
            program("pub fn program(x: f64) -> f64 { (x * 1e13).floor() / 1e13 }".into()),
        ),
        // The function itself fails.
        (
            Some(Kind::Own),
            program("pub fn program(x: f64) -> f64 { let v = vec![x]; v[3] }".into()),
        ),
    ];
    let workshop = Workshop::new("wrong-programs");
    let (expected, programs): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let (_, failures) = check(&workshop, &programs).expect("cargo and the programs run");
    let mut found = vec![None; programs.len()];
    for failure in &failures {
        found[failure.program] = Some(failure.kind);
    }
    assert_eq!(found, expected, "{failures:#?}");
}

#[test]
fn a_failing_program_is_made_small() {
    let workshop = Workshop::new("shrunk-programs");
    let program = with_rule(
        "let y = x.sin();
        let z = square(x * 0.5);
        if y > 2.0 { x } else { z }",
        "a * a",
        "*a_bar += 3.0 * a * d",
        "3.0 * a * a_dot",
    );
    let (_, failures) = check(&workshop, std::slice::from_ref(&program)).expect("cargo runs");
    let [failure] = &failures[..] else {
        panic!("{failures:?}");
    };
    let (small, same) = shrink(&workshop, &program, failure).expect("cargo runs");
    assert_eq!(same.kind, failure.kind);
    let body = small.text.split("}\n").next().expect("a function");
    assert!(body.contains("square(x)"), "{}", small.text);
    assert!(body.lines().count() <= 3, "{}", small.text);
}
