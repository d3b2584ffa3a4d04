//! Calls of user's methods: of the same `impl` block, whose signatures are known, and of others.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall};

use super::mutation::root;
use super::{Key, Lowered, Lowerer, Operand, Place, Reported};
use crate::diagnostics::Cause;
use crate::ir::{Called, Callee, Mode, Op, ValueId};
use crate::rules::Primitive;
use crate::signature::Sibling;
use crate::ty::Ty;

/// Methods of the standard library's types that are no user's, whatever they are called on.
const STANDARD: [&str; 30] = [
    "len",
    "is_empty",
    "clone",
    "to_owned",
    "to_vec",
    "iter",
    "iter_mut",
    "into_iter",
    "collect",
    "enumerate",
    "rev",
    "chunks",
    "chunks_exact",
    "windows",
    "as_slice",
    "as_ref",
    "as_str",
    "to_string",
    "unwrap",
    "expect",
    "pow",
    "is_nan",
    "is_finite",
    "is_infinite",
    "sin_cos",
    "to_f64",
    "to_bits",
    "count_ones",
    "abs_diff",
    "is_power_of_two",
];

/// A method call on a variable or a part of it.
pub struct OnVariable {
    variable: Key,
    method: String,
    /// Whether it is called on the variable itself.
    whole: bool,
}

