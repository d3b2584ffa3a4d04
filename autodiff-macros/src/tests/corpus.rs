//! What must hold of everything the macros emit, tried on every differentiable item in the repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Attribute, ItemFn, ItemImpl, ItemStruct, Meta};

use crate::expand::is_differentiable;
use crate::{derive, expand};

/// An item with a macro of ours on it.
pub struct Input {
    place: String,
    pub macros: Macros,
    pub item: TokenStream,
}

#[derive(Clone)]
pub enum Macros {
    Attribute(TokenStream),
    Derive,
}

impl Input {
    fn expansion(&self) -> TokenStream {
        match &self.macros {
            Macros::Attribute(args) => expand::expand(args.clone(), self.item.clone()),
            Macros::Derive => derive::expand(self.item.clone()),
        }
    }
}

/// Collects the items of one file.
struct Collector<'a> {
    file: &'a str,
    found: &'a mut Vec<Input>,
}

impl Collector<'_> {
    fn add(&mut self, name: &str, attrs: &[Attribute], mut item: impl FnMut() -> TokenStream) {
        let Some(own) = attrs.iter().find(|attr| is_differentiable(attr)) else {
            return;
        };
        let args = match &own.meta {
            Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        self.found.push(Input {
            place: format!("{}: {name}", self.file),
            macros: Macros::Attribute(args),
            item: item(),
        });
    }
}

/// The attributes but the first of ours, which rustc takes away before it calls the macro.
fn rest(attrs: &[Attribute]) -> Vec<Attribute> {
    let own = attrs.iter().position(is_differentiable);
    let others = attrs.iter().enumerate().filter(|&(k, _)| Some(k) != own);
    others.map(|(_, attr)| attr.clone()).collect()
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add(&item.sig.ident.to_string(), &item.attrs, || {
            let attrs = rest(&item.attrs);
            ItemFn {
                attrs,
                ..item.clone()
            }
            .into_token_stream()
        });
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let name = item.self_ty.to_token_stream().to_string();
        self.add(&name, &item.attrs, || {
            let attrs = rest(&item.attrs);
            ItemImpl {
                attrs,
                ..item.clone()
            }
            .into_token_stream()
        });
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        let derives = item.attrs.iter().any(|attr| {
            attr.path().is_ident("derive")
                && attr
                    .to_token_stream()
                    .to_string()
                    .contains("Differentiable")
        });
        if derives {
            self.found.push(Input {
                place: format!("{}: {}", self.file, item.ident),
                macros: Macros::Derive,
                item: item.into_token_stream(),
            });
        }
    }
}

pub fn corpus() -> Vec<Input> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in [
        "tests/tests",
        "tests/pass",
        "examples",
        "benches",
        "autodiff-runtime/src",
    ] {
        collect(&root.join(folder), &mut found);
    }
    assert!(found.len() > 700, "only {} items found", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<Input>) {
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let file = syn::parse_file(&text).expect("Rust");
            let name = path.display().to_string();
            Collector { file: &name, found }.visit_file(&file);
        }
    }
}

/// Everything that the macros emit for the corpus.
fn all_expansions() -> String {
    let expansions = corpus()
        .into_iter()
        .map(|input| format!("// {}\n{}\n", input.place, input.expansion()));
    expansions.collect()
}

/// The same input gives the same output, byte for byte, in another thread and in another process,
/// where hash tables would have other seeds.
#[test]
fn expansions_are_reproducible() {
    const OUT: &str = "AUTODIFF_EXPANSIONS_TO";
    if let Some(path) = env::var_os(OUT) {
        return fs::write(path, all_expansions()).expect("the parent's file is writable");
    }
    let path = env::temp_dir().join(format!("autodiff-expansions-{}", std::process::id()));
    let child = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", "tests::corpus::expansions_are_reproducible"])
        .env(OUT, &path)
        .output()
        .expect("this test runs again");
    assert!(child.status.success(), "{child:?}");
    let theirs = fs::read_to_string(&path).expect("the child has written");
    fs::remove_file(&path).expect("the file is ours");
    let other = thread::spawn(all_expansions).join().expect("no panic");
    let ours = all_expansions();
    for (way, other) in [("process", theirs), ("thread", other)] {
        let difference = ours.lines().zip(other.lines()).find(|(a, b)| a != b);
        assert!(ours == other, "another {way} gives {difference:?}");
    }
}

/// No `unsafe` in what we emit, neither in the code nor in the text that shows it.
#[test]
fn expansions_hold_no_unsafe_code() {
    for input in corpus() {
        assert!(
            !mentions_unsafe(input.expansion()),
            "`unsafe` in the expansion of {}",
            input.place
        );
    }
}

fn mentions_unsafe(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions_unsafe(group.stream()),
        TokenTree::Ident(ident) => ident == "unsafe",
        TokenTree::Literal(literal) => literal
            .to_string()
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == "unsafe"),
        TokenTree::Punct(_) => false,
    })
}

#[test]
fn unsafe_would_be_found() {
    let text: TokenStream = quote::quote!(
        const A: &str = "fn f() { unsafe { g() } }";
    );
    assert!(mentions_unsafe(text));
    assert!(mentions_unsafe(quote::quote!(
        mod m {
            fn f() {
                unsafe {}
            }
        }
    )));
    assert!(!mentions_unsafe(quote::quote!(
        const A: &str = "unsafely";
    )));
}

/// Whatever comes out can be parsed.
#[test]
fn expansions_are_items() {
    for input in corpus() {
        let expansion = input.expansion();
        if let Err(error) = syn::parse2::<syn::File>(expansion) {
            panic!("{}: {error}", input.place);
        }
    }
}
