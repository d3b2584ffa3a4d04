//! What the README shows of the compiler's output is the compiler's output.

use autodiff_runtime::prelude::*;

#[differentiable]
fn loss(x: f64) -> f64 {
    let a = x.powi(2);
    let b = 5.0 * a;
    let c = a.ln();
    let g = b * c;
    -g
}

#[test]
fn the_generated_code_is_the_one_shown() {
    let readme = include_str!("../../README.md");
    assert!(
        readme.contains(loss::GENERATED),
        "the README should show\n{}",
        loss::GENERATED
    );
}

/// The picture without its tooltips, which hold line numbers.
fn untitled(svg: &str) -> String {
    let lines = svg
        .lines()
        .filter(|line| !line.trim_start().starts_with("<title>"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_picture_is_the_one_drawn() {
    let drawn = loss::trace(2.0).to_svg();
    let shown = include_str!("../../docs/loss.svg");
    assert!(
        untitled(&drawn) == untitled(shown),
        "run the example `loss` and copy its trace.svg to docs/loss.svg"
    );
}
