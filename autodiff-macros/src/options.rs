//! The arguments of `#[differentiable(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Path, Token};

use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::ir::Strategy;

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
    /// What long loops keep for their reverse, and where that was asked for.
    pub checkpoint: Option<(Ident, Strategy)>,
    /// The hand-written reverse rule, as a closure that runs when a cotangent is known, or as a
    /// function that is given one.
    pub pullback: Option<Path>,
    pub vjp: Option<Path>,
    /// Whether that function wants the value, too.
    pub with_value: Option<Span>,
    /// The hand-written forward rule.
    pub jvp: Option<Path>,
}

enum Item {
    Wrt(Span, Vec<Ident>),
    Flag(Ident),
    Assign(Ident, Path),
    Checkpoint(Ident, Expr),
    Refused(Ident, syn::Error),
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
                content.parse::<TokenStream>()?;
                let error = unknown(&ident);
                return Ok(Item::Refused(ident, error));
            }
            let names = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
            Ok(Item::Wrt(ident.span(), names.into_iter().collect()))
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if ident == "checkpoint" {
                return Ok(Item::Checkpoint(ident, input.parse()?));
            }
            if ident == "wrt" {
                input.parse::<Expr>()?;
                let error = WRT_FORM.on(&ident);
                return Ok(Item::Refused(ident, error));
            }
            let written: Expr = input.parse()?;
            let path = match &written {
                Expr::Path(path) if path.qself.is_none() => path.path.clone(),
                _ => {
                    let error = not_a_path(&ident, &written);
                    return Ok(Item::Refused(ident, error));
                }
            };
            Ok(Item::Assign(ident, path))
        } else {
            Ok(Item::Flag(ident))
        }
    }
}

const KNOWN: &str = "wrt(..), crate = path, name = ident, stable, explain, recursive, checkpoint = strategy, pullback = path, vjp = path, with_value, jvp = path";

const WRT_FORM: Refusal<'_> = Refusal {
    cause: Cause::D0104,
    what: "`wrt` takes its names in parentheses",
    why: "there may be several",
    instead: "write for example `wrt(x, y)`",
};

fn not_a_path(ident: &Ident, written: &Expr) -> syn::Error {
    let refusal = Refusal {
        cause: Cause::D0105,
        what: &format!("`{ident}` needs a path"),
        why: "it names something that is declared elsewhere or will be declared here",
        instead: &format!("write it without quotes: `{ident} = some_name`"),
    };
    refusal.on(written)
}

fn unknown(ident: &Ident) -> syn::Error {
    let refusal = Refusal {
        cause: Cause::D0101,
        what: &format!("unknown option `{ident}`"),
        why: &format!("#[differentiable] takes {KNOWN}"),
        instead: "use one of these, or leave it out",
    };
    refusal.on(ident)
}

