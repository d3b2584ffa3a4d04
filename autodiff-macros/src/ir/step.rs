//! Paths into aggregates.

use proc_macro2::Ident;
use syn::Member;

/// One step of a path into an aggregate.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Field(Member),
    /// An index known to the macro.
    At(usize),
    /// An index computed at run time: the next argument of the statement.
    Index,
    /// A sub-slice `[from..to]`, whose given bounds are the next arguments.
    Slice {
        from: bool,
        to: bool,
        inclusive: bool,
    },
    /// An element of an array of `ndarray`, `[i]` or `[[i, j]]`: as many indices, which are the next
    /// arguments.
    Element(usize),
    /// A view of such an array, by one of its methods: `row(i)`. The method's arguments are the next
    /// ones.
    View(View),
}

/// A method that views an array.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub method: Ident,
    /// How many arguments it takes.
    pub arity: usize,
}

impl Step {
    /// Whether it is one into an array of `ndarray`.
    pub fn is_of_tensor(&self) -> bool {
        matches!(self, Step::Element(_) | Step::View(_))
    }

    /// How many of the statement's arguments the step takes.
    pub fn arity(&self) -> usize {
        match self {
            Step::Field(_) | Step::At(_) => 0,
            Step::Index => 1,
            Step::Slice { from, to, .. } => usize::from(*from) + usize::from(*to),
            Step::Element(indices) => *indices,
            Step::View(view) => view.arity,
        }
    }
}

/// How many arguments the steps of a path take.
pub fn indices(path: &[Step]) -> usize {
    path.iter().map(Step::arity).sum()
}
