//! Types as far as the macro can see them: enough to know what is a scalar, what has elements, and
//! what can only be handled through the runtime's traits.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, GenericArgument, PathArguments, Type, TypeTraitObject};

/// Takes the `+` away that may end a list of bounds, as in `x: f64 +`: in our code something follows.
pub struct NoTrailingPlus;

impl VisitMut for NoTrailingPlus {
    fn visit_type_trait_object_mut(&mut self, object: &mut TypeTraitObject) {
        visit_mut::visit_type_trait_object_mut(self, object);
        object.bounds.pop_punct();
    }
}

/// A scalar type the macro can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    F32,
    F64,
    /// A type parameter bounded by `Real`.
    Param(Ident),
    /// A named type that takes part in arithmetic: an alias, which rustc is asked to confirm.
    Alias(Box<Type>),
    /// A scalar of a type that only rustc knows (a field, the result of a call).
    Unseen,
}

impl Scalar {
    pub fn to_type(&self) -> Type {
        match self {
            Scalar::F32 => syn::parse_quote!(f32),
            Scalar::F64 => syn::parse_quote!(f64),
            Scalar::Param(ident) => syn::parse_quote!(#ident),
            Scalar::Alias(ty) => (**ty).clone(),
            Scalar::Unseen => syn::parse_quote!(_),
        }
    }
}

/// The type of an IR value.
#[derive(Clone, Debug)]
pub enum Ty {
    Scalar(Scalar),
    /// Integers, `bool`, `char`, strings, ranges: never active.
    Inactive,
    Array(Box<Ty>, Box<Expr>),
    /// `[T]` behind a reference, and `Vec<T>`.
    Sequence(Box<Ty>, Sequence),
    Tuple(Vec<Ty>),
    /// An array or view of `ndarray`.
    Tensor(Tensor),
    /// A type the macro knows only by name: active, reached through `Differentiable`.
    Named(Box<Type>),
    /// Not yet known, resolved by unification; what stays unknown is left to rustc's inference.
    Var(TyVar),
}

/// What the macro knows of an array of `ndarray`.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// The type of its numbers.
    pub element: Box<Ty>,
    /// How many axes it has, if that can be seen.
    pub rank: Option<usize>,
    /// The type as the user wrote it; none of results, whose types rustc infers.
    pub written: Option<Box<Type>>,
}

impl Tensor {
    pub fn new(element: Ty, rank: Option<usize>) -> Tensor {
        Tensor {
            element: Box::new(element),
            rank,
            written: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    Slice,
    Vec,
    /// Of at most one element, see `late.rs`.
    Late,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TyVar(pub u32);

impl Ty {
    pub fn f64() -> Ty {
        Ty::Scalar(Scalar::F64)
    }

    /// Whether values of this type have no adjoint whatever they depend on.
    pub fn is_inactive(&self) -> bool {
        match self {
            Ty::Inactive => true,
            Ty::Array(element, _) | Ty::Sequence(element, _) => element.is_inactive(),
            Ty::Tuple(elements) => elements.iter().all(Ty::is_inactive),
            Ty::Tensor(tensor) => tensor.element.is_inactive(),
            Ty::Scalar(_) | Ty::Named(_) | Ty::Var(_) => false,
        }
    }

    /// Whether something in it has no adjoint.
    pub fn has_inactive_part(&self) -> bool {
        match self {
            Ty::Inactive => true,
            Ty::Array(element, _) | Ty::Sequence(element, _) => element.has_inactive_part(),
            Ty::Tuple(elements) => elements.iter().any(Ty::has_inactive_part),
            Ty::Scalar(_) | Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => false,
        }
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self, Ty::Scalar(_))
    }

    /// Whether passing such a value by value surely leaves the original usable.
    pub fn is_copy(&self) -> bool {
        match self {
            Ty::Scalar(_) => true,
            Ty::Array(element, _) => element.is_copy(),
            Ty::Tuple(elements) => elements.iter().all(Ty::is_copy),
            Ty::Inactive | Ty::Sequence(..) | Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => false,
        }
    }

    /// Whether all values of the type surely have the same shape.
    pub fn has_fixed_shape(&self) -> bool {
        match self {
            Ty::Scalar(_) | Ty::Inactive => true,
            Ty::Array(element, _) => element.has_fixed_shape(),
            Ty::Tuple(elements) => elements.iter().all(Ty::has_fixed_shape),
            Ty::Sequence(..) | Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => false,
        }
    }

    /// The lengths of nested arrays of scalars, if all are literals; none for a scalar.
    pub fn literal_lengths(&self) -> Option<Vec<usize>> {
        match self {
            Ty::Scalar(_) => Some(Vec::new()),
            Ty::Array(element, length) => {
                let Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Int(length),
                    ..
                }) = &**length
                else {
                    return None;
                };
                let mut lengths = vec![length.base10_parse().ok()?];
                lengths.extend(element.literal_lengths()?);
                Some(lengths)
            }
            _ => None,
        }
    }

