//! `jacobian`, for results that are arrays, vectors or tuples of scalars.

use proc_macro2::{Span, TokenStream};

use crate::codegen::types;
use crate::companion::{Companion, Frame, Items, zero_gradient};
use crate::ir::Mode;
use crate::signature::Signature;
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
            Rows::Array { length, .. } => Some(length_code(length)),
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
    Scalars {
        scalar: &'a Scalar,
        count: usize,
    },
}

impl<'a> Columns<'a> {
    fn of(signature: &'a Signature) -> Option<Columns<'a>> {
        let active: Vec<_> = signature.active().collect();
        if let [single] = active[..] {
            return match &single.ty {
                Ty::Array(element, length) => match &**element {
                    Ty::Scalar(scalar) => Some(Columns::Array {
                        scalar,
                        length,
                        mode: single.mode,
                    }),
                    _ => None,
                },
                _ => None,
            };
        }
        let scalars = active.iter().map(|param| match (&param.ty, param.mode) {
            (Ty::Scalar(scalar), Mode::Value) => Some(scalar),
            _ => None,
        });
        let scalars: Vec<&Scalar> = scalars.collect::<Option<_>>()?;
        let same = scalars.iter().all(|scalar| *scalar == scalars[0]);
        same.then(|| Columns::Scalars {
            scalar: scalars[0],
            count: scalars.len(),
        })
    }

    fn scalar(&self) -> &'a Scalar {
        match self {
            Columns::Array { scalar, .. } | Columns::Scalars { scalar, .. } => scalar,
        }
    }

