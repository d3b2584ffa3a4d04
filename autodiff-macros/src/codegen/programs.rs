//! The three reverse programs and the forward program, printed.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::names::Names;
use super::{Printer, Style};
use crate::companion::Parameters;
use crate::ir::{Function, Mode};
use crate::reverse::Reverse;
use crate::schedule::postpone;
use crate::signature::Signature;
use crate::tangent::Tangent;

/// What the printing of every derived program starts from.
pub struct Printing<'a> {
    pub primal: &'a Function,
    pub signature: &'a Signature,
    pub parameters: &'a Parameters,
    /// Items of the user's body, which come first in every copy of it.
    pub items: &'a TokenStream,
    pub names: &'a Names,
}

/// A reverse program in its parts.
pub struct PrintedReverse {
    /// The whole: a block with the value of the function's result.
    pub joint: TokenStream,
    /// The forward part, the result's expression and the reverse part.
    pub forward: TokenStream,
    pub value: TokenStream,
    pub backward: TokenStream,
}

impl Printing<'_> {
    /// A printer that knows the parameters under their names.
    fn printer<'f>(&'f self, function: &'f Function, style: Style) -> Printer<'f> {
        let krate = &self.signature.krate;
        let primal_values = self.primal.values.len();
        let mut printer = Printer::new(function, primal_values, style, krate, self.names.clone());
        for (param, name) in self.primal.params.iter().zip(&self.parameters.args) {
            printer.parameter(param.value, param.mode, name);
        }
        printer
    }

    pub fn reverse(&self, pulled: &Reverse, style: Style) -> PrintedReverse {
        let mut printer = self.printer(&pulled.function, style);
        for (&bar, name) in pulled.bars.iter().zip(&self.parameters.bars) {
            printer.buffer_parameter(bar, name);
        }
        printer.parameter(pulled.out_bar, Mode::Value, &self.parameters.out_bar);
        let output = pulled.function.output;
        printer.plan(pulled.forward.iter().chain(&pulled.backward), &[output]);
        let (early, late) = match style {
            Style::Split => (pulled.forward.iter().collect(), Vec::new()),
            Style::Compiled | Style::Readable => {
                let needed = pulled
                    .backward
                    .iter()
                    .flat_map(|stmt| &stmt.args)
                    .copied()
                    .collect();
                postpone(&pulled.forward, needed)
            }
        };
        if let Some(last) = late.last() {
            printer.end_with(last, output);
        }
        let forward = printer.statements(early);
        let backward = printer.statements(&pulled.backward);
        let last = printer.statements(late);
        let later: &[_] = if style == Style::Split {
            &pulled.backward
        } else {
            &[]
        };
        let value = match self.signature.returns_nothing {
            true => quote!(()),
            false => printer.result(output, later),
        };
        let value = quote!(#last #value);
        let items = self.items;
        let joint = match style {
            Style::Compiled | Style::Split => quote!(#items #forward #backward #value),
            Style::Readable => super::text::with_marks(items, &forward, &backward, &value),
        };
        PrintedReverse {
            joint,
            forward: quote!(#items #forward),
            value,
            backward,
        }
    }

    /// The forward program: a block with value and tangent.
    pub fn tangent(&self, pushed: &Tangent) -> TokenStream {
        let mut printer = self.printer(&pushed.function, Style::Compiled);
        let active = self.primal.params.iter().filter(|param| param.active);
        for ((&dot, name), param) in pushed.dots.iter().zip(&self.parameters.dots).zip(active) {
            printer.parameter(dot, param.mode, name);
        }
        let output = self.primal.output;
        printer.plan(pushed.stmts.iter(), &[output, pushed.out_dot]);
        let (early, late) = postpone(&pushed.stmts, [pushed.out_dot].into_iter().collect());
        let items = self.items;
        let stmts = printer.statements(early);
        let out_dot = printer.result(pushed.out_dot, &[]);
        let last = printer.statements(late);
        let value = match self.signature.returns_nothing {
            true => quote!(()),
            false => printer.result(output, &[]),
        };
        let dot = Ident::new("dot", Span::mixed_site());
        quote!(#items #stmts let #dot = #out_dot; #last (#value, #dot))
    }
}
