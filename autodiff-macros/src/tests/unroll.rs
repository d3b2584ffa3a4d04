//! Which loops are handed to the function that writes them out.

use proc_macro2::TokenStream;

/// How often the expansion of a function does so.
fn written_out(function: &str) -> usize {
    let item = function.parse().expect("tokens");
    let expansion = crate::expand::expand(TokenStream::new(), item).to_string();
    assert!(!expansion.contains("compile_error"), "{expansion}");
    expansion.matches(":: unrolled").count()
}

/// A sum of `term` over a rectangle or triangle.
fn sum(outer: &str, inner: &str, term: &str) -> String {
    format!(
        "fn f<const N: usize>(x: &[f64; N], n: usize) -> f64 {{
            let mut sum = 1.0;
            for i in {outer} {{ for j in {inner} {{ sum += {term}; }} }}
            sum
        }}"
    )
}

#[test]
fn triangles_of_constant_order_are_written_out() {
    let product = "x[i] * x[j]";
    for outer in ["0..N", "(0..N).rev()", "0..7"] {
        for inner in ["0..i", "0..=i", "i + 1..N", "i..n"] {
            assert_ne!(
                written_out(&sum(outer, inner, product)),
                0,
                "{outer} {inner}"
            );
        }
    }
}

#[test]
fn other_loops_are_not() {
    let product = "x[i] * x[j]";
    let no_index = "sum * 0.5";
    for (outer, inner, term) in [
        ("0..n", "0..i", product),
        ("1..N", "0..i", product),
        ("0..=N", "0..i", product),
        ("(0..N).step_by(2)", "0..i", product),
        ("0..17", "0..i", product),
        ("0..N", "0..N", product),
        ("0..N", "0..n", product),
        // Of a type that only rustc knows.
        ("0..7", "0..i", no_index),
    ] {
        assert_eq!(
            written_out(&sum(outer, inner, term)),
            0,
            "{outer} {inner} {term}"
        );
    }
}

#[test]
fn neither_are_triangles_with_more_than_arithmetic() {
    for body in [
        "for j in 0..i { for k in 0..j { sum += x[i] * x[j] * x[k]; } }",
        "for j in 0..i { sum += g(x[i], x[j]); }",
    ] {
        let function = format!(
            "fn f<const N: usize>(x: &[f64; N]) -> f64 {{
                let mut sum = 1.0;
                for i in 0..N {{ {body} }}
                sum
            }}"
        );
        assert_eq!(written_out(&function), 0, "{body}");
    }
}
