//! Debug and release builds give the same derivatives, to the last bit.

use std::env;
use std::process::Command;

/// What `tests/bits` prints, built in one of the profiles.
fn bits(profile: &str) -> String {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "run",
            "--quiet",
            "--package",
            "autodiff-bits",
            "--profile",
            profile,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{profile}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn debug_and_release_agree_to_the_last_bit() {
    let (debug, release) = (bits("dev"), bits("release"));
    let lines = debug.lines().count();
    assert!(lines > 4000, "only {lines} lines");
    assert_eq!(lines, release.lines().count());
    let differences: Vec<String> = debug
        .lines()
        .zip(release.lines())
        .filter(|(debug, release)| debug != release)
        .map(|(debug, release)| format!("debug   {debug}\nrelease {release}\n"))
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {lines} lines differ, the first ones are\n{}",
        differences.len(),
        differences[..differences.len().min(10)].concat()
    );
}