/// The calls in a body that may be of users' methods, which may change their receiver.
pub fn calls_on_variables(body: &Block) -> Vec<OnVariable> {
    #[derive(Default)]
    struct Calls(Vec<OnVariable>);
    impl<'ast> Visit<'ast> for Calls {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            if may_be_users(call)
                && let Some(variable) = root(&call.receiver)
            {
                self.0.push(OnVariable {
                    variable: Key::new(&variable),
                    method: call.method.to_string(),
                    whole: matches!(&*call.receiver, Expr::Path(_)),
                });
            }
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut calls = Calls::default();
    calls.visit_block(body);
    calls.0
}

/// Whether the method is none of the floats' and of the standard library's well-known ones.
pub fn may_be_users(call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    let of_float =
        Primitive::method(&name).is_some_and(|own| own.rule().arity == call.args.len() + 1);
    !of_float && !STANDARD.contains(&name.as_str())
}

impl Lowerer<'_> {
    /// Whether values of the type may have methods with derivatives.
    pub(super) fn may_have_methods(&self, ty: &Ty) -> bool {
        match self.infer.resolve(ty) {
            Ty::Named(_) => true,
            unknown @ Ty::Var(_) => !self.infer.is_number(&unknown),
            _ => false,
        }
    }

    pub(super) fn place_may_have_methods(&mut self, place: &Place) -> bool {
        let ty = self.place_type(place);
        self.may_have_methods(&ty)
    }

    /// Whether a `let mut` of the type may be changed by the methods that are called on it.
    pub(super) fn may_be_changed_by_method(&self, name: &Ident, ty: &Ty) -> bool {
        let (key, is_owner) = (Key::new(name), self.is_owner(ty));
        let changes = |call: &&OnVariable| {
            let known = match &self.signature.method {
                Some(own) if is_owner && call.whole => own.siblings.get(&call.method),
                _ => None,
            };
            known.is_none_or(|own| own.receiver == Some(Mode::Mutable))
        };
        self.may_have_methods(ty)
            && self
                .calls_on_variables
                .iter()
                .filter(|call| call.variable == key)
                .any(|call| changes(&call))
    }

    /// `Self` is the type of the `impl` block.
    pub(super) fn with_owner(&self, ty: Ty) -> Ty {
        match (&ty, &self.signature.method) {
            (Ty::Named(named), Some(method)) if is_self(named) => {
                Ty::Named(Box::new(method.owner.clone()))
            }
            _ => ty,
        }
    }

    /// Whether the type is that of the `impl` block around the function.
    fn is_owner(&self, ty: &Ty) -> bool {
        match (self.infer.resolve(ty), &self.signature.method) {
            (Ty::Named(ty), Some(method)) => {
                is_self(&ty)
                    || ty.to_token_stream().to_string()
                        == method.owner.to_token_stream().to_string()
            }
            _ => false,
        }
    }

    /// The type of an expression, as far as it is known before it is lowered.
    fn type_before(&self, expr: &Expr) -> Option<Ty> {
        match expr {
            Expr::Paren(inner) => self.type_before(&inner.expr),
            Expr::Group(inner) => self.type_before(&inner.expr),
            Expr::Reference(inner) => self.type_before(&inner.expr),
            Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => {
                self.type_before(&inner.expr)
            }
            Expr::Path(path) => {
                let local = self.lookup(path.path.get_ident()?)?;
                match (&local.alias, local.value) {
                    (Some(_), _) => None,
                    (None, value) => Some(self.infer.resolve(self.function.ty(value?))),
                }
            }
            Expr::Index(index) => match self.type_before(&index.expr)? {
                Ty::Array(element, _) | Ty::Sequence(element, _) => Some(*element),
                _ => None,
            },
            Expr::MethodCall(call) => self.sibling_method(call)?.output.clone(),
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => self.sibling_at(&path.path)?.output.clone(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The method of the same `impl` block that is called.
    fn sibling_method(&self, call: &ExprMethodCall) -> Option<&Sibling> {
        let method = self.signature.method.as_ref()?;
        let sibling = method.siblings.get(&call.method.to_string())?;
        let ty = sibling
            .receiver
            .and_then(|_| self.type_before(&call.receiver))?;
        self.is_owner(&ty).then_some(sibling)
    }

    /// The function of the same `impl` block that a path names.
    fn sibling_at(&self, path: &syn::Path) -> Option<&Sibling> {
        let method = self.signature.method.as_ref()?;
        let [owner, name] = &path.segments.iter().collect::<Vec<_>>()[..] else {
            return None;
        };
        if !method.is_owner(&owner.ident) {
            return None;
        }
        method.siblings.get(&name.ident.to_string())
    }

    /// Whether the call is one of a method of the same `impl` block.
    pub(super) fn is_sibling_call(&self, call: &ExprMethodCall) -> bool {
        self.sibling_method(call).is_some()
    }

    /// A call of a method of the same `impl` block, if it is one.
    pub(super) fn sibling_call(&mut self, call: &ExprMethodCall) -> Option<Lowered> {
        let sibling = self.sibling_method(call)?;
        let mode = sibling.receiver?;
        let known = self.known_result(sibling, &call.method);
        Some(self.call_of_sibling(call, mode, known))
    }

    fn call_of_sibling(
        &mut self,
        call: &ExprMethodCall,
        mode: Mode,
        result: Result<Option<Ty>, Refused>,
    ) -> Lowered {
        let result = self.report(result, &call.method);
        let receiver = match mode {
            Mode::Mutable => match self.place_of(&call.receiver)? {
                Some(place) => self.lend(place, call.receiver.span()),
                None => {
                    let method = &call.method;
                    return self.refuse(
                        Cause::D0504,
                        &call.receiver,
                        &format!("`{method}` changes a value that has no name"),
                        "what it changes would be lost",
                        "bind the value first: `let mut name = …;`",
                    );
                }
            },
            Mode::Reference => {
                let operand = self.expr(&call.receiver)?;
                (operand.id, Mode::Reference, None)
            }
            Mode::Value => {
                let operand = self.expr(&call.receiver)?;
                let mut id = operand.id;
                if operand.references > 0 {
                    let ty = self.function.ty(id).clone();
                    id = self.push(Op::Clone(None), vec![id], ty, call.receiver.span());
                }
                (id, Mode::Value, None)
            }
        };
        let method = method_path(call);
        let path: syn::Path = syn::parse_quote_spanned!(call.method.span()=> Self::#method);
        self.users_call(Called::Sibling, path, call, receiver, result?)
    }

    /// A call of a method of which only the name is known, on a part of memory.
    pub(super) fn call_on_place(&mut self, call: &ExprMethodCall, place: Place) -> Lowered {
        let receiver = self.lend(place, call.receiver.span());
        self.users_call(
            Called::Method,
            method_path(call).into(),
            call,
            receiver,
            None,
        )
    }

    /// The same, on a value. One that nobody else has, may be changed by the method.
    pub(super) fn call_on_value(&mut self, call: &ExprMethodCall, receiver: Operand) -> Lowered {
        let is_temporary = matches!(
            &*call.receiver,
            Expr::Call(_) | Expr::MethodCall(_) | Expr::Struct(_)
        );
        if is_temporary && receiver.references == 0 {
            let name = Ident::new("value", Span::mixed_site());
            let place = Place::whole(self.memory(receiver.id, &name));
            return self.call_on_place(call, place);
        }
        let receiver = (receiver.id, Mode::Reference, None);
        self.users_call(
            Called::Method,
            method_path(call).into(),
            call,
            receiver,
            None,
        )
    }

    fn lend(&mut self, place: Place, span: Span) -> (ValueId, Mode, Option<ValueId>) {
        let memory = place.memory;
        let item = self.load(&place, span);
        self.aliases.insert(item.id, place);
        (item.id, Mode::Mutable, Some(memory))
    }

    fn users_call(
        &mut self,
        called: Called,
        path: syn::Path,
        call: &ExprMethodCall,
        (id, mode, memory): (ValueId, Mode, Option<ValueId>),
        ty: Option<Ty>,
    ) -> Lowered {
        let (mut ids, mut modes, mut changes) = self.arguments(&call.args)?;
        ids.insert(0, id);
        modes.insert(0, mode);
        changes.splice(0..0, memory);
        let spans =
            std::iter::once(call.receiver.span()).chain(call.args.iter().map(Spanned::span));
        let callee = Callee {
            path,
            called,
            modes,
            spans: spans.collect(),
            changes,
            active: Vec::new(),
            detached: called == Called::Method,
            rule: false,
        };
        let ty = ty.unwrap_or_else(|| self.infer.fresh());
        Ok(Operand::value(self.push(
            Op::Call(callee),
            ids,
            ty,
            call.span(),
        )))
    }

    /// The result type of a function called by path, if it is of the same `impl` block.
    pub(super) fn result_at(&mut self, path: &syn::Path) -> Result<Ty, Reported> {
        let known = match (self.sibling_at(path), path.segments.last()) {
            (Some(sibling), Some(last)) => self.known_result(sibling, &last.ident),
            _ => Ok(None),
        };
        let known = self.report(known, path)?;
        Ok(known.unwrap_or_else(|| self.infer.fresh()))
    }

    /// The result type of a function of the same block, if it has a derivative or needs none.
    fn known_result(&self, sibling: &Sibling, name: &Ident) -> Result<Option<Ty>, Refused> {
        let output = sibling.output.clone();
        match sibling.left_out {
            Some(reason) if !output.as_ref().is_some_and(Ty::is_inactive) => Err(Refused {
                what: format!("`{name}` has no derivative, and is called with an active value"),
                reason,
            }),
            _ => Ok(output),
        }
    }

    fn report<T>(
        &mut self,
        result: Result<T, Refused>,
        tokens: impl ToTokens,
    ) -> Result<T, Reported> {
        match result {
            Ok(value) => Ok(value),
            Err(Refused { what, reason }) => self.refuse(
                Cause::D0503,
                tokens,
                &what,
                reason,
                "use the fields that it reads, or cut the derivative off: `#[constant] let name = …;`",
            ),
        }
    }
}

/// A call that cannot be differentiated.
struct Refused {
    what: String,
    reason: &'static str,
}

fn is_self(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.qself.is_none() && path.path.is_ident("Self"))
}

/// The method's name with its generic arguments.
fn method_path(call: &ExprMethodCall) -> syn::PathSegment {
    let arguments = match &call.turbofish {
        Some(arguments) => syn::PathArguments::AngleBracketed(arguments.clone()),
        None => syn::PathArguments::None,
    };
    syn::PathSegment {
        ident: call.method.clone(),
        arguments,
    }
}
