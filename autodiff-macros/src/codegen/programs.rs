//! The three reverse programs and the forward program, printed.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::lanes::Lanes;
use super::names::Names;
use super::sizes::sizes;
use super::{Printer, Style};
use crate::companion::Parameters;
use crate::give_back::own_arrays;
use crate::ids::IdSet;
use crate::ir::{Function, Mode, Stmt, ValueId};
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
#[derive(Default)]
pub struct PrintedReverse {
    /// The whole: a block with the value of the function's result.
    pub joint: TokenStream,
    /// The forward part, the result's expression and the reverse part.
    pub forward: TokenStream,
    pub value: TokenStream,
    pub backward: TokenStream,
}

/// The arrays of a split program by where they are read last.
struct Arrays {
    of_value: Vec<ValueId>,
    /// By the pullback, which may run again.
    kept: Vec<ValueId>,
    /// Those that the reverse makes for itself.
    of_reverse: Vec<ValueId>,
}

impl Arrays {
    fn of(pulled: &Reverse, printer: &Printer<'_>) -> Arrays {
        let stmts = pulled.forward.iter().chain(&pulled.backward);
        let own = own_arrays(&pulled.function, stmts, false);
        let made = |stmts: &[Stmt]| -> IdSet {
            stmts
                .iter()
                .flat_map(|own| own.results.iter().copied())
                .collect()
        };
        let (first, second) = (made(&pulled.forward), made(&pulled.backward));
        let mut read = IdSet::new();
        for stmt in &pulled.backward {
            printer.uses_again(stmt, &mut read);
        }
        printer.add_folded(&mut read);
        // What is made twice, in the reverse again, has the one name in two places.
        let (of_reverse, of_forward): (Vec<_>, Vec<_>) = own
            .into_iter()
            .filter(|id| !(first.contains(id) && second.contains(id)))
            .partition(|id| second.contains(id));
        let (kept, of_value) = of_forward.into_iter().partition(|id| read.contains(id));
        Arrays {
            of_value,
            kept,
            of_reverse,
        }
    }
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
        let params = self.primal.params.iter().zip(&self.signature.params);
        let views = params.filter(|(_, param)| param.is_view);
        printer.views = views.map(|(param, _)| param.value).collect();
        printer
    }

    /// The parameters of type `usize`.
    fn sizes(&self) -> IdSet {
        let params = self.primal.params.iter().zip(&self.signature.params);
        let sizes = params.filter(
            |(_, param)| matches!(&param.written, syn::Type::Path(ty) if ty.path.is_ident("usize")),
        );
        sizes.map(|(param, _)| param.value).collect()
    }

    /// The split program with several adjoints side by side.
    pub fn vector_reverse(&self, pulled: &Reverse, adjoints: IdSet) -> PrintedReverse {
        let lanes = Lanes::new(adjoints, &self.parameters.width);
        self.reverse_with(pulled, Style::Split, Some(lanes))
    }

    pub fn reverse(&self, pulled: &Reverse, style: Style) -> PrintedReverse {
        self.reverse_with(pulled, style, None)
    }

    fn reverse_with(&self, pulled: &Reverse, style: Style, lanes: Option<Lanes>) -> PrintedReverse {
        let mut printer = self.printer(&pulled.function, style);
        printer.lanes = lanes;
        for (&bar, name) in pulled.bars.iter().zip(&self.parameters.bars) {
            printer.buffer_parameter(bar, name);
        }
        printer.parameter(pulled.out_bar, Mode::Value, &self.parameters.out_bar);
        let output = pulled.function.output;
        if style == Style::Split {
            return self.split(pulled, printer);
        }
        let stmts = &pulled.joint.stmts;
        let (early, late) = postpone(&pulled.function, stmts, IdSet::new());
        printer.plan(early.iter().chain(&late).copied(), &[output]);
        if style == Style::Readable {
            printer.sizes = sizes(&pulled.function, stmts.iter(), self.sizes());
        }
        if let Some(last) = late.last() {
            printer.end_with(last, output);
        }
        let reverse = stmts[pulled.joint.mark..].as_ptr_range();
        let begins = early
            .iter()
            .position(|stmt| reverse.contains(&std::ptr::from_ref(*stmt)));
        let (first, second) = early.split_at(begins.unwrap_or(early.len()));
        let forward = printer.statements(first.iter().copied());
        let backward = printer.statements(second.iter().copied());
        let last = printer.statements(late);
        let value = match self.signature.returns_nothing {
            true => quote!(()),
            false => printer.result(output, &[]),
        };
        let value = quote!(#last #value);
        let items = self.items;
        let joint = match style {
            Style::Readable => super::text::with_marks(items, &forward, &backward, &value),
            Style::Compiled | Style::Split => {
                let traits = printer.traits();
                quote!(#traits #items #forward #backward #value)
            }
        };
        PrintedReverse {
            joint,
            ..PrintedReverse::default()
        }
    }

    /// The forward part, value and reverse part of the split program.
    fn split<'f>(&self, pulled: &'f Reverse, mut printer: Printer<'f>) -> PrintedReverse {
        let output = pulled.function.output;
        for &(k, buffer) in &pulled.ignored {
            printer.buffer_parameter(buffer, &self.parameters.ignored[k]);
        }
        let is_lent = |id: &ValueId| pulled.ignored.iter().any(|(_, buffer)| buffer == id);
        let own = |stmt: &&Stmt| !stmt.results.iter().any(is_lent);
        let backward: Vec<&Stmt> = pulled.backward.iter().filter(own).collect();
        printer.plan(
            pulled.forward.iter().chain(backward.iter().copied()),
            &[output],
        );
        let [mut forward, tapes_again] = printer.tapes_of_pullback(&pulled.forward);
        forward.extend(printer.statements(&pulled.forward));
        forward.extend(self.final_contents(pulled, &mut printer));
        let arrays = Arrays::of(pulled, &printer);
        forward.extend(printer.give_back(&arrays.of_value));
        let (keep, mut again) = printer.kept_arrays(&arrays.kept);
        forward.extend(keep);
        again.extend(tapes_again);
        // The closure is handed references again, the receiver under another name.
        self.name_receiver(&mut printer, &self.parameters.again);
        again.extend(self.borrowed_again(pulled, &mut printer));
        again.extend(printer.statements(backward));
        again.extend(printer.give_back(&arrays.of_reverse));
        let backward = again;
        self.name_receiver(&mut printer, &self.parameters.args);
        let value = match self.signature.returns_nothing {
            true => quote!(()),
            false => printer.result(output, &pulled.backward),
        };
        let (traits, items) = (printer.traits(), self.items);
        PrintedReverse {
            joint: TokenStream::new(),
            forward: quote!(#traits #items #forward),
            value,
            backward,
        }
    }

    /// Lets a receiver that was taken by reference go by its name among `names`.
    fn name_receiver(&self, printer: &mut Printer<'_>, names: &[Ident]) {
        if let (Some(Mode::Reference), [param, ..]) =
            (self.signature.receiver(), &self.primal.params[..])
        {
            printer.parameter(param.value, param.mode, &names[0]);
        }
    }

    /// References to parts, where the reverse looks at them: it borrows them anew.
    fn borrowed_again<'f>(&self, pulled: &'f Reverse, printer: &mut Printer<'f>) -> TokenStream {
        let mut used = IdSet::new();
        for stmt in &pulled.backward {
            printer.uses_again(stmt, &mut used);
        }
        printer.add_folded(&mut used);
        let is_used = |stmt: &&Stmt| match stmt.results[..] {
            [result] => used.contains(&result) && printer.is_reference_to_part(stmt),
            _ => false,
        };
        let again: Vec<&Stmt> = pulled.forward.iter().filter(is_used).collect();
        printer.statements(again)
    }

    /// Copies of what `&mut` parameters hold in the end, where the reverse looks at it: a pullback
    /// holds on to no borrow.
    fn final_contents(&self, pulled: &Reverse, printer: &mut Printer<'_>) -> TokenStream {
        let mut used = IdSet::new();
        for stmt in &pulled.backward {
            printer.uses_again(stmt, &mut used);
        }
        printer.add_folded(&mut used);
        let params = self.primal.params.iter();
        let kept =
            params.filter(|param| param.mode == Mode::Mutable && used.contains(&param.value));
        let mut code = TokenStream::new();
        for param in kept {
            code.extend(printer.keep_content(param.value));
        }
        code
    }

    /// The forward program: a block with value and tangent.
    pub fn tangent(&self, pushed: &Tangent) -> TokenStream {
        self.forward(pushed, None)
    }

    /// The forward program with several tangents side by side.
    pub fn vector_forward(&self, pushed: &Tangent, tangents: IdSet) -> TokenStream {
        self.forward(pushed, Some(Lanes::new(tangents, &self.parameters.width)))
    }

    fn forward(&self, pushed: &Tangent, lanes: Option<Lanes>) -> TokenStream {
        let mut printer = self.printer(&pushed.function, Style::Compiled);
        printer.lanes = lanes;
        let active = self.primal.params.iter().filter(|param| param.active);
        for ((&dot, name), param) in pushed.dots.iter().zip(&self.parameters.dots).zip(active) {
            printer.parameter(dot, param.mode, name);
        }
        let output = self.primal.output;
        let (early, late) = postpone(
            &pushed.function,
            &pushed.stmts,
            [pushed.out_dot].into_iter().collect(),
        );
        let printed = early.iter().chain(&late).copied();
        printer.plan(printed, &[output, pushed.out_dot]);
        let items = self.items;
        let stmts = printer.statements(early);
        let out_dot = printer.result(pushed.out_dot, &[]);
        let last = printer.statements(late);
        let value = match self.signature.returns_nothing {
            true => quote!(()),
            false => printer.result(output, &[]),
        };
        let dot = Ident::new("dot", Span::mixed_site());
        let traits = printer.traits();
        quote!(#traits #items #stmts let #dot = #out_dot; #last (#value, #dot))
    }
}

impl Printer<'_> {
    /// The traits whose methods the code calls by name: where the user's module has no prelude,
    /// they are not in scope.
    fn traits(&self) -> TokenStream {
        let krate = self.krate;
        let parts = self.takes_parts.then(|| {
            quote! {
                #[allow(unused_imports, redundant_imports)]
                use #krate::tensor::rules::WithParts as _;
            }
        });
        quote! {
            #[allow(unused_imports, redundant_imports)]
            use ::core::{
                clone::Clone as _,
                cmp::Ord as _,
                iter::{DoubleEndedIterator as _, Iterator as _},
            };
            #parts
        }
    }
}
