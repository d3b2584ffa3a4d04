//! `jacobian` and `value_and_jacobian`, for results made of several numbers.
//!
//! Forward mode has the columns, reverse mode the rows. Which is cheaper is a question of their
//! numbers, asked where the code is compiled: arrays may have generic lengths.

mod abreast;
mod forward;
mod reverse;
mod shape;

use proc_macro2::TokenStream;

use crate::companion::{Companion, Frame, Items};
use crate::ir::Mode;
use crate::signature::Signature;
use crate::ty::{Scalar, Ty};
use forward::Forward;
use shape::Rows;

pub fn emit(companion: &Companion<'_>) -> Option<TokenStream> {
    let Items {
        name_jacobian,
        name_value_and_jacobian,
        own_value_and_jacobian,
        ..
    } = &companion.frame.items;
    let Frame {
        vis,
        generics,
        clause,
        declared,
        passed,
        output,
        ..
    } = &companion.frame;
    companion.signature.active().next()?;
    let rows = Rows::of(&companion.signature.output_ty);
    let forward = Forward::of(companion, rows.as_ref());
    let (ty, reverse) = match &rows {
        Some(rows) => by_rows(companion, rows),
        None => (reverse::nested_types(companion), reverse::nested(companion)),
    };
    let body = match (&forward, reverse) {
        (None, reverse) => reverse?,
        (Some(forward), None) => forward.alone(),
        (Some(forward), Some(_)) if forward.has_one_column() => forward.alone(),
        (Some(forward), Some(reverse)) => {
            let forward = forward.where_cheaper();
            code!(#forward #reverse)
        }
    };
    let shape = match rows {
        Some(_) => "one row per number of the result",
        None => "in the shape of the result",
    };
    let mode = match forward {
        Some(_) => {
            "Forward mode, many columns per sweep, unless there are so many more columns than rows \
             that reverse mode, many rows per sweep, is cheaper."
        }
        None => "By reverse mode, many rows per sweep.",
    };
    let full = format!("The full Jacobian, {shape}.\n\n{mode}");
    let both = format!("The value and the full Jacobian, {shape}.\n\n{mode}");
    Some(code! {
        #[doc = #both]
        #[inline]
        #vis fn #name_value_and_jacobian #generics (#declared) -> (#output, #ty) #clause {
            #body
        }

        #[doc = #full]
        #[inline]
        #vis fn #name_jacobian #generics (#declared) -> #ty #clause {
            #own_value_and_jacobian(#passed).1
        }
    })
}

/// Whether the arguments can be passed a second time: where a function turns out to have no vector program,
/// it is run again without.
fn runs_again(signature: &Signature) -> bool {
    signature.params.iter().all(|param| match param.mode {
        Mode::Reference => true,
        Mode::Value => param.ty.is_copy() || matches!(param.ty, Ty::Inactive),
        Mode::Mutable => false,
    })
}

/// The type, and the code by reverse mode: a matrix where all parameters are numbers of one type,
/// else a block per parameter.
fn by_rows(companion: &Companion<'_>, rows: &Rows<'_>) -> (TokenStream, Option<TokenStream>) {
    let active: Vec<&Ty> = companion
        .signature
        .active()
        .map(|param| &param.ty)
        .collect();
    let scalars: Vec<&Scalar> = active
        .iter()
        .filter_map(|ty| match ty {
            Ty::Scalar(scalar) => Some(scalar),
            _ => None,
        })
        .collect();
    let joined = active.len() > 1
        && scalars.len() == active.len()
        && scalars.iter().all(|scalar| *scalar == scalars[0]);
    let count = rows.count().filter(|_| joined);
    let abreast = runs_again(companion.signature)
        .then(|| abreast::sweeps(companion, rows, count.is_some()))
        .flatten();
    let (ty, row_by_row) = match count {
        Some(count) => {
            let (element, width) = (scalars[0].to_type(), active.len());
            let rows = reverse::joined_rows(companion, rows, &count);
            (code!([[#element; #width]; #count]), rows)
        }
        None => (
            reverse::block_types(companion, rows),
            reverse::blocks(companion, rows),
        ),
    };
    (ty, Some(code!(#abreast #row_by_row)))
}
