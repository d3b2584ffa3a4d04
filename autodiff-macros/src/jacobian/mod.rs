//! `jacobian` and `value_and_jacobian`, for results made of several numbers.
//!
//! Forward mode has the columns, reverse mode the rows. Which is cheaper is a question of their
//! numbers, asked where the code is compiled: arrays may have generic lengths.

mod forward;
mod reverse;
mod shape;

use proc_macro2::TokenStream;

use crate::companion::{Companion, Frame, Items};
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
             that reverse mode, row by row, is cheaper."
        }
        None => "By reverse mode, row by row.",
    };
    let full = format!("The full Jacobian, {shape}.\n\n{mode}");
    let both = format!("The value and the full Jacobian, {shape}.\n\n{mode}");
    Some(code! {
        #[doc = #both]
        #vis fn #name_value_and_jacobian #generics (#declared) -> (#output, #ty) #clause {
            #body
        }

        #[doc = #full]
        #vis fn #name_jacobian #generics (#declared) -> #ty #clause {
            #own_value_and_jacobian(#passed).1
        }
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
    match rows.count().filter(|_| joined) {
        Some(count) => {
            let element = scalars[0].to_type();
            let (width, rows) = (active.len(), reverse::joined_rows(companion, rows, &count));
            (code!([[#element; #width]; #count]), Some(rows))
        }
        None => (
            reverse::block_types(companion, rows),
            Some(reverse::blocks(companion, rows)),
        ),
    }
}
