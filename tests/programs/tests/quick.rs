//! A few hundred random programs, always the same ones; `cargo run --release -p autodiff-programs` tries more.

use autodiff_programs::check::check;
use autodiff_programs::generate;
use autodiff_programs::harness::Workshop;
use autodiff_programs::shrink::shrink;
use autodiff_programs::types::Program;

const PROGRAMS: u64 = 220;

#[test]
fn random_programs() {
    let workshop = Workshop::new("quick-programs");
    let programs: Vec<Program> = (0..PROGRAMS).map(generate::program).collect();
    let (counts, failures) = check(&workshop, &programs).expect("cargo and the programs run");
    if let Some(failure) = failures.first() {
        let program = &programs[failure.program];
        let small = shrink(&workshop, program, failure).expect("cargo and the programs run");
        panic!(
            "{} of {PROGRAMS} programs fail; seed {}: {failure}\nor smaller: {}\n{}",
            failures.len(),
            program.seed,
            small.1,
            small.0.text
        );
    }
    // What is compared, and not passed over.
    assert!(counts.points as u64 > 5 * PROGRAMS / 2, "{counts}");
    assert!(counts.differences as u64 > 2 * PROGRAMS, "{counts}");
}

#[test]
fn generation_is_reproducible_and_varied() {
    let texts = |seeds: std::ops::Range<u64>| -> Vec<String> {
        seeds.map(|seed| generate::program(seed).text).collect()
    };
    assert_eq!(texts(0..50), texts(0..50));
    let all = texts(0..PROGRAMS).concat();
    for feature in [
        "while ",
        "loop {",
        "'o",
        "match ",
        "return ",
        "break",
        "continue",
        ".iter_mut()",
        "|c",
        ".fold(",
        ".windows(2)",
        "&mut ",
        "Point {",
        "vec![",
        ".push(",
        "collect::<",
        "folded_down(",
        "let mut t",
    ] {
        assert!(all.contains(feature), "no program has `{feature}`");
    }
}

/// The comparison finds a derivative that is wrong: here one of a rule written by hand.
#[test]
#[ignore = "compiles for a minute or two: cargo test -p autodiff-programs -- --ignored"]
fn a_wrong_derivative_is_found_and_made_small() {
    let workshop = Workshop::new("wrong-programs");
    let mut program = generate::program(3);
    program.params.truncate(1);
    program.output = autodiff_programs::types::Type::Float;
    program.text = "pub fn program(x: f64) -> f64 {
        let y = x.sin();
        let z = if y > 2.0 { x } else { y + x };
        let c = wrong(z * y) - y;
        c * z.cos() + y
    }

    #[differentiable(pullback = wrong_pullback, jvp = wrong_jvp)]
    pub fn wrong(a: f64) -> f64 {
        a * a
    }

    fn wrong_pullback(a: f64) -> (f64, impl Fn(f64, &mut f64)) {
        (a * a, move |d: f64, a_bar: &mut f64| *a_bar += 3.0 * a * d)
    }

    fn wrong_jvp(a: f64, a_dot: f64) -> (f64, f64) {
        (a * a, 3.0 * a * a_dot)
    }"
    .into();
    let (_, failures) = check(&workshop, std::slice::from_ref(&program)).expect("cargo runs");
    let [failure] = &failures[..] else {
        panic!("{failures:?}");
    };
    let (small, _) = shrink(&workshop, &program, failure).expect("cargo runs");
    let body = small.text.split("}\n").next().expect("a function");
    assert!(body.contains("wrong(x)"), "{}", small.text);
    assert!(body.lines().count() <= 3, "{}", small.text);
}
