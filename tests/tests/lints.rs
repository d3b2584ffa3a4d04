//! Lints see a differentiable function as they see a plain one: a user's crate has the same warnings of
//! rustc and of clippy, at the same places, with the attribute and without it.
//!
//! Skipped where clippy is not installed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A user's module. It is clean but for the lines that end in `// warns`.
const MODULE: &str = include_str!("lints/module.rs");

const MANIFEST: &str = "\
[package]
name = \"user\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
autodiff-runtime = { path = \"RUNTIME\" }

[workspace]
";

const LINTS: &str = "#![warn(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::pedantic)]\n\
     //! A crate.\n\npub mod module;\n";

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
fn warnings(directory: &Path, name: &str, module: &str) -> BTreeSet<(usize, String)> {
    let root = directory.join(name);
    let source = root.join("src");
    fs::create_dir_all(&source).expect("the target directory should be writable");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let runtime = workspace.join("autodiff-runtime");
    let manifest = MANIFEST.replace("RUNTIME", &runtime.display().to_string());
    let write = |path: PathBuf, text: &str| {
        fs::write(path, text).expect("the target directory should be writable");
    };
    write(root.join("Cargo.toml"), &manifest);
    write(source.join("lib.rs"), LINTS);
    write(source.join("module.rs"), module);
    fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock"))
        .expect("the workspace should have a lock file");
    let output = Command::new(env!("CARGO"))
        .args(["clippy", "--offline", "--quiet", "--message-format=short"])
        .current_dir(&root)
        .env("CARGO_TARGET_DIR", directory.join("target"))
        .env_remove("RUSTFLAGS")
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
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lints");
    let without = warnings(&directory, "without", &plain(MODULE));
    let with = warnings(&directory, "with", MODULE);
    assert_eq!(with, without);
    let marked: BTreeSet<usize> = (1..)
        .zip(MODULE.lines())
        .filter(|(_, line)| line.ends_with("// warns"))
        .map(|(number, _)| number)
        .collect();
    let warned: BTreeSet<usize> = with.iter().map(|(line, _)| *line).collect();
    assert_eq!(warned, marked, "{with:?}");
}
