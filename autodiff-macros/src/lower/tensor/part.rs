//! Elements, views, and what only looks at a shape.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMethodCall};

use super::super::inactive::is_slice;
use super::super::{Lowered, Lowerer, Operand, Reported};
use super::{LENGTHS, SHAPES, without_parentheses};
use crate::diagnostics::Cause;
use crate::ir::{Op, Step, Stmt, ValueId, View};
use crate::ty::{Tensor, Ty};

impl Lowerer<'_> {
    /// An argument such as an axis, a shape or a position.
    pub(super) fn inactive_argument(&mut self, expr: &Expr) -> Result<ValueId, Reported> {
        if let Expr::Tuple(_) | Expr::Call(_) | Expr::Array(_) | Expr::Macro(_) = expr {
            return Ok(self.looks(expr)?.id);
        }
        let operand = self.expr(expr)?;
        let ty = self.function.ty(operand.id).clone();
        self.unify(&ty, &Ty::Inactive, expr.span());
        Ok(operand.id)
    }

    /// An expression that of active values only looks at the shape, kept as written:
    /// `(x.nrows(), 2)`, `Axis(0)`, `s![.., 1]`. It stands where only lengths and positions can.
    pub(super) fn looks(&mut self, expr: &Expr) -> Lowered {
        let mut others = expr.clone();
        WithoutLengths { of: &|_| true }.visit_expr_mut(&mut others);
        if self.mentions_varied(&others) {
            return self.inactive(expr);
        }
        let operand = self.verbatim(expr, true)?;
        self.function.value_mut(operand.id).ty = Ty::Inactive;
        Ok(operand)
    }

    /// Whether an expression has no active value in it but for lengths of arrays, slices and vectors.
    pub(in crate::lower) fn only_looks(&self, expr: &Expr) -> bool {
        // Of another type the method may be a user's, and give anything.
        let is_run = |receiver: &Expr| {
            let root = super::super::mutation::root(receiver);
            let local = root.filter(|_| matches!(receiver, Expr::Path(_)));
            let value = local.and_then(|name| self.lookup(&name)?.value);
            value.is_some_and(|id| {
                matches!(
                    self.infer.resolve(self.function.ty(id)),
                    Ty::Array(..) | Ty::Sequence(..) | Ty::Tensor(_)
                )
            })
        };
        let mut others = expr.clone();
        WithoutLengths { of: &is_run }.visit_expr_mut(&mut others);
        !self.mentions_varied(&others)
    }

    /// What stands in the brackets behind an array: `i`, `[i, j]` or `(i, j)`.
    pub(in crate::lower) fn element_step(
        &mut self,
        base: ValueId,
        index: &Expr,
    ) -> Result<Option<(Step, Vec<ValueId>)>, Reported> {
        let ty = self.function.ty(base).clone();
        self.element_step_of(&ty, index)
    }

    pub(in crate::lower) fn element_step_of(
        &mut self,
        base: &Ty,
        index: &Expr,
    ) -> Result<Option<(Step, Vec<ValueId>)>, Reported> {
        let of_tensor = matches!(self.infer.resolve(base), Ty::Tensor(_));
        let positions: Vec<&Expr> = match without_parentheses(index) {
            Expr::Array(list) => list.elems.iter().collect(),
            Expr::Tuple(list) => list.elems.iter().collect(),
            single if of_tensor => vec![single],
            _ => return Ok(None),
        };
        let mut args = Vec::new();
        for position in positions {
            args.push(self.position(position)?);
        }
        Ok(Some((Step::Element(args.len()), args)))
    }

    /// `x.shape()[k]`.
    pub(in crate::lower) fn length_of_axis(&mut self, index: &syn::ExprIndex) -> Option<Lowered> {
        let call = match without_parentheses(&index.expr) {
            Expr::MethodCall(call) if call.method == "shape" && call.args.is_empty() => call,
            _ => return None,
        };
        let whole = Expr::Index(index.clone());
        self.mentions_varied(&call.receiver.clone())
            .then(|| self.looks(&whole))
    }

    /// `x.row(i)` and its like.
    pub(super) fn view(
        &mut self,
        call: &ExprMethodCall,
        receiver: Operand,
        tensor: Tensor,
    ) -> Lowered {
        let span = call.method.span();
        let mut args = Vec::new();
        for arg in &call.args {
            args.push(self.inactive_argument(arg)?);
        }
        let rank = match (call.method.to_string().as_str(), call.args.first()) {
            ("row" | "column" | "diag", _) => Some(1),
            ("index_axis", _) => tensor.rank.map(|rank| rank.saturating_sub(1)),
            ("slice", Some(Expr::Macro(own))) => axes_of_slice(&own.mac),
            ("slice", _) => None,
            _ => tensor.rank,
        };
        let step = Step::View(View {
            method: call.method.clone(),
            arity: args.len(),
        });
        let part = self.project_many(receiver, step, args, span);
        let ty = Ty::Tensor(Tensor::new(*tensor.element, rank));
        self.function.value_mut(part.id).ty = ty.clone();
        let of_memory = matches!(self.definition(part.id),
            Some(Stmt { op: Op::Project(_), args, .. }) if self.function.is_memory(args[0]));
        match of_memory {
            // What it views may change.
            true => Ok(self.rule("copied", vec![part.id], ty, span)),
            false => Ok(Operand::value(part.id)),
        }
    }

    /// Refuses a view as an argument by value: the pullback of the call would hold it, and with it a borrow.
    pub(in crate::lower) fn expect_no_view(
        &mut self,
        argument: Operand,
        written: &Expr,
    ) -> Result<(), Reported> {
        let Expr::MethodCall(call) = without_parentheses(written) else {
            return Ok(());
        };
        let by_step = match self.definition(argument.id).map(|stmt| &stmt.op) {
            Some(Op::Project(path)) => path.iter().any(|step| matches!(step, Step::View(_))),
            _ => false,
        };
        if self.tensor(argument.id).is_none() || !(by_step || call.method == "view") {
            return Ok(());
        }
        self.refuse(
            Cause::D1602,
            &call.method,
            "a view of an active array as an argument by value",
            "the pullback of the call may run when the view is gone",
            "let the function take a reference, `x: &ArrayRef2<f64>`, to which both arrays and views can be lent: `f(&x)`, `f(&x.row(0))`",
        )
    }

    /// `x.mapv(f)` and `x.map(f)`: a loop over the numbers as they lie in memory.
    pub(super) fn map_tensor(
        &mut self,
        receiver: Operand,
        tensor: Tensor,
        call: &ExprMethodCall,
        code: &Expr,
    ) -> Lowered {
        let span = call.method.span();
        let numbers = Ty::Sequence(tensor.element, crate::ty::Sequence::Vec);
        let flat = self.rule("flat", vec![receiver.id], numbers, span);
        let flat = Operand {
            references: usize::from(call.method == "map"),
            ..flat
        };
        let mapped = self.mapped_numbers(flat, code, span)?;
        let krate = &self.signature.krate;
        let array = Ident::new("array", Span::mixed_site());
        let layout = quote!(#krate::tensor::rules::layout_of(&#array));
        let layout = self.computed(layout, &[(array, receiver.id)], span);
        let element = match self.infer.resolve(self.function.ty(mapped.id)) {
            Ty::Sequence(element, _) => *element,
            _ => self.infer.fresh_scalar(),
        };
        let ty = Ty::Tensor(Tensor::new(element, tensor.rank));
        Ok(self.rule("shaped", vec![mapped.id, layout], ty, span))
    }

    /// The numbers of an array, to be taken one by one: in the order of its indices, or in that of
    /// `x.fold(…)`.
    pub(in crate::lower) fn elements_of(
        &mut self,
        base: Operand,
        folded: bool,
        span: Span,
    ) -> Operand {
        let Some(tensor) = self.tensor(base.id) else {
            return base;
        };
        let ty = Ty::Sequence(tensor.element, crate::ty::Sequence::Vec);
        let rule = if folded { "folded" } else { "elements" };
        self.rule(rule, vec![base.id], ty, span)
    }
}

