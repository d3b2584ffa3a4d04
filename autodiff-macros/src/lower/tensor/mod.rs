//! Arrays of `ndarray`: operators and methods become calls of the runtime's functions of the same
//! meaning, which have rules. What only looks at the shape is inactive.

mod make;
mod part;

use proc_macro2::Span;
use syn::{Expr, ExprMethodCall};

use super::inactive::is_slice;
use super::{Lowered, Lowerer, Operand, Place, Reported};
use crate::diagnostics::Cause;
use crate::ir::{Called, Callee, Mode, Observation, Op, ValueId};
use crate::rules::Primitive;
use crate::ty::{Scalar, Tensor, Ty};

/// Methods whose result is an `Option` or a `Result` in `ndarray`.
const FALLIBLE: [&str; 5] = [
    "mean",
    "mean_axis",
    "into_shape_with_order",
    "to_shape",
    "into_shape_clone",
];

/// Methods that give a shape, or the length of an axis.
const SHAPES: [&str; 4] = ["shape", "dim", "raw_dim", "len_of"];

/// Methods that view an array, or a part of it.
const VIEWS: [&str; 7] = [
    "t",
    "row",
    "column",
    "diag",
    "slice",
    "index_axis",
    "slice_axis",
];

/// Other methods that give an array, or an `Option` or `Result` of one that is unwrapped.
const SAME_KIND: [&str; 12] = [
    "dot",
    "view",
    "map",
    "mapv",
    "mapv_into",
    "sum_axis",
    "insert_axis",
    "reversed_axes",
    "clone",
    "to_owned",
    "unwrap",
    "expect",
];

/// Methods that no other type has, beside `t()` and `slice(s![…])`.
const OF_ARRAYS_ALONE: [&str; 7] = [
    "mapv",
    "mapv_into",
    "sum_axis",
    "mean_axis",
    "index_axis",
    "insert_axis",
    "reversed_axes",
];

/// Functions of the runtime's module `tensor` whose results have the shape of the first argument.
const SAME_SHAPE: [&str; 12] = [
    "mode_product",
    "softmax",
    "log_softmax",
    "tanh",
    "sigmoid",
    "relu",
    "exp",
    "gelu",
    "silu",
    "softplus",
    "log_sigmoid",
    "leaky_relu",
];

/// Methods that give lengths.
const LENGTHS: [&str; 5] = ["len", "is_empty", "nrows", "ncols", "ndim"];

/// Methods that of something unseen are taken to give its shape; rustc confirms that no number comes of them.
/// `shape` is not among them: it is what users call parameters of distributions.
const SHAPES_OF_UNSEEN: [&str; 5] = ["nrows", "ncols", "ndim", "dim", "raw_dim"];

/// Whether a method without arguments gives a shape, or a length, of something unseen.
pub(super) fn is_shape(method: &str) -> bool {
    SHAPES_OF_UNSEEN.contains(&method)
}

/// Whether a method without arguments counts.
pub(super) fn is_length(method: &str) -> bool {
    LENGTHS.contains(&method)
}

