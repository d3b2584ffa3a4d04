//! How deep an item nests, found without recursion, before anything that recurses sees it.
//!
//! The parser, the compiler's walks, and rustc on what comes out all need stack for every level of
//! nesting, and an overflow would take rustc down without a word. So what nests too deep is refused.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree, token_stream};

use crate::diagnostics::{Cause, Refusal};

pub const TOO_DEEP: Refusal = Refusal {
    cause: Cause::D1401,
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