    /// The scalar the type is made of, if it is made of one known kind.
    pub fn leaf(&self) -> Option<&Scalar> {
        match self {
            Ty::Scalar(scalar) => Some(scalar),
            Ty::Array(element, _) | Ty::Sequence(element, _) => element.leaf(),
            Ty::Tuple(elements) => elements.iter().find_map(Ty::leaf),
            Ty::Tensor(tensor) => tensor.element.leaf(),
            Ty::Inactive | Ty::Named(_) | Ty::Var(_) => None,
        }
    }
}

/// The named types among `types` that must be aliases of scalars, as text.
pub type Aliases = BTreeSet<String>;

impl Ty {
    /// The text of a named type.
    pub fn named_text(&self) -> Option<String> {
        match self {
            Ty::Named(ty) => Some(ty.to_token_stream().to_string()),
            _ => None,
        }
    }

    /// Turns the named types in `aliases` into scalars.
    pub fn with_aliases(&self, aliases: &Aliases) -> Ty {
        let inner = |ty: &Ty| Box::new(ty.with_aliases(aliases));
        match self {
            Ty::Named(ty) if aliases.contains(&ty.to_token_stream().to_string()) => {
                Ty::Scalar(Scalar::Alias(ty.clone()))
            }
            Ty::Array(element, length) => Ty::Array(inner(element), length.clone()),
            Ty::Sequence(element, kind) => Ty::Sequence(inner(element), *kind),
            Ty::Tuple(elements) => Ty::Tuple(elements.iter().map(|ty| *inner(ty)).collect()),
            Ty::Tensor(tensor) => Ty::Tensor(Tensor {
                element: inner(&tensor.element),
                ..tensor.clone()
            }),
            Ty::Named(_) | Ty::Scalar(_) | Ty::Inactive | Ty::Var(_) => self.clone(),
        }
    }
}

/// A type as written, and how many `&` stand before it.
pub struct Written {
    pub ty: Ty,
    pub references: usize,
}

/// Reads a written type. `reals` are the function's type parameters bounded by `Real`.
pub fn read(ty: &Type, reals: &[Ident], fresh: &mut dyn FnMut() -> Ty) -> Written {
    match ty {
        Type::Paren(inner) => read(&inner.elem, reals, fresh),
        Type::Group(inner) => read(&inner.elem, reals, fresh),
        Type::Reference(reference) => {
            let Written { ty, references } = read(&reference.elem, reals, fresh);
            Written {
                ty,
                references: references + 1,
            }
        }
        _ => Written {
            ty: read_value(ty, reals, fresh),
            references: 0,
        },
    }
}

