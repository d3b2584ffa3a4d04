//! Names for the values of generated code: the user's where there is one, always unique, never
//! one that the user's function mentions for something else.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use crate::ids::IdMap;
use crate::ir::ValueId;

/// Hands out names for one generated function.
#[derive(Clone)]
pub struct Names {
    /// Every identifier of the user's item.
    reserved: BTreeSet<String>,
    taken: BTreeSet<String>,
    given: IdMap<Ident>,
    temporaries: usize,
    /// How often a name was wished for.
    wishes: BTreeMap<String, usize>,
}

impl Names {
    pub fn new(item: &TokenStream) -> Names {
        let mut reserved = BTreeSet::new();
        collect(item.clone(), &mut reserved);
        Names {
            reserved,
            taken: BTreeSet::new(),
            given: IdMap::new(),
            temporaries: 0,
            wishes: BTreeMap::new(),
        }
    }

    /// A name of its own for something that is no value (a parameter of a companion function).
    pub fn fresh(&mut self, wish: &str) -> Ident {
        let name = self.free(wish, true);
        Ident::new(&name, Span::mixed_site())
    }

    /// Gives a value a name that was chosen before.
    pub fn assign(&mut self, id: ValueId, name: &Ident) {
        self.taken.insert(name.to_string());
        self.given.insert(id, name.clone());
    }

    /// The name of a value. `own` says that `wish` is the user's own name for it, and `at` where the user wrote
    /// what has none.
    pub fn give(&mut self, id: ValueId, wish: Option<&Ident>, own: bool, at: Span) -> Ident {
        if let Some(given) = self.given.get(&id) {
            return given.clone();
        }
        let ident = match wish {
            Some(wish) => {
                // A copy of the receiver needs a name that a variable may have.
                let (text, own) = match wish == "self" {
                    true => ("this".to_owned(), false),
                    false => (wish.to_string(), own),
                };
                if own && self.taken.insert(text.clone()) {
                    wish.clone()
                } else {
                    let name = self.free(
                        text.trim_start_matches("r#"),
                        !own || self.taken.contains(&text),
                    );
                    Ident::new(&name, wish.span().resolved_at(Span::mixed_site()))
                }
            }
            None => {
                let mut name = self.temporary();
                name.set_span(at.resolved_at(name.span()));
                name
            }
        };
        self.given.insert(id, ident.clone());
        ident
    }

    /// A name for something that has none.
    pub fn temporary(&mut self) -> Ident {
        let name = loop {
            self.temporaries += 1;
            let name = format!("t{}", self.temporaries);
            if !self.reserved.contains(&name) && self.taken.insert(name.clone()) {
                break name;
            }
        };
        Ident::new(&name, Span::mixed_site())
    }

    /// Lets the value have a new name.
    pub fn forget(&mut self, id: ValueId) {
        self.given.remove(&id);
    }

    fn free(&mut self, wish: &str, avoid_reserved: bool) -> String {
        loop {
            // Where a name is wished for often, the search goes on where the last one ended.
            let count = self.wishes.entry(wish.to_owned()).or_default();
            let name = match *count {
                0 => wish.to_owned(),
                count => format!("{wish}_{count}"),
            };
            *count += 1;
            let usable = syn::parse_str::<Ident>(&name).is_ok();
            if usable
                && !(avoid_reserved && self.reserved.contains(&name))
                && self.taken.insert(name.clone())
            {
                return name;
            }
        }
    }
}

fn collect(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Literal(literal) => {
                // Format strings name variables, too.
                let text = literal.to_string();
                names.extend(
                    text.split(|c: char| !c.is_alphanumeric() && c != '_')
                        .map(str::to_owned),
                );
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// The identifier without a leading `r#`.
pub fn unraw(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}
