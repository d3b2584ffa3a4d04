//! Time of gradients of code with loops, branches and mutation: against the plain function, and
//! generated against hand-written.
//!
//! Words after `--` choose the workloads whose names hold one of them.

use autodiff_benches::measure::{Run, paired_within};
use autodiff_benches::workloads;

/// What one comparison may take.
const SECONDS: f64 = 1.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        // Built and started by `cargo test --all-targets`: nothing is timed in a test.
        return;
    }
    let chosen: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    println!(
        "{:<44} {:>10} {:>10}   {:<21} {:>10}   {:<21} {:<21}",
        "workload", "plain", "by hand", "by hand/plain", "generated", "/by hand", "/plain",
    );
    for workload in workloads::all() {
        if !chosen.is_empty() && !chosen.iter().any(|word| workload.name.contains(*word)) {
            continue;
        }
        let (by_hand, plain, ratio) = compare(&workload.by_hand, &workload.plain);
        print!(
            "{:<44} {plain:>10} {by_hand:>10}   {ratio:<21}",
            workload.name
        );
        match &workload.generated {
            Some(run) => {
                let (generated, _, by_hand) = compare(run, &workload.by_hand);
                let (_, _, plain) = compare(run, &workload.plain);
                println!(" {generated:>10}   {by_hand:<21} {plain:<21}");
            }
            None => println!(" {:>10}", "–"),
        }
    }
}

/// Both times and the ratio with its quartiles.
fn compare(first: &Run, second: &Run) -> (String, String, String) {
    let paired = paired_within(SECONDS, 0, first, second);
    let (low, high) = paired.quartiles;
    (
        duration(paired.first),
        duration(paired.second),
        format!("{:.3} ({low:.3}–{high:.3})", paired.ratio),
    )
}

/// Nanoseconds with a fitting unit.
fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.1} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}
