//! Finite where the truth is finite: formulas that overflow, cancel or divide zero by zero the way users
//! write them, with their exact derivatives (`tests/data/formulas.py`).
//!
//! docs/formulas.md shows each with its derivative and ours, and says where it cannot be rescued.
//! `BLESS=1 cargo test -p autodiff-tests --test formulas` writes it.

mod formulas;

use autodiff_tests::check::same_bits;
use autodiff_tests::document::Section;
use autodiff_tests::reference::{Exact, parse};
use formulas::Formula;

/// What a row of the table shows of a point.
type Show = fn(&Point) -> String;

const DATA: &str = include_str!("../../data/formulas.txt");

/// The points that have a column of their own.
const COLUMNS: [f64; 7] = [0.0, 1.0, -1.0, 40.0, -40.0, 800.0, -800.0];

/// The derivative at a point: the true one, and ours in both modes.
struct Point {
    z: f64,
    exact: Exact<f64>,
    reverse: f64,
    forward: f64,
}

/// Whether `found` is right: to a relative error that exponentials of large arguments may have (they
/// magnify half an ulp of their argument by its size), or to a few units in the last place of 1.
fn is_right(exact: Exact<f64>, found: f64) -> bool {
    exact.error(found) <= 1000.0 || exact.error_beside_one(found) <= 4.0
}

impl Point {
    fn is_right(&self) -> bool {
        is_right(self.exact, self.reverse) && is_right(self.exact, self.forward)
    }

    /// Our derivative as the table shows it.
    fn shown(&self) -> String {
        let (reverse, forward) = (digits(self.reverse), digits(self.forward));
        match self.is_right() {
            true => reverse,
            false if reverse == forward => format!("**{reverse}**"),
            false => format!("**{reverse}**, forward **{forward}**"),
        }
    }
}

fn points(formula: &Formula) -> Vec<Point> {
    let lines = DATA.lines().filter_map(|line| {
        let (point, exact) = line.split_once('|')?;
        let (name, z) = point.trim().split_once(' ')?;
        (name == formula.name).then(|| (parse(z), Exact::parse(exact)))
    });
    let companion = &formula.companion;
    lines
        .map(|(z, exact)| Point {
            z,
            exact,
            reverse: companion.consistent_gradient([z])[0],
            forward: (companion.jvp)([z], [1.0]).1,
        })
        .collect()
}

/// Five digits at most.
fn digits(number: f64) -> String {
    let rounded: f64 = parse(&format!("{number:.4e}"));
    if rounded == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e5).contains(&rounded.abs()) || !rounded.is_finite() {
        rounded.to_string().replace('-', "−").replace("inf", "∞")
    } else {
        format!("{rounded:e}").replace('-', "−")
    }
}

#[test]
fn derivatives_are_true_but_where_the_table_says_so() {
    for formula in formulas::formulas() {
        let lost = formula.lost.as_ref().map_or(&[][..], |lost| lost.at);
        let points = points(&formula);
        assert!(
            points.len() >= 4,
            "{} has {} points",
            formula.name,
            points.len()
        );
        for point in points {
            assert!(
                point.is_right() != lost.contains(&point.z),
                "{} at {:e}: {:e}, forward {:e}, true {:e}",
                formula.name,
                point.z,
                point.reverse,
                point.forward,
                point.exact.rounded,
            );
        }
    }
}

/// Without `stable` a view never changes the value.
#[test]
fn values_are_those_of_the_formula() {
    for formula in formulas::formulas() {
        for z in COLUMNS {
            let value = (formula.companion.value)([z]);
            let own = (formula.companion.value_and_grad)([z]).0;
            assert!(same_bits(value, own), "{} at {z}", formula.name);
        }
    }
}

#[test]
fn the_table_is_the_one_documented() {
    let heads = COLUMNS.map(|z| z.to_string().replace('-', "−"));
    let mut table = format!(
        "| formula | | {} | elsewhere |\n| --- |{}\n",
        heads.join(" | "),
        " --- |".repeat(COLUMNS.len() + 2)
    );
    for formula in formulas::formulas() {
        let points = points(&formula);
        let source = formula
            .source
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('|', "\\|");
        let reason = formula.lost.as_ref().map_or("", |lost| lost.reason);
        let shown: [(String, &str, Show); 2] = [
            (format!("`{source}`"), "true", |point| {
                digits(point.exact.rounded)
            }),
            (reason.to_owned(), "ours", Point::shown),
        ];
        for (head, whose, show) in shown {
            let cells = COLUMNS.map(|z| {
                let point = points.iter().find(|point| point.z == z);
                point.map_or_else(|| "–".to_owned(), show)
            });
            let elsewhere: Vec<String> = points
                .iter()
                .filter(|point| !COLUMNS.contains(&point.z))
                .map(|point| format!("{} at {}", show(point), digits(point.z)))
                .collect();
            let (cells, elsewhere) = (cells.join(" | "), elsewhere.join("; "));
            table += &format!("| {head} | {whose} | {cells} | {elsewhere} |\n");
        }
    }
    let mut section = Section::read("formulas.md", "formulas");
    section.bless(table.clone());
    assert_eq!(section.written, table, "BLESS=1 writes docs/formulas.md");
}
