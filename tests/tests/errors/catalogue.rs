//! The pages, and what holds them to the compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{env, fs};

use crate::case::{self, Report};

/// The groups of identifiers, by their first two digits: the page, and its title.
const PAGES: [(&str, &str, &str); 16] = [
    ("01", "attribute", "The attribute and its options"),
    ("02", "signature", "The signature of a function"),
    ("03", "types", "Types"),
    ("04", "calls", "Calls of functions"),
    ("05", "methods", "Methods"),
    ("06", "closures", "Closures"),
    ("07", "control_flow", "Branches, loops and jumps"),
    ("08", "iterators", "Iterators"),
    ("09", "memory", "Variables and memory"),
    ("10", "patterns", "Patterns and items in the body"),
    ("11", "macros", "Macros, and code that is kept as written"),
    ("12", "rules", "Hand-written rules"),
    ("13", "derive", "The derive"),
    ("14", "limits", "Limits"),
    ("15", "traits", "What only rustc can see"),
    ("16", "arrays", "Arrays of `ndarray`"),
];

/// The longest item that is shown whole.
const LINES_SHOWN: usize = 40;

pub fn tests_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The identifiers with what they stand for, from the sources of the compiler and the runtime.
fn causes() -> BTreeMap<String, String> {
    let root = tests_directory().join("..");
    let read = |path: &str| {
        fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let mut causes = BTreeMap::new();
    let mut meaning = String::new();
    for line in read("autodiff-macros/src/diagnostics/cause.rs").lines() {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("/// ") {
            meaning = text.to_owned();
        } else if let Some(cause) = line.strip_suffix(',').filter(|line| is_identifier(line)) {
            causes.insert(cause.to_owned(), std::mem::take(&mut meaning));
        }
    }
    for file in [
        "differentiable.rs",
        "real.rs",
        "protocol.rs",
        "protocol/checks.rs",
        "progression.rs",
    ] {
        let text = read(&format!("autodiff-runtime/src/{file}"));
        for message in text.split("message = \"").skip(1) {
            let (meaning, rest) = message
                .split_once(" [autodiff::")
                .unwrap_or_else(|| panic!("a message without an identifier in {file}: {message}"));
            let cause = rest.split(']').next().unwrap_or_default();
            causes
                .entry(cause.to_owned())
                .or_insert_with(|| format!("{meaning}.").replace("{Self}", "T"));
        }
    }
    causes
}

fn is_identifier(text: &str) -> bool {
    text.len() == 5
        && text.starts_with('D')
        && text[1..].bytes().all(|digit| digit.is_ascii_digit())
}

/// What to write instead of a refused item.
struct Replacement {
    code: String,
    /// A remark on it.
    remark: String,
    report: Report,
}

/// The replacement for a cause, from the module of its name.
fn replacement(cause: &str) -> Option<Replacement> {
    let path = tests_directory().join(format!("tests/errors/{}.rs", cause.to_lowercase()));
    let text = fs::read_to_string(path).ok()?;
    let (header, code) = text.split_once("\n\n").expect("a header and code");
    let mut lines = header
        .lines()
        .map(|line| line.trim_start_matches("//!").trim());
    let first = lines.next().unwrap_or_default();
    let quoted: Vec<&str> = first.split('`').collect();
    let ["Instead of ", name, " in ", case, "."] = quoted[..] else {
        panic!("{cause}: the first line names an item and its case: {first}");
    };
    let report = case::reports(case)
        .into_iter()
        .find(|report| report.cause == cause && mentions(&report.item, name))
        .unwrap_or_else(|| panic!("{case} has no {cause} in an item `{name}`"));
    let code = code.trim_start_matches("use autodiff_runtime::prelude::*;\n");
    Some(Replacement {
        code: code.trim().to_owned(),
        remark: lines.collect::<Vec<_>>().join(" ").trim().to_owned(),
        report,
    })
}

fn mentions(item: &str, name: &str) -> bool {
    item.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == name)
}

