//! What the macro refuses, and how it says so; what it accepts, compiled as a user's crate.
//!
//! `TRYBUILD=overwrite` accepts the present output: see `tests/ui/README.md`.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/*.rs");
    cases.pass("pass/*.rs");
}
