//! The functions that users call.

use proc_macro2::TokenStream;

use super::{Bodies, Companion, Frame, Items};
use crate::codegen::names::unraw;
use crate::codegen::types;
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
        let run = match self.bodies {
            Bodies::Custom { pullback, .. } => {
                code!(let (value, pullback) = #own_by_hand(#passed #pullback);)
            }
            _ => code!(let (value, split) = #own_split(#passed);),
        };
        let reverse = match self.bodies {
            Bodies::Custom { .. } => code!(pullback(#out_bar, #(#bars),*)),
            _ => code!(split(#out_bar, #(#references,)* #(#bars,)* #(&mut #ignored),*)),
        };
        let function = unraw(&self.signature.name);
        let (kept, check) = match self.has_varying_result() {
            true => (
                code!(let shapes = #krate::__private::Shapes::of(&value);),
                code!(shapes.expect_cotangent(#function, &#out_bar);),
            ),
            false => (TokenStream::new(), TokenStream::new()),
        };
        let (made, buffers_fit) = self.shapes_of_buffers();
        let body = match self.bodies {
            Bodies::Stubs => code!((::core::unreachable!(), |#parameters| {})),
            _ => code! {
                #made
                #run
                #kept
                (value, #[inline(always)] move |#parameters| {
                    #check
                    #buffers_fit
                    #reverse
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
            own_pullback,
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
        let run = match self.has_varying_result() {
            // What the cotangent is to be like is known between the two passes.
            true => code! {
                let (value, pullback) = #own_pullback(#passed);
                pullback(#out_bar, #(&mut #bars),*);
            },
            false => code!(let value = #own_reverse(#passed #out_bar, #(&mut #bars),*);),
        };
        let documentation = self.documentation().vjp();
        code! {
            #[doc = #documentation]
            #[inline]
            #vis fn #name_vjp #generics (#declared #out_bar: #out_bar_type) -> (#output, #gradient_type) #clause {
                #zero_buffers
                #run
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
        let buffers_fit = self.buffers_fit();
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
                #buffers_fit
                #own_reverse(#passed #one, #(#bars),*)
            }
        }
    }

    pub(super) fn jvp(&self) -> TokenStream {
        let Items {
            name_jvp,
            own_tangent,
            ..
        } = &self.frame.items;
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
        let documentation = self.documentation().jvp();
        let tangents_fit = self.tangents_fit();
        let body = match tangents_fit.is_empty() {
            true => self.tangent_body(),
            false => code!(#tangents_fit #own_tangent(#passed #(#dots),*)),
        };
        code! {
            #[doc = #documentation]
            #[inline]
            #vis fn #name_jvp #generics (#declared #(#dots: #tangents),*) -> (#output, #out_bar_type) #clause {
                #body
            }
        }
    }
}
