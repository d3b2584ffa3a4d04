//! The arguments of `#[differentiable(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Path, Token};

use crate::diagnostics::{Diagnostics, Refusal};

/// What the user asked for beside the derivative itself.
#[derive(Default)]
pub struct Options {
    /// The parameters named in `wrt(…)`; all that can be, if it is missing.
    pub wrt: Option<Vec<Ident>>,
    /// The runtime crate, where it goes by another name.
    pub krate: Option<Path>,
    /// The companion's name, where the function's is taken.
    pub name: Option<Ident>,
    /// Whether the stable forms also compute the value.
    pub stable: Option<Span>,
    /// Whether the companion has a `REPORT`.
    pub explain: Option<Span>,
    /// Whether the function calls itself through others.
    pub recursive: Option<Span>,
    /// The hand-written reverse rule.
    pub pullback: Option<Path>,
    /// The hand-written forward rule.
    pub jvp: Option<Path>,
}

enum Item {
    Wrt(Span, Vec<Ident>),
    Flag(Ident),
    Assign(Ident, Path),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ident = if input.peek(Token![crate]) {
            let token: Token![crate] = input.parse()?;
            Ident::new("crate", token.span)
        } else {
            input.parse::<Ident>()?
        };
        if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            if ident != "wrt" {
                return Err(syn::Error::new(ident.span(), unknown(&ident)));
            }
            let names = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
            Ok(Item::Wrt(ident.span(), names.into_iter().collect()))
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if ident == "checkpoint" {
                input.parse::<syn::Expr>()?;
                return Ok(Item::Flag(ident));
            }
            if ident == "wrt" {
                input.parse::<syn::Expr>()?;
                return Err(syn::Error::new(ident.span(), WRT_FORM));
            }
            let written: syn::Expr = input.parse()?;
            let path = match &written {
                syn::Expr::Path(path) if path.qself.is_none() => path.path.clone(),
                _ => return Err(syn::Error::new_spanned(&written, not_a_path(&ident))),
            };
            Ok(Item::Assign(ident, path))
        } else {
            Ok(Item::Flag(ident))
        }
    }
}

const KNOWN: &str =
    "wrt(..), crate = path, name = ident, stable, explain, recursive, pullback = path, jvp = path";

const WRT_FORM: &str = "`wrt` takes its names in parentheses\n  why: there may be several\n  instead: write for example `wrt(x, y)`";

fn not_a_path(ident: &Ident) -> String {
    format!(
        "`{ident}` needs a path\n  why: it names something that is declared elsewhere or will be declared here\n  instead: write it without quotes: `{ident} = some_name`"
    )
}

fn unknown(ident: &Ident) -> String {
    format!(
        "unknown option `{ident}`\n  why: #[differentiable] takes {KNOWN}\n  instead: use one of these, or leave it out"
    )
}

impl Options {
    pub fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Options {
        let mut options = Options::default();
        let items = match Punctuated::<Item, Token![,]>::parse_terminated.parse2(tokens) {
            Ok(items) => items,
            Err(error) => {
                diagnostics.push(error);
                return options;
            }
        };
        let mut given: Vec<String> = Vec::new();
        for item in items {
            let name = match &item {
                Item::Wrt(span, _) => Ident::new("wrt", *span),
                Item::Flag(name) | Item::Assign(name, _) => name.clone(),
            };
            if given.contains(&name.to_string()) {
                diagnostics.refuse(
                    &name,
                    Refusal {
                        what: &format!("the option `{name}` is given twice"),
                        why: "one of the two would be ignored",
                        instead: "leave one out; `wrt` takes all names at once: `wrt(x, y)`",
                    },
                );
                continue;
            }
            given.push(name.to_string());
            options.add(item, diagnostics);
        }
        if options.pullback.is_some() != options.jvp.is_some() {
            let (given, missing, path) = match (&options.pullback, &options.jvp) {
                (Some(path), None) => ("pullback", "jvp", path),
                (_, path) => (
                    "jvp",
                    "pullback",
                    path.as_ref().expect("one of the two is given"),
                ),
            };
            diagnostics.refuse(
                path,
                Refusal {
                    what: &format!("a hand-written `{given}` without its `{missing}`"),
                    why: "both modes are promised for every differentiable function",
                    instead: &format!("give both: #[differentiable(pullback = path, jvp = path)]; add `{missing} = …`"),
                },
            );
        }
        options
    }