impl Options {
    pub fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Options {
        let mut options = Options::default();
        let items = match Punctuated::<Item, Token![,]>::parse_terminated.parse2(tokens) {
            Ok(items) => items,
            Err(error) => {
                let refusal = Refusal {
                    cause: Cause::D0128,
                    what: &format!("the options of #[differentiable] cannot be read: {error}"),
                    why: "they are separated by commas, and each is a name, `name = value` or `wrt(…)`",
                    instead: "write for example #[differentiable(wrt(x, y), stable)]",
                };
                diagnostics.refuse_at(error.span(), refusal);
                return options;
            }
        };
        let mut given: Vec<String> = Vec::new();
        for item in items {
            let name = match &item {
                Item::Wrt(span, _) => Ident::new("wrt", *span),
                Item::Flag(name)
                | Item::Assign(name, _)
                | Item::Checkpoint(name, _)
                | Item::Refused(name, _) => name.clone(),
            };
            if given.contains(&name.to_string()) {
                diagnostics.refuse(
                    &name,
                    Refusal {
                        cause: Cause::D0102,
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
        options.check_rules(diagnostics);
        options
    }

    /// Whether a derivative is written by hand.
    pub fn has_rules(&self) -> bool {
        [&self.pullback, &self.vjp, &self.jvp]
            .iter()
            .any(|own| own.is_some())
    }

    /// Whether the hand-written rules go together.
    fn check_rules(&self, diagnostics: &mut Diagnostics) {
        let reverse = match (&self.pullback, &self.vjp) {
            (Some(path), None) => Some(("pullback", path)),
            (None, Some(path)) => Some(("vjp", path)),
            (None, None) => None,
            (Some(_), Some(vjp)) => {
                return diagnostics.refuse(
                    vjp,
                    Refusal {
                        cause: Cause::D1202,
                        what: "a hand-written `vjp` beside a hand-written `pullback`",
                        why: "they are two forms of one rule, and one of them would be ignored",
                        instead: "leave one out: `vjp` is a function that takes the cotangent, `pullback` one that returns a closure",
                    },
                );
            }
        };
        let (given, missing, path) = match (reverse, &self.jvp) {
            (Some((given, path)), None) => (given, "jvp", path),
            (None, Some(path)) => ("jvp", "vjp", path),
            _ => {
                if let (Some((name, _)), Some((given, _))) = (&self.checkpoint, reverse) {
                    diagnostics.refuse(
                        name,
                        Refusal {
                            cause: Cause::D0115,
                            what: &format!("`checkpoint` beside a hand-written `{given}`"),
                            why: "it is about the reverse pass that the macro writes, and here it writes none",
                            instead: "leave it out; `autodiff_runtime::checkpoint` has what the rule itself can use",
                        },
                    );
                }
                if let (Some(span), None) = (self.with_value, &self.vjp) {
                    diagnostics.refuse_at(
                        span,
                        Refusal {
                            cause: Cause::D1203,
                            what: "`with_value` without a hand-written `vjp`",
                            why: "it says that this rule takes the function's value behind the arguments",
                            instead: "leave it out, or add `vjp = path`",
                        },
                    );
                }
                return;
            }
        };
        diagnostics.refuse(
            path,
            Refusal {
                cause: Cause::D1201,
                what: &format!("a hand-written `{given}` without its `{missing}`"),
                why: "both modes are promised for every differentiable function",
                instead: &format!(
                    "give both: #[differentiable(vjp = path, jvp = path)]; add `{missing} = …`"
                ),
            },
        );
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
        given.extend(self.explain.map(|span| (span, "explain")));
        given.extend(self.with_value.map(|span| (span, "with_value")));
        let checkpoint = self.checkpoint.iter();
        given.extend(checkpoint.map(|(name, _)| (name.span(), "checkpoint")));
        for (path, option) in [
            (&self.pullback, "pullback"),
            (&self.vjp, "vjp"),
            (&self.jvp, "jvp"),
        ] {
            given.extend(path.iter().map(|path| (path.span(), option)));
        }
        for (span, option) in given {
            diagnostics.refuse_at(
                span,
                Refusal {
                    cause: Cause::D0118,
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
                    cause: Cause::D0119,
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
                    cause: Cause::D0107,
                    what: "`wrt()` names no parameter",
                    why: "there would be nothing to differentiate by",
                    instead: "name at least one parameter, or leave `wrt` out to differentiate by all",
                },
            ),
            Item::Wrt(_, names) => self.wrt = Some(names),
            Item::Refused(_, error) => diagnostics.push(error),
            Item::Flag(ident) if ident == "stable" => self.stable = Some(ident.span()),
            Item::Flag(ident) if ident == "with_value" => self.with_value = Some(ident.span()),
            Item::Flag(ident) if ident == "explain" => self.explain = Some(ident.span()),
            Item::Flag(ident) if ident == "recursive" => self.recursive = Some(ident.span()),
            Item::Assign(ident, path) => {
                let slot = match ident.to_string().as_str() {
                    "crate" => &mut self.krate,
                    "pullback" => &mut self.pullback,
                    "vjp" => &mut self.vjp,
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
                                    cause: Cause::D0106,
                                    what: "the companion's name must be one identifier",
                                    why: "it becomes a type beside the function",
                                    instead: "write for example `name = loss_ad`",
                                },
                            );
                        }
                    },
                    _ => return diagnostics.push(unknown(&ident)),
                };
                *slot = Some(path);
            }
            Item::Checkpoint(ident, written) => {
                self.checkpoint = strategy(&written, diagnostics).map(|strategy| (ident, strategy));
            }
            Item::Flag(ident) => match ident.to_string().as_str() {
                "second_order" => diagnostics.refuse(
                    ident.to_token_stream(),
                    Refusal {
                        cause: Cause::D0103,
                        what: &format!("the option `{ident}` is not available yet"),
                        why: "this version differentiates once",
                        instead: "leave it out",
                    },
                ),
                "checkpoint" => diagnostics.refuse(
                    &ident,
                    Refusal {
                        cause: Cause::D0110,
                        what: "`checkpoint` without a strategy",
                        why: STRATEGIES,
                        instead: "write for example `checkpoint = revolve(20)`",
                    },
                ),
                _ => diagnostics.push(unknown(&ident)),
            },
        }
    }
}

