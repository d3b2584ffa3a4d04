//! `REPORT` says what is kept, in the user's words, and no less than what is kept.

use allocation_counter::measure;
use autodiff_runtime::prelude::*;

#[differentiable(explain)]
fn straight(x: f64, y: f64) -> f64 {
    (x * y).sin()
}

#[differentiable(explain)]
fn branch(x: f64, k: f64) -> f64 {
    if x > k {
        let z = (x * k).sin();
        z * z.exp()
    } else {
        x
    }
}

#[differentiable(explain)]
fn fused(x: &[f64], k: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        let e = (x[i] * k).exp();
        total += e * e;
    }
    total
}

#[differentiable(explain)]
fn recurrence(x: &[f64], k: f64) -> f64 {
    let mut y = k;
    for i in 0..x.len() {
        let z = y * x[i];
        y = z.sin();
    }
    y
}

#[differentiable(explain)]
fn unnamed(x: &[f64], k: f64) -> f64 {
    let mut y = k;
    for &v in x {
        y = (y * v).sin() + (y - v).cos() * y;
    }
    y
}

#[differentiable(explain)]
fn later(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for v in x.iter() {
        total += (v * 2.0).exp();
    }
    total * total
}

#[differentiable(explain)]
fn newton(a: f64) -> f64 {
    let mut y = a;
    for _ in 0..12 {
        y = 0.5 * (y + a / y);
    }
    y
}

#[differentiable(explain)]
fn halving(x: f64, limit: f64) -> f64 {
    let mut y = x;
    while y > limit {
        y = (y * 0.99).sin();
    }
    y
}

#[differentiable(explain)]
fn nest(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..n {
        for j in 0..i {
            if y > 0.5 {
                y = (y + j as f64).sin();
            } else {
                y = y.exp();
            }
        }
    }
    y
}

#[differentiable(explain)]
fn step(x: f64, k: f64) -> f64 {
    (x * k).sin() + x
}

#[differentiable(explain)]
fn calls(x: &[f64], k: f64) -> f64 {
    let mut y = k;
    for i in 0..x.len() {
        y = step(y, x[i]);
    }
    y
}

#[differentiable(explain)]
fn in_place(x: &mut [f64], k: f64) {
    for i in 1..x.len() {
        x[i] = (x[i] * k + x[i - 1]).sin();
    }
}

#[differentiable(explain)]
fn state(a: [[f64; 3]; 3], n: usize) -> f64 {
    let mut x = [1.0, 0.5, 0.25];
    for _ in 0..n {
        let mut next = [0.0; 3];
        for i in 0..3 {
            for j in 0..3 {
                next[i] += a[i][j] * x[j];
            }
        }
        x = next;
    }
    x[0] + x[1] * x[2]
}

#[differentiable(explain)]
fn chain(x: &[f64], k: f64) -> f64 {
    x.iter()
        .map(|v| (v * k).sin())
        .fold(1.0, |y, v| (y + v).tanh())
}

#[differentiable(explain)]
fn early(x: &[f64]) -> f64 {
    let mut y = 1.0;
    for i in 0..x.len() {
        if y > 10.0 {
            return y * x[i];
        }
        y = (y + x[i]).exp();
    }
    y
}

#[differentiable(explain)]
fn matched(x: f64, kind: usize) -> f64 {
    let mut y = x;
    for k in 0..4 {
        y = match kind + k {
            0 => y.sin(),
            1 => {
                let z = y.exp();
                z * z
            }
            _ => y,
        };
    }
    y
}

#[differentiable(explain, checkpoint = periodic(10))]
fn stepped(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        y = (y * 1.1).sin();
    }
    y
}

