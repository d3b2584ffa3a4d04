//! Lints see a differentiable function as they see a plain one: a user's crate has the same warnings of
//! rustc and of clippy, at the same places, with the attribute and without it.
//!
//! Skipped where clippy is not installed.

use std::collections::BTreeSet;
use std::process::Command;

use super::{MODULE, cargo};

/// The module without any trace of the macros, line by line the same.
fn plain(module: &str) -> String {
    let lines = module.lines().map(|line| {
        let line = match line.trim_start().starts_with("#[differentiable") {
            // An attribute that does nothing: a comment must not be followed by an empty line.
            true => "#[cfg(true)]",
            false => line,
        };
        let line = line.replace(", Differentiable)]", ")]");
        let line = line.replace("#[derive(Differentiable)]", "");
        line.replace("#[constant]", "           ") + "\n"
    });
    lines.collect()
}

/// The warnings about the module, each as its line and its text.
fn warnings(name: &str, module: &str) -> BTreeSet<(usize, String)> {
    let (mut command, _) = cargo(name, module);
    let output = command
        .args(["clippy", "--offline", "--quiet", "--message-format=short"])
        .output()
        .expect("cargo should run");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let lines = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once("module.rs:")?;
        let mut parts = rest.splitn(3, ':');
        let (line, _column) = (parts.next()?, parts.next()?);
        Some((line.parse().ok()?, parts.next()?.trim().to_owned()))
    });
    lines.collect()
}

#[test]
fn the_attribute_adds_no_warning_and_hides_none() {
    let installed = Command::new(env!("CARGO"))
        .args(["clippy", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !installed {
        eprintln!("skipped: clippy is not installed");
        return;
    }
    let without = warnings("without", &plain(MODULE));
    let with = warnings("with", MODULE);
    assert_eq!(with, without);
    let marked: BTreeSet<usize> = (1..)
        .zip(MODULE.lines())
        .filter(|(_, line)| line.ends_with("// warns"))
        .map(|(number, _)| number)
        .collect();
    let warned: BTreeSet<usize> = with.iter().map(|(line, _)| *line).collect();
    assert_eq!(warned, marked, "{with:?}");
}
