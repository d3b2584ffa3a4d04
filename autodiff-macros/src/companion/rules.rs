//! Programs made of hand-written rules that are plain functions.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Path;

use super::frame::{tangent_type, without_outer_lifetime};
use super::{Bodies, Generated, Parameters};
use crate::codegen::types;
use crate::ir::Mode;
use crate::signature::Signature;

impl Bodies {
    /// The function itself, then `vjp(arguments…, &value, out_bar, buffers…)`, the value only if the
    /// rule asks for it. What it needs of the arguments is still there when it runs: references are
    /// handed over again, and what was passed by value is cloned.
    pub fn by_rules(
        signature: &Signature,
        parameters: &Parameters,
        vjp: Path,
        jvp: Path,
        with_value: bool,
    ) -> Bodies {
        let krate = &signature.krate;
        let Parameters {
            args,
            bars,
            dots,
            out_bar,
            ..
        } = parameters;
        let name = &signature.name;
        let function = match signature.method {
            Some(_) => code!(Self::#name),
            None => code!(#name),
        };
        let named = signature.params.iter().zip(args);
        let passed = named.map(|(param, name)| match (param.mode, param.ty.is_copy()) {
            (Mode::Value, false) => code!(::core::clone::Clone::clone(&#name)),
            _ => name.to_token_stream(),
        });
        let passed: Vec<TokenStream> = passed.collect();
        let named = signature.params.iter().zip(&parameters.again);
        let passed_again = named
            .zip(&passed)
            .map(|((param, again), passed)| match param.mode {
                Mode::Reference => again.to_token_stream(),
                _ => passed.clone(),
            });
        // In a closure the references are other ones.
        let written = signature.params.iter().map(|own| match own.mode {
            Mode::Reference => without_outer_lifetime(&own.written),
            _ => own.written.clone(),
        });
        let written: Vec<_> = written.collect();
        let buffers = signature.active().map(|own| types::buffer(&own.ty, krate));
        let tangents = signature.active().map(|own| tangent_type(own, krate));
        let output = &signature.output;
        let out_bar_type = types::gradient(&signature.output_ty, krate);
        // A rule that does not fit is one error, on its name, with the signature that is expected.
        let value_type = with_value.then(|| code!(&#output,));
        let reverse = code! {
            let rule: fn(#(#written,)* #value_type #out_bar_type, #(&mut #buffers),*) = #vjp;
        };
        let forward = code! {
            let rule: fn(#(#written,)* #(#tangents),*) -> (#output, #out_bar_type) = #jvp;
        };
        let value = with_value.then(|| code!(&value,));
        let kept = with_value.then(|| code!(let kept = ::core::clone::Clone::clone(&value);));
        let kept_value = with_value.then(|| code!(&kept,));
        let code = Generated {
            joint: code! {{
                #reverse
                let value = #function(#(#passed),*);
                rule(#(#passed,)* #value #out_bar, #(#bars),*);
                value
            }},
            forward: code! {
                let value = #function(#(#passed),*);
                #kept
            },
            value: code!(value),
            backward: code!(#reverse rule(#(#passed_again,)* #kept_value #out_bar, #(#bars),*);),
            tangent: code! {{
                #forward
                rule(#(#args,)* #(#dots),*)
            }},
            ..Generated::default()
        };
        Bodies::Rules {
            code: Box::new(code),
            vjp,
            jvp,
        }
    }
}
