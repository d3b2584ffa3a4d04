//! Time that `#[differentiable]` takes to expand, and the size of what it writes, over functions
//! of growing length: both should grow in proportion.
//!
//! A procedural macro cannot be called from a program, so its sources are compiled as a part of
//! this one (`compiler.rs`), where `proc-macro2` works without a compiler. Cargo builds macros without optimisation
//! unless told otherwise; `cargo bench --profile dev` measures that build.

include!("compiler.rs");

use std::fmt::Write;
use std::time::{Duration, Instant};

use proc_macro2::TokenStream;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        // Built and started by `cargo test --all-targets`: nothing is timed in a test.
        return;
    }
    let build = if cfg!(debug_assertions) {
        "debug build of the macro, as Cargo builds macros by default"
    } else {
        "optimised build of the macro; add `--profile dev` for the one Cargo uses by default"
    };
    println!("{build}\n");
    table("statements of all kinds", mixed, &[100, 1_000, 5_000]);
    table(
        "each `let` uses the last one twice",
        doubling,
        &[8, 50, 500, 5_000],
    );
    table("loops, one after the other", loops, &[10, 50, 250]);
    table("branches in one loop", branches, &[10, 50, 250]);
    table("stores in one loop", stores, &[10, 50, 250]);
    table("calls in one loop", calls, &[10, 50, 250]);
}

/// Time and output per length; the ratios are per statement, to the row above.
fn table(title: &str, write: fn(usize) -> String, lengths: &[usize]) {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    if !words.is_empty() && !words.iter().any(|word| title.contains(word)) {
        return;
    }
    println!("{title}");
    println!("statements  expansion  per statement    growth     output  per statement");
    let mut last: Option<f64> = None;
    for &length in lengths {
        let item: TokenStream = write(length).parse().expect("the function is Rust");
        let (time, size) = measure(&item);
        let each = time.as_secs_f64() / length as f64;
        let growth = last.map_or(String::new(), |last| format!("×{:.2}", each / last));
        last = Some(each);
        println!(
            "{length:>10} {:>8.1} ms {:>11.1} µs  {growth:>8} {:>7} kB {:>12} B",
            time.as_secs_f64() * 1e3,
            each * 1e6,
            size / 1000,
            size / length,
        );
    }
    println!();
}

/// The shortest of several times, because all that disturbs makes it longer, and the size of the
/// code as text.
fn measure(item: &TokenStream) -> (Duration, usize) {
    let mut best = Duration::MAX;
    let mut size = 0;
    let start = Instant::now();
    for _ in 0..10 {
        let (args, item) = (TokenStream::new(), item.clone());
        let clock = Instant::now();
        let expanded = expand::expand(args, item);
        best = best.min(clock.elapsed());
        size = expanded.to_string().len();
        if start.elapsed() > Duration::from_secs(10) {
            break;
        }
    }
    (best, size)
}

/// A function of `length` statements that use each other near and far, with all kinds of rules.
fn mixed(length: usize) -> String {
    let mut code =
        String::from("pub fn mixed(x: f64, y: [f64; 4]) -> f64 {\n    let v0 = x * y[0];\n");
    for k in 1..length {
        let (last, far) = (k - 1, k / 2);
        let value = match k % 8 {
            0 => format!("v{last}.sin() + v{far} * x"),
            1 => format!("(v{last} - v{far}) / (1.0 + v{far} * v{far})"),
            2 => format!("0.5 * v{last} + 0.25 * v{far} + y[{}]", k % 4),
            3 => format!("sigmoid(v{last}) * v{far}"),
            4 => format!("(1.0 + v{last} * v{last}).ln()"),
            5 => format!("v{last}.max(v{far}) - x"),
            6 => format!("-v{last}.tanh() * y[{}]", k % 4),
            _ => format!("(v{last} * v{last} + v{far} * v{far}).sqrt()"),
        };
        writeln!(code, "    let v{k} = {value};").expect("strings take all");
    }
    writeln!(code, "    v{}\n}}", length - 1).expect("strings take all");
    code
}

/// A chain in which textual substitution would double the code at every step.
fn doubling(length: usize) -> String {
    let mut code = String::from("pub fn doubling(x: f64) -> f64 {\n    let a0 = x;\n");
    for k in 1..length {
        let last = k - 1;
        writeln!(code, "    let a{k} = a{last} * a{last} + 0.1 * x;").expect("strings take all");
    }
    writeln!(code, "    a{}\n}}", length - 1).expect("strings take all");
    code
}

/// Loops that hand a value on, each in turn with the one of the last.
fn loops(length: usize) -> String {
    let mut code = String::from("pub fn loops(x: &[f64], k: f64) -> f64 {\n    let mut y0 = k;\n");
    for k in 1..length {
        let last = k - 1;
        writeln!(
            code,
            "    let mut y{k} = y{last};\n    for i in 0..x.len() {{ y{k} = (y{k} * x[i] + y{last}).sin(); }}"
        )
        .expect("strings take all");
    }
    writeln!(code, "    y{}\n}}", length - 1).expect("strings take all");
    code
}

/// Branches that change what a loop hands on.
fn branches(length: usize) -> String {
    let mut code = String::from(
        "pub fn branches(x: &[f64], k: f64) -> f64 {\n    let mut y = k;\n    for i in 0..x.len() {\n",
    );
    for k in 1..length {
        writeln!(
            code,
            "        if y > {k}.5 {{ y = (y * x[i]).sin(); }} else {{ y = y.exp() * k; }}"
        )
        .expect("strings take all");
    }
    code.push_str("    }\n    y\n}");
    code
}

/// Stores to elements of one memory, which are read again.
fn stores(length: usize) -> String {
    let mut code = format!(
        "pub fn stores(x: f64, n: usize) -> f64 {{\n    let mut a = [x; {length}];\n    for i in 0..n {{\n"
    );
    for k in 1..length {
        let last = k - 1;
        writeln!(code, "        a[{k}] = (a[{k}] * a[{last}]).sin();").expect("strings take all");
    }
    writeln!(code, "    }}\n    a[{}]\n}}", length - 1).expect("strings take all");
    code
}

/// Calls, whose pullbacks are kept.
fn calls(length: usize) -> String {
    let mut code = String::from(
        "pub fn calls(x: &[f64], k: f64) -> f64 {\n    let mut y = k;\n    for i in 0..x.len() {\n",
    );
    for k in 1..length {
        writeln!(code, "        y = step{k}(y, x, i);").expect("strings take all");
    }
    code.push_str("    }\n    y\n}");
    code
}