/// The report without line numbers.
fn words(report: &str) -> String {
    let mut words = String::new();
    let mut parts = report.split(" in line ");
    words.extend(parts.next());
    for part in parts {
        words.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    words
}

#[track_caller]
fn assert_says(report: &str, sentences: &[&str]) {
    let words = words(report);
    for sentence in sentences {
        assert!(words.contains(sentence), "no `{sentence}` in:\n{words}");
    }
}

#[test]
fn names_are_the_users() {
    assert_says(straight::REPORT, &["no loop or branch to reverse"]);
    assert_says(
        branch::REPORT,
        &[
            "- `if`:\n  where the condition holds, keeps",
            "`z`, 8 bytes: dear to compute again",
            "the result of `exp`, 8 bytes",
        ],
    );
    assert_says(
        fused::REPORT,
        &["`for` over `i`:\n  fused with its reverse"],
    );
    assert_says(
        recurrence::REPORT,
        &[
            "an iteration's adjoint depends on that of the next one",
            "`y` as the iteration finds it, 8 bytes: every iteration gives it a new value",
            "computes again: `z`, which",
        ],
    );
    assert_says(
        unnamed::REPORT,
        &["- loop:", "the result of `cos`", "computes again: `v`"],
    );
    assert_says(
        later::REPORT,
        &["known only after it has ended", "the result of `exp`"],
    );
    assert_says(calls::REPORT, &["the reverse of the call of `step`"]);
    assert_says(
        in_place::REPORT,
        &["what is read of `x`, 8 bytes: the place has another"],
    );
    assert_says(chain::REPORT, &["the result of `tanh`"]);
    assert_says(early::REPORT, &["`y`, 8 bytes: it would take the whole"]);
    assert_says(
        matched::REPORT,
        &["which arm is taken", "- `match`:\n    in arm 2, keeps"],
    );
    assert_says(
        stepped::REPORT,
        &["whole states (`y`), one for every 10 iterations"],
    );
    let all = [
        branch::REPORT,
        recurrence::REPORT,
        unnamed::REPORT,
        later::REPORT,
        newton::REPORT,
        halving::REPORT,
        nest::REPORT,
        calls::REPORT,
        in_place::REPORT,
        state::REPORT,
        chain::REPORT,
        early::REPORT,
        matched::REPORT,
        stepped::REPORT,
    ];
    for report in all {
        for hidden in [
            "`t1`",
            "`t2`",
            "`t3`",
            "returned",
            "rounds",
            "goes_on",
            "_pullback",
            "intermediate",
        ] {
            assert!(!report.contains(hidden), "{hidden} in:\n{report}");
        }
    }
}

const LINE: u32 = line!() + 4;
#[differentiable(explain)]
fn at_a_line(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..3 {
        y = y.sin();
    }
    y
}

#[test]
fn lines_are_those_of_the_file() {
    let line = format!("- loop in line {LINE}:");
    assert!(at_a_line::REPORT.contains(&line), "{}", at_a_line::REPORT);
}

/// The bytes per iteration of each loop that keeps something.
fn bytes_per_iteration(report: &str) -> Vec<u64> {
    let ends = report.match_indices(" bytes per iteration");
    let figures = ends.map(|(end, _)| {
        let start = report[..end]
            .rfind(' ')
            .expect("a figure stands in a sentence")
            + 1;
        report[start..end].parse().expect("it is a number")
    });
    figures.collect()
}

/// Checks that no more is held when the forward pass has ended than the report says.
macro_rules! held {
    ($($name:ident($($arg:expr),+), $per_iteration:expr, $entries:expr;)+) => {$({
        let figures = bytes_per_iteration($name::REPORT);
        assert_eq!(figures, $per_iteration, "{}", $name::REPORT);
        let mut pullback = None;
        let info = measure(|| pullback = Some($name::pullback($($arg),+)));
        let said: u64 = figures.iter().zip($entries).map(|(bytes, entries)| bytes * entries).sum();
        assert_eq!(info.bytes_current as u64, said, "{}", $name::REPORT);
        drop(pullback);
    })+};
}

#[differentiable(explain)]
fn mixed(x: &[f64]) -> f64 {
    let mut total = 1.0;
    for i in 0..x.len() {
        let mut y = total;
        for j in 0..i {
            y = (y + x[j]).sin();
        }
        total = (total * y).exp();
    }
    total
}

#[differentiable(explain)]
fn of_single_precision(x: &[f32]) -> f32 {
    let mut y = 1.0;
    let mut z = 0.5;
    for v in x {
        z = (y * v).sin();
        y *= z;
    }
    y + z
}

#[test]
fn memory_is_what_is_said() {
    let x = vec![0.3; 100];
    held! {
        recurrence(&x, 0.5), [8], [100];
        unnamed(&x, 0.5), [16], [100];
        later(&x), [8], [100];
        state([[0.1; 3]; 3], 40), [24], [40];
        nest(0.4, 20), [16], [190];
        chain(&x, 0.4), [8], [100];
        mixed(&x), [24, 8], [100, 4950];
        of_single_precision(&[0.5; 64]), [8], [64];
    }
}

/// What is on the stack is in the closure, beside what it captures.
#[test]
fn memory_on_the_stack_is_what_is_said() {
    let (_, pullback) = newton::pullback(2.0);
    assert!(newton::REPORT.contains("192 bytes in all"));
    assert!(size_of_val(&pullback) <= 192 + size_of::<f64>());
}

#[test]
fn growing_memory_is_at_most_twice_what_is_said() {
    let x = [0.01; 200];
    assert!(halving::REPORT.contains("up to twice that"));
    let mut pullback = None;
    let info = measure(|| pullback = Some(early::pullback(&x)));
    let (value, pullback) = pullback.expect("it has run");
    let mut entries = 0;
    let mut y: f64 = 1.0;
    for v in x {
        entries += 1;
        if y > 10.0 {
            break;
        }
        y = (y + v).exp();
    }
    let [bytes] = bytes_per_iteration(early::REPORT)[..] else {
        panic!("one loop: {}", early::REPORT);
    };
    // A vector begins with room for four.
    let most = 2 * bytes * entries.max(4);
    assert!(
        info.bytes_current as u64 <= most,
        "{info:?}, {entries} entries"
    );
    drop((value, pullback));
}
