//! Tokens as text.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Rust text with the spaces that people write.
pub fn readable(tokens: &TokenStream) -> String {
    let mut text = String::new();
    write(tokens.clone(), &mut text);
    text
}

/// What was written last.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing, or something that nothing is set apart from: `(`, `.`, `::`, a prefix operator.
    Open,
    /// Something that has a value, or a name.
    Operand,
    /// A keyword, a comma or an infix operator.
    Infix,
    /// The `!` of a macro.
    Bang,
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut last = Last::Open;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                let applied = last == Last::Operand && group.delimiter() != Delimiter::Brace;
                if !applied && !matches!(last, Last::Open | Last::Bang) {
                    text.push(' ');
                }
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
                last = Last::Operand;
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                let word = token.to_string();
                if last != Last::Open {
                    text.push(' ');
                }
                text.push_str(&word);
                let keyword = ["if", "else", "match", "in", "as", "mut", "return", "move"];
                last = match keyword.contains(&word.as_str()) {
                    true => Last::Infix,
                    false => Last::Operand,
                };
            }
            TokenTree::Punct(punct) => {
                let mut sign = punct.as_char().to_string();
                let mut joint = punct.spacing() == Spacing::Joint;
                while let (true, Some(TokenTree::Punct(next))) = (joint, tokens.peek()) {
                    sign.push(next.as_char());
                    joint = next.spacing() == Spacing::Joint;
                    tokens.next();
                }
                last = punctuation(&sign, last, text);
            }
        }
    }
}

fn punctuation(sign: &str, last: Last, text: &mut String) -> Last {
    let prefix = matches!(sign, "-" | "!" | "*" | "&" | "&&" | "|" | "||") && last != Last::Operand;
    match sign {
        "." | ".." | "..=" | "::" | "'" => {
            if last == Last::Infix {
                text.push(' ');
            }
            text.push_str(sign);
            Last::Open
        }
        "," | ";" | "?" | ":" => {
            text.push_str(sign);
            if sign == "?" {
                Last::Operand
            } else {
                Last::Infix
            }
        }
        // A macro's.
        "!" if last == Last::Operand => {
            text.push('!');
            Last::Bang
        }
        _ if prefix => {
            if last == Last::Infix {
                text.push(' ');
            }
            text.push_str(sign);
            Last::Open
        }
        _ => {
            if last != Last::Open {
                text.push(' ');
            }
            text.push_str(sign);
            Last::Infix
        }
    }
}
