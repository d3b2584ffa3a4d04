//! `jacobian`, for results that are arrays, vectors or tuples of scalars.

use proc_macro2::{Span, TokenStream};

use crate::codegen::types;
use crate::companion::{Companion, zero_gradient};
use crate::ir::Mode;
use crate::ty::{Scalar, Sequence, Ty};

/// The rows of a Jacobian: one per number of the result.
enum Rows<'a> {
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
    fn of(ty: &'a Ty) -> Option<Rows<'a>> {
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
    fn count(&self) -> Option<TokenStream> {
        match self {
            Rows::Array { length, .. } => Some(code!((#length))),
            Rows::Tuple { scalars } => {
                let count = scalars.len();
                Some(code!(#count))
            }
            Rows::Vector { .. } => None,
        }
    }

    /// The cotangent that picks row `row`.
    fn basis(&self, krate: &TokenStream) -> TokenStream {
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

    /// Number `row` of a tangent of the result.
    fn pick(&self) -> TokenStream {
        match self {
            Rows::Array { .. } | Rows::Vector { .. } => code!(out_dot[row]),
            Rows::Tuple { scalars } => {
                let fields = (0..scalars.len()).map(syn::Index::from);
                code!([#(out_dot.#fields),*][row])
            }
        }
    }
}

/// The columns, where they are plain numbers: one array parameter, or scalars only.
enum Columns<'a> {
    Array {
        scalar: &'a Scalar,
        length: &'a syn::Expr,
        mode: Mode,
    },
    Scalars(Vec<&'a Scalar>),
}

pub fn emit(companion: &Companion<'_>) -> Option<TokenStream> {
    let signature = companion.signature;
    let rows = Rows::of(&signature.output_ty)?;
    let active: Vec<_> = signature.active().collect();
    let columns = match &active[..] {
        [] => return None,
        [single] => match &single.ty {
            Ty::Array(element, length) => match &**element {
                Ty::Scalar(scalar) => Some(Columns::Array {
                    scalar,
                    length,
                    mode: single.mode,
                }),
                _ => None,
            },
            _ => None,
        },
        several => several
            .iter()
            .map(|param| match (&param.ty, param.mode) {
                (Ty::Scalar(scalar), Mode::Value) => Some(scalar),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .filter(|scalars| scalars.iter().all(|scalar| *scalar == scalars[0]))
            .map(Columns::Scalars),
    };
    let (generics, clause) = companion.generics();
    let (declared, passed) = (companion.declared(), companion.passed());
    let reverse = reverse(
        companion,
        &rows,
        matches!(columns, Some(Columns::Scalars(_))),
    );
    let (ty, body) = match (columns, rows.count()) {
        (Some(columns), Some(count)) => {
            let (scalar, width, tangents) = match &columns {
                Columns::Array {
                    scalar,
                    length,
                    mode,
                } => {
                    let (zero, one) = (
                        types::number(0.0, Some(scalar)),
                        types::number(1.0, Some(scalar)),
                    );
                    let reference = (*mode == Mode::Reference).then(|| code!(&));
                    let basis =
                        code!({ let mut basis = [#zero; #length]; basis[column] = #one; basis });
                    (*scalar, code!((#length)), code!(#reference #basis))
                }
                Columns::Scalars(scalars) => {
                    let tangents = scalars.iter().enumerate().map(|(k, scalar)| {
                        let (zero, one) = (
                            types::number(0.0, Some(scalar)),
                            types::number(1.0, Some(scalar)),
                        );
                        code!(if column == #k { #one } else { #zero })
                    });
                    let width = scalars.len();
                    (scalars[0], code!(#width), code!(#(#tangents),*))
                }
            };
            let element = types::value(&Ty::Scalar(scalar.clone()));
            let zero = types::number(0.0, Some(scalar));
            let pick = rows.pick();
            let is_copy = signature.params.iter().all(|param| {
                param.mode == Mode::Reference
                    || param.ty.is_copy()
                    || matches!(param.ty, Ty::Inactive)
            });
            let forward = code! {
                if #width <= #count {
                    let mut jacobian = [[#zero; #width]; #count];
                    for column in 0..#width {
                        let (_, out_dot) = Self::jvp(#passed #tangents);
                        for row in 0..#count {
                            jacobian[row][column] = #pick;
                        }
                    }
                    return jacobian;
                }
            };
            let forward = if is_copy { forward } else { TokenStream::new() };
            (
                code!([[#element; #width]; #count]),
                code!(#forward #reverse),
            )
        }
        _ => (row_types(companion, &rows), reverse),
    };
    Some(code! {
        /// The full Jacobian, one row per number of the result.
        pub fn jacobian #generics (#declared) -> #ty #clause {
            #body
        }
    })
}

/// The type of the blocks, one per active parameter, that reverse mode fills.
fn row_types(companion: &Companion<'_>, rows: &Rows<'_>) -> TokenStream {
    let krate = companion.krate();
    let blocks: Vec<TokenStream> = companion
        .signature
        .active()
        .map(|param| {
            let gradient = types::gradient(&param.ty, krate);
            match rows.count() {
                Some(count) => code!([#gradient; #count]),
                None => code!(#krate::__private::Vec<#gradient>),
            }
        })
        .collect();
    match &blocks[..] {
        [single] => code!(#single),
        _ => code!((#(#blocks),*)),
    }
}

/// Row by row through the pullback.
fn reverse(companion: &Companion<'_>, rows: &Rows<'_>, joined: bool) -> TokenStream {
    let krate = companion.krate();
    let passed = companion.passed();
    let bars = &companion.parameters.bars;
    let params = companion
        .signature
        .params
        .iter()
        .zip(&companion.parameters.args)
        .filter(|(param, _)| param.active);
    let zeros: Vec<TokenStream> = params
        .map(|(param, name)| zero_gradient(param, name, krate))
        .collect();
    let basis = rows.basis(krate);
    let templates: Vec<_> = bars
        .iter()
        .map(|bar| quote::format_ident!("{bar}_zero", span = Span::mixed_site()))
        .collect();
    match rows.count() {
        Some(count) if joined => code! {
            let (_, pullback) = Self::pullback(#passed);
            ::core::array::from_fn::<_, { #count }, _>(|row| {
                #(let mut #bars = #zeros;)*
                pullback(#basis, #(&mut #bars),*);
                [#(#bars),*]
            })
        },
        count => {
            let blocks = match count {
                Some(count) => {
                    code!(#(let mut #bars: [_; #count] = ::core::array::from_fn(|_| ::core::clone::Clone::clone(&#templates));)*)
                }
                None => {
                    code!(#(let mut #bars = #krate::__private::vec![#templates; value.len()];)*)
                }
            };
            let result = match &bars[..] {
                [single] => code!(#single),
                _ => code!((#(#bars),*)),
            };
            let rows = match rows.count() {
                Some(count) => count,
                None => code!(value.len()),
            };
            code! {
                #(let #templates = #zeros;)*
                let (value, pullback) = Self::pullback(#passed);
                #blocks
                for row in 0..#rows {
                    pullback(#basis, #(&mut #bars[row]),*);
                }
                #result
            }
        }
    }
}
