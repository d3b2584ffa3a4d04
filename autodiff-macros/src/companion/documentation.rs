//! What rustdoc and editors show about the generated functions: formulas in the names of the user's
//! parameters, and the shapes.

use quote::ToTokens;

use crate::codegen::names::unraw;
use crate::graph::readable;
use crate::signature::{Parameter, Signature};

/// The texts about one function.
pub struct Documentation<'a> {
    signature: &'a Signature,
    /// `loss(w, x)`.
    call: String,
}

impl<'a> Documentation<'a> {
    pub fn new(signature: &'a Signature) -> Self {
        let names: Vec<String> = signature.params.iter().map(name).collect();
        let call = format!("{}({})", unraw(&signature.name), names.join(", "));
        Documentation { signature, call }
    }

    pub fn pullback(&self) -> String {
        format!(
            "The value `{}` and its reverse pass: a closure that takes a cotangent `out_bar` of the result and \
             *adds* to a buffer per parameter: {}. It may be called any number of times.\n\n{}",
            self.call,
            self.each(|p| format!("`{p}_bar += out_bar · ∂{}/∂{p}`", self.name())),
            self.shapes()
        )
    }

    pub fn vjp(&self) -> String {
        format!(
            "Vector–Jacobian product: the value `{}`, and the cotangent `out_bar` of the result pulled back: {}.\n\n{}",
            self.call,
            self.each(|p| format!("`out_bar · ∂{}/∂{p}`", self.name())),
            self.shapes()
        )
    }

    pub fn jvp(&self) -> String {
        let terms: Vec<String> = self
            .signature
            .active()
            .map(|param| format!("∂{}/∂{p} · {p}_dot", self.name(), p = name(param)))
            .collect();
        let sum = match terms.is_empty() {
            true => "0".to_owned(),
            false => terms.join(" + "),
        };
        format!(
            "Jacobian–vector product: the value `{}`, and the tangent of the result, `{sum}`, for the given tangents \
             of the parameters.\n\n{}",
            self.call,
            self.shapes()
        )
    }

    pub fn value_and_grad(&self) -> String {
        format!(
            "The value `{}` and its gradient: {}.\n\n{}",
            self.call,
            self.partials(),
            self.shapes()
        )
    }

    pub fn grad(&self) -> String {
        format!(
            "The gradient of `{}`: {}.\n\n{}",
            self.call,
            self.partials(),
            self.shapes()
        )
    }

    pub fn grad_into(&self) -> String {
        format!(
            "Returns the value `{}` and adds its gradient to the given buffers: {}.\n\n{}",
            self.call,
            self.each(|p| format!("`{p}_bar += ∂{}/∂{p}`", self.name())),
            self.shapes()
        )
    }

    fn name(&self) -> String {
        unraw(&self.signature.name)
    }

    fn partials(&self) -> String {
        self.each(|p| format!("`∂{}/∂{p}`", self.name()))
    }

    fn each(&self, text: impl Fn(&str) -> String) -> String {
        let all: Vec<String> = self
            .signature
            .active()
            .map(|param| text(&name(param)))
            .collect();
        match all.is_empty() {
            true => "nothing, as no parameter is active".to_owned(),
            false => all.join(", "),
        }
    }

    /// What has which shape, and what is held constant.
    fn shapes(&self) -> String {
        let (active, constant): (Vec<&Parameter>, Vec<&Parameter>) =
            self.signature.params.iter().partition(|param| param.active);
        let list = |params: &[&Parameter]| {
            let each = params.iter().map(|param| {
                let ty = readable(&param.written.to_token_stream());
                // The macro's name for a lifetime that the user left out.
                let ty = ty
                    .replace("'elided , ", "")
                    .replace("'elided ", "")
                    .replace("'elided", "");
                format!("`{}: {ty}`", name(param))
            });
            each.collect::<Vec<_>>().join(", ")
        };
        let mut text = String::new();
        if !active.is_empty() {
            text += &format!("In the shape of their parameters: {}.", list(&active));
        }
        if !constant.is_empty() {
            text += &format!(" Held constant: {}.", list(&constant));
        }
        text
    }
}

fn name(param: &Parameter) -> String {
    unraw(&param.name)
}
