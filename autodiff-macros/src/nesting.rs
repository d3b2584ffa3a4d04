//! How deep an item nests, found without recursion, before anything that recurses sees it.
//!
//! The parser, the compiler's walks, and rustc on what comes out all need stack for every level of
//! nesting, and an overflow would take rustc down without a word. So what nests too deep is refused.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree, token_stream};

use crate::diagnostics::Refusal;

pub const TOO_DEEP: Refusal = Refusal {
    what: "an expression that nests too deep",
    why: "the compiler needs stack for every level of brackets, operators, calls in a chain and branches within branches, and would overflow it",
    instead: "bind inner parts with `let`, use a `match` on ranges or a table instead of a long chain of `else if`, or move parts into functions of their own",
};

/// What fits into rustc's stack (8 MB) where this crate is not optimised: some 580 calls or brackets
/// within each other, 350 blocks, 1000 method calls in a chain, 1700 operators, 100 branches in the `else` of
/// each other, 40 matches in the arm of each other. Levels of all kinds add up.
const BUDGET: u32 = 7000;

/// The stack that a level takes in the parser, which recurses on brackets, and in walks over the tree,
/// which recurse on operators, too.
#[derive(Clone, Copy, Default)]
struct Cost {
    parse: u32,
    walk: u32,
}

const BRACKET: Cost = Cost { parse: 11, walk: 4 };
const CALL: Cost = Cost { parse: 12, walk: 4 };
const BLOCK: Cost = Cost { parse: 20, walk: 4 };
const ARM: Cost = Cost {
    parse: 140,
    walk: 4,
};
const ELSE: Cost = Cost { parse: 50, walk: 4 };
const METHOD: Cost = Cost { parse: 0, walk: 7 };
const OPERATOR: Cost = Cost { parse: 0, walk: 4 };

impl Cost {
    fn plus(self, other: Cost) -> Cost {
        Cost {
            parse: self.parse + other.parse,
            walk: self.walk + other.walk,
        }
    }

    fn max(self, other: Cost) -> Cost {
        Cost {
            parse: self.parse.max(other.parse),
            walk: self.walk.max(other.walk),
        }
    }
}

/// A group that is being walked. Its segments are what `;` and `,` divide it into.
struct Level {
    tokens: token_stream::IntoIter,
    open: Span,
    own: Cost,
    /// What the operators of this segment cost, and its deepest group.
    operators: Cost,
    deepest: Cost,
    /// The costliest segment so far.
    worst: Cost,
    last: Last,
}

/// The last token of a level, as far as it says what the next one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// It may be the end of a statement.
    Block,
    /// What follows in brackets are arguments.
    Name,
    Equals,
    /// What follows is an arm of a `match`.
    Arrow,
    Other,
}

impl Level {
    fn new(tokens: TokenStream, open: Span, own: Cost) -> Self {
        Level {
            tokens: tokens.into_iter(),
            open,
            own,
            operators: Cost::default(),
            deepest: Cost::default(),
            worst: Cost::default(),
            last: Last::Other,
        }
    }

    fn spend(&mut self, cost: Cost) {
        self.operators = self.operators.plus(cost);
    }

    fn end_segment(&mut self) {
        self.worst = self.worst.max(self.operators.plus(self.deepest));
        self.operators = Cost::default();
        self.deepest = Cost::default();
    }

    /// Accounts for a token that is no group.
    fn take(&mut self, token: &TokenTree) {
        let is = |text: &str| matches!(token, TokenTree::Ident(ident) if ident == text);
        if self.last == Last::Block
            && !is("else")
            && !is("as")
            && !matches!(token, TokenTree::Punct(_))
        {
            self.end_segment();
        }
        let mut now = Last::Other;
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' | ',' => self.end_segment(),
                // In a path.
                ':' => {}
                '.' => self.spend(METHOD),
                '=' => now = Last::Equals,
                '>' if self.last == Last::Equals => now = Last::Arrow,
                _ => self.spend(OPERATOR),
            },
            TokenTree::Ident(_) if is("else") => self.spend(ELSE),
            TokenTree::Ident(_) => now = Last::Name,
            _ => {}
        }
        self.last = now;
    }

    /// What the group costs that is met now, by itself.
    fn enter(&mut self, delimiter: Delimiter) -> Cost {
        let last = std::mem::replace(&mut self.last, Last::Other);
        match delimiter {
            Delimiter::Brace => {
                self.last = Last::Block;
                if last == Last::Arrow { ARM } else { BLOCK }
            }
            Delimiter::Parenthesis if last == Last::Name => CALL,
            _ => BRACKET,
        }
    }
}

