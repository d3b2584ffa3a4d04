//! Renaming captured variables in code that is kept as written.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Expr;
use syn::visit_mut::{self, VisitMut};

use crate::lower::{Key, format_captures};

/// Replaces captured variables in code kept as written. An expression is rewritten as a tree, in
/// which a field or a method is never taken for a variable; a macro call by its tokens.
pub fn substitute(tokens: TokenStream, renamed: &[(Ident, TokenStream)]) -> TokenStream {
    match syn::parse2::<Expr>(tokens.clone()) {
        Ok(mut expr) => {
            Substitution { renamed }.visit_expr_mut(&mut expr);
            expr.into_token_stream()
        }
        Err(_) => substitute_tokens(tokens, renamed),
    }
}

/// Code of the macro's own with what it takes from the runtime's hidden module by its bare name, as
/// the text for the reader has it.
pub fn without_private_paths(tokens: TokenStream) -> TokenStream {
    struct Shorten;

    impl VisitMut for Shorten {
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            let hidden = path
                .segments
                .iter()
                .position(|own| own.ident == "__private");
            if let Some(hidden) = hidden {
                path.leading_colon = None;
                path.segments = std::mem::take(&mut path.segments)
                    .into_iter()
                    .skip(hidden + 1)
                    .collect();
            }
            visit_mut::visit_path_mut(self, path);
        }
    }

    match syn::parse2::<Expr>(tokens.clone()) {
        Ok(mut expr) => {
            Shorten.visit_expr_mut(&mut expr);
            expr.into_token_stream()
        }
        Err(_) => tokens,
    }
}

struct Substitution<'a> {
    renamed: &'a [(Ident, TokenStream)],
}

impl VisitMut for Substitution<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Path(path) = expr
            && let Some(ident) = path.path.get_ident()
            && let Some((_, code)) = self
                .renamed
                .iter()
                .find(|(own, _)| Key::new(own) == Key::new(ident))
        {
            *expr = Expr::Verbatim(code.clone());
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        // `S { n }` becomes `S { n: n_1 }`.
        field.colon_token.get_or_insert_default();
        visit_mut::visit_field_value_mut(self, field);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        mac.tokens = substitute_tokens(mac.tokens.clone(), self.renamed);
    }
}

/// Replaces identifiers that are not fields, methods or parts of paths; format strings that name a
/// renamed variable get it as a named argument.
fn substitute_tokens(tokens: TokenStream, renamed: &[(Ident, TokenStream)]) -> TokenStream {
    let mut result: Vec<TokenTree> = Vec::new();
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut named = Vec::new();
    for (k, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let mut inner = proc_macro2::Group::new(
                    group.delimiter(),
                    substitute_tokens(group.stream(), renamed),
                );
                inner.set_span(group.span());
                result.push(TokenTree::Group(inner));
            }
            TokenTree::Ident(ident) => {
                let punct = |k: Option<usize>, c: char| matches!(k.and_then(|k| tokens.get(k)), Some(TokenTree::Punct(punct)) if punct.as_char() == c);
                let is_field = punct(k.checked_sub(1), '.') && !punct(k.checked_sub(2), '.');
                let is_path = punct(k.checked_sub(1), ':')
                    || (punct(Some(k + 1), ':') && punct(Some(k + 2), ':'));
                match renamed
                    .iter()
                    .find(|(own, _)| Key::new(own) == Key::new(ident))
                {
                    Some((_, code)) if !is_field && !is_path => result.extend(code.clone()),
                    _ => result.push(token.clone()),
                }
            }
            TokenTree::Literal(literal) => {
                result.push(token.clone());
                let captures = format_captures(&literal.to_string());
                for (own, code) in renamed
                    .iter()
                    .filter(|(own, _)| captures.iter().any(|name| own == name))
                {
                    named.push(quote!(#own = #code));
                }
            }
            TokenTree::Punct(_) => result.push(token.clone()),
        }
    }
    let comma = matches!(result.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ',');
    let mut result: TokenStream = result.into_iter().collect();
    for (k, argument) in named.into_iter().enumerate() {
        result.extend(if k == 0 && comma {
            argument
        } else {
            quote!(, #argument)
        });
    }
    result
}
