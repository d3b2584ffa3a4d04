//! The macros on what nobody would write: no panic, no endless loop, and nothing but items comes out. The
//! same seeds always; more with `FUZZ_ROUNDS=1000000 FUZZ_SEED=7 cargo test --release -p autodiff-macros fuzz`.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::corpus::{Macros, corpus};
use crate::{derive, expand};

/// How long an expansion may take: the slowest of the corpus take a twentieth of it in a debug build.
const LIMIT: Duration = Duration::from_secs(20);
/// The stack that rustc has.
const STACK: usize = 8 << 20;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, entries: &'a [T]) -> &'a T {
        &entries[self.below(entries.len())]
    }
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// The words of the language and of the functions that are differentiated.
const WORDS: &[&str] = &[
    "fn",
    "f",
    "x",
    "y",
    "w",
    "i",
    "f64",
    "f32",
    "usize",
    "T",
    "Real",
    "let",
    "mut",
    "if",
    "else",
    "match",
    "for",
    "in",
    "while",
    "loop",
    "break",
    "continue",
    "return",
    "move",
    "ref",
    "as",
    "const",
    "static",
    "unsafe",
    "async",
    "await",
    "dyn",
    "impl",
    "where",
    "self",
    "Self",
    "struct",
    "enum",
    "pub",
    "crate",
    "use",
    "mod",
    "true",
    "false",
    "_",
    "&",
    "&&",
    "*",
    "+",
    "-",
    "/",
    "%",
    "=",
    "==",
    "<",
    ">",
    "..",
    "..=",
    "=>",
    "->",
    "::",
    ":",
    ";",
    ",",
    ".",
    "|",
    "||",
    "!",
    "?",
    "#",
    "@",
    "$",
    "'a",
    "'a:",
    "1",
    "0.5",
    "1e300",
    "1u8",
    "\"s\"",
    "b'c'",
    "'c'",
    "()",
    "(x)",
    "[x]",
    "[x; 3]",
    "{ x }",
    "{}",
    "sin",
    "powi",
    "iter",
    "iter_mut",
    "map",
    "sum",
    "sum::<f64>",
    "fold",
    "zip",
    "len",
    "vec!",
    "vec![x]",
    "println!",
    "assert!(x > 0.0)",
    "x.sin()",
    "w[i]",
    "w[0]",
    "+=",
    "*=",
    "|a| a * x",
    "f(x)",
    "&mut w",
    "&w",
    "0..3",
    "#[constant]",
    "std::mem::swap",
    "push",
    "clone",
    "to_vec",
];

/// Tokens at random, mostly with brackets that hold more.
fn arbitrary(random: &mut Random, depth: usize) -> TokenStream {
    let count = random.below(12);
    let tokens = (0..count).flat_map(|_| {
        if depth > 0 && random.below(6) == 0 {
            let delimiters = [
                Delimiter::Parenthesis,
                Delimiter::Brace,
                Delimiter::Bracket,
                Delimiter::None,
            ];
            let delimiter = *random.pick(&delimiters);
            let group = Group::new(delimiter, arbitrary(random, depth - 1));
            return TokenStream::from(TokenTree::Group(group));
        }
        let word: TokenStream = random.pick(WORDS).parse().unwrap_or_default();
        word
    });
    tokens.collect()
}

/// One change somewhere in the tokens: something goes, is doubled, changes places or is something else.
fn mutated(tokens: TokenStream, others: &[TokenTree], random: &mut Random) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let groups: Vec<usize> = (0..trees.len())
        .filter(|&k| matches!(trees[k], TokenTree::Group(_)))
        .collect();
    if !groups.is_empty() && random.below(5) > 0 {
        let k = *random.pick(&groups);
        if let TokenTree::Group(group) = &trees[k] {
            let inner = mutated(group.stream(), others, random);
            trees[k] = TokenTree::Group(Group::new(group.delimiter(), inner));
        }
        return trees.into_iter().collect();
    }
    let at = random.below(trees.len());
    let word: TokenStream = random.pick(WORDS).parse().unwrap_or_default();
    match random.below(6) {
        0 if at < trees.len() => drop(trees.remove(at)),
        1 if at < trees.len() => trees.insert(at, trees[at].clone()),
        2 if at < trees.len() => {
            let other = random.below(trees.len());
            trees.swap(at, other);
        }
        3 if at < trees.len() => drop(trees.splice(at..=at, word)),
        4 if at < trees.len() => trees[at] = random.pick(others).clone(),
        _ => drop(trees.splice(at..at, word)),
    }
    trees.into_iter().collect()
}

/// Every token tree in there.
fn trees_of(tokens: TokenStream, found: &mut Vec<TokenTree>) {
    for tree in tokens {
        if let TokenTree::Group(group) = &tree {
            trees_of(group.stream(), found);
        }
        found.push(tree);
    }
}

