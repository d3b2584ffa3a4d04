//! What the tools make of a crate that uses the attribute: rustc's lints, clippy and rustdoc.

mod documentation;
mod lints;
mod types;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A user's module. It is clean but for the lines that end in `// warns`.
const MODULE: &str = include_str!("module.rs");

const MANIFEST: &str = "\
[package]
name = \"user\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
autodiff-runtime = { path = \"RUNTIME\" }

[workspace]
";

const LIBRARY: &str = "\
#![warn(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::pedantic)]
//! A crate.

pub mod module;
";

/// Writes the crate with this module and gives the command that runs cargo in it.
fn cargo(name: &str, module: &str) -> (Command, PathBuf) {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("user_crate");
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
    write(source.join("lib.rs"), LIBRARY);
    write(source.join("module.rs"), module);
    fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock"))
        .expect("the workspace should have a lock file");
    let target = directory.join("target");
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(&root)
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("RUSTFLAGS");
    (command, target)
}