const STRATEGIES: &str = "there are `store_all`, `periodic(steps)` and `revolve(slots)`, which differ in how many states of a loop are kept and how many steps run again";

/// `store_all`, `periodic(k)`, `revolve(slots)`.
fn strategy(written: &Expr, diagnostics: &mut Diagnostics) -> Option<Strategy> {
    let name = |expr: &Expr| match expr {
        Expr::Path(path) => path.path.get_ident().map(Ident::to_string),
        _ => None,
    };
    let (name, arguments) = match without_groups(written) {
        Expr::Call(call) => (name(&call.func), Some(&call.args)),
        _ => (name(written), None),
    };
    let number = match (name.as_deref(), arguments) {
        (Some("store_all"), None) => return Some(Strategy::StoreAll),
        (Some("periodic" | "revolve"), Some(arguments)) if arguments.len() == 1 => {
            without_groups(&arguments[0])
        }
        _ => {
            diagnostics.refuse(
                written,
                Refusal {
                    cause: Cause::D0111,
                    what: "this is no strategy of `checkpoint`",
                    why: STRATEGIES,
                    instead: "write for example `checkpoint = revolve(20)`",
                },
            );
            return None;
        }
    };
    let is_revolve = name.as_deref() == Some("revolve");
    let is_zero = match number {
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(number),
            ..
        }) => number
            .base10_parse::<u128>()
            .is_ok_and(|number| number == 0),
        Expr::Path(_) => false,
        _ => {
            diagnostics.refuse(
                number,
                Refusal {
                    cause: Cause::D0112,
                    what: "the number of a strategy is written as an integer or as the path of a constant",
                    why: "it stands outside of the function, before the parameters have values",
                    instead: "declare a constant for it: `const SLOTS: usize = …;`, and write `revolve(SLOTS)`",
                },
            );
            return None;
        }
    };
    if is_zero {
        let refusal = match is_revolve {
            true => Refusal {
                cause: Cause::D0113,
                what: "`revolve(0)` has no place for a state",
                why: "the loop starts over from its first state, which takes one",
                instead: "give it one slot at least; 10 to 30 are enough for very long loops",
            },
            false => Refusal {
                cause: Cause::D0113,
                what: "`periodic(0)` is no period",
                why: "a state is kept every so many steps",
                instead: "write about the square root of the number of steps, or `store_all`",
            },
        };
        diagnostics.refuse(number, refusal);
        return None;
    }
    let number = Box::new(number.clone());
    Some(match is_revolve {
        true => Strategy::Revolve(number),
        false => Strategy::Periodic(number),
    })
}

fn without_groups(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => without_groups(&group.expr),
        Expr::Paren(paren) => without_groups(&paren.expr),
        _ => expr,
    }
}
