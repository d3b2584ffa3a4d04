//! The comparisons of `gradient` in instructions per call, counted by `valgrind --tool=callgrind`:
//! the same on a busy machine as on an idle one, and blind to caches and to mispredicted branches.
//!
//! The program starts itself under valgrind once with few calls and once with many for each
//! variant; what is counted more the second time is the calls' own.

use std::collections::BTreeMap;
use std::process::Command;

use autodiff_benches::comparisons::{self, Comparison};

const FEW: usize = 1_000;
const MANY: usize = 3_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, name, calls] = &arguments[..]
        && flag == "--variant"
    {
        return run(name, calls.parse().expect("the number of calls"));
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        // Built and started by `cargo test --all-targets`: nothing is measured in a test.
        return;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("valgrind is not installed: no instructions are counted");
        return;
    }
    let mut counts = BTreeMap::new();
    println!("function              ratio                           instructions           ratio");
    for comparison in comparisons::all() {
        let [first, second] = comparison.names.clone().map(|name| {
            *counts
                .entry(name.clone())
                .or_insert_with(|| instructions_per_call(&name))
        });
        let Comparison { function, what, .. } = comparison;
        println!(
            "{function:<21} {what:<31} {first:>6.0}  {second:>6.0}  {:>10.3}",
            first / second
        );
    }
}

/// The child's part.
fn run(name: &str, calls: usize) {
    for comparison in comparisons::all() {
        for (own, run) in comparison.names.iter().zip(&comparison.runs) {
            if own == name {
                return run(calls);
            }
        }
    }
    panic!("there is no variant `{name}`");
}

fn instructions_per_call(name: &str) -> f64 {
    (instructions(name, MANY) - instructions(name, FEW)) / (MANY - FEW) as f64
}

/// All instructions of a run, as callgrind's last line but few says: `Collected : 123456`.
fn instructions(name: &str, calls: usize) -> f64 {
    let this = std::env::current_exe().expect("the path of this program");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["--variant", name, &calls.to_string()])
        .output()
        .expect("valgrind runs");
    let report = String::from_utf8_lossy(&output.stderr);
    let count = report
        .lines()
        .find_map(|line| line.split_once("Collected :"));
    let (_, count) = count.unwrap_or_else(|| panic!("callgrind did not report:\n{report}"));
    count.trim().parse().expect("a number of instructions")
}
