//! Jacobians by forward mode: many columns in one sweep by the vector program, and column by column
//! where a function, or one that it calls, has no such program.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::runs_again;
use super::shape::{Rows, count, is_made_of, length_code, literal};
use crate::codegen::types;
use crate::companion::Companion;
use crate::ir::Mode;
use crate::ty::{Scalar, Ty};

/// The most columns that one sweep carries: each takes its place on the stack in every tangent.
const WIDEST: usize = 32;

/// Columns per sweep where their number is a constant whose value the macro does not see.
const USUAL: usize = 8;

/// A lane's tangents take less than its adjoints: so many columns for the price of so many rows, where
/// these go side by side, too; and where each row is a reverse pass of its own.
const BOTH_SIDE_BY_SIDE: (usize, usize) = (3, 2);
const ROW_BY_ROW: (usize, usize) = (2, 1);

/// The columns, where they are plain numbers.
enum Columns<'a> {
    /// One array parameter.
    Array { length: &'a syn::Expr, mode: Mode },
    /// Scalars only.
    Scalars { count: usize },
}

/// A Jacobian by forward mode.
pub struct Forward<'a> {
    companion: &'a Companion<'a>,
    columns: Columns<'a>,
    scalar: &'a Scalar,
    /// The result, with a tuple of numbers as an array.
    shape: Ty,
}

