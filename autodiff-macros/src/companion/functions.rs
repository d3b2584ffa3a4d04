//! The functions that users call.

use proc_macro2::{Ident, Span, TokenStream};

use super::protocol::Belonging;
use super::{Bodies, Companion, Frame, Items};
use crate::codegen::types;
use crate::ir::Mode;
use crate::ty::Ty;

impl Companion<'_> {
    pub(super) fn pullback(&self) -> TokenStream {
        let Items {
            name_pullback,
            own_by_hand,
            own_split,
            ..
        } = &self.frame.items;
        let Frame {
            vis,
            generics,
            clause,
            declared,
            passed,
            output,
            borrowing,
            ..
        } = &self.frame;
        let Frame {
            out_bar,
            out_bar_type,
            bars,
            buffers,
            references,
            ..
        } = &self.frame;
        let parameters = code!(#out_bar: #out_bar_type, #(#bars: &mut #buffers),*);
        let krate = &self.frame.krate;
        let ignored = self.ignored().map(|k| {
            let slice = &self.parameters.args[k];
            code!(#krate::Differentiable::zero_gradient(#slice))
        });
        let shape = Ident::new("shape", Span::mixed_site());
        let compare = self.same_shape_as_result(&code!(#shape), &code!(#out_bar.raw_dim()));
        let note = compare
            .as_ref()
            .map(|_| code!(let #shape = value.raw_dim();));
        let is_there = |mode| mode == Mode::Reference;
        let shapes = self.same_shapes_if(bars, Belonging::Buffer, is_there);
        let body = match self.bodies {
            Bodies::Custom { pullback, .. } => code!(#own_by_hand(#passed #pullback)),
            Bodies::Stubs => code!((::core::unreachable!(), |#parameters| {})),
            Bodies::Generated(_) | Bodies::Rules { .. } => code! {
                let (value, split) = #own_split(#passed);
                #note
                (value, #[inline(always)] move |#parameters| {
                    #compare
                    #shapes
                    split(#out_bar, #(#references,)* #(#bars,)* #(&mut #ignored),*)
                })
            },
        };
        let documentation = self.documentation().pullback();
        code! {
            #[doc = #documentation]
            #[inline]
            #vis fn #name_pullback #generics (#declared) -> (
                #output,
                impl ::core::ops::Fn(#out_bar_type, #(&mut #buffers),*) + #borrowing
            ) #clause {
                #body
            }
        }
    }

    pub(super) fn vjp(&self) -> TokenStream {
        let Items {
            name_vjp,
            own_reverse,
            ..
        } = &self.frame.items;
        let Frame {
            vis,
            generics,
            clause,
            declared,
            passed,
            output,
            out_bar,
            out_bar_type,
            ..
        } = &self.frame;
        let Frame {
            bars,
            zero_buffers,
            gradient_type,
            gradient,
            ..
        } = &self.frame;
        let shape = Ident::new("shape", Span::mixed_site());
        let compare = self.same_shape_as_result(&code!(value.raw_dim()), &code!(#shape));
        let note = compare
            .as_ref()
            .map(|_| code!(let #shape = #out_bar.raw_dim();));
        let documentation = self.documentation().vjp();
        code! {
            #[doc = #documentation]
            #[inline]
            #vis fn #name_vjp #generics (#declared #out_bar: #out_bar_type) -> (#output, #gradient_type) #clause {
                #zero_buffers
                #note
                let value = #own_reverse(#passed #out_bar, #(&mut #bars),*);
                #compare
                (value, #gradient)
            }
        }
    }

    /// `value_and_grad`, `grad` and `grad_into`, for a scalar result.
    pub(super) fn gradients(&self) -> TokenStream {
        let Items {
            name_grad,
            name_grad_into,
            name_value_and_grad,
            own_reverse,
            own_value_and_grad,
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
            bars,
            buffers,
            zero_buffers,
            gradient_type,
            gradient,
            ..
        } = &self.frame;
        let one = match &self.signature.output_ty {
            Ty::Scalar(scalar) => types::number(1.0, Some(scalar)),
            _ => code!(1.0),
        };
        let documentation = self.documentation();
        let (value_and_grad, grad, grad_into) = (
            documentation.value_and_grad(),
            documentation.grad(),
            documentation.grad_into(),
        );
        code! {
            #[doc = #value_and_grad]
            #[inline]
            #vis fn #name_value_and_grad #generics (#declared) -> (#output, #gradient_type) #clause {
                #zero_buffers
                let value = #own_reverse(#passed #one, #(&mut #bars),*);
                (value, #gradient)
            }

            #[doc = #grad]
            #[inline]
            #vis fn #name_grad #generics (#declared) -> #gradient_type #clause {
                #own_value_and_grad(#passed).1
            }

            #[doc = #grad_into]
            #[inline]
            #vis fn #name_grad_into #generics (#declared #(#bars: &mut #buffers),*) -> #output #clause {
                #own_reverse(#passed #one, #(#bars),*)
            }
        }
    }

    pub(super) fn jvp(&self) -> TokenStream {
        let Items { name_jvp, .. } = &self.frame.items;
        let Frame {
            vis,
            generics,
            clause,
            declared,
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
        let shapes = self.same_shapes(dots, Belonging::Tangent);
        let documentation = self.documentation().jvp();
        code! {
            #[doc = #documentation]
            #[inline]
            #vis fn #name_jvp #generics (#declared #(#dots: #tangents),*) -> (#output, #out_bar_type) #clause {
                #shapes
                #body
            }
        }
    }
}
