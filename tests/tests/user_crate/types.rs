//! Mistakes of type in the user's function are rustc's to report, on the user's own code.

use std::collections::BTreeSet;

use super::cargo;

const ILL_TYPED: &str = include_str!("ill_typed.rs");

/// The errors of `cargo check`: line and column, and what is said.
fn errors(name: &str, module: &str) -> BTreeSet<(usize, usize, String)> {
    let (mut check, _) = cargo(name, module);
    let check = check
        .args(["check", "--message-format=short"])
        .output()
        .expect("cargo should run");
    let text = String::from_utf8_lossy(&check.stderr);
    let error = |line: &str| {
        let (place, said) = line.strip_prefix("src/module.rs:")?.split_once(": error")?;
        let (line, column) = place.split_once(':')?;
        Some((line.parse().ok()?, column.parse().ok()?, said.to_owned()))
    };
    text.lines().filter_map(error).collect()
}

/// The module with spaces in the place of every attribute of ours, so that the rest stays where it is.
fn without_attributes() -> String {
    ["#[differentiable]", "#[constant]"]
        .iter()
        .fold(ILL_TYPED.to_owned(), |text, attribute| {
            text.replace(attribute, &" ".repeat(attribute.len()))
        })
        .replace(", Differentiable)]", ")]                ")
}

#[test]
fn mistakes_of_type_are_reported_where_the_user_made_them() {
    let lines: Vec<&str> = ILL_TYPED.lines().collect();
    let plain = errors("ill_typed_plain", &without_attributes());
    let differentiable = errors("ill_typed", ILL_TYPED);
    let functions = lines.iter().filter(|line| line.contains("fn ")).count();
    assert!(plain.len() >= functions - 2, "{plain:#?}");

    let unsaid: Vec<_> = plain.difference(&differentiable).collect();
    assert!(
        unsaid.is_empty(),
        "not said with the attribute: {unsaid:#?}"
    );
    for (line, column, said) in differentiable.difference(&plain) {
        let code = lines[line - 1];
        assert!(
            !code.trim_start().starts_with("#["),
            "on the attribute, not on the code: {line}:{column}{said}"
        );
        assert!(
            !code.ends_with("// once"),
            "said once more: {line}:{column}{said}"
        );
    }
}
