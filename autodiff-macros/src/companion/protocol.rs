//! The hidden functions: the programs themselves, and what generated code of callers uses.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::frame::generic_names;
use super::shapes::{BUFFER, TANGENT};
use super::{Bodies, Companion, Frame, Generated, Items, Parameters};
use crate::codegen::types;
use crate::ir::Mode;
use crate::work::Work;

impl Companion<'_> {
    /// The joint program, with the cotangent and the buffers as parameters.
    pub(super) fn reverse(&self) -> TokenStream {
        let Items {
            name_reverse,
            own_by_hand,
            ..
        } = &self.frame.items;
        let Frame {
            vis,
            generics,
            clause,
            declared,
            passed,
            output,
            ..
        } = &self.frame;
        let Frame {
            out_bar,
            out_bar_type,
            bars,
            buffers,
            ..
        } = &self.frame;
        let body = match self.bodies {
            Bodies::Generated(code) | Bodies::Rules { code, .. } => code.joint.clone(),
            Bodies::Custom { pullback, .. } => code! {
                let (value, pullback) = #own_by_hand(#passed #pullback);
                pullback(#out_bar, #(#bars),*);
                value
            },
            Bodies::Stubs => code!(::core::unreachable!()),
        };
        let lengths = self.same_lengths(bars, BUFFER);
        code! {
            #[doc(hidden)]
            // Its callers differ in the cotangent and the buffers, which want to be constants and registers.
            #[inline(always)]
            #vis fn #name_reverse #generics (#declared #out_bar: #out_bar_type, #(#bars: &mut #buffers),*) -> #output #clause {
                #lengths
                #body
            }
        }
    }

    /// The split program: the reverse pass as a closure that borrows nothing.
    pub(super) fn split(&self) -> TokenStream {
        let Items {
            name_split,
            own_by_hand,
            ..
        } = &self.frame.items;
        let Frame {
            vis,
            generics,
            clause,
            declared,
            output,
            out_bar,
            out_bar_type,
            detached,
            ..
        } = &self.frame;
        let Frame {
            bars,
            buffers,
            again,
            reference_types,
            ..
        } = &self.frame;
        let ignored: Vec<&Ident> = self
            .ignored()
            .map(|k| &self.parameters.ignored[k])
            .collect();
        let slots = self.buffers();
        let ignored_types: Vec<&TokenStream> = self.ignored().map(|k| &slots[k]).collect();
        let parameters = code! {
            #out_bar: #out_bar_type, #(#again: #reference_types,)* #(#bars: &mut #buffers,)*
            #(#ignored: #ignored_types),*
        };
        let (inline, inline_reverse) = self.inlining();
        let body = match self.bodies {
            Bodies::Generated(code) | Bodies::Rules { code, .. } => {
                let Generated {
                    forward,
                    value,
                    backward,
                    assertions,
                    ..
                } = &**code;
                code! {
                    #assertions
                    #forward
                    (#value, #inline_reverse move |#parameters| { #backward })
                }
            }
            // A hand-written pullback may hold what it was called with: it is called again.
            Bodies::Custom { pullback, .. } => {
                let Parameters { args, again, .. } = self.parameters;
                let params = self.signature.params.iter().zip(args.iter().zip(again));
                let copies = params.map(|(param, (name, again))| match param.mode {
                    Mode::Value => [name; 2].map(|own| code!(::core::clone::Clone::clone(&#own))),
                    Mode::Reference => [code!(#name), code!(#again)],
                    Mode::Mutable => {
                        [name; 2].map(|own| code!(&mut ::core::clone::Clone::clone(&*#own)))
                    }
                });
                let (first, again): (Vec<_>, Vec<_>) = copies.map(<(_, _)>::from).unzip();
                code! {
                    let (value, _) = #own_by_hand(#(#first,)* #pullback);
                    (value, move |#parameters| {
                        let (_, pullback) = #own_by_hand(#(#again,)* #pullback);
                        pullback(#out_bar, #(#bars),*)
                    })
                }
            }
            Bodies::Stubs => code!((::core::unreachable!(), |#parameters| {})),
        };
        code! {
            #[doc(hidden)]
            #inline
            #vis fn #name_split #generics (#declared) -> (
                #output,
                impl ::core::ops::Fn(
                    #out_bar_type, #(#reference_types,)* #(&mut #buffers,)* #(#ignored_types),*
                ) + #detached
            ) #clause {
                #body
            }
        }
    }

    /// The gate of a hand-written pullback: a rule that does not fit is one error, on its name, with
    /// the expected signature, and everything behind has its type.
    pub(super) fn by_hand(&self) -> TokenStream {
        let Items { name_by_hand, .. } = &self.frame.items;
        if !matches!(self.bodies, Bodies::Custom { .. }) {
            return TokenStream::new();
        }
        let Frame {
            declared,
            passed,
            output,
            out_bar_type,
            buffers,
            ..
        } = &self.frame;
        let types = self.signature.params.iter().map(|param| &param.written);
        let closure = code!(::core::ops::Fn(#out_bar_type, #(&mut #buffers),*));
        let rule = Ident::new("HandWrittenPullback", Span::mixed_site());
        let mut generics = self.signature.generics.clone();
        generics.params.push(syn::parse_quote!(#rule: #closure));
        let (generics, _, clause) = generics.split_for_impl();
        let captured = generic_names(self.signature, |_| true);
        code! {
            fn #name_by_hand #generics (#declared rule: fn(#(#types),*) -> (#output, #rule)) -> (
                #output,
                impl #closure + use<#(#captured,)* #rule>
            ) #clause {
                rule(#passed)
            }
        }
    }

    /// The pullback as generated code of callers uses it: with one buffer per parameter, because a
    /// caller cannot see which ones are active, and is lent the references again. `call`, whose closure
    /// may borrow, serves joint programs; `call_joint` those that know the cotangent where they call;
    /// `detached`, whose closure borrows nothing, serves split ones.
    pub(super) fn calls(&self) -> TokenStream {
        let Items {
            name_call,
            name_call_joint,
            name_detached,
            own_by_hand,
            own_reverse,
            own_split,
            ..
        } = &self.frame.items;
        let Frame {
            vis,
            generics,
            clause,
            declared_by_path: declared,
            passed_by_path: passed,
            output,
            ..
        } = &self.frame;
        let Frame {
            out_bar,
            out_bar_type,
            again,
            reference_types,
            borrowing,
            ..
        } = &self.frame;
        let buffers = self.buffers();
        let names = self.numbered("bar");
        let activities = self.activities();
        let active = self.active_of(&names);
        let ignored: Vec<&Ident> = self.ignored().map(|k| &names[k]).collect();
        let closure = code!(::core::ops::Fn(#out_bar_type, #(#reference_types,)* #(#buffers),*));
        let (detached_type, boxed) = self.closure(&closure);
        // What a closure holds is copied whenever it is handed on: none is wrapped without need, and none
        // holds references beside its values, which it is handed anyway.
        let parameters = code! {
            #out_bar: #out_bar_type, #(#again: #reference_types,)* #(#names: #buffers),*
        };
        let split = |boxed: TokenStream| match boxed.is_empty() && active.len() == names.len() {
            true => code!(#own_split(#passed)),
            false => {
                let closure = code! {
                    #[inline(always)] move |#parameters| split(#out_bar, #(#again,)* #(#active,)* #(#ignored),*)
                };
                let closure = match boxed.is_empty() {
                    true => closure,
                    false => code!(#boxed(#closure)),
                };
                code! {
                    let (value, split) = #own_split(#passed);
                    (value, #closure)
                }
            }
        };
        let detach = split(boxed);
        let (inline, _) = self.inlining();
        let call = match self.bodies {
            // The rule is called once, and what it returns may hold the references of that call.
            Bodies::Custom { pullback, .. } => code! {
                let (value, pullback) = #own_by_hand(#passed #pullback);
                (value, #[inline(always)] move |#parameters| pullback(#out_bar, #(#active),*))
            },
            _ => split(TokenStream::new()),
        };
        code! {
            #[doc(hidden)]
            #inline
            #vis fn #name_call #generics (#(_: #activities,)* #declared) -> (
                #output,
                impl #closure + #borrowing
            ) #clause {
                #call
            }

            #[doc(hidden)]
            #[inline]
            #vis fn #name_call_joint #generics (#(_: #activities,)* #declared #out_bar: #out_bar_type, #(#names: #buffers),*) -> #output #clause {
                #own_reverse(#passed #out_bar, #(#active),*)
            }

            #[doc(hidden)]
            #inline
            #vis fn #name_detached #generics (#(_: #activities,)* #declared) -> (#output, #detached_type) #clause {
                #detach
            }
        }
    }

    /// The positions of the inactive slices for whose adjoints the split program wants buffers.
    pub fn ignored(&self) -> impl Iterator<Item = usize> {
        let ignored = self.bodies.code().map(|code| &code.ignored[..]);
        ignored.unwrap_or_default().iter().copied()
    }

    /// One buffer per parameter, as a closure takes them.
    pub(super) fn buffers(&self) -> Vec<TokenStream> {
        let krate = &self.frame.krate;
        let buffers = self.signature.params.iter().map(|param| {
            if param.active || param.ty.leaf().is_some() {
                let buffer = types::buffer(&param.ty, krate);
                code!(&mut #buffer)
            } else {
                code!(#krate::__private::Ignored<'_>)
            }
        });
        buffers.collect()
    }

    /// Whether the split program and its closure become parts of a caller.
    fn inlining(&self) -> (TokenStream, TokenStream) {
        let (asked, always) = (code!(#[inline]), code!(#[inline(always)]));
        match self.bodies.code().map(|code| code.work) {
            Some(Work::Light) => (always.clone(), always),
            Some(Work::Heavy) => (always, asked),
            Some(Work::Calls) | None => (asked.clone(), asked),
        }
    }

    /// The type of a closure that borrows nothing, and what makes one: the pullback of a function
    /// that calls itself holds others of its own kind.
    pub(super) fn closure(&self, closure: &TokenStream) -> (TokenStream, TokenStream) {
        let Frame {
            krate, detached, ..
        } = &self.frame;
        match self.signature.recursive {
            true => (
                code!(#krate::__private::Box<dyn #closure>),
                code!(#krate::__private::Box::new),
            ),
            false => (code!(impl #closure + #detached), TokenStream::new()),
        }
    }

    /// The forward program, where the function that users call asks for shapes first.
    pub(super) fn tangent(&self) -> TokenStream {
        let Frame {
            vis,
            generics,
            clause,
            declared,
            output,
            out_bar_type,
            dots,
            tangents,
            ..
        } = &self.frame;
        if self.tangents_fit().is_empty() {
            return TokenStream::new();
        }
        let name_tangent = &self.frame.items.name_tangent;
        let body = self.tangent_body();
        code! {
            #[doc(hidden)]
            #[inline]
            #vis fn #name_tangent #generics (#declared #(#dots: #tangents),*) -> (#output, #out_bar_type) #clause {
                #body
            }
        }
    }

    pub(super) fn tangent_body(&self) -> TokenStream {
        let Frame {
            passed,
            output,
            out_bar_type,
            dots,
            tangents,
            ..
        } = &self.frame;
        let body = match self.bodies {
            Bodies::Generated(code) | Bodies::Rules { code, .. } => code.tangent.clone(),
            Bodies::Custom { jvp, .. } => {
                let types = self.signature.params.iter().map(|param| &param.written);
                code! {
                    let rule: fn(#(#types,)* #(#tangents),*) -> (#output, #out_bar_type) = #jvp;
                    rule(#passed #(#dots),*)
                }
            }
            Bodies::Stubs => code!(::core::unreachable!()),
        };
        let lengths = self.same_lengths(dots, TANGENT);
        code!(#lengths #body)
    }

    /// The Jacobian–vector product as callers use it: with one tangent per parameter.
    pub(super) fn call_jvp(&self) -> TokenStream {
        let Items {
            name_call_jvp,
            own_tangent,
            ..
        } = &self.frame.items;
        let Frame {
            vis,
            generics,
            clause,
            declared_by_path: declared,
            passed_by_path: passed,
            output,
            out_bar_type,
            ..
        } = &self.frame;
        let names = self.numbered("dot");
        let activities = self.activities();
        let types = self.tangent_types();
        let active = self.active_of(&names);
        code! {
            #[doc(hidden)]
            #[inline]
            #vis fn #name_call_jvp #generics (#(_: #activities,)* #declared #(#names: #types),*) -> (#output, #out_bar_type) #clause {
                #own_tangent(#passed #(#active),*)
            }
        }
    }

    /// The type of the tangent per parameter.
    pub(super) fn tangent_types(&self) -> Vec<TokenStream> {
        let mut tangents = self.frame.tangents.iter();
        let types = self
            .signature
            .params
            .iter()
            .map(|param| match param.active {
                true => tangents
                    .next()
                    .expect("one tangent per active parameter")
                    .clone(),
                false => code!(impl ::core::marker::Sized),
            });
        types.collect()
    }

    /// Per parameter, the marker of the argument's activity that a caller must pass.
    pub(super) fn activities(&self) -> Vec<TokenStream> {
        let krate = &self.frame.krate;
        let activity = |active, mode| match (active, mode) {
            (true, Mode::Mutable) => code!(#krate::__private::AnyChange<'_>),
            (false, Mode::Mutable) => code!(#krate::__private::MustStayInactive<'_>),
            (true, _) => code!(#krate::__private::AnyActivity<'_>),
            (false, _) => code!(#krate::__private::MustBeInactive<'_>),
        };
        self.signature
            .params
            .iter()
            .map(|param| activity(param.active, param.mode))
            .collect()
    }

    /// One name per parameter.
    pub(super) fn numbered(&self, stem: &str) -> Vec<Ident> {
        let count = self.signature.params.len();
        (0..count)
            .map(|k| format_ident!("{stem}{k}", span = Span::mixed_site()))
            .collect()
    }

    /// Those of `names` that belong to active parameters.
    pub(super) fn active_of<'n>(&self, names: &'n [Ident]) -> Vec<&'n Ident> {
        let params = self.signature.params.iter().zip(names);
        params
            .filter(|(param, _)| param.active)
            .map(|(_, name)| name)
            .collect()
    }
}
