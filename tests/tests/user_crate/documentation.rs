//! rustdoc shows the derivatives of a function, with formulas in its own names.

use std::fs;

use super::{MODULE, cargo};

/// The page without its markup.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

#[test]
fn formulas_and_shapes_are_on_the_page_of_the_companion() {
    let (mut command, target) = cargo("documented", MODULE);
    let output = command
        .args(["doc", "--offline", "--quiet", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .output()
        .expect("cargo should run");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let page = |path: &str| {
        let path = target.join("doc/user/module").join(path);
        let html = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{} should be there: {error}", path.display()));
        text(&html)
    };

    let loss = page("enum.loss.html");
    for expected in [
        "Derivatives of the function loss",
        "The gradient of loss(w, b, x, y): ∂loss/∂w, ∂loss/∂b, ∂loss/∂x.",
        "w_bar += out_bar · ∂loss/∂w",
        "∂loss/∂w · w_dot + ∂loss/∂b · b_dot + ∂loss/∂x · x_dot",
        "In the shape of their parameters: w: f64, b: f64, x: &[f64].",
        "Held constant: y: &[f64].",
    ] {
        assert!(
            loss.contains(expected),
            "{expected} is not on the page:\n{loss}"
        );
    }
    assert!(!loss.contains("∂loss/∂y"), "{loss}");

    let spring = page("struct.Spring.html");
    for expected in [
        "energy_grad",
        "The gradient of energy(self, x): ∂energy/∂self, ∂energy/∂x.",
    ] {
        assert!(
            spring.contains(expected),
            "{expected} is not on the page:\n{spring}"
        );
    }
    assert!(
        !spring.contains("energy_differentiated"),
        "hidden functions stay hidden"
    );
}
