//! The macros of `autodiff-runtime`, which re-exports them; depend on that crate instead.

/// `quote!` for wrapper code: its own local names cannot meet the user's.
macro_rules! code {
    ($($tokens:tt)*) => { quote::quote_spanned!(proc_macro2::Span::mixed_site()=> $($tokens)*) };
}

mod activity;
mod block;
mod build;
mod carry;
mod checkpoint;
mod codegen;
mod companion;
mod cse;
mod dce;
mod dependence;
mod derive;
mod diagnostics;
mod expand;
mod explain;
mod fuse;
mod give_back;
mod graph;
mod hoist;
mod ids;
mod ignored;
mod infer;
mod ir;
mod iteration;
mod jacobian;
mod keep;
mod late;
mod lower;
mod meet;
mod memory;
mod nesting;
mod options;
mod reach;
mod reverse;
mod rules;
mod schedule;
mod signature;
mod simplify;
mod stabilise;
mod tangent;
#[cfg(test)]
mod tests;
mod ty;
mod unread;
mod vector;
mod verify;
mod work;

/// Differentiates a function at compile time.
///
/// The function stays as written; beside it the attribute declares a type of the same name whose
/// associated functions are its derivatives: `value_and_grad`, `grad`, `grad_into`, `pullback`,
/// `vjp`, `jvp`, `jacobian`, `trace`, and the constants `GRAPH` and `GENERATED`.
///
/// Options: `wrt(a, b)` names the parameters to differentiate by, as does `#[constant]` on the
/// others; `stable` computes the value by the stable forms that the derivative always uses;
/// `pullback = path, jvp = path` give hand-written rules; `name = ident` renames the companion;
/// `crate = path` names the runtime where it goes by another path.
///
/// On an `impl` block (not of a trait) it works on all functions in it: `fn energy(&self, x: f64)` gets
/// the methods `energy_value_and_grad`, `energy_grad` and so on, in which `self` comes first, and the
/// constants `ENERGY_GRAPH` and `ENERGY_GENERATED`. Functions with nothing to differentiate have none,
/// and `#[constant]` leaves a function out; options stand in an attribute on the function.
///
/// ```
/// use autodiff_runtime::prelude::*;
///
/// #[differentiable]
/// fn loss(x: f64) -> f64 {
///     let a = x.powi(2);
///     let b = 5.0 * a;
///     let c = a.ln();
///     let g = b * c;
///     -g
/// }
///
/// let (value, slope) = loss::value_and_grad(2.0);
/// assert_eq!(value, loss(2.0));
/// assert!((slope - -47.725_887).abs() < 1e-6);
/// ```
#[proc_macro_attribute]
pub fn differentiable(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    expand::expand(args.into(), item.into()).into()
}

/// Gives a struct a gradient: derives `Differentiable` and `Leaves` for it.
///
/// Beside `struct S` it declares `struct SGradient`, with the same visibility and the same fields,
/// each with the type of its gradient. It implements `Clone`, `Debug`, `PartialEq`,
/// `Differentiable`, `Leaves` and `Gradient`, and is reachable as `<S as Differentiable>::Gradient`.
///
/// Fields without floats are left out: those whose type is an integer, `bool`, `char`, a string,
/// `PhantomData` or an index range (or an array, vector, tuple or reference of these), and those
/// marked `#[constant]`. In a tuple struct a left-out field keeps its place as a `()`, so that `.1`
/// is the same field in both. Generic parameters that no remaining field mentions are left out
/// too; type parameters of the remaining fields must be `Differentiable`. Borrowed floats have an
/// owned gradient: `&'a [f64]` gives `Vec<f64>`.
///
/// `#[differentiable(crate = path)]` on the struct names the runtime where the crate
/// `autodiff_runtime` goes by another path.
///
/// The trait `Differentiable` has an example.
#[proc_macro_derive(Differentiable, attributes(constant, differentiable))]
pub fn derive_differentiable(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::expand(input.into()).into()
}
