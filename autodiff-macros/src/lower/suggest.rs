//! What to write instead of a method that has no rule.

use crate::rules::Primitive;

/// What to write instead of a method that resembles none of the floats'.
pub(super) fn instead_of_method(name: &str) -> &'static str {
    match name {
        "first" | "last" | "get" => {
            "use an index, `x[0]` or `x[x.len() - 1]`, where `x.len()` allows it"
        }
        "partial_cmp" | "total_cmp" => "compare with `<`, `<=`, `>` and `>=`",
        "sort" | "sort_by" | "sort_by_key" | "sort_unstable" | "sort_unstable_by" => {
            "sort positions instead, in a `#[constant] let order = { … };`, and read `x[order[0]]`"
        }
        "reverse" | "rotate_left" | "rotate_right" => {
            "`swap` the elements in a loop, or loop over `x.iter().rev()`"
        }
        "pop" => "read the last element first, `v[v.len() - 1]`, and make `v.pop();` a statement",
        "push" => "`push` on a `let mut` vector of this function, or fill it by index",
        "split_at_mut" | "split_first_mut" | "split_last_mut" | "chunks_mut" => {
            "change the elements of the whole slice by index"
        }
        "extend" | "extend_from_slice" | "append" => "`push` the elements in a loop",
        "insert" | "remove" | "swap_remove" | "resize" | "truncate" | "retain" | "dedup"
        | "clear" | "drain" => "`push` what is to stay on a new vector, in a loop",
        "set" | "replace" | "borrow_mut" | "push_back" | "push_front" | "entry" => {
            "keep active values in `let mut` variables, arrays and vectors of this function"
        }
        "unwrap" | "unwrap_or" | "map_or" | "map_or_else" | "unwrap_or_else" | "and_then" => {
            "match on the `Option` outside, or by `if let`, and use the number that is in it"
        }
        "to_bits" => "for a look at the bits, mark the `let` as `#[constant]`",
        _ => {
            "use a method of the float types that the README lists, or call a free function marked #[differentiable]"
        }
    }
}

/// What a user who wrote `name` may have meant.
pub(super) fn suggest(name: &str) -> Option<String> {
    const MEANT: [(&str, &str); 13] = [
        ("pow", "powi` (integer exponent) or `powf` (float exponent)"),
        ("log1p", "ln_1p`"),
        ("expm1", "exp_m1`"),
        ("square", "powi(2)`"),
        ("sq", "powi(2)`"),
        ("arcsin", "asin`"),
        ("arccos", "acos`"),
        ("arctan", "atan`"),
        ("fabs", "abs`"),
        ("logistic", "sigmoid`"),
        ("mod", "%`"),
        ("from", "x as f64`"),
        ("div_euclid", "(a / b).floor()`"),
    ];
    if let Some((_, meant)) = MEANT.iter().find(|(own, _)| *own == name) {
        return Some(format!("did you mean `{meant}?"));
    }
    Primitive::method_names()
        .map(|own| {
            (
                distance(name, own),
                !name.starts_with(own),
                own.len().abs_diff(name.len()),
                own,
            )
        })
        .min()
        .filter(|(distance, _, _, own)| 2 * distance < own.len().min(name.len()).min(5))
        .map(|(_, _, _, own)| format!("did you mean `{own}`?"))
}

/// The number of insertions, deletions, substitutions and swaps of neighbours between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let substituted = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    table[i - 2][j - 2] + 1
                } else {
                    usize::MAX
                };
                let shifted = table[i - 1][j].min(table[i][j - 1]) + 1;
                substituted.min(swapped).min(shifted)
            };
        }
    }
    table[a.len()][b.len()]
}