/// How many axes `s![…]` leaves: one for each range, and one for each new axis.
fn axes_of_slice(mac: &syn::Macro) -> Option<usize> {
    if !is_slice(mac) {
        return None;
    }
    type List = syn::punctuated::Punctuated<SliceElement, syn::Token![,]>;
    let list = mac.parse_body_with(List::parse_terminated).ok()?;
    Some(list.iter().filter(|element| element.keeps_axis).count())
}

/// One element in `s![…]`: an index, a range with or without `;step`, or `NewAxis`.
struct SliceElement {
    keeps_axis: bool,
}

impl syn::parse::Parse for SliceElement {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let expr: Expr = input.parse()?;
        if input.peek(syn::Token![;]) {
            input.parse::<syn::Token![;]>()?;
            input.parse::<Expr>()?;
        }
        let is_new = matches!(&expr, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "NewAxis"));
        Ok(SliceElement {
            keeps_axis: is_new || matches!(expr, Expr::Range(_)),
        })
    }
}

/// Takes lengths out of an expression, `of` those receivers.
struct WithoutLengths<'a> {
    of: &'a dyn Fn(&Expr) -> bool,
}

impl VisitMut for WithoutLengths<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let looks = |call: &ExprMethodCall| {
            let name = call.method.to_string();
            let by_name = LENGTHS.contains(&name.as_str()) || SHAPES.contains(&name.as_str());
            by_name && (self.of)(&call.receiver)
        };
        if matches!(expr, Expr::MethodCall(call) if looks(call)) {
            *expr = syn::parse_quote!(0);
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}
