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