/// The place of the innermost group that is too deep, if there is one.
pub fn too_deep(item: &TokenStream) -> Option<Span> {
    let mut levels = vec![Level::new(item.clone(), Span::call_site(), Cost::default())];
    while let Some(level) = levels.last_mut() {
        let Some(token) = level.tokens.next() else {
            level.end_segment();
            let (cost, open) = (level.own.plus(level.worst), level.open);
            if cost.parse.max(cost.walk) > BUDGET {
                return Some(open);
            }
            levels.pop();
            if let Some(around) = levels.last_mut() {
                around.deepest = around.deepest.max(cost);
            }
            continue;
        };
        let TokenTree::Group(group) = token else {
            level.take(&token);
            continue;
        };
        let own = level.enter(group.delimiter());
        levels.push(Level::new(group.stream(), group.span_open(), own));
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::thread;

    use super::*;

    /// `open` around `close`, `n` times.
    fn nested(n: usize, inner: &str, open: &str, close: &str) -> String {
        format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    }

    fn function(body: &str) -> String {
        format!("fn f(x: f64, k: usize) -> f64 {{ {body} }}")
    }

    /// Expands the item in a thread with the stack that rustc has, and says whether it was refused.
    fn is_refused(item: String) -> bool {
        const STACK: usize = 8 << 20;
        let expand = move || {
            let item: TokenStream = item.parse().expect("tokens");
            let expansion = crate::expand::expand(TokenStream::new(), item).to_string();
            let refused = expansion.contains("compile_error");
            assert_eq!(
                refused,
                expansion.contains(TOO_DEEP.what),
                "{expansion:.500}"
            );
            refused
        };
        let thread = thread::Builder::new().stack_size(STACK).spawn(expand);
        thread.expect("a thread").join().expect("no panic")
    }

    #[test]
    fn deep_items_work_or_are_refused() {
        let kinds: [(&str, fn(usize) -> String, usize, usize); 9] = [
            ("bare brackets", |n| nested(n, "x", "(", ")"), 600, 650),
            (
                "brackets",
                |n| nested(n, "x", "(", " * 1.001 + 0.5)"),
                300,
                700,
            ),
            ("calls", |n| nested(n, "x", "f64::sin(", ")"), 500, 600),
            ("methods", |n| format!("x{}", ".sin()".repeat(n)), 980, 1020),
            (
                "operators",
                |n| format!("x{}", " + x".repeat(n)),
                1700,
                1800,
            ),
            (
                "blocks",
                |n| nested(n, "x", "{ let y = ", "; y * 1.5 }"),
                200,
                400,
            ),
            (
                "else",
                |n| nested(n, "x", "if x > 1.5 { x * 3.0 } else { ", " }"),
                80,
                120,
            ),
            (
                "else if",
                |n| format!("{}{{ x }}", "if x > 1.5 { x * 3.0 } else ".repeat(n)),
                100,
                150,
            ),
            (
                "arms",
                |n| nested(n, "x", "match k { 0 => x * 3.0, _ => { ", " } }"),
                35,
                60,
            ),
        ];
        for (kind, body, works, fails) in kinds {
            assert!(
                !is_refused(function(&body(works))),
                "{works} {kind} are refused"
            );
            assert!(
                is_refused(function(&body(fails))),
                "{fails} {kind} are not refused"
            );
            // Far beyond, too.
            assert!(is_refused(function(&body(3 * fails))), "{kind}");
        }
    }

    #[test]
    fn five_hundred_levels_of_expression_work() {
        assert!(!is_refused(function(&nested(500, "x", "(", " - 0.1 * x)"))));
        assert!(!is_refused(function(&nested(500, "x", "f64::sin(", ")"))));
    }

    /// Length is no depth.
    #[test]
    fn long_and_wide_items_work() {
        let mut statements = String::new();
        for k in 0..10_000 {
            let _ = write!(statements, "let a{} = a{k} * x + 0.5;", k + 1);
        }
        assert!(!is_refused(function(&format!(
            "let a0 = x; {statements} a10000"
        ))));

        let branches = "if x > 1.0 { y += x * x; } ".repeat(500);
        assert!(!is_refused(function(&format!(
            "let mut y = 0.0; {branches} y"
        ))));

        let arms: String = (0..500)
            .map(|k| format!("{k} => {{ x * {k}.0 }} "))
            .collect();
        assert!(!is_refused(function(&format!(
            "match k {{ {arms} _ => x }}"
        ))));

        let parameters: String = (0..256).map(|k| format!("p{k}: f64, ")).collect();
        let sum = (0..256).map(|k| format!("p{k} * p{k}")).collect::<Vec<_>>();
        assert!(!is_refused(format!(
            "fn f({parameters}) -> f64 {{ {} }}",
            sum.join(" + ")
        )));
    }
}
