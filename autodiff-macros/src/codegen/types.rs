//! The Rust types and zeros of gradients and tangents.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ir::Mode;
use crate::signature::Parameter;
use crate::ty::{Scalar, Sequence, Tensor, Ty};

/// A vector of such elements; for the reader if `krate` is empty.
fn sequence(kind: Sequence, element: &TokenStream, krate: &TokenStream) -> TokenStream {
    let name = match kind {
        Sequence::Slice | Sequence::Vec => quote!(Vec),
        Sequence::Late => quote!(Late),
    };
    match krate.is_empty() {
        true => quote!(#name<#element>),
        false => quote!(#krate::__private::#name<#element>),
    }
}

/// The type itself, where the macro knows it; for the reader if `krate` is empty.
pub fn value(ty: &Ty, krate: &TokenStream) -> TokenStream {
    match ty {
        Ty::Scalar(scalar) => scalar.to_type().to_token_stream(),
        Ty::Named(ty) => ty.to_token_stream(),
        Ty::Array(element, length) => {
            let element = value(element, krate);
            quote!([#element; #length])
        }
        Ty::Sequence(element, kind) => sequence(*kind, &value(element, krate), krate),
        Ty::Tuple(elements) => {
            let elements = elements.iter().map(|ty| value(ty, krate));
            quote!((#(#elements,)*))
        }
        Ty::Tensor(tensor) => match &tensor.written {
            Some(ty) => ty.to_token_stream(),
            None => quote!(_),
        },
        Ty::Inactive | Ty::Var(_) => quote!(_),
    }
}

/// `Array2<f64>` for `ArrayView2<'_, f64>`: the name of the owned array of as many axes.
fn owned_array(tensor: &Tensor) -> TokenStream {
    let element = value(&tensor.element, &TokenStream::new());
    match tensor.rank {
        Some(rank) => {
            let name = quote::format_ident!("Array{rank}");
            quote!(#name<#element>)
        }
        None => quote!(ArrayD<#element>),
    }
}

/// `PointGradient` for `Point`: the name that the derive gives.
fn named_gradient(ty: &syn::Type) -> TokenStream {
    let mut ty = ty.clone();
    if let syn::Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
    {
        last.ident = quote::format_ident!("{}Gradient", last.ident);
    }
    ty.to_token_stream()
}

/// The type of the gradient of a value of type `ty`; for the reader if `krate` is empty.
pub fn gradient(ty: &Ty, krate: &TokenStream) -> TokenStream {
    match ty {
        Ty::Scalar(scalar) => scalar.to_type().to_token_stream(),
        Ty::Inactive => quote!(()),
        Ty::Array(element, length) => {
            let element = gradient(element, krate);
            quote!([#element; #length])
        }
        Ty::Sequence(element, kind) => sequence(*kind, &gradient(element, krate), krate),
        Ty::Tuple(elements) => {
            let elements = elements.iter().map(|element| gradient(element, krate));
            quote!((#(#elements,)*))
        }
        Ty::Named(ty) if krate.is_empty() => named_gradient(ty),
        Ty::Tensor(tensor) if krate.is_empty() => owned_array(tensor),
        Ty::Tensor(tensor) => match &tensor.written {
            Some(ty) => quote_spanned!(ty.span()=> <#ty as #krate::Differentiable>::Gradient),
            None => quote!(_),
        },
        // On the type's own span: where it has no gradient, that is where the error belongs.
        Ty::Named(ty) => quote_spanned!(ty.span()=> <#ty as #krate::Differentiable>::Gradient),
        Ty::Var(_) => quote!(_),
    }
}

/// The type of several tangents of a value of type `ty`, side by side.
pub fn tangents(ty: &Ty, width: &Ident, krate: &TokenStream) -> TokenStream {
    match ty {
        Ty::Scalar(scalar) => {
            let scalar = scalar.to_type();
            quote!([#scalar; #width])
        }
        Ty::Inactive => quote!(()),
        Ty::Array(element, length) => {
            let element = tangents(element, width, krate);
            quote!([#element; #length])
        }
        Ty::Sequence(element, kind) => sequence(*kind, &tangents(element, width, krate), krate),
        Ty::Tuple(elements) => {
            let elements = elements.iter().map(|ty| tangents(ty, width, krate));
            quote!((#(#elements,)*))
        }
        Ty::Named(ty) => {
            quote_spanned!(ty.span()=> <#ty as #krate::Differentiable>::Tangents<#width>)
        }
        Ty::Tensor(Tensor {
            written: Some(ty), ..
        }) => quote_spanned!(ty.span()=> <#ty as #krate::Differentiable>::Tangents<#width>),
        Ty::Tensor(_) | Ty::Var(_) => quote!(_),
    }
}

/// The type of several tangents of a parameter.
pub fn parameter_tangents(param: &Parameter, width: &Ident, krate: &TokenStream) -> TokenStream {
    let ty = match (&param.ty, param.mode) {
        (ty @ Ty::Sequence(_, Sequence::Slice), _) | (ty, Mode::Mutable) => {
            vector_buffer(ty, width, krate)
        }
        (ty, _) => tangents(ty, width, krate),
    };
    match param.mode {
        Mode::Value => ty,
        Mode::Reference => quote!(&#ty),
        Mode::Mutable => quote!(&mut #ty),
    }
}

/// What a buffer for the gradient is behind `&mut`.
pub fn buffer(ty: &Ty, krate: &TokenStream) -> TokenStream {
    match ty {
        Ty::Sequence(element, _) => {
            let element = gradient(element, krate);
            quote!([#element])
        }
        _ => gradient(ty, krate),
    }
}

/// What a buffer for several adjoints side by side is behind `&mut`.
pub fn vector_buffer(ty: &Ty, width: &Ident, krate: &TokenStream) -> TokenStream {
    match ty {
        Ty::Sequence(element, _) => {
            let element = tangents(element, width, krate);
            quote!([#element])
        }
        _ => tangents(ty, width, krate),
    }
}

/// The tangent of a parameter passed by reference, behind `&`.
pub fn borrowed_tangent(ty: &Ty, krate: &TokenStream) -> TokenStream {
    match ty {
        Ty::Sequence(element, Sequence::Slice) => {
            let element = gradient(element, krate);
            quote!([#element])
        }
        _ => gradient(ty, krate),
    }
}

/// A zero of the gradient's type that needs no value to take its shape from.
pub fn zero(ty: &Ty) -> Option<TokenStream> {
    filled(ty, 0.0)
}

/// As [`zero`], with −0 everywhere.
pub fn negative_zero(ty: &Ty) -> Option<TokenStream> {
    filled(ty, -0.0)
}

/// As [`zero`], of several tangents side by side.
pub fn zero_tangents(ty: &Ty, width: &Ident) -> Option<TokenStream> {
    filled_tangents(ty, width, 0.0)
}

/// As [`zero_tangents`], with zeros of either sign.
pub fn filled_tangents(ty: &Ty, width: &Ident, zero: f64) -> Option<TokenStream> {
    match ty {
        Ty::Scalar(scalar) => {
            let zero = number(zero, Some(scalar));
            Some(quote!([#zero; #width]))
        }
        Ty::Inactive => Some(quote!(())),
        Ty::Array(element, length) if element.is_copy() => {
            let element = filled_tangents(element, width, zero)?;
            Some(quote!([#element; #length]))
        }
        Ty::Tuple(elements) => {
            let elements: Vec<TokenStream> = elements
                .iter()
                .map(|ty| filled_tangents(ty, width, zero))
                .collect::<Option<_>>()?;
            Some(quote!((#(#elements,)*)))
        }
        Ty::Array(..) | Ty::Sequence(..) | Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => None,
    }
}

fn filled(ty: &Ty, zero: f64) -> Option<TokenStream> {
    match ty {
        Ty::Scalar(scalar) => Some(number(zero, Some(scalar))),
        Ty::Inactive => Some(quote!(())),
        Ty::Array(element, length) if element.is_copy() => {
            let element = filled(element, zero)?;
            Some(quote!([#element; #length]))
        }
        Ty::Tuple(elements) => {
            let elements: Vec<TokenStream> = elements
                .iter()
                .map(|ty| filled(ty, zero))
                .collect::<Option<_>>()?;
            Some(quote!((#(#elements,)*)))
        }
        Ty::Array(..) | Ty::Sequence(..) | Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => None,
    }
}

/// A number in the given scalar type.
pub fn number(number: f64, scalar: Option<&Scalar>) -> TokenStream {
    let text = format!("{:?}", number.abs());
    let literal = match text.as_str() {
        "inf" => quote!(::core::primitive::f64::INFINITY),
        "NaN" => quote!(::core::primitive::f64::NAN),
        _ => text.parse().expect("a float's debug form is a literal"),
    };
    let minus = number.is_sign_negative().then(|| quote!(-));
    match scalar {
        Some(Scalar::Param(ident)) => quote!(#ident::from_f64(#minus #literal)),
        _ => quote!(#minus #literal),
    }
}
