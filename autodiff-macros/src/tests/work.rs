//! Which functions become parts of their callers.

use proc_macro2::TokenStream;

/// How many functions and closures of the expansion do so in any case.
fn always(function: &str) -> usize {
    let item = function.parse().expect("tokens");
    let expansion = crate::expand::expand(TokenStream::new(), item).to_string();
    assert!(!expansion.contains("compile_error"), "{expansion}");
    expansion.matches("inline (always)").count()
}

#[test]
fn by_how_much_they_do() {
    let [light, heavy, calls] = [
        "for i in 0..3 { for j in 0..i { sum += x[i] * x[j]; } }",
        "for i in 0..n { for j in 0..i { sum += x[i] * x[j]; } }",
        "sum += g(x);",
    ]
    .map(|body| {
        always(&format!(
            "fn f(x: &[f64; 100], n: usize) -> f64 {{ let mut sum = 1.0; {body} sum }}"
        ))
    });
    // The forward part, what callers make of it, and the reverse part.
    assert!(light > heavy, "{light} {heavy}");
    assert!(heavy > calls, "{heavy} {calls}");
}

#[test]
fn constant_loops_count_as_often_as_they_run() {
    let rows = |count| {
        always(&format!(
            "fn f(x: &[f64; 100]) -> f64 {{ let mut sum = 1.0; for i in 0..{count} {{ sum += x[i] * x[i]; }} sum }}"
        ))
    };
    assert!(rows(10) > rows(100_000));
}
