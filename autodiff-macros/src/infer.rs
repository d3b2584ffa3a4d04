//! Unification of types: what the macro learns of locals and call results from how they are used.

use crate::ty::{Scalar, Tensor, Ty, TyVar};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    /// Used as an operand of arithmetic or a receiver of a float method.
    Scalar,
    /// An integer literal that may turn out to be an index or exponent.
    Integer,
}

/// Two types that cannot be the same.
pub struct Mismatch(pub Ty, pub Ty);

/// The unification table of one function.
#[derive(Default)]
pub struct Infer {
    bindings: Vec<(Option<Ty>, Option<Kind>)>,
}

impl Infer {
    fn new_var(&mut self, kind: Kind) -> Ty {
        self.bindings.push((None, Some(kind)));
        Ty::Var(TyVar(self.bindings.len() as u32 - 1))
    }

    pub fn fresh(&mut self) -> Ty {
        self.new_var(Kind::Unknown)
    }

    pub fn fresh_scalar(&mut self) -> Ty {
        self.new_var(Kind::Scalar)
    }

    pub fn fresh_integer(&mut self) -> Ty {
        self.new_var(Kind::Integer)
    }

    /// The type with every solved variable replaced.
    pub fn resolve(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Var(var) => match &self.bindings[var.0 as usize].0 {
                Some(bound) => self.resolve(bound),
                None => ty.clone(),
            },
            Ty::Array(element, length) => {
                Ty::Array(Box::new(self.resolve(element)), length.clone())
            }
            Ty::Sequence(element, kind) => Ty::Sequence(Box::new(self.resolve(element)), *kind),
            Ty::Tuple(elements) => Ty::Tuple(elements.iter().map(|ty| self.resolve(ty)).collect()),
            Ty::Tensor(tensor) => Ty::Tensor(Tensor {
                element: Box::new(self.resolve(&tensor.element)),
                ..tensor.clone()
            }),
            Ty::Scalar(_) | Ty::Inactive | Ty::Named(_) => ty.clone(),
        }
    }

    fn kind(&self, var: TyVar) -> Kind {
        self.bindings[var.0 as usize].1.unwrap_or(Kind::Unknown)
    }

    fn bind(&mut self, var: TyVar, ty: Ty) {
        self.bindings[var.0 as usize].0 = Some(ty);
    }

    /// Whether the type surely holds no floats. (No integer literal turns into a float.)
    pub fn is_inactive(&self, ty: &Ty) -> bool {
        match self.resolve(ty) {
            Ty::Var(var) => self.kind(var) == Kind::Integer,
            Ty::Array(element, _) | Ty::Sequence(element, _) => self.is_inactive(&element),
            Ty::Tuple(elements) => elements.iter().all(|ty| self.is_inactive(ty)),
            Ty::Tensor(tensor) => self.is_inactive(&tensor.element),
            other => other.is_inactive(),
        }
    }

    /// Whether the type is a number's.
    pub fn is_number(&self, ty: &Ty) -> bool {
        match self.resolve(ty) {
            Ty::Var(var) => self.kind(var) != Kind::Unknown,
            other => other.is_scalar(),
        }
    }

    /// Records that `ty` takes part in arithmetic.
    pub fn require_scalar(&mut self, ty: &Ty) {
        if let Ty::Var(var) = self.resolve(ty)
            && self.kind(var) == Kind::Unknown
        {
            self.bindings[var.0 as usize].1 = Some(Kind::Scalar);
        }
    }

    /// Makes the two types equal. A named type may be an alias: it is compatible with everything,
    /// and rustc has the last word on it.
    pub fn unify(&mut self, a: &Ty, b: &Ty) -> Result<(), Mismatch> {
        let (a, b) = (self.resolve(a), self.resolve(b));
        match (&a, &b) {
            (Ty::Var(x), Ty::Var(y)) if x == y => Ok(()),
            (Ty::Var(x), Ty::Var(y)) => {
                let kind = match (self.kind(*x), self.kind(*y)) {
                    (Kind::Unknown, kind) => kind,
                    (kind, Kind::Unknown) => kind,
                    // A float operand beside an integer literal does not compile in Rust.
                    (Kind::Scalar, _) | (_, Kind::Scalar) => Kind::Scalar,
                    (Kind::Integer, Kind::Integer) => Kind::Integer,
                };
                self.bindings[y.0 as usize].1 = Some(kind);
                self.bind(*x, b);
                Ok(())
            }
            (Ty::Var(var), other) | (other, Ty::Var(var)) => {
                self.bind(*var, other.clone());
                Ok(())
            }
            (Ty::Named(_), _) | (_, Ty::Named(_)) => Ok(()),
            (Ty::Scalar(x), Ty::Scalar(y)) if x == y => Ok(()),
            (Ty::Inactive, other) | (other, Ty::Inactive) if self.is_inactive(other) => Ok(()),
            (Ty::Array(x, _), Ty::Array(y, _))
            | (Ty::Array(x, _) | Ty::Sequence(x, _), Ty::Sequence(y, _))
            | (Ty::Sequence(x, _), Ty::Array(y, _)) => self.unify(x, y),
            (Ty::Tensor(x), Ty::Tensor(y)) => self.unify(&x.element, &y.element),
            (Ty::Tuple(xs), Ty::Tuple(ys)) if xs.len() == ys.len() => {
                xs.iter().zip(ys).try_for_each(|(x, y)| self.unify(x, y))
            }
            _ => Err(Mismatch(a, b)),
        }
    }

    /// The final type: unsolved scalars become `default`, unsolved integers are inactive, and what
    /// is left is rustc's to infer.
    pub fn finish(&self, ty: &Ty, default: &Scalar) -> Ty {
        match self.resolve(ty) {
            Ty::Var(var) => match self.kind(var) {
                Kind::Scalar => Ty::Scalar(default.clone()),
                Kind::Integer => Ty::Inactive,
                Kind::Unknown => Ty::Var(var),
            },
            Ty::Array(element, length) => {
                Ty::Array(Box::new(self.finish(&element, default)), length)
            }
            Ty::Sequence(element, kind) => {
                Ty::Sequence(Box::new(self.finish(&element, default)), kind)
            }
            Ty::Tuple(elements) => {
                Ty::Tuple(elements.iter().map(|ty| self.finish(ty, default)).collect())
            }
            Ty::Tensor(tensor) => Ty::Tensor(Tensor {
                element: Box::new(self.finish(&tensor.element, default)),
                ..tensor
            }),
            other => other,
        }
    }
}
