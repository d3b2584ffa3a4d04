//! The logarithm of an element of the runtime's `softmax`.

use proc_macro2::{Ident, TokenStream};

use super::{Append, Views};
use crate::ids::IdMap;
use crate::ir::{Called, Callee, Composite, Mode, Op, Step, Stmt, ValueId};
use crate::rules::Primitive::{Ln, Neg};
use crate::ty::Ty;

/// Calls of `softmax`, and the elements taken of their results.
#[derive(Default)]
pub struct Calls {
    logits: IdMap<(Ident, ValueId)>,
    elements: IdMap<(ValueId, Class)>,
}

#[derive(Clone, Copy)]
enum Class {
    At(usize),
    Index(ValueId),
}

impl Calls {
    pub fn record(&mut self, stmt: &Stmt, result: ValueId) {
        match &stmt.op {
            Op::Call(callee) if callee.modes == [Mode::Reference] => {
                if let Some(ident) = callee.path.get_ident().filter(|ident| *ident == "softmax") {
                    self.logits.insert(result, (ident.clone(), stmt.args[0]));
                }
            }
            Op::Project(path) => {
                let class = match (&path[..], &stmt.args[..]) {
                    ([Step::At(position)], [_]) => Class::At(*position),
                    ([Step::Index], &[_, index]) => Class::Index(index),
                    _ => return,
                };
                self.elements.insert(result, (stmt.args[0], class));
            }
            _ => {}
        }
    }
}

impl Views {
    /// `softmax(&z)[k].ln()`: appends `cross_entropy(&z, k)`, whose negative it is. The identifier
    /// is the one taken for the runtime's function.
    pub fn softmax_then_ln(
        &self,
        stmt: &Stmt,
        append: &mut Append,
        krate: &TokenStream,
    ) -> Option<(Ident, Composite)> {
        if !matches!(stmt.op, Op::Apply(Ln)) {
            return None;
        }
        let &(probabilities, class) = self.softmaxes.elements.get(&stmt.args[0])?;
        let (softmax, logits) = self.softmaxes.logits.get(&probabilities)?;
        let class = match class {
            Class::Index(index) => index,
            Class::At(position) => {
                let lit = syn::Lit::Int(syn::LitInt::new(&position.to_string(), stmt.span));
                let index = append.function.new_value(Ty::Inactive, None, stmt.span);
                let op = Op::Literal {
                    lit,
                    negative: false,
                };
                append.push(Stmt::new(vec![index], op, Vec::new(), stmt.span));
                index
            }
        };
        let entropy = append.value_like(stmt.results[0]);
        let callee = Callee {
            path: syn::parse_quote!(#krate::prelude::cross_entropy),
            called: Called::Function,
            modes: vec![Mode::Reference, Mode::Value],
            spans: vec![stmt.span; 2],
            changes: Vec::new(),
            active: Vec::new(),
            detached: false,
            rule: false,
        };
        let args = vec![*logits, class];
        append.push(Stmt::new(vec![entropy], Op::Call(callee), args, stmt.span));
        let form = Composite {
            function: Neg,
            args: vec![entropy],
        };
        Some((softmax.clone(), form))
    }
}