impl Lowerer<'_> {
    /// What is known of the value, if it is an array.
    pub(super) fn tensor(&self, id: ValueId) -> Option<Tensor> {
        match self.infer.resolve(self.function.ty(id)) {
            Ty::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// A call of one of the runtime's rules: what may be active by reference, the rest by value.
    fn rule(&mut self, name: &str, args: Vec<ValueId>, ty: Ty, span: Span) -> Operand {
        let krate = &self.signature.krate;
        let path: proc_macro2::TokenStream = name.parse().expect("the names of rules are paths");
        let mode = |&arg: &ValueId| match self.is_inactive(arg) {
            true => Mode::Value,
            false => Mode::Reference,
        };
        let callee = Callee {
            path: syn::parse_quote_spanned!(span=> #krate::tensor::rules::#path),
            called: Called::Function,
            modes: args.iter().map(mode).collect(),
            spans: vec![span; args.len()],
            changes: Vec::new(),
            active: Vec::new(),
            detached: false,
            rule: true,
        };
        Operand::value(self.push(Op::Call(callee), args, ty, span))
    }

    /// An operator, if one of the operands is an array. The other one may be of a type that only
    /// rustc knows.
    pub(super) fn tensor_operator(
        &mut self,
        primitive: Primitive,
        operands: &[Operand],
        span: Span,
    ) -> Option<Lowered> {
        let by_value = |own: &Operand| own.references == 0 && self.tensor(own.id).is_some();
        let place = match operands {
            [left, _] if by_value(left) => "left::",
            [_, right] if by_value(right) => "right::",
            _ => "",
        };
        self.tensor_operator_in(place, primitive, operands, span)
    }

    /// The same, assigned to the left operand.
    pub(super) fn tensor_assigned(
        &mut self,
        primitive: Primitive,
        operands: &[Operand],
        span: Span,
    ) -> Option<Lowered> {
        self.tensor_operator_in("compound::", primitive, operands, span)
    }

    /// The same; `place` says where in memory the result lies.
    fn tensor_operator_in(
        &mut self,
        place: &str,
        primitive: Primitive,
        operands: &[Operand],
        span: Span,
    ) -> Option<Lowered> {
        let tensors = operands.iter().filter_map(|own| self.tensor(own.id));
        let tensors: Vec<Tensor> = tensors.collect();
        let first = tensors.first()?.clone();
        let name = match primitive {
            Primitive::Add => "add",
            Primitive::Sub => "sub",
            Primitive::Mul => "mul",
            Primitive::Div => "div",
            Primitive::Neg => "neg",
            _ => return Some(self.refuse_operator(span)),
        };
        for operand in operands {
            match self.tensor(operand.id) {
                Some(tensor) => {
                    self.unify(&first.element, &tensor.element, span);
                }
                None => self.number_beside(operand.id, &first.element, span),
            }
        }
        let rank = match &tensors[..] {
            [a, b] => a.rank.zip(b.rank).map(|(a, b)| a.max(b)),
            _ => first.rank,
        };
        let args = operands.iter().map(|operand| operand.id).collect();
        let ty = Ty::Tensor(Tensor::new(*first.element, rank));
        Some(Ok(self.rule(&format!("{place}{name}"), args, ty, span)))
    }

    /// The result of one of the runtime's functions of arrays: called as `tensor::name`, or by its name alone with
    /// what is known to be an array. A wrong guess is a type error.
    pub(super) fn result_of_tensor_function(
        &mut self,
        names: &[&str],
        args: &[ValueId],
    ) -> Option<Ty> {
        let (name, by_path) = match names {
            [.., "tensor", name] => (*name, true),
            [.., name] => (*name, false),
            [] => return None,
        };
        let first = self.tensor(*args.first()?);
        let (element, rank) = match first {
            Some(first) => (*first.element, first.rank),
            None if by_path => (self.infer.fresh_scalar(), None),
            None => return None,
        };
        let rank = match name {
            "norm" | "logsumexp" | "cross_entropy" | "cross_entropy_with_logits" => {
                return Some(element);
            }
            "matmul" | "affine" | "outer" | "embedding" => Some(2),
            "conv2d" | "max_pool2d" | "avg_pool2d" => Some(4),
            "logsumexp_axis" | "max_axis" | "min_axis" => rank.map(|rank| rank.saturating_sub(1)),
            "tensordot" => None,
            _ if SAME_SHAPE.contains(&name) => rank,
            _ => return None,
        };
        Some(Ty::Tensor(Tensor::new(element, rank)))
    }

    /// A number, or something that only rustc knows, as the other operand.
    fn number_beside(&mut self, id: ValueId, element: &Ty, span: Span) {
        let ty = self.infer.resolve(self.function.ty(id));
        if self.infer.is_inactive(&ty) {
            self.unify(element, &Ty::Inactive, span);
        } else if self.infer.is_number(&ty) {
            self.unify(element, &ty, span);
            let single = matches!(self.infer.resolve(element), Ty::Scalar(Scalar::F32));
            let mut stmts = self.stmts.iter_mut().rev();
            // The rule is generic, so that rustc would take the literal for an `f64`.
            if let Some(stmt) = stmts.find(|stmt| stmt.result() == Some(id))
                && let Op::Literal {
                    lit: syn::Lit::Float(float),
                    ..
                } = &mut stmt.op
                && single
                && float.suffix().is_empty()
            {
                *float = syn::LitFloat::new(&format!("{float}f32"), float.span());
            }
        }
    }

    fn refuse_operator(&mut self, span: Span) -> Lowered {
        self.diagnostics.refuse_at(
            span,
            crate::diagnostics::Refusal {
                cause: Cause::D1601,
                what: "this operator on an array",
                why: "`+`, `-`, `*` and `/` have rules for arrays",
                instead: "apply it to the elements: `x.mapv(|x| x % y)`",
            },
        );
        Err(Reported)
    }

    /// `x.mean().unwrap()` and its like.
    pub(super) fn unwrapped_tensor(&mut self, call: &ExprMethodCall) -> Option<Lowered> {
        if !matches!(call.method.to_string().as_str(), "unwrap" | "expect") {
            return None;
        }
        let inner = without_parentheses(&call.receiver);
        match inner {
            Expr::MethodCall(inner) if self.is_fallible(inner) => Some(self.fallible(inner)),
            Expr::Call(inner) => match &*inner.func {
                Expr::Path(path)
                    if inner.args.len() == 2 && self.mentions_varied(&inner.args[1]) =>
                {
                    let segments: Vec<String> = path
                        .path
                        .segments
                        .iter()
                        .map(|own| own.ident.to_string())
                        .collect();
                    match &segments[..] {
                        [.., name] if matches!(name.as_str(), "concatenate" | "stack") => {
                            self.joining_call(inner, name)
                        }
                        [.., owner, name]
                            if name == "from_shape_vec" && owner.starts_with("Array") =>
                        {
                            let rank = owner["Array".len()..].parse().ok();
                            Some(self.array_of_shape(inner, rank))
                        }
                        _ => None,
                    }
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn is_fallible(&self, call: &ExprMethodCall) -> bool {
        FALLIBLE.iter().any(|own| call.method == own)
            && self.mentions_varied(&Expr::MethodCall(call.clone()))
    }

    /// One of the fallible methods, which panics where `unwrap` would.
    fn fallible(&mut self, call: &ExprMethodCall) -> Lowered {
        let receiver = self.expr(&call.receiver)?;
        let known = self
            .tensor(receiver.id)
            .or_else(|| self.surely_tensor_by_method(call, receiver));
        let Some(tensor) = known else {
            return self.refuse_unseen(call);
        };
        let name = call.method.to_string();
        let span = call.method.span();
        match (name.as_str(), call.args.first()) {
            ("mean", None) => Ok(self.rule("mean", vec![receiver.id], *tensor.element, span)),
            ("mean_axis", Some(axis)) => self.along("mean_axis", receiver.id, tensor, axis, span),
            (name, Some(shape)) => {
                let rank = match without_parentheses(shape) {
                    Expr::Tuple(lengths) => Some(lengths.elems.len()),
                    Expr::Array(lengths) => Some(lengths.elems.len()),
                    Expr::Lit(_) => Some(1),
                    _ => None,
                };
                let shape = self.inactive_argument(shape)?;
                let ty = Ty::Tensor(Tensor::new(*tensor.element, rank));
                let rule = match name {
                    "into_shape_with_order" => "reshape",
                    _ => "to_shape",
                };
                Ok(self.rule(rule, vec![receiver.id, shape], ty, span))
            }
            _ => self.refuse_method(call),
        }
    }

    /// A reduction along an axis.
    fn along(
        &mut self,
        rule: &str,
        id: ValueId,
        tensor: Tensor,
        axis: &Expr,
        span: Span,
    ) -> Lowered {
        let axis = self.inactive_argument(axis)?;
        let rank = tensor.rank.map(|rank| rank.saturating_sub(1));
        let ty = Ty::Tensor(Tensor::new(*tensor.element, rank));
        Ok(self.rule(rule, vec![id, axis], ty, span))
    }

    /// A method of an array; none if the receiver is not known to be one.
    pub(super) fn tensor_method(
        &mut self,
        call: &ExprMethodCall,
        receiver: Operand,
    ) -> Option<Lowered> {
        let name = call.method.to_string();
        if name == "dot" && call.args.len() == 1 {
            return self.dot(call, receiver);
        }
        let tensor = match self.tensor(receiver.id) {
            Some(tensor) => tensor,
            None => self.surely_tensor_by_method(call, receiver)?,
        };
        let span = call.method.span();
        let id = receiver.id;
        let element = (*tensor.element).clone();
        let same = Ty::Tensor(Tensor::new(element.clone(), tensor.rank));
        Some(match (name.as_str(), call.args.first()) {
            ("sum" | "product", None) => Ok(self.rule(&name, vec![id], element, span)),
            ("sum_axis", Some(axis)) => self.along("sum_axis", id, tensor, axis, span),
            ("insert_axis", Some(axis)) => match self.inactive_argument(axis) {
                Ok(axis) => {
                    let rank = tensor.rank.map(|rank| rank + 1);
                    let ty = Ty::Tensor(Tensor::new(element, rank));
                    Ok(self.rule("insert_axis", vec![id, axis], ty, span))
                }
                Err(reported) => Err(reported),
            },
            ("reversed_axes", None) => Ok(self.rule("transposed", vec![id], same, span)),
            ("clone" | "to_owned" | "into_owned", None) => {
                let op = Op::Clone(Some(call.method.clone()));
                Ok(Operand::value(self.push(op, vec![id], same, span)))
            }
            ("mapv" | "map" | "mapv_into", Some(code)) => {
                self.map_tensor(receiver, tensor, call, code)
            }
            ("to_vec" | "into_raw_vec", None) => {
                let ty = Ty::Sequence(tensor.element, crate::ty::Sequence::Vec);
                Ok(self.rule("elements", vec![id], ty, span))
            }
            ("view", None) => Ok(Operand {
                references: 1,
                ..receiver
            }),
            (name, _) if VIEWS.contains(&name) => self.view(call, receiver, tensor),
            (name, _) if SHAPES.contains(&name) => {
                let lengths = self.looks(&Expr::MethodCall(call.clone()));
                if let (Ok(operand), "dim", Some(rank @ 2..)) = (&lengths, name, tensor.rank) {
                    let ty = Ty::Tuple(vec![Ty::Inactive; rank]);
                    self.function.value_mut(operand.id).ty = ty;
                }
                lengths
            }
            (name, None) if LENGTHS.contains(&name) => {
                let op = Op::Observe(Observation::Method(call.method.clone()));
                Ok(Operand::value(self.push(op, vec![id], Ty::Inactive, span)))
            }
            _ => self.refuse_method(call),
        })
    }

    /// Whether that is certain of a place.
    pub(super) fn is_array_by_method(&mut self, call: &ExprMethodCall, place: &Place) -> bool {
        let ty = self.place_type(place);
        matches!(self.infer.resolve(&ty), Ty::Var(_)) && is_of_arrays_alone(call)
    }

    /// Whether the method is taken to give the shape of a place of which the type is unknown.
    pub(super) fn is_shape_of_unseen(&mut self, call: &ExprMethodCall, place: &Place) -> bool {
        let ty = self.place_type(place);
        let named = call.args.is_empty() && is_shape(&call.method.to_string());
        named && matches!(self.infer.resolve(&ty), Ty::Var(_))
    }

    /// Something of a type that only rustc knows, and on which a method of arrays alone is called.
    fn surely_tensor_by_method(
        &mut self,
        call: &ExprMethodCall,
        receiver: Operand,
    ) -> Option<Tensor> {
        let ty = self.infer.resolve(self.function.ty(receiver.id));
        if !matches!(ty, Ty::Var(_)) || !is_of_arrays_alone(call) {
            return None;
        }
        let tensor = Tensor::new(self.infer.fresh_scalar(), None);
        self.infer.unify(&ty, &Ty::Tensor(tensor.clone())).ok()?;
        Some(tensor)
    }

    /// `a.dot(&b)`, where one of the two is known to be an array.
    fn dot(&mut self, call: &ExprMethodCall, receiver: Operand) -> Option<Lowered> {
        let known = self.tensor(receiver.id);
        if known.is_none() && !self.may_have_methods(&self.function.ty(receiver.id).clone()) {
            return None;
        }
        let (written, transposed) = match transposed(&call.args[0]) {
            Some(inner) => (inner, true),
            None => (&call.args[0], false),
        };
        if known.is_none() && !transposed && !self.is_surely_tensor(written) {
            return None;
        }
        Some(self.dot_of(receiver, known, written, transposed, call.method.span()))
    }

    fn dot_of(
        &mut self,
        receiver: Operand,
        known: Option<Tensor>,
        written: &Expr,
        transposed: bool,
        span: Span,
    ) -> Lowered {
        let other = self.expr(written)?;
        let other_known = self.tensor(other.id);
        let element = match (&known, &other_known) {
            (Some(a), Some(b)) => {
                self.unify(&a.element, &b.element, span);
                (*a.element).clone()
            }
            (Some(own), None) | (None, Some(own)) => (*own.element).clone(),
            (None, None) => self.infer.fresh_scalar(),
        };
        let ranks = [&known, &other_known].map(|own| own.as_ref().and_then(|own| own.rank));
        let ty = match ranks {
            [Some(1), Some(1)] => element,
            // What only rustc knows is taken for a matrix; where it is not, the types do not fit.
            [a, b] => {
                let rank = a.unwrap_or(2) + b.unwrap_or(2);
                Ty::Tensor(Tensor::new(element, Some(rank.saturating_sub(2))))
            }
        };
        let name = if transposed { "dot_transposed" } else { "dot" };
        Ok(self.rule(name, vec![receiver.id, other.id], ty, span))
    }

    /// Whether an expression is an array, as can be seen before it is lowered.
    pub(in crate::lower) fn is_surely_tensor(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Reference(inner) => self.is_surely_tensor(&inner.expr),
            Expr::Paren(inner) => self.is_surely_tensor(&inner.expr),
            Expr::Path(path) => {
                let local = path.path.get_ident().and_then(|ident| self.lookup(ident));
                local
                    .and_then(|local| local.value)
                    .is_some_and(|id| self.tensor(id).is_some())
            }
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                let of_receiver = VIEWS.contains(&name.as_str())
                    || SAME_KIND.contains(&name.as_str())
                    || FALLIBLE.contains(&name.as_str());
                let of_argument =
                    name == "dot" && call.args.iter().any(|arg| self.is_surely_tensor(arg));
                of_argument || of_receiver && self.is_surely_tensor(&call.receiver)
            }
            Expr::Binary(binary) => {
                self.is_surely_tensor(&binary.left) || self.is_surely_tensor(&binary.right)
            }
            Expr::Unary(unary) => self.is_surely_tensor(&unary.expr),
            _ => false,
        }
    }

    fn refuse_unseen(&mut self, call: &ExprMethodCall) -> Lowered {
        self.refuse(
            Cause::D1603,
            &call.receiver,
            &format!("`{}` of something whose type the macro cannot see", call.method),
            "a macro sees no types, only what is written: an array in a field, or the result of a call, may be anything",
            "bind it first, with its type: `let name: &Array2<f64> = …;`",
        )
    }

    fn refuse_method(&mut self, call: &ExprMethodCall) -> Lowered {
        let name = call.method.to_string();
        let instead = match name.as_str() {
            name if FALLIBLE.contains(&name) => {
                format!("write `.{name}(…).unwrap()`: the rule panics in the same cases, with a sentence")
            }
            "mean_or_nan" | "std" | "var" | "std_axis" | "var_axis" => {
                "compute it from `mean`, `sum` and products".to_owned()
            }
            "assign" => "give the variable a new value: `y = x.clone();`".to_owned(),
            "mapv_inplace" | "map_inplace" => {
                "give the variable a new value: `y = y.mapv(…);`".to_owned()
            }
            "scaled_add" | "zip_mut_with" => {
                "use operators: `y += &(factor * &x);`".to_owned()
            }
            "rows" | "outer_iter" | "axis_iter" | "columns" | "lanes" | "genrows" => {
                "loop over the positions, `for i in 0..x.nrows()`, and take `x.row(i)`, `x.column(i)` or `x.index_axis(Axis(k), i)`".to_owned()
            }
            name if name.ends_with("_mut") => {
                "change elements by index: `y[[i, j]] = …`".to_owned()
            }
            "first" | "last" | "get" => "use an index: `x[0]`".to_owned(),
            "fold_axis" | "map_axis" => {
                "use `sum_axis`, `mean_axis`, or `tensor::max_axis` and `tensor::min_axis` of the runtime".to_owned()
            }
            _ => "use one of the methods that the README lists for arrays, or call a function marked #[differentiable]".to_owned(),
        };
        self.refuse(
            Cause::D1602,
            &call.method,
            &format!("the method `{name}` of an active array"),
            "the macro has no rule for it",
            &instead,
        )
    }
}

/// Whether no other type has such a method.
fn is_of_arrays_alone(call: &ExprMethodCall) -> bool {
    let by_slice = matches!(call.args.first(), Some(Expr::Macro(own)) if is_slice(&own.mac));
    match call.method.to_string().as_str() {
        "slice" => by_slice,
        "t" => call.args.is_empty(),
        name => OF_ARRAYS_ALONE.contains(&name),
    }
}

/// `x` in `&x.t()` and `x.t()`.
fn transposed(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Reference(inner) => transposed(&inner.expr),
        Expr::Paren(inner) => transposed(&inner.expr),
        Expr::MethodCall(call) if call.method == "t" && call.args.is_empty() => {
            Some(&call.receiver)
        }
        _ => None,
    }
}

fn without_parentheses(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => without_parentheses(&inner.expr),
        Expr::Group(inner) => without_parentheses(&inner.expr),
        other => other,
    }
}