impl<'a> Forward<'a> {
    pub fn of(companion: &'a Companion<'a>, rows: Option<&Rows<'_>>) -> Option<Forward<'a>> {
        let signature = companion.signature;
        let active: Vec<_> = signature.active().collect();
        let (columns, scalar) = match active[..] {
            [single] => match (&single.ty, single.mode) {
                (Ty::Array(element, length), mode @ (Mode::Value | Mode::Reference)) => {
                    match &**element {
                        Ty::Scalar(scalar) => (Columns::Array { length, mode }, scalar),
                        _ => return None,
                    }
                }
                (Ty::Scalar(scalar), Mode::Value) => (Columns::Scalars { count: 1 }, scalar),
                _ => return None,
            },
            _ => {
                // Several parameters have a matrix where the number of rows is known, else blocks.
                rows?.count()?;
                let scalars = active.iter().map(|param| match (&param.ty, param.mode) {
                    (Ty::Scalar(scalar), Mode::Value) => Some(scalar),
                    _ => None,
                });
                let scalars: Vec<&Scalar> = scalars.collect::<Option<_>>()?;
                let count = scalars.len();
                (Columns::Scalars { count }, *scalars.first()?)
            }
        };
        let of_one_kind = active.iter().all(|param| param.ty.leaf() == Some(scalar));
        let shape = match (rows, &signature.output_ty) {
            (Some(Rows::Tuple { scalars }), _) => {
                let count = syn::Index::from(scalars.len());
                let element = Box::new(Ty::Scalar(scalars.first().copied()?.clone()));
                Ty::Array(element, Box::new(syn::parse_quote!(#count)))
            }
            (_, ty) => ty.clone(),
        };
        let fits = of_one_kind && runs_again(signature) && is_made_of(&signature.output_ty, scalar);
        fits.then_some(Forward {
            companion,
            columns,
            scalar,
            shape,
        })
    }

    /// Whether one tangent is the whole Jacobian.
    pub fn has_one_column(&self) -> bool {
        matches!(self.columns, Columns::Scalars { count: 1 })
    }

    /// The only way for this result, of which reverse mode does not know the rows.
    pub fn alone(&self) -> TokenStream {
        let (sweeps, columns) = (self.sweeps(), self.by_columns());
        code!(#sweeps #columns)
    }

    /// Where it is cheaper than reverse mode: a condition of constants.
    pub fn where_cheaper(&self) -> TokenStream {
        let (columns_for, rows) = match self.companion.has_vector_reverse() {
            true => BOTH_SIDE_BY_SIDE,
            false => ROW_BY_ROW,
        };
        let (width, sweeps) = (self.width(), self.sweeps());
        let Some(height) = count(&self.shape) else {
            return sweeps;
        };
        let columns = self.by_columns();
        code! {
            let (width, height): (usize, usize) = (#width, #height);
            if #rows * width <= #columns_for * height {
                #sweeps
            }
            if width <= height {
                #columns
            }
        }
    }

    fn width(&self) -> TokenStream {
        match &self.columns {
            Columns::Array { length, .. } => length_code(length),
            Columns::Scalars { count } => code!(#count),
        }
    }

    /// How many columns one sweep carries, and whether those are all.
    fn lanes(&self) -> (usize, bool) {
        let count = match &self.columns {
            Columns::Array { length, .. } => literal(length),
            Columns::Scalars { count } => Some(*count),
        };
        match count {
            Some(count) if count <= WIDEST => (count, true),
            Some(count) => (count.div_ceil(count.div_ceil(WIDEST)), false),
            None => (USUAL, false),
        }
    }

    fn sweeps(&self) -> TokenStream {
        let (krate, passed) = (&self.companion.frame.krate, &self.companion.frame.passed);
        let (lanes, all) = self.lanes();
        if self.has_one_column() {
            return TokenStream::new();
        }
        let program = self.companion.own_vector_jvp(lanes);
        let tangents = self.seeds();
        let run = code!(#program(#passed #krate::__private::Width::<#lanes>, #tangents));
        let jacobian = self.joined(&code!(out_dot));
        if all {
            return code! {
                let column = 0usize;
                if let ::core::option::Option::Some((value, out_dot)) = #run {
                    return (value, #jacobian);
                }
            };
        }
        let step = code!({
            let ::core::option::Option::Some(swept) = #run else { break 'sweeps; };
            swept
        });
        let entries = |from: &TokenStream, to: &TokenStream| {
            code! {
                for lane in 0..::core::cmp::Ord::min(#lanes, width - column) {
                    #to[column + lane] = #from[lane];
                }
            }
        };
        let sweeps = self.gather(&step, lanes, &entries);
        code!('sweeps: { #sweeps })
    }

    fn by_columns(&self) -> TokenStream {
        let passed = &self.companion.frame.passed;
        let own_tangent = &self.companion.frame.items.own_tangent;
        let tangents = self
            .companion
            .signature
            .active()
            .enumerate()
            .map(|(k, _)| self.seed(k));
        let run = code!(#own_tangent(#passed #(#tangents),*));
        if self.has_one_column() {
            let jacobian = self.joined(&code!(out_dot));
            return code! {
                let column = 0usize;
                let (value, out_dot) = #run;
                return (value, #jacobian);
            };
        }
        let entries = |from: &TokenStream, to: &TokenStream| code!(#to[column] = #from;);
        self.gather(&run, 1, &entries)
    }

    /// Runs `step` for every `lanes` columns, and puts what it gives in its place by `entries`.
    fn gather(
        &self,
        step: &TokenStream,
        lanes: usize,
        entries: &dyn Fn(&TokenStream, &TokenStream) -> TokenStream,
    ) -> TokenStream {
        let width = self.width();
        let joined = self.joined(&code!(out_dot));
        let blank = self.blank(&self.shape, &code!(swept), 0);
        let fill = fill(&self.shape, &code!(swept), &code!(jacobian), 0, entries);
        code! {
            let (width, mut column): (usize, usize) = (#width, 0);
            let (value, out_dot) = #step;
            let mut swept = #joined;
            let mut jacobian = #blank;
            while column < width {
                #fill
                column += #lanes;
                if column < width {
                    let (_, out_dot) = #step;
                    swept = #joined;
                }
            }
            return (value, jacobian);
        }
    }

    /// Every tangent that the vector program takes, from `column` on; `()` for inactive parameters.
    fn seeds(&self) -> TokenStream {
        let krate = &self.companion.frame.krate;
        let mut position = 0usize..;
        let params = self.companion.signature.params.iter();
        let seeds = params.map(|param| match (&self.columns, param.active) {
            (_, false) => code!(()),
            (Columns::Array { mode, .. }, true) => {
                let reference = (*mode == Mode::Reference).then(|| code!(&));
                code!(#reference #krate::__private::unit_tangents(column))
            }
            (Columns::Scalars { .. }, true) => {
                let own = position.next();
                code!(#krate::__private::unit(column, #own))
            }
        });
        code!(#(#seeds),*)
    }

    /// The tangent of the active parameter `k` that picks `column`.
    fn seed(&self, k: usize) -> TokenStream {
        match &self.columns {
            Columns::Array { mode, .. } => {
                let reference = (*mode == Mode::Reference).then(|| code!(&));
                let entry = self.entry(&code!(own == column));
                code!(#reference ::core::array::from_fn(|own| #entry))
            }
            Columns::Scalars { .. } => self.entry(&code!(#k == column)),
        }
    }

    /// One where the condition holds, else zero.
    fn entry(&self, condition: &TokenStream) -> TokenStream {
        let zero = types::number(0.0, Some(self.scalar));
        let one = types::number(1.0, Some(self.scalar));
        code!(if #condition { #one } else { #zero })
    }

    /// A tangent of the result in the Jacobian's shape.
    fn joined(&self, out_dot: &TokenStream) -> TokenStream {
        match (&self.companion.signature.output_ty, &self.shape) {
            (Ty::Tuple(elements), Ty::Array(..)) => {
                let fields = (0..elements.len()).map(syn::Index::from);
                code!([#(#out_dot.#fields),*])
            }
            _ => out_dot.clone(),
        }
    }

    /// Zeros for every row of the result `like`.
    fn blank(&self, shape: &Ty, like: &TokenStream, depth: usize) -> TokenStream {
        let index = index(depth);
        match shape {
            Ty::Array(element, _) => {
                let element = self.blank(element, &code!(#like[#index]), depth + 1);
                code!(::core::array::from_fn(|#index| #element))
            }
            Ty::Sequence(element, _) => {
                let krate = &self.companion.frame.krate;
                let element = self.blank(element, &code!(#like[#index]), depth + 1);
                code! {
                    (0..#like.len()).map(|#index| #element).collect::<#krate::__private::Vec<_>>()
                }
            }
            Ty::Tuple(elements) => {
                let elements = elements.iter().enumerate().map(|(k, element)| {
                    let field = syn::Index::from(k);
                    self.blank(element, &code!(#like.#field), depth)
                });
                code!((#(#elements,)*))
            }
            _ => {
                let (zero, width) = (types::number(0.0, Some(self.scalar)), self.width());
                code!([#zero; #width])
            }
        }
    }
}

/// `entries` for every number of the result.
fn fill(
    shape: &Ty,
    from: &TokenStream,
    to: &TokenStream,
    depth: usize,
    entries: &dyn Fn(&TokenStream, &TokenStream) -> TokenStream,
) -> TokenStream {
    let index = index(depth);
    match shape {
        Ty::Array(element, _) | Ty::Sequence(element, _) => {
            let (from_element, to_element) = (code!(#from[#index]), code!(#to[#index]));
            let body = fill(element, &from_element, &to_element, depth + 1, entries);
            code!(for #index in 0..#from.len() { #body })
        }
        Ty::Tuple(elements) => {
            let parts = elements.iter().enumerate().map(|(k, element)| {
                let field = syn::Index::from(k);
                fill(
                    element,
                    &code!(#from.#field),
                    &code!(#to.#field),
                    depth,
                    entries,
                )
            });
            parts.collect()
        }
        _ => entries(from, to),
    }
}

fn index(depth: usize) -> Ident {
    format_ident!("i{depth}", span = Span::mixed_site())
}
