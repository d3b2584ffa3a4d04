//! Vector modes: several tangents, or several adjoints, side by side, so that a Jacobian evaluates
//! the function once for many columns or rows.
//!
//! The programs are those of `tangent.rs` and `reverse/`, statement by statement. What differs is how a
//! tangent or an adjoint is stored, an array in the place of every number, and hence how it is printed
//! (`codegen/lanes.rs`). Here is decided which values those are, and whether each operation on them
//! has such a form.

mod forward;
mod reverse;

pub use forward::tangents_side_by_side;
pub use reverse::adjoints_side_by_side;

use crate::ir::Step;
use crate::ty::Ty;

/// Whether the path leads through tuples and elements only, to what surely has lanes.
fn has_lanes_at(ty: &Ty, path: &[Step]) -> bool {
    let mut ty = Some(ty);
    for step in path {
        ty = match (step, ty) {
            (Step::Field(syn::Member::Unnamed(index)), Some(Ty::Tuple(elements))) => {
                elements.get(index.index as usize)
            }
            (Step::Field(_), _) => return false,
            (Step::Slice { .. }, ty) => ty,
            (_, Some(Ty::Array(element, _) | Ty::Sequence(element, _))) => Some(&**element),
            _ => None,
        };
    }
    true
}

/// Whether zero tangents of such a value need no word of rustc about its type.
fn has_zero(ty: &Ty) -> bool {
    match ty {
        Ty::Sequence(element, _) => element.is_copy(),
        ty => ty.is_copy(),
    }
}

/// Whether the macro sees all of the type.
fn is_known(ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(_) | Ty::Inactive => true,
        Ty::Array(element, _) | Ty::Sequence(element, _) => is_known(element),
        Ty::Tuple(elements) => elements.iter().all(is_known),
        Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => false,
    }
}
