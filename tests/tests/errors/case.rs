//! A case in `ui/`: its items, and the errors that the compiler reports in them.

use std::fs;
use std::path::Path;

use crate::catalogue::tests_directory;

/// An error of a case.
pub struct Report {
    /// The identifier, such as `D0101`.
    pub cause: String,
    /// All that the user reads.
    pub text: String,
    /// The item that it points into.
    pub item: String,
}

/// The errors with an identifier of `ui/NAME.rs`, in their order.
pub fn reports(name: &str) -> Vec<Report> {
    let file = tests_directory().join(name);
    let read = |path: &Path| {
        fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{} should be readable: {error}", path.display()))
    };
    let source = read(&file);
    let items = items(&source);
    let reported = read(&file.with_extension("stderr"));
    let mut texts: Vec<String> = Vec::new();
    for line in reported.lines() {
        match texts.last_mut() {
            Some(text) if !line.starts_with("error") => {
                text.push('\n');
                text.push_str(line);
            }
            _ => texts.push(line.to_owned()),
        }
    }
    let reports = texts.into_iter().filter_map(|text| {
        let (_, rest) = text.lines().next()?.split_once("[autodiff::")?;
        let cause = rest.split(']').next()?.to_owned();
        let place = format!("--> {name}:");
        let (_, place) = text.split_once(&place)?;
        let line: usize = place.split(':').next()?.parse().ok()?;
        let (_, item) = items.iter().rev().find(|(first, _)| *first <= line)?;
        Some(Report {
            cause,
            text: text.trim_end().to_owned(),
            item: item.clone(),
        })
    });
    reports.collect()
}

/// The paragraphs that begin at the left margin, each with the number of its first line.
fn items(source: &str) -> Vec<(usize, String)> {
    let mut items: Vec<(usize, String)> = Vec::new();
    let mut after_blank = true;
    for (number, line) in (1..).zip(source.lines()) {
        let begins = after_blank && !line.is_empty() && !line.starts_with(' ');
        after_blank = line.is_empty();
        match items.last_mut() {
            Some((_, item)) if !begins => {
                item.push('\n');
                item.push_str(line);
            }
            _ => items.push((number, line.to_owned())),
        }
    }
    for (_, item) in &mut items {
        item.truncate(item.trim_end().len());
    }
    items
}