    /// On an `impl` block only the runtime's path has a meaning for all functions.
    pub fn refuse_on_block(&self, diagnostics: &mut Diagnostics) {
        let mut given: Vec<(Span, &str)> = Vec::new();
        if let Some(first) = self.wrt.iter().flatten().next() {
            given.push((first.span(), "wrt"));
        }
        given.extend(self.name.iter().map(|name| (name.span(), "name")));
        given.extend(self.stable.map(|span| (span, "stable")));
        given.extend(self.recursive.map(|span| (span, "recursive")));
        for (path, option) in [(&self.pullback, "pullback"), (&self.jvp, "jvp")] {
            given.extend(path.iter().map(|path| (path.span(), option)));
        }
        for (span, option) in given {
            diagnostics.refuse_at(
                span,
                Refusal {
                    what: &format!("the option `{option}` on an `impl` block"),
                    why: "it belongs to one function",
                    instead: &format!(
                        "put an attribute with `{option}` on the function inside of the block"
                    ),
                },
            );
        }
    }

    /// A method's derivatives bear its name.
    pub fn refuse_on_method(&self, diagnostics: &mut Diagnostics) {
        if let Some(name) = &self.name {
            diagnostics.refuse(
                name,
                Refusal {
                    what: "the option `name` on a method",
                    why: "its derivatives are methods beside it and bear its name: `energy_grad`",
                    instead: "leave it out, or rename the method",
                },
            );
        }
    }

    fn add(&mut self, item: Item, diagnostics: &mut Diagnostics) {
        match item {
            Item::Wrt(span, names) if names.is_empty() => diagnostics.refuse_at(
                span,
                Refusal {
                    what: "`wrt()` names no parameter",
                    why: "there would be nothing to differentiate by",
                    instead: "name at least one parameter, or leave `wrt` out to differentiate by all",
                },
            ),
            Item::Wrt(_, names) => self.wrt = Some(names),
            Item::Flag(ident) if ident == "stable" => self.stable = Some(ident.span()),
            Item::Flag(ident) if ident == "explain" => self.explain = Some(ident.span()),
            Item::Flag(ident) if ident == "recursive" => self.recursive = Some(ident.span()),
            Item::Assign(ident, path) => {
                let slot = match ident.to_string().as_str() {
                    "crate" => &mut self.krate,
                    "pullback" => &mut self.pullback,
                    "jvp" => &mut self.jvp,
                    "name" => match path.get_ident() {
                        Some(name) => {
                            self.name = Some(name.clone());
                            return;
                        }
                        None => {
                            return diagnostics.refuse(
                                &path,
                                Refusal {
                                    what: "the companion's name must be one identifier",
                                    why: "it becomes a type beside the function",
                                    instead: "write for example `name = loss_ad`",
                                },
                            );
                        }
                    },
                    _ => return diagnostics.push(syn::Error::new(ident.span(), unknown(&ident))),
                };
                *slot = Some(path);
            }
            Item::Flag(ident) => match ident.to_string().as_str() {
                "second_order" | "checkpoint" => diagnostics.refuse(
                    ident.to_token_stream(),
                    Refusal {
                        what: &format!("the option `{ident}` is not available yet"),
                        why: "this version differentiates straight-line code, once",
                        instead: "leave it out",
                    },
                ),
                _ => diagnostics.push(syn::Error::new(ident.span(), unknown(&ident))),
            },
        }
    }
}
