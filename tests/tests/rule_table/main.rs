//! Every rule of the compiler's table against partials that were computed with 1200 digits
//! (`tests/data/rules.py`): ordinary points of all sizes, the neighbourhood of singularities, kinks.
//!
//! The worst errors are part of the documentation, docs/rules.md: what is worse than written there
//! fails. `BLESS=1 cargo test -p autodiff-tests --test rule_table` writes what they are now.

mod rules;

use std::fmt;

use autodiff_tests::document::Section;
use autodiff_tests::reference::{Exact, Format, parse};
use rules::{Modes, Row};

const DOUBLE: &str = include_str!("../../data/rules.f64.txt");
const SINGLE: &str = include_str!("../../data/rules.f32.txt");

/// Another platform's exponential may be worse by this much.
const SLACK: f64 = 1.0;

/// The worst errors of a rule; none where the data has no such points.
#[derive(Default)]
struct Worst {
    ordinary: Option<f64>,
    singular: Option<f64>,
    cancelling: Option<f64>,
}

/// A cell of the table: the worst errors in both precisions, rounded up to halves.
#[derive(Clone, Copy, PartialEq)]
struct Cell(Option<[f64; 2]>);

impl Cell {
    fn of(double: Option<f64>, single: Option<f64>) -> Self {
        let up = |error: f64| (2.0 * error).ceil() / 2.0;
        Cell(
            double
                .zip(single)
                .map(|(double, single)| [up(double), up(single)]),
        )
    }

    fn read(text: &str) -> Self {
        let numbers = text.split_once('/');
        Cell(numbers.map(|(double, single)| [parse(double.trim()), parse(single.trim())]))
    }

    /// Whether no error is worse than `written`.
    fn within(self, written: Cell) -> bool {
        match (self.0, written.0) {
            (None, None) => true,
            (Some(found), Some(written)) => found.iter().zip(written).all(|(&found, written)| {
                found <= written || (written > 0.0 && found <= written + SLACK)
            }),
            _ => false,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some([double, single]) => write!(f, "{double} / {single}"),
            None => Ok(()),
        }
    }
}

#[test]
fn no_rule_is_worse_than_documented() {
    let rows: Vec<(String, [Cell; 3])> = rules::rules().iter().map(table_row).collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|(rule, [ordinary, singular, cancelling])| {
            format!("| {rule} | {ordinary} | {singular} | {cancelling} |\n")
        })
        .collect();
    let table = format!(
        "| function | partials | ordinary | singular | cancelling |\n\
         | --- | --- | --- | --- | --- |\n{}",
        lines.concat()
    );
    let mut section = Section::read("rules.md", "rules");
    section.bless(table);

    let mut written = section.written.lines().skip(2);
    for ((rule, cells), line) in rows.iter().zip(&lines) {
        let written = written.next().unwrap_or_default();
        let rest = written.strip_prefix(&format!("| {rule} |"));
        let rest = rest.unwrap_or_else(|| panic!("docs/rules.md should have the row\n{line}"));
        for (found, written) in cells.iter().zip(rest.split('|').map(Cell::read)) {
            assert!(found.within(written), "worse than documented: {line}");
        }
    }
    assert_eq!(written.next(), None, "a row too many in docs/rules.md");
}

/// The first cells of a rule's row, and its errors.
fn table_row(row: &Row) -> (String, [Cell; 3]) {
    let double = worst(row.name, DOUBLE, &row.double);
    let single = worst(row.name, SINGLE, &row.single);
    let cells = [
        Cell::of(double.ordinary, single.ordinary),
        Cell::of(double.singular, single.singular),
        Cell::of(double.cancelling, single.cancelling),
    ];
    (
        format!("`{}` | {}", row.name, row.partials.join("; ")),
        cells,
    )
}

/// Holds both modes to every line of `data` that is for the rule.
fn worst<T: Format>(name: &str, data: &str, modes: &Modes<T>) -> Worst {
    let key = name.replace(' ', "_");
    let mut worst = Worst::default();
    let mut count = 0;
    for line in data.lines() {
        let mut cells = line.split('|');
        let mut words = cells.next().expect("a point").split_whitespace();
        if words.next() != Some(&key) {
            continue;
        }
        let class = words.next().expect("a class");
        let x: Vec<f64> = words.map(parse).collect();
        let exact: Vec<Exact<T>> = cells.map(Exact::parse).collect();
        for (mode, found) in ["reverse", "forward"].iter().zip(modes(&x)) {
            assert_eq!(found.len(), exact.len(), "{name}");
            for (&found, exact) in found.iter().zip(&exact) {
                let error = match class {
                    "a" => exact.error_beside_one(found),
                    _ => exact.error(found),
                };
                if std::env::var_os("ULPS").is_some() && error > 3.0 {
                    println!("{name} {class} {x:?} {mode}: {found:?} is off by {error:.2} ulp");
                }
                let place = match class {
                    "o" => &mut worst.ordinary,
                    "s" => &mut worst.singular,
                    "a" => &mut worst.cancelling,
                    "k" => {
                        assert_eq!(error, 0.0, "{name} at the kink {x:?}, {mode}: {found}");
                        continue;
                    }
                    _ => panic!("{name}: a class {class}"),
                };
                *place = Some(place.unwrap_or_default().max(error));
            }
        }
        count += 1;
    }
    assert!(count >= 5, "{name} has {count} points only");
    worst
}

/// Every line of the data is for a rule that is tested.
#[test]
fn no_line_of_the_data_is_left_over() {
    let rules: Vec<String> = rules::rules()
        .iter()
        .map(|row| row.name.replace(' ', "_"))
        .collect();
    for line in DOUBLE.lines().chain(SINGLE.lines()) {
        let name = line.split(' ').next().unwrap_or_default();
        assert!(rules.iter().any(|rule| rule == name), "{line}");
    }
}
