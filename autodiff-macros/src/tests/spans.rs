//! The user's function comes out token for token where it was written: completion, go-to-definition and the errors
//! of rustc all go by that.

use proc_macro2::{Group, LineColumn, TokenStream, TokenTree};

use super::corpus::{Macros, corpus};
use crate::expand::expand;

/// A token and where it is written.
#[derive(Clone, Debug, PartialEq)]
struct Placed {
    text: String,
    start: LineColumn,
    end: LineColumn,
}

impl Placed {
    fn new(text: impl ToString, span: proc_macro2::Span) -> Self {
        Self {
            text: text.to_string(),
            start: span.start(),
            end: span.end(),
        }
    }
}

/// The tokens with their brackets, in order.
fn placed(tokens: TokenStream, found: &mut Vec<Placed>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let delimiter = format!("{:?}", group.delimiter());
                found.push(Placed::new(&delimiter, group.span_open()));
                placed(group.stream(), found);
                found.push(Placed::new(&delimiter, group.span_close()));
            }
            TokenTree::Ident(ident) => found.push(Placed::new(&ident, ident.span())),
            TokenTree::Punct(punct) => found.push(Placed::new(punct.as_char(), punct.span())),
            TokenTree::Literal(literal) => found.push(Placed::new(&literal, literal.span())),
        }
    }
}

/// The tokens without what only our macro reads: the markers `#[constant]`, and options on a method.
fn without_markers(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_marker(&group) && kept.last().is_some_and(is_pound) => {
                kept.pop();
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_markers(group.stream()));
                inner.set_span(group.span());
                kept.push(inner.into());
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn is_pound(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}

fn is_marker(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    first.is_some_and(|first| ["constant", "differentiable"].contains(&&*first.to_string()))
}

/// The first token of an item that has another place, or none, in the expansion.
fn moved(item: TokenStream, args: TokenStream) -> Option<String> {
    let (mut wanted, mut found) = (Vec::new(), Vec::new());
    placed(expand(args, item.clone()), &mut found);
    placed(without_markers(item), &mut wanted);
    // `#[allow(dead_code)]` comes first.
    let begin = found.iter().position(|token| *token == wanted[0]);
    let Some(begin) = begin else {
        return Some(format!("no {:?}", wanted[0]));
    };
    let mut pairs = wanted.iter().zip(&found[begin..]);
    let differs = pairs.find(|(wanted, found)| wanted != found);
    differs.map(|(wanted, found)| format!("{wanted:?} became {found:?}"))
}

#[test]
fn the_plain_function_stays_where_it_is() {
    let (mut functions, mut blocks) = (0, 0);
    for input in corpus() {
        let Macros::Attribute(args) = input.macros else {
            continue;
        };
        match input.item.to_string().contains("impl") {
            true => blocks += 1,
            false => functions += 1,
        }
        let text = input.item.to_string();
        let moved = moved(input.item, args);
        assert!(moved.is_none(), "{} in\n{text}", moved.unwrap_or_default());
    }
    assert!(functions > 500 && blocks > 10, "{functions} and {blocks}");
}

/// In an editor most functions are unfinished.
#[test]
fn what_cannot_be_parsed_stays_where_it_is_too() {
    for item in [
        "fn f(x: f64) -> f64 { let y = x.; y }",
        "fn f(x: f64) -> f64 { let y = x. }",
        "fn f(x: f64, ) -> { x }",
        "impl S { fn f(&self, x: f64) -> f64 { self. } }",
        "fn f(#[constant] n: usize, x: f64) -> f64 { if x > { x } else { } }",
    ] {
        let item: TokenStream = item.parse().expect("tokens");
        assert_eq!(moved(item, TokenStream::new()), None);
    }
}

/// What is not where it was is seen.
#[test]
fn a_moved_token_is_found() {
    let item: TokenStream = "fn f(x: f64) -> f64 { x }".parse().expect("tokens");
    let elsewhere: TokenStream = "\n fn f(x: f64) -> f64 { x }".parse().expect("tokens");
    let (mut here, mut there) = (Vec::new(), Vec::new());
    placed(item, &mut here);
    placed(elsewhere, &mut there);
    assert_eq!(here.len(), there.len());
    assert!(
        here.iter()
            .zip(&there)
            .all(|(a, b)| a != b && a.text == b.text)
    );
}
