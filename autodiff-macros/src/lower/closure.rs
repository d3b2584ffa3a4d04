//! Closures: a call is their body, lowered where they are called with the locals of where they were
//! written.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diagnostics::Cause;
use proc_macro2::{Ident, Span};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Pat};

use super::iterate::Stream;
use super::{Key, Local, Lowered, Lowerer, Operand, Reported, exits};

/// A closure, or an iterator, in a local: code that is lowered where it is used.
#[derive(Clone)]
pub struct Closure {
    pub code: Expr,
    /// The locals where it was written.
    pub scopes: Scopes,
    /// What an iterator yields.
    pub stream: Option<Stream>,
}

type Scopes = Vec<BTreeMap<Key, Local>>;

impl Lowerer<'_> {
    /// `let f = |x| …;`.
    pub(super) fn closure_local(&mut self, pat: &Pat, code: &ExprClosure) -> Result<(), Reported> {
        self.refuse_changes(code)?;
        self.code_local(pat, &Expr::Closure(code.clone()), None)
    }

    /// `let items = x.iter().map(…);`: the adapters are evaluated here, the items where it is used.
    pub(super) fn stream_local(&mut self, pat: &Pat, code: &Expr) -> Result<(), Reported> {
        for closure in closures_in(code) {
            self.refuse_changes(closure)?;
        }
        let stream = self.stream(code)?;
        self.code_local(pat, code, Some(stream))
    }

    /// A local that stands for code.
    fn code_local(
        &mut self,
        pat: &Pat,
        code: &Expr,
        stream: Option<Stream>,
    ) -> Result<(), Reported> {
        let name = match pat {
            Pat::Type(typed) => return self.code_local(&typed.pat, code, stream),
            Pat::Paren(inner) => return self.code_local(&inner.pat, code, stream),
            Pat::Wild(_) => return Ok(()),
            Pat::Ident(name) => name,
            _ => {
                return self.refuse(
                    Cause::D0603,
                    pat,
                    "a closure or an iterator in a pattern",
                    "where it is used it is replaced by its code, and it needs a name for that",
                    "bind it to a name of its own: `let f = |x| …;`",
                );
            }
        };
        let scopes = self.captured_by(code);
        self.closures.push(Closure {
            code: code.clone(),
            stream: stream.map(|stream| stream.within(&Rc::new(scopes.clone()))),
            scopes,
        });
        let local = Local {
            closure: Some(self.closures.len() - 1),
            ..Local::of(Some(name.ident.clone()), None, 0)
        };
        let scope = self.scopes.last_mut().expect("there is always a scope");
        scope.insert(Key::new(&name.ident), local);
        Ok(())
    }

    /// The locals as the code sees them later: a `move` closure has copies of its own.
    fn captured_by(&mut self, code: &Expr) -> Scopes {
        let mut scopes = self.scopes.clone();
        for closure in closures_in(code) {
            if closure.capture.is_none() {
                continue;
            }
            for (name, id, references) in self.locals_in(&closure.body) {
                if references == 0 && self.function.is_memory(id) {
                    let copy = self.snapshot(Operand::value(id), closure.span());
                    let key = Key::new(&name);
                    let mut own = scopes.iter_mut().rev();
                    if let Some(local) = own.find_map(|scope| scope.get_mut(&key)) {
                        local.value = Some(copy.id);
                    }
                }
            }
        }
        scopes
    }

    fn refuse_changes(&mut self, code: &ExprClosure) -> Result<(), Reported> {
        let Some(name) = self.changed_by(code) else {
            return Ok(());
        };
        self.refuse(
            Cause::D0604,
            &name,
            &format!("a closure in a local that changes `{name}`, which it captures"),
            "where it is used it is replaced by its code, and the macro gives every value of a variable a name of its own",
            "give the value to the closure and use what it returns, or write a loop",
        )
    }

    /// A captured variable that the closure assigns to.
    fn changed_by(&self, code: &ExprClosure) -> Option<Ident> {
        let changes = super::mutation::Changes::of(&code.body);
        let all = changes.wholes.into_iter().chain(changes.parts);
        all.into_iter().find(|name| {
            self.lookup(name).is_some() && !code.inputs.iter().any(|pat| binds(pat, name))
        })
    }

    /// A call of a closure in a local.
    pub(super) fn call_closure(
        &mut self,
        closure: usize,
        args: &Punctuated<Expr, syn::Token![,]>,
        span: Span,
    ) -> Lowered {
        let mut operands = Vec::new();
        for arg in args {
            operands.push(self.expr(arg)?);
        }
        let Closure { code, scopes, .. } = self.closures[closure].clone();
        let own = std::mem::replace(&mut self.scopes, scopes);
        let value = self.apply_closure(&code, operands, span);
        self.scopes = own;
        value
    }

    /// A closure, or the path of a function, applied to values.
    pub(super) fn apply_closure(
        &mut self,
        code: &Expr,
        operands: Vec<Operand>,
        span: Span,
    ) -> Lowered {
        match code {
            Expr::Paren(inner) => self.apply_closure(&inner.expr, operands, span),
            Expr::Closure(code) if code.inputs.len() != operands.len() => self.refuse(
                Cause::D0605,
                code.inputs_begin,
                &format!(
                    "a closure of {} parameters where {} values are given",
                    code.inputs.len(),
                    operands.len()
                ),
                "its call is replaced by its body, and each parameter needs a value",
                "give it as many parameters as it gets values",
            ),
            Expr::Closure(code) => {
                if exits::expr_may_leave(&code.body) {
                    return self.refuse(
                        Cause::D0606,
                        code.inputs_begin,
                        "a closure with `return` in it",
                        "its calls are replaced by its body, which must end in its value",
                        "let every branch of it end in its value",
                    );
                }
                self.scopes.push(BTreeMap::new());
                let bound: Result<(), Reported> = code
                    .inputs
                    .iter()
                    .zip(operands)
                    .try_for_each(|(pat, operand)| self.bind(pat, operand));
                let value = bound.and_then(|()| self.statement_value(&code.body));
                self.scopes.pop();
                Ok(value?.unwrap_or_else(|| self.unit(span)))
            }
            Expr::Path(_) => {
                self.scopes.push(BTreeMap::new());
                let names: Vec<Ident> = (0..operands.len())
                    .map(|k| Ident::new(&format!("argument{k}"), Span::mixed_site()))
                    .collect();
                for (name, operand) in names.iter().zip(operands) {
                    self.declare(name, Some(operand.id), operand.references);
                }
                let call: Expr = syn::parse_quote_spanned!(code.span()=> #code(#(#names),*));
                let value = self.expr(&call);
                self.scopes.pop();
                value
            }
            _ => self.refuse(
                Cause::D0407,
                code,
                "a function that is chosen by an expression",
                "only rustc knows which one it is, and it may have no derivative",
                "write a closure, `|x| …`, that chooses between the values, or the path of a function",
            ),
        }
    }

    /// Closures that kept code mentions become values there.
    pub(super) fn keep_closures(
        &mut self,
        mentioned: &[Ident],
    ) -> Vec<(Ident, super::ValueId, usize)> {
        let mut kept = Vec::new();
        for ident in mentioned {
            let Some(closure) = self.lookup(ident).and_then(|local| local.closure) else {
                continue;
            };
            if kept
                .iter()
                .any(|(own, ..): &(Ident, _, _)| Key::new(own) == Key::new(ident))
            {
                continue;
            }
            let Closure { code, scopes, .. } = self.closures[closure].clone();
            let own = std::mem::replace(&mut self.scopes, scopes);
            let value = self.verbatim(&code, false);
            self.scopes = own;
            if let Ok(operand) = value {
                kept.push((ident.clone(), operand.id, 0));
            }
        }
        kept
    }

    /// Refuses the name of a closure or an iterator where a value is asked for.
    pub(super) fn refuse_code<T>(&mut self, name: &Ident, closure: usize) -> Result<T, Reported> {
        match self.closures[closure].stream {
            Some(_) => self.refuse(
                Cause::D0803,
                name,
                &format!("the iterator `{name}` used as a value"),
                "the macro turns it into a loop where it is ended, and knows no state of it in between",
                "use it once: in a `for` loop, or before adapters and `sum`, `product`, `fold`, `for_each` or `collect`",
            ),
            None => self.refuse(
                Cause::D0602,
                name,
                &format!("the closure `{name}` used as a value"),
                "the macro replaces its calls by its code, and cannot see the calls made elsewhere",
                &format!("call it here, `{name}(x)`, and pass on what it gives"),
            ),
        }
    }

    /// The first active variable that a closure captures.
    pub(super) fn varied_capture(&self, closure: usize) -> Option<Ident> {
        let Closure { code, scopes, .. } = &self.closures[closure];
        match code {
            Expr::Closure(code) => self.first_varied_in(&code.body, scopes),
            other => self.first_varied_in(other, scopes),
        }
    }
}

/// The closures that are written in an expression, but not in one another.
fn closures_in(expr: &Expr) -> Vec<&ExprClosure> {
    struct Finder<'ast>(Vec<&'ast ExprClosure>);
    impl<'ast> syn::visit::Visit<'ast> for Finder<'ast> {
        fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
            self.0.push(closure);
        }
    }
    let mut finder = Finder(Vec::new());
    syn::visit::Visit::visit_expr(&mut finder, expr);
    finder.0
}

fn binds(pat: &Pat, name: &Ident) -> bool {
    struct Finder<'n>(&'n Ident, bool);
    impl<'ast> syn::visit::Visit<'ast> for Finder<'_> {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            self.1 |= pat.ident == *self.0;
            syn::visit::visit_pat_ident(self, pat);
        }
    }
    let mut finder = Finder(name, false);
    syn::visit::Visit::visit_pat(&mut finder, pat);
    finder.1
}