/// What is wrong with the expansion of an item. rustc calls attributes on what it could parse only; what else
/// is given, may come back as it is.
fn wrong(macros: &Macros, item: &TokenStream) -> Option<String> {
    let expand = || match macros {
        Macros::Attribute(args) => expand::expand(args.clone(), item.clone()),
        Macros::Derive => derive::expand(item.clone()),
    };
    let expansion = match catch_unwind(AssertUnwindSafe(expand)) {
        Ok(expansion) => expansion,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
            return Some(format!("panic: {}", text.unwrap_or_default()));
        }
    };
    syn::parse2::<syn::Item>(item.clone()).ok()?;
    let error = syn::parse2::<syn::File>(expansion).err()?;
    Some(format!("no items come out: {error}"))
}

/// Expands the items of a list in a thread with rustc's stack. One that takes too long fails, too.
fn all_hold<I>(items: impl FnOnce() -> I + Send + 'static)
where
    I: Iterator<Item = (Macros, TokenStream)>,
{
    let (sender, receiver) = mpsc::channel();
    let run = move || {
        for (macros, item) in items() {
            let text = item.to_string();
            sender.send((text.clone(), None)).expect("someone listens");
            sender
                .send((text, Some(wrong(&macros, &item))))
                .expect("someone listens");
        }
    };
    let thread = thread::Builder::new()
        .stack_size(STACK)
        .spawn(run)
        .expect("a thread");
    let mut failures = Vec::new();
    let mut now = String::new();
    loop {
        match receiver.recv_timeout(LIMIT) {
            Ok((text, None)) => now = text,
            Ok((text, Some(Some(wrong)))) => failures.push(format!("{wrong}\n    {text}")),
            Ok((_, Some(None))) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no end of\n    {now}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    joined(thread.join(), &now);
    let all = failures.len();
    failures.sort_by_key(String::len);
    failures.truncate(12);
    assert!(
        failures.is_empty(),
        "{all} items fail:\n{}",
        failures.join("\n")
    );
}

fn joined<T, E: Debug>(result: Result<T, E>, now: &str) {
    assert!(
        result.is_ok(),
        "{result:?} at\n    {now}",
        result = result.err()
    );
}

/// What longer runs have found.
#[test]
fn items_that_once_failed() {
    let items = [
        "fn f(x: f64) -> f64 { let mut y = x; for _ in 0..20 { if y > 10.0 { break x; } y = y * y; } y }",
        "fn f(x: f64) -> f64 { let mut y = x; while y < 9.0 { if y > 5.0 { break 1.0; } y = y * x; } y }",
        "fn f(c: &[f64]) -> f64 { let mut s = 0.0; for i in (0..c.len()).rev(2) { s += c[i]; } s }",
        "fn f(c: &[f64]) -> f64 { (0..c.len()).step_by().map(|i| c[i]).sum::<f64>() }",
        "fn f(x: [f64; 2]) -> [f64 +; 2] { x }",
    ];
    all_hold(move || {
        items.into_iter().map(|item| {
            let item = item.parse().expect("tokens");
            (Macros::Attribute(TokenStream::new()), item)
        })
    });
    let field = "struct S { x: f64 + }";
    all_hold(move || std::iter::once((Macros::Derive, field.parse().expect("tokens"))));
}

/// Valid functions of the repository with one to four changes.
#[test]
fn fuzz_mutated_items() {
    let rounds = setting("FUZZ_ROUNDS", 2000);
    let mut random = Random(setting("FUZZ_SEED", 1));
    all_hold(move || {
        let corpus = corpus();
        let mut others = Vec::new();
        for input in &corpus {
            trees_of(input.item.clone(), &mut others);
        }
        (0..rounds).map(move |_| {
            let input = random.pick(&corpus);
            let mut item = input.item.clone();
            for _ in 0..1 + random.below(4) {
                item = mutated(item, &others, &mut random);
            }
            (input.macros.clone(), item)
        })
    });
}

/// Bodies, signatures and arguments of random tokens, and random tokens alone.
#[test]
fn fuzz_arbitrary_tokens() {
    let rounds = setting("FUZZ_ROUNDS", 4000);
    let mut random = Random(setting("FUZZ_SEED", 2));
    let one = move |_| {
        let mut tokens = || arbitrary(&mut random, 3);
        let (args, first, second) = (tokens(), tokens(), tokens());
        let (args, item) = match random.below(5) {
            0 => (args, first),
            1 => (
                TokenStream::new(),
                quote::quote!(fn f(#first) -> f64 { #second }),
            ),
            2 => (
                args,
                quote::quote!(fn f(x: f64, w: &[f64]) -> f64 { #first; x }),
            ),
            3 => (TokenStream::new(), quote::quote!(struct S { #first })),
            _ => (
                TokenStream::new(),
                quote::quote!(fn f(mut x: f64, w: &mut [f64]) -> f64 { #first #second }),
            ),
        };
        let macros = match random.below(4) {
            0 => Macros::Derive,
            _ => Macros::Attribute(args),
        };
        (macros, item)
    };
    all_hold(move || (0..rounds).map(one));
}