/// An item as the page shows it: of a very long one the beginning and the end.
fn shown(item: &str) -> String {
    let lines: Vec<String> = item.lines().map(shortened).collect();
    if lines.len() <= LINES_SHOWN {
        return lines.join("\n");
    }
    let (head, tail) = (&lines[..10], &lines[lines.len() - 5..]);
    let left_out = format!("    // … {} more lines of this kind …", lines.len() - 15);
    [head, &[left_out], tail].concat().join("\n")
}

fn shortened(line: &str) -> String {
    match line.chars().count() {
        0..160 => line.to_owned(),
        _ => format!("{} …", line.chars().take(120).collect::<String>()),
    }
}

fn entry(cause: &str, meaning: &str) -> String {
    let mut text = format!("## {cause}\n\n{meaning}\n");
    let replacement =
        replacement(cause).unwrap_or_else(|| panic!("{cause} has no replacement in tests/errors"));
    let Replacement {
        code,
        remark,
        report,
    } = replacement;
    text += &format!("\n```rust,ignore\n{}\n```\n", shown(&report.item));
    text += &format!("\n```text\n{}\n```\n", report.text);
    text += "\nInstead:\n";
    if !remark.is_empty() {
        text += &format!("{remark}\n");
    }
    text + &format!("\n```rust,ignore\n{code}\n```\n")
}

fn page(digits: &str, title: &str, causes: &BTreeMap<String, String>) -> String {
    let group = format!("D{digits}");
    let entries = causes
        .iter()
        .filter(|(cause, _)| cause.starts_with(&group))
        .map(|(cause, meaning)| entry(cause, meaning));
    let entries: Vec<String> = entries.collect();
    format!(
        "# {title}\n\n[All errors](README.md)\n\n{}",
        entries.join("\n")
    )
}

fn index(causes: &BTreeMap<String, String>) -> String {
    let mut text = String::from(
        "# Errors\n\n\
         Every error of `#[differentiable]` and of its derive has an identifier in brackets, \
         `[autodiff::D0101]`, behind its first line. It keeps its meaning from release to release. \
         The pages have, for each, code that is refused, the error, and code that does the same and \
         is accepted.\n\n\
         `cargo test -p autodiff-tests --test errors` writes these pages from the cases in `tests/ui` \
         and holds them to those; the replacements in `tests/tests/errors` are compiled.\n",
    );
    for (digits, page, title) in PAGES {
        text += &format!("\n## [{title}]({page}.md)\n\n");
        let group = format!("D{digits}");
        for (cause, meaning) in causes.iter().filter(|(cause, _)| cause.starts_with(&group)) {
            let anchor = cause.to_lowercase();
            text += &format!("- [{cause}]({page}.md#{anchor}) {meaning}\n");
        }
    }
    text
}

#[test]
fn every_page_is_what_the_compiler_says() {
    let causes = causes();
    let directory = tests_directory().join("../docs/errors");
    let pages = PAGES
        .iter()
        .map(|(digits, name, title)| (*name, page(digits, title, &causes)));
    let pages: Vec<(&str, String)> = pages.chain([("README", index(&causes))]).collect();
    let bless = env::var_os("BLESS").is_some_and(|value| value == "1");
    for (name, text) in &pages {
        let path = directory.join(format!("{name}.md"));
        if bless {
            fs::create_dir_all(&directory).expect("docs should be writable");
            fs::write(&path, text).expect("docs should be writable");
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == *text,
            "{} differs from the cases: read the difference after BLESS=1",
            path.display()
        );
    }
}

#[test]
fn every_identifier_has_a_page_and_every_replacement_an_identifier() {
    let causes = causes();
    assert!(causes.len() >= 100, "{}", causes.len());
    let groups: BTreeSet<&str> = PAGES.iter().map(|(digits, ..)| *digits).collect();
    for cause in causes.keys() {
        assert!(groups.contains(&cause[1..3]), "{cause} belongs to no page");
    }
    let compiled: BTreeSet<String> = include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .map(str::to_uppercase)
        .filter(|name| is_identifier(name))
        .collect();
    let expected: BTreeSet<String> = causes.keys().cloned().collect();
    assert_eq!(compiled, expected);
}