    fn count(&self) -> TokenStream {
        match self {
            Columns::Array { length, .. } => length_code(length),
            Columns::Scalars { count, .. } => code!(#count),
        }
    }

    /// The tangents that pick column `column`.
    fn basis(&self) -> TokenStream {
        let (zero, one) = zero_and_one(self.scalar());
        match self {
            Columns::Array { length, mode, .. } => {
                let reference = (*mode == Mode::Reference).then(|| code!(&));
                code!(#reference { let mut basis = [#zero; #length]; basis[column] = #one; basis })
            }
            Columns::Scalars { count, .. } => {
                let tangents = (0..*count).map(|k| code!(if column == #k { #one } else { #zero }));
                code!(#(#tangents),*)
            }
        }
    }
}

/// A length as it can stand in a type: a bare parameter must not be wrapped in anything.
fn length_code(length: &syn::Expr) -> TokenStream {
    match length {
        syn::Expr::Path(_) | syn::Expr::Lit(_) => code!(#length),
        _ => code!({ #length }),
    }
}

fn zero_and_one(scalar: &Scalar) -> (TokenStream, TokenStream) {
    (
        types::number(0.0, Some(scalar)),
        types::number(1.0, Some(scalar)),
    )
}

pub fn emit(companion: &Companion<'_>) -> Option<TokenStream> {
    let Items { name_jacobian, .. } = &companion.frame.items;
    let signature = companion.signature;
    signature.active().next()?;
    let Some(rows) = Rows::of(&signature.output_ty) else {
        return nested(companion);
    };
    let Frame {
        vis,
        generics,
        clause,
        declared,
        ..
    } = &companion.frame;
    let (ty, body) = match (Columns::of(signature), rows.count()) {
        (Some(columns), Some(count)) => {
            let element = types::value(&Ty::Scalar(columns.scalar().clone()));
            let width = columns.count();
            let forward = forward(companion, &rows, &columns);
            let reverse = match columns {
                Columns::Array { .. } => blocks(companion, &rows),
                Columns::Scalars { .. } => joined_rows(companion, &rows, &count),
            };
            (
                code!([[#element; #width]; #count]),
                code!(#forward #reverse),
            )
        }
        _ => (block_types(companion, &rows), blocks(companion, &rows)),
    };
    Some(code! {
        /// The full Jacobian, one row per number of the result.
        #vis fn #name_jacobian #generics (#declared) -> #ty #clause {
            #body
        }
    })
}

/// Column by column through forward mode, where there are no more columns than rows: a condition
/// of constants. Arguments that cannot be passed again are left to reverse mode.
fn forward(companion: &Companion<'_>, rows: &Rows<'_>, columns: &Columns<'_>) -> TokenStream {
    let Items { own_jvp, .. } = &companion.frame.items;
    let again = companion.signature.params.iter().all(|param| {
        param.mode == Mode::Reference || param.ty.is_copy() || matches!(param.ty, Ty::Inactive)
    });
    let Some(count) = rows.count().filter(|_| again) else {
        return TokenStream::new();
    };
    let passed = &companion.frame.passed;
    let (width, tangents, pick) = (columns.count(), columns.basis(), rows.pick());
    let (zero, _) = zero_and_one(columns.scalar());
    code! {
        let (width, height) = (#width, #count);
        if width <= height {
            let mut jacobian = [[#zero; #width]; #count];
            for column in 0..width {
                let (_, out_dot) = #own_jvp(#passed #tangents);
                for row in 0..height {
                    jacobian[row][column] = #pick;
                }
            }
            return jacobian;
        }
    }
}

/// The type of the blocks, one per active parameter, that reverse mode fills.
fn block_types(companion: &Companion<'_>, rows: &Rows<'_>) -> TokenStream {
    let krate = &companion.frame.krate;
    let gradients = companion
        .signature
        .active()
        .map(|param| types::gradient(&param.ty, krate));
    let blocks: Vec<TokenStream> = match rows.count() {
        Some(count) => gradients
            .map(|gradient| code!([#gradient; #count]))
            .collect(),
        None => gradients
            .map(|gradient| code!(#krate::__private::Vec<#gradient>))
            .collect(),
    };
    match &blocks[..] {
        [single] => code!(#single),
        _ => code!((#(#blocks),*)),
    }
}

/// Row by row through the pullback, each row an array of the scalar parameters' adjoints.
fn joined_rows(companion: &Companion<'_>, rows: &Rows<'_>, count: &TokenStream) -> TokenStream {
    let Items { own_pullback, .. } = &companion.frame.items;
    let Frame {
        krate,
        passed,
        bars,
        zero_buffers,
        ..
    } = &companion.frame;
    let basis = rows.basis(krate);
    code! {
        let (_, pullback) = #own_pullback(#passed);
        ::core::array::from_fn::<_, #count, _>(|row| {
            #zero_buffers
            pullback(#basis, #(&mut #bars),*);
            [#(#bars),*]
        })
    }
}

/// Row by row through the pullback, into one block per parameter.
fn blocks(companion: &Companion<'_>, rows: &Rows<'_>) -> TokenStream {
    let Items { own_pullback, .. } = &companion.frame.items;
    let Frame {
        krate,
        passed,
        bars,
        gradient,
        ..
    } = &companion.frame;
    let params = companion
        .signature
        .params
        .iter()
        .zip(&companion.parameters.args);
    let zeros = params
        .filter(|(param, _)| param.active)
        .map(|(param, name)| zero_gradient(param, name, krate));
    let templates = bars
        .iter()
        .map(|bar| quote::format_ident!("{bar}_zero", span = Span::mixed_site()));
    let templates: Vec<_> = templates.collect();
    let basis = rows.basis(krate);
    let (count, blocks) = match rows.count() {
        Some(count) => {
            let blocks = code!(#(let mut #bars: [_; #count] = ::core::array::from_fn(|_| ::core::clone::Clone::clone(&#templates));)*);
            (count, blocks)
        }
        None => {
            let blocks =
                code!(#(let mut #bars = #krate::__private::vec![#templates; value.len()];)*);
            (code!(value.len()), blocks)
        }
    };
    code! {
        #(let #templates = #zeros;)*
        let (value, pullback) = #own_pullback(#passed);
        #blocks
        let height = #count;
        for row in 0..height {
            pullback(#basis, #(&mut #bars[row]),*);
        }
        #gradient
    }
}

/// Results that nest: per parameter a value of the result's shape, with that parameter's gradient in
/// the place of each number, filled number by number through the pullback.
fn nested(companion: &Companion<'_>) -> Option<TokenStream> {
    let Items {
        name_jacobian,
        own_pullback,
        ..
    } = &companion.frame.items;
    let signature = companion.signature;
    let shape = &signature.output_ty;
    let leaves = leaves(shape)?;
    let basis_zero = types::zero(shape)?;
    let Frame {
        krate,
        vis,
        generics,
        clause,
        declared,
        passed,
        bars,
        gradient,
        ..
    } = &companion.frame;
    let active = signature
        .active()
        .map(|param| nested_type(shape, &types::gradient(&param.ty, krate)));
    let blocks: Vec<TokenStream> = active.collect();
    let ty = match &blocks[..] {
        [single] => single.clone(),
        _ => code!((#(#blocks),*)),
    };
    let params = signature.params.iter().zip(&companion.parameters.args);
    let zeros = params.filter(|(param, _)| param.active);
    let zeros = zeros.map(|(param, name)| nested_value(shape, &zero_gradient(param, name, krate)));
    let pulls = leaves.iter().map(|leaf| {
        let Leaf {
            path,
            loops,
            scalar,
        } = leaf;
        let one = types::number(1.0, Some(scalar));
        let pull = code! {
            let mut basis = #basis_zero;
            basis #path = #one;
            pullback(basis, #(&mut #bars #path),*);
        };
        loops.iter().rev().fold(
            pull,
            |body, (index, length)| code!(for #index in 0..#length { #body }),
        )
    });
    Some(code! {
        /// The full Jacobian, in the shape of the result.
        #vis fn #name_jacobian #generics (#declared) -> #ty #clause {
            #(let mut #bars: #blocks = #zeros;)*
            let (_, pullback) = #own_pullback(#passed);
            #(#pulls)*
            #gradient
        }
    })
}

/// The numbers of a result that lie on one path: `.1[i][j]`, with its loops.
struct Leaf<'a> {
    path: TokenStream,
    loops: Vec<(proc_macro2::Ident, TokenStream)>,
    scalar: &'a Scalar,
}

fn leaves(shape: &Ty) -> Option<Vec<Leaf<'_>>> {
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

fn nested_type(shape: &Ty, gradient: &TokenStream) -> TokenStream {
    match shape {
        Ty::Array(element, length) => {
            let (element, length) = (nested_type(element, gradient), length_code(length));
            code!([#element; #length])
        }
        Ty::Tuple(elements) => {
            let elements = elements
                .iter()
                .map(|element| nested_type(element, gradient));
            code!((#(#elements,)*))
        }
        _ => gradient.clone(),
    }
}

fn nested_value(shape: &Ty, zero: &TokenStream) -> TokenStream {
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