fn read_value(ty: &Type, reals: &[Ident], fresh: &mut dyn FnMut() -> Ty) -> Ty {
    let mut inner = |ty: &Type| read(ty, reals, fresh).ty;
    match ty {
        Type::Array(array) => Ty::Array(Box::new(inner(&array.elem)), Box::new(array.len.clone())),
        Type::Slice(slice) => Ty::Sequence(Box::new(inner(&slice.elem)), Sequence::Slice),
        Type::Tuple(tuple) if tuple.elems.is_empty() => Ty::Inactive,
        Type::Tuple(tuple) => Ty::Tuple(tuple.elems.iter().map(inner).collect()),
        Type::Infer(_) => fresh(),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last().expect("a path has a segment");
            if path.path.segments.len() == 1 && last.arguments.is_none() {
                if let Some(scalar) = scalar_named(&last.ident, reals) {
                    return Ty::Scalar(scalar);
                }
                if is_inactive_name(&last.ident) {
                    return Ty::Inactive;
                }
            }
            if last.ident == "Vec"
                && let PathArguments::AngleBracketed(arguments) = &last.arguments
                && let [GenericArgument::Type(element)] =
                    &arguments.args.iter().collect::<Vec<_>>()[..]
            {
                return Ty::Sequence(Box::new(inner(element)), Sequence::Vec);
            }
            if let Some(tensor) = tensor(ty, last, &mut inner) {
                return match tensor.element.is_inactive() {
                    true => Ty::Inactive,
                    false => Ty::Tensor(tensor),
                };
            }
            if matches!(
                last.ident.to_string().as_str(),
                "Range" | "RangeInclusive" | "String"
            ) {
                return Ty::Inactive;
            }
            Ty::Named(Box::new(ty.clone()))
        }
        _ => Ty::Named(Box::new(ty.clone())),
    }
}

/// Whether the type is an array of `ndarray` that may borrow its numbers.
pub fn is_borrowing_array(segment: &syn::PathSegment) -> bool {
    let name = segment.ident.to_string();
    ["ArrayView", "CowArray"]
        .iter()
        .any(|own| name.starts_with(own))
}

/// Whether the type is a view of `ndarray` whose lifetime is left out.
pub fn hides_lifetime(segment: &syn::PathSegment) -> bool {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return false;
    };
    let mut given = arguments.args.iter();
    is_borrowing_array(segment)
        && !given.any(|argument| matches!(argument, GenericArgument::Lifetime(_)))
}

/// An array or view of `ndarray`, by its name: `Array2<f64>`, `ArrayView<'_, f64, Ix1>`.
fn tensor(ty: &Type, last: &syn::PathSegment, read: &mut dyn FnMut(&Type) -> Ty) -> Option<Tensor> {
    const STORAGES: [&str; 6] = [
        "ArrayViewMut",
        "ArrayView",
        "ArrayRef",
        "ArcArray",
        "CowArray",
        "Array",
    ];
    let name = last.ident.to_string();
    let kind = STORAGES.iter().find_map(|own| name.strip_prefix(own))?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let element = read(types.next()?);
    let rank = match (kind, types.next()) {
        ("D", None) => None,
        ("", Some(dimension)) => match dimension {
            Type::Path(path) => {
                let name = path.path.segments.last()?.ident.to_string();
                name.strip_prefix("Ix")
                    .and_then(|digits| digits.parse().ok())
            }
            _ => None,
        },
        (digits, None) => Some(digits.parse().ok()?),
        _ => return None,
    };
    let is_number = matches!(element, Ty::Scalar(_) | Ty::Inactive | Ty::Var(_));
    is_number.then(|| Tensor {
        element: Box::new(element),
        rank,
        written: Some(Box::new(ty.clone())),
    })
}

fn scalar_named(ident: &Ident, reals: &[Ident]) -> Option<Scalar> {
    match ident.to_string().as_str() {
        "f64" => Some(Scalar::F64),
        "f32" => Some(Scalar::F32),
        _ => reals.contains(ident).then(|| Scalar::Param(ident.clone())),
    }
}

fn is_inactive_name(ident: &Ident) -> bool {
    let name = ident.to_string();
    is_integer(&name) || matches!(name.as_str(), "bool" | "char" | "str")
}

/// Whether `name` is one of Rust's integer types.
pub fn is_integer(name: &str) -> bool {
    const INTEGERS: [&str; 12] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    ];
    INTEGERS.contains(&name)
}
