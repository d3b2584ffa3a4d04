//! Jacobians by reverse mode, many rows in one sweep: by the split program with several adjoints side
//! by side.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};

use super::shape::Rows;
use crate::codegen::types;
use crate::companion::{Companion, Frame};
use crate::ir::Mode;
use crate::signature::Parameter;
use crate::ty::{Sequence, Ty};

/// The most rows that one sweep carries: every adjoint is so many numbers.
const WIDEST: usize = 8;

/// Rows per sweep where their number is not seen here.
const USUAL: usize = 4;

/// Returns value and Jacobian, if the function and those that it calls have such programs; `joined` if a
/// row is one array of the parameters' adjoints, and not in a block for each parameter.
pub fn sweeps(companion: &Companion<'_>, rows: &Rows<'_>, joined: bool) -> Option<TokenStream> {
    if !companion.has_vector_reverse() {
        return None;
    }
    let (lanes, all) = match rows.literal_count() {
        // One row is no more than its pullback.
        Some(0 | 1) => return None,
        Some(seen) if seen <= WIDEST => (seen, true),
        Some(seen) => (seen.div_ceil(seen.div_ceil(WIDEST)), false),
        None => (USUAL, false),
    };
    let krate = &companion.frame.krate;
    let pull = pull(companion, rows)?;
    let parts = companion.signature.active().zip(&companion.frame.bars);
    let parts = parts.map(|(param, bar)| lane_of(&param.ty, &code!(#bar), 0, krate));
    let parts: Vec<TokenStream> = parts.collect::<Option<_>>()?;
    let zeros: Vec<TokenStream> = companion.zero_gradients().collect();
    let (entries, zeros) = match joined {
        true => (vec![code!([#(#parts),*])], vec![code!([#(#zeros),*])]),
        false => (parts, zeros),
    };
    let body = match all {
        true => {
            let blocks = entries
                .iter()
                .map(|entry| code!(::core::array::from_fn(|lane| #entry)));
            let blocks = tuple(blocks.collect());
            code! {
                let row = 0usize;
                #pull
                ::core::mem::drop(pullback);
                return (value, #blocks);
            }
        }
        false => in_turn(rows, lanes, &pull, &entries, &zeros, krate),
    };
    let (passed, width) = (&companion.frame.passed, &companion.parameters.width);
    let program = companion.own_vector_vjp(lanes);
    Some(code! {
        {
            const #width: ::core::primitive::usize = #lanes;
            let run = #program(#passed #krate::__private::Width::<#width>);
            if let ::core::option::Option::Some((value, pullback)) = run {
                #body
            }
        }
    })
}

/// `lanes` rows after the other, each made by `entries`, one for every block; `zeros` are blank ones.
fn in_turn(
    rows: &Rows<'_>,
    lanes: usize,
    pull: &TokenStream,
    entries: &[TokenStream],
    zeros: &[TokenStream],
    krate: &TokenStream,
) -> TokenStream {
    let block = |k| format_ident!("block_{k}", span = Span::mixed_site());
    let blocks: Vec<Ident> = (0..entries.len()).map(block).collect();
    let (height, blank, fill) = match rows.count() {
        Some(count) => (
            count.clone(),
            code!(#(let mut #blocks: [_; #count] = ::core::array::from_fn(|_| #zeros);)*),
            code!(#(#blocks[row + lane] = #entries;)*),
        ),
        None => (
            code!(value.len()),
            code!(#(let mut #blocks = #krate::__private::Vec::with_capacity(value.len());)*),
            code!(#(#blocks.push(#entries);)*),
        ),
    };
    let filled = tuple(blocks.iter().map(Ident::to_token_stream).collect());
    code! {
        let (height, mut row): (usize, usize) = (#height, 0);
        #blank
        while row < height {
            #pull
            for lane in 0..::core::cmp::Ord::min(#lanes, height - row) {
                #fill
            }
            row += #lanes;
        }
        ::core::mem::drop(pullback);
        return (value, #filled);
    }
}

/// The adjoints in the rows from `row` on.
fn pull(companion: &Companion<'_>, rows: &Rows<'_>) -> Option<TokenStream> {
    let (buffers, lent) = (buffers(companion)?, lent(companion)?);
    let Frame {
        krate, references, ..
    } = &companion.frame;
    let seed = seed(rows, krate);
    Some(code! {
        #(#buffers)*
        pullback(#seed, #(#references,)* #(#lent),*);
    })
}

fn tuple(items: Vec<TokenStream>) -> TokenStream {
    match &items[..] {
        [single] => single.clone(),
        _ => code!((#(#items),*)),
    }
}

/// `let mut x_bar = …;` for every active parameter, as many zeros as there are lanes.
fn buffers(companion: &Companion<'_>) -> Option<Vec<TokenStream>> {
    let full = companion.bodies.code().map(|code| &code.fully_accumulated);
    let mut full = full.into_iter().flatten().copied();
    let mut bars = companion.frame.bars.iter();
    let active = companion.named().filter(|(param, _)| param.active);
    let zeros = active.map(|(param, name)| {
        let zero = match full.next() {
            // Adding to −0 is exact and free.
            Some(true) => -0.0,
            _ => 0.0,
        };
        let bar = bars.next().expect("one per active parameter");
        let zero = zero_tangents(companion, param, name, zero)?;
        Some(code!(let mut #bar = #zero;))
    });
    zeros.collect()
}

/// What the pullback is lent for each parameter.
fn lent(companion: &Companion<'_>) -> Option<Vec<TokenStream>> {
    let ignored: Vec<usize> = companion.ignored().collect();
    let mut bars = companion.frame.bars.iter();
    let lent = companion.named().enumerate().map(|(k, (param, name))| {
        if param.active {
            let bar = bars.next().expect("one per active parameter");
            return Some(code!(&mut #bar));
        }
        match &param.ty {
            ty if ty.leaf().is_none() => Some(code!(&mut ())),
            Ty::Sequence(..) if !ignored.contains(&k) => Some(code!(&mut [])),
            _ => {
                let zero = zero_tangents(companion, param, name, 0.0)?;
                Some(code!(&mut #zero))
            }
        }
    });
    lent.collect()
}

/// A zero of either sign for each lane of a parameter's adjoint.
fn zero_tangents(
    companion: &Companion<'_>,
    param: &Parameter,
    name: &Ident,
    zero: f64,
) -> Option<TokenStream> {
    let (krate, width) = (&companion.frame.krate, &companion.parameters.width);
    if let Some(zeros) = types::filled_tangents(&param.ty, width, zero) {
        return Some(zeros);
    }
    if let Ty::Sequence(element, _) = &param.ty
        && let Some(zeros) = types::filled_tangents(element, width, zero)
    {
        return Some(code!(#krate::__private::vec![#zeros; #name.len()]));
    }
    let value = match param.mode {
        Mode::Value => code!(&#name),
        Mode::Reference | Mode::Mutable => code!(#name),
    };
    // Of `T: Real` rustc does not know what several adjoints of it are.
    let is_generic = !companion.signature.reals.is_empty();
    (!is_generic).then(|| code!(#krate::Differentiable::zero_tangents::<#width>(#value)))
}

/// The cotangents that pick the rows from `row` on.
fn seed(rows: &Rows<'_>, krate: &TokenStream) -> TokenStream {
    match rows {
        Rows::Array { .. } => code!(#krate::__private::unit_tangents(row)),
        Rows::Vector { .. } => collected(
            &code!(value.len()),
            &code!(own),
            &code!(#krate::__private::unit(row, own)),
            krate,
        ),
        Rows::Tuple { scalars } => {
            let entries = (0..scalars.len()).map(|own| code!(#krate::__private::unit(row, #own)));
            code!((#(#entries,)*))
        }
    }
}

/// A vector of so many elements. By paths: where the user's module has no prelude, `map` is not in scope.
fn collected(
    length: &TokenStream,
    index: &TokenStream,
    element: &TokenStream,
    krate: &TokenStream,
) -> TokenStream {
    code! {
        ::core::iter::Iterator::collect::<#krate::__private::Vec<_>>(
            ::core::iter::Iterator::map(0..#length, |#index| #element)
        )
    }
}

/// The gradient in `lane` of several side by side.
fn lane_of(ty: &Ty, from: &TokenStream, depth: usize, krate: &TokenStream) -> Option<TokenStream> {
    let index = format_ident!("i{depth}", span = Span::mixed_site());
    match ty {
        Ty::Scalar(_) => Some(code!(#from[lane])),
        Ty::Inactive => Some(code!(())),
        Ty::Array(element, _) => {
            let element = lane_of(element, &code!(#from[#index]), depth + 1, krate)?;
            Some(code!(::core::array::from_fn(|#index| #element)))
        }
        Ty::Sequence(element, Sequence::Slice | Sequence::Vec) => {
            let element = lane_of(element, &code!(#from[#index]), depth + 1, krate)?;
            Some(collected(
                &code!(#from.len()),
                &index.to_token_stream(),
                &element,
                krate,
            ))
        }
        Ty::Tuple(elements) => {
            let elements = elements.iter().enumerate().map(|(k, element)| {
                let field = syn::Index::from(k);
                lane_of(element, &code!(#from.#field), depth, krate)
            });
            let elements: Vec<TokenStream> = elements.collect::<Option<_>>()?;
            Some(code!((#(#elements,)*)))
        }
        Ty::Sequence(..) | Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => None,
    }
}
