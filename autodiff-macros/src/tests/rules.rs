//! The rule table and its documentation.

use crate::rules::Form::{Activation, Gathered, Loss, Method, Operator, Support};
use crate::rules::Primitive;

/// The rows themselves are written and held to by the test `rule_table`.
#[test]
fn every_function_with_a_derivative_is_documented() {
    let documentation = include_str!("../../../docs/rules.md");
    for primitive in Primitive::ALL {
        let rule = primitive.rule();
        let own = match rule.form {
            Operator(name) | Method(name) | Activation(name) | Loss(name) => Some(name),
            Support(name) | Gathered(name, _) => primitive.depends_on(0).then_some(name),
        };
        let documented = |name: &str| {
            documentation.contains(&format!("\n| `{name}`"))
                || documentation.contains(&format!("\n| `{name} "))
        };
        if let Some(name) = own {
            assert!(documented(name), "docs/rules.md lacks {name}");
        }
    }
}
