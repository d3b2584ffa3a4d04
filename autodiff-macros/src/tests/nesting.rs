//! How deep, long and wide an item may be, in the stack that rustc has.

use std::fmt::Write;
use std::thread;

use proc_macro2::TokenStream;

use crate::nesting::TOO_DEEP;

/// A function's body with so many levels.
type Body = fn(usize) -> String;

/// `open` around `close`, `n` times.
fn nested(n: usize, inner: &str, open: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(n), close.repeat(n))
}

fn function(body: &str) -> String {
    format!("fn f(x: f64, k: usize) -> f64 {{ {body} }}")
}

/// Expands the item in a thread with the stack that rustc has, and says whether it was refused.
fn is_refused(item: String) -> bool {
    const STACK: usize = 8 << 20;
    let expand = move || {
        let item: TokenStream = item.parse().expect("tokens");
        let expansion = crate::expand::expand(TokenStream::new(), item).to_string();
        let refused = expansion.contains("compile_error");
        assert_eq!(
            refused,
            expansion.contains(TOO_DEEP.what),
            "{expansion:.500}"
        );
        refused
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(expand);
    thread.expect("a thread").join().expect("no panic")
}

#[test]
fn deep_items_work_or_are_refused() {
    let kinds: [(&str, Body, usize, usize); 9] = [
        ("bare brackets", |n| nested(n, "x", "(", ")"), 600, 650),
        (
            "brackets",
            |n| nested(n, "x", "(", " * 1.001 + 0.5)"),
            300,
            700,
        ),
        ("calls", |n| nested(n, "x", "f64::sin(", ")"), 500, 600),
        ("methods", |n| format!("x{}", ".sin()".repeat(n)), 980, 1020),
        (
            "operators",
            |n| format!("x{}", " + x".repeat(n)),
            1700,
            1800,
        ),
        (
            "blocks",
            |n| nested(n, "x", "{ let y = ", "; y * 1.5 }"),
            200,
            400,
        ),
        (
            "else",
            |n| nested(n, "x", "if x > 1.5 { x * 3.0 } else { ", " }"),
            80,
            120,
        ),
        (
            "else if",
            |n| format!("{}{{ x }}", "if x > 1.5 { x * 3.0 } else ".repeat(n)),
            100,
            150,
        ),
        (
            "arms",
            |n| nested(n, "x", "match k { 0 => x * 3.0, _ => { ", " } }"),
            35,
            60,
        ),
    ];
    for (kind, body, works, fails) in kinds {
        assert!(
            !is_refused(function(&body(works))),
            "{works} {kind} are refused"
        );
        assert!(
            is_refused(function(&body(fails))),
            "{fails} {kind} are not refused"
        );
        // Far beyond, too.
        assert!(is_refused(function(&body(3 * fails))), "{kind}");
    }
}

#[test]
fn five_hundred_levels_of_expression_work() {
    assert!(!is_refused(function(&nested(500, "x", "(", " - 0.1 * x)"))));
    assert!(!is_refused(function(&nested(500, "x", "f64::sin(", ")"))));
}

/// Length is no depth.
#[test]
fn long_and_wide_items_work() {
    let mut statements = String::new();
    for k in 0..10_000 {
        let _ = write!(statements, "let a{} = a{k} * x + 0.5;", k + 1);
    }
    assert!(!is_refused(function(&format!(
        "let a0 = x; {statements} a10000"
    ))));

    let branches = "if x > 1.0 { y += x * x; } ".repeat(500);
    assert!(!is_refused(function(&format!(
        "let mut y = 0.0; {branches} y"
    ))));

    let arms: String = (0..500)
        .map(|k| format!("{k} => {{ x * {k}.0 }} "))
        .collect();
    assert!(!is_refused(function(&format!(
        "match k {{ {arms} _ => x }}"
    ))));

    let parameters: String = (0..256).map(|k| format!("p{k}: f64, ")).collect();
    let sum = (0..256).map(|k| format!("p{k} * p{k}")).collect::<Vec<_>>();
    assert!(!is_refused(format!(
        "fn f({parameters}) -> f64 {{ {} }}",
        sum.join(" + ")
    )));
}
