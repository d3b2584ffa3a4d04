//! Time of generated derivatives against hand-written ones and against the plain function.

use autodiff_benches::comparisons;
use autodiff_benches::measure::paired;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        // Built and started by `cargo test --all-targets`: nothing is timed in a test.
        return;
    }
    println!(
        "function              ratio                              ns      ns  median  quartiles    aim"
    );
    let mut function = "";
    for comparison in comparisons::all() {
        let [first, second] = &comparison.runs;
        let paired = paired(first, second);
        let name = if function == comparison.function {
            ""
        } else {
            println!();
            comparison.function
        };
        function = comparison.function;
        let (low, high) = paired.quartiles;
        println!(
            "{name:<21} {:<31} {:>6.1}  {:>6.1}  {:>6.3}  {low:.2}–{high:.2}  {}",
            comparison.what,
            paired.first,
            paired.second,
            paired.ratio,
            verdict(paired.ratio, comparison.target),
        );
    }
}

fn verdict(ratio: f64, target: Option<f64>) -> String {
    match target {
        None => String::new(),
        Some(target) if ratio <= target => format!("≤ {target}  met"),
        Some(target) => format!("≤ {target}  MISSED"),
    }
}
