//! What a result is made of: the rows of its Jacobian.

use proc_macro2::{Span, TokenStream};

use crate::codegen::types;
use crate::ty::{Scalar, Sequence, Ty};

/// The rows of a Jacobian: one per number of the result.
pub enum Rows<'a> {
    Array {
        scalar: &'a Scalar,
        length: &'a syn::Expr,
    },
    Vector {
        scalar: &'a Scalar,
    },
    Tuple {
        scalars: Vec<&'a Scalar>,
    },
}

impl<'a> Rows<'a> {
    pub fn of(ty: &'a Ty) -> Option<Rows<'a>> {
        match ty {
            Ty::Array(element, length) => match &**element {
                Ty::Scalar(scalar) => Some(Rows::Array { scalar, length }),
                _ => None,
            },
            Ty::Sequence(element, Sequence::Vec) => match &**element {
                Ty::Scalar(scalar) => Some(Rows::Vector { scalar }),
                _ => None,
            },
            Ty::Tuple(elements) => {
                let scalars = elements.iter().map(|ty| match ty {
                    Ty::Scalar(scalar) => Some(scalar),
                    _ => None,
                });
                Some(Rows::Tuple {
                    scalars: scalars.collect::<Option<_>>()?,
                })
            }
            _ => None,
        }
    }

    /// Their number, if it is known at compile time.
    pub fn count(&self) -> Option<TokenStream> {
        match self {
            Rows::Array { length, .. } => Some(length_code(length)),
            Rows::Tuple { scalars } => {
                let count = scalars.len();
                Some(code!(#count))
            }
            Rows::Vector { .. } => None,
        }
    }

    /// Their number, if it is a literal or that of a tuple's fields.
    pub fn literal_count(&self) -> Option<usize> {
        match self {
            Rows::Array { length, .. } => literal(length),
            Rows::Tuple { scalars } => Some(scalars.len()),
            Rows::Vector { .. } => None,
        }
    }

    /// The cotangent that picks row `row`.
    pub fn basis(&self, krate: &TokenStream) -> TokenStream {
        match self {
            Rows::Array { scalar, length } => {
                let (zero, one) = (
                    types::number(0.0, Some(scalar)),
                    types::number(1.0, Some(scalar)),
                );
                code!({ let mut basis = [#zero; #length]; basis[row] = #one; basis })
            }
            Rows::Vector { scalar } => {
                let one = types::number(1.0, Some(scalar));
                code!({ let mut basis = #krate::Differentiable::zero_gradient(&value); basis[row] = #one; basis })
            }
            Rows::Tuple { scalars } => {
                let entries = scalars.iter().enumerate().map(|(k, scalar)| {
                    let (zero, one) = (
                        types::number(0.0, Some(scalar)),
                        types::number(1.0, Some(scalar)),
                    );
                    code!(if row == #k { #one } else { #zero })
                });
                code!((#(#entries,)*))
            }
        }
    }
}

/// A length as it can stand in a type: a bare parameter must not be wrapped in anything.
pub fn length_code(length: &syn::Expr) -> TokenStream {
    match length {
        syn::Expr::Path(_) | syn::Expr::Lit(_) => code!(#length),
        _ => code!({ #length }),
    }
}

/// A length that is a literal, perhaps one that was handed to a macro.
pub fn literal(length: &syn::Expr) -> Option<usize> {
    match length {
        syn::Expr::Group(group) => literal(&group.expr),
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(length),
            ..
        }) => length.base10_parse().ok(),
        _ => None,
    }
}

/// How many numbers a result has, if that is known at compile time.
pub fn count(shape: &Ty) -> Option<TokenStream> {
    match shape {
        Ty::Scalar(_) => Some(code!(1usize)),
        Ty::Array(element, length) => {
            let element = count(element)?;
            Some(code!((#length) * #element))
        }
        Ty::Tuple(elements) => {
            let counts: Vec<TokenStream> = elements.iter().map(count).collect::<Option<_>>()?;
            Some(code!((0usize #(+ #counts)*)))
        }
        _ => None,
    }
}

/// Whether the result is made of numbers of this one type.
pub fn is_made_of(shape: &Ty, scalar: &Scalar) -> bool {
    match shape {
        Ty::Scalar(own) => own == scalar,
        Ty::Array(element, _) | Ty::Sequence(element, Sequence::Vec) => is_made_of(element, scalar),
        Ty::Tuple(elements) => elements.iter().all(|element| is_made_of(element, scalar)),
        _ => false,
    }
}

/// The numbers of a result that lie on one path: `.1[i][j]`, with its loops.
pub struct Leaf<'a> {
    pub path: TokenStream,
    pub loops: Vec<(proc_macro2::Ident, TokenStream)>,
    pub scalar: &'a Scalar,
}

pub fn leaves(shape: &Ty) -> Option<Vec<Leaf<'_>>> {
    match shape {
        Ty::Scalar(scalar) => Some(vec![Leaf {
            path: TokenStream::new(),
            loops: Vec::new(),
            scalar,
        }]),
        Ty::Array(element, length) => {
            let mut leaves = leaves(element)?;
            for leaf in &mut leaves {
                let index =
                    quote::format_ident!("i{}", leaf.loops.len(), span = Span::mixed_site());
                let inner = &leaf.path;
                leaf.path = code!([#index] #inner);
                leaf.loops.insert(0, (index, code!((#length))));
            }
            Some(leaves)
        }
        Ty::Tuple(elements) => {
            let mut all = Vec::new();
            for (k, element) in elements.iter().enumerate() {
                let field = syn::Index::from(k);
                for mut leaf in leaves(element)? {
                    let inner = &leaf.path;
                    leaf.path = code!(.#field #inner);
                    all.push(leaf);
                }
            }
            Some(all)
        }
        _ => None,
    }
}

/// The type of a value of the result's shape with a gradient in the place of each number.
pub fn nested_type(shape: &Ty, gradient: &TokenStream, krate: &TokenStream) -> TokenStream {
    match shape {
        Ty::Array(element, length) => {
            let (element, length) = (nested_type(element, gradient, krate), length_code(length));
            code!([#element; #length])
        }
        Ty::Sequence(element, _) => {
            let element = nested_type(element, gradient, krate);
            code!(#krate::__private::Vec<#element>)
        }
        Ty::Tuple(elements) => {
            let elements = elements
                .iter()
                .map(|element| nested_type(element, gradient, krate));
            code!((#(#elements,)*))
        }
        _ => gradient.clone(),
    }
}

/// Such a value, of zeros.
pub fn nested_value(shape: &Ty, zero: &TokenStream) -> TokenStream {
    match shape {
        Ty::Array(element, _) => {
            let element = nested_value(element, zero);
            code!(::core::array::from_fn(|_| #element))
        }
        Ty::Tuple(elements) => {
            let elements = elements.iter().map(|element| nested_value(element, zero));
            code!((#(#elements,)*))
        }
        _ => zero.clone(),
    }
}
