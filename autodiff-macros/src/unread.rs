//! What the parser takes without reading it: syntax that is newer than the parser, or unstable. It comes as mere
//! tokens, in which no walk over the tree sees a variable.

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Item, Pat};

/// The first piece of a body that is not read.
pub fn unread(block: &Block) -> Option<TokenStream> {
    let mut search = Search::default();
    search.visit_block(block);
    search.found
}

#[derive(Default)]
struct Search {
    found: Option<TokenStream>,
}

impl Search {
    fn tokens(&mut self, tokens: &TokenStream) {
        // A semicolon too many is an expression without tokens.
        if self.found.is_none() && !tokens.is_empty() {
            self.found = Some(tokens.clone());
        }
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Verbatim(tokens) => self.tokens(tokens),
            _ => visit::visit_expr(self, expr),
        }
    }

    fn visit_pat(&mut self, pat: &'ast Pat) {
        match pat {
            Pat::Verbatim(tokens) => self.tokens(tokens),
            _ => visit::visit_pat(self, pat),
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Verbatim(tokens) => self.tokens(tokens),
            _ => visit::visit_item(self, item),
        }
    }
}
