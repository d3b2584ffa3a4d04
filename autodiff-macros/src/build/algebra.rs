//! The algebra of derived expressions: how a person would write a sum, a quotient or a recurrence.

use proc_macro2::Span;

use super::Builder;
use crate::ids::IdMap;
use crate::ir::ValueId;
use crate::rules::Primitive;

impl Builder {
    /// What `id` is a multiple of `base` by, if it is one: `base · (p + q)` instead of
    /// `base · p + base · q` leaves one multiplication between two values of a recurrence.
    pub fn coefficient(&self, id: ValueId, base: ValueId, span: Span) -> Option<ValueId> {
        let one = self.constant(1.0, self.ty(base), span);
        let mut multiple = Multiple {
            build: self,
            span,
            known: [(base, Part::Multiple(one))].into_iter().collect(),
        };
        match multiple.part(id) {
            Part::Multiple(factor) => Some(factor),
            Part::Free | Part::Other => None,
        }
    }

    /// `a + b` as a person writes it: what is negated is subtracted, and twice the same product is
    /// the double of one. The former is exact, the latter better.
    pub fn add(&self, a: ValueId, b: ValueId, span: Span) -> ValueId {
        match (self.negated(a, span), self.negated(b, span)) {
            (Some(a), Some(b)) => {
                let sum = self.add(a, b, span);
                self.apply(Primitive::Neg, &[sum], span)
            }
            (None, Some(b)) => self.apply(Primitive::Sub, &[a, b], span),
            (Some(a), None) => self.apply(Primitive::Sub, &[b, a], span),
            (None, None) if self.is_same_product(a, b) => {
                let numbered = [a, b].into_iter().find_map(|id| self.split_number(id));
                let (number, rest) = numbered.unwrap_or((1.0, a));
                let double = self.constant(2.0 * number, self.ty(a), span);
                self.apply(Primitive::Mul, &[double, rest], span)
            }
            (None, None) => self.apply(Primitive::Add, &[a, b], span),
        }
    }

    /// The number that a product begins or ends with, and its other factor: twice the product costs no
    /// multiplication more.
    fn split_number(&self, id: ValueId) -> Option<(f64, ValueId)> {
        match self.state.borrow().factors.get(&id)? {
            (Primitive::Mul, args) => {
                let number = |k: usize| self.number(args[k]).map(|number| (number, args[1 - k]));
                number(0).or_else(|| number(1))
            }
            _ => None,
        }
    }

    /// What the value is the negative of, if it is written so, or as a product of such. What has a
    /// name is looked at as it is.
    fn negated(&self, id: ValueId, span: Span) -> Option<ValueId> {
        if self.name_of(id).is_some() {
            return None;
        }
        let (primitive, args) = self.state.borrow().factors.get(&id).cloned()?;
        match args[..] {
            [x] if primitive == Primitive::Neg => Some(x),
            [x, y] => {
                let factors = match (self.negated(x, span), self.negated(y, span)) {
                    (Some(x), None) => [x, y],
                    (None, Some(y)) => [x, y],
                    _ => return None,
                };
                Some(self.apply(Primitive::Mul, &factors, span))
            }
            _ => None,
        }
    }

    fn is_same_product(&self, a: ValueId, b: ValueId) -> bool {
        const DEPTH: usize = 4;
        let is_product = |id: ValueId| self.state.borrow().factors.contains_key(&id);
        let factors = |id: ValueId| {
            let (mut numbers, mut others) = (1.0, Vec::new());
            self.gather_factors(id, DEPTH, &mut numbers, &mut others);
            others.sort_unstable();
            (numbers, others)
        };
        is_product(a) && is_product(b) && factors(a) == factors(b)
    }

    fn gather_factors(
        &self,
        id: ValueId,
        depth: usize,
        numbers: &mut f64,
        others: &mut Vec<ValueId>,
    ) {
        if let Some(number) = self.number(id) {
            *numbers *= number;
            return;
        }
        let product = self.state.borrow().factors.get(&id).cloned();
        match product {
            Some((Primitive::Mul, args)) if depth > 0 => {
                for arg in args {
                    self.gather_factors(arg, depth - 1, numbers, others);
                }
            }
            _ => others.push(id),
        }
    }

    /// `(u·x) / x` as `u`, through products and negatives of values that are computed anyway.
    ///
    /// Not exact in floating point but better: it spares two roundings, and is finite where `x` is
    /// zero or infinite. Only derivatives are simplified so.
    pub(super) fn cancel(
        &self,
        dividend: ValueId,
        divisor: ValueId,
        span: Span,
        depth: usize,
    ) -> Option<ValueId> {
        let (primitive, args) = self
            .state
            .borrow()
            .factors
            .get(&dividend)
            .cloned()
            .filter(|_| depth > 0)?;
        if primitive == Primitive::Neg {
            let rest = self.cancel(args[0], divisor, span, depth - 1)?;
            return Some(self.apply(Primitive::Neg, &[rest], span));
        }
        match args[..] {
            [a, b] if b == divisor => Some(a),
            [a, b] if a == divisor => Some(b),
            [a, b] => {
                if let Some(rest) = self.cancel(a, divisor, span, depth - 1) {
                    return Some(self.apply(Primitive::Mul, &[rest, b], span));
                }
                let rest = self.cancel(b, divisor, span, depth - 1)?;
                Some(self.apply(Primitive::Mul, &[a, rest], span))
            }
            _ => None,
        }
    }

    /// `id` as a factor in a derivative: where a logarithm enters it that overflows the way it is
    /// written, computed once more from the stable form. What it is multiplied by may well vanish
    /// faster than the logarithm grows, as in `p·ln(p)`.
    pub(super) fn factor(&self, id: ValueId, span: Span, depth: usize) -> ValueId {
        let view = self.state.borrow().logarithms.get(&id).cloned();
        if let Some(view) = view {
            return self.apply(view.function, &view.args, span);
        }
        let Some(of) = self
            .state
            .borrow()
            .arithmetic
            .get(&id)
            .cloned()
            .filter(|_| depth > 0)
        else {
            return id;
        };
        let factor = |&arg: &ValueId| self.factor(arg, span, depth - 1);
        let args: Vec<ValueId> = of.args.iter().map(factor).collect();
        if args == of.args {
            id
        } else {
            self.apply(of.function, &args, span)
        }
    }
}

/// What a value has to do with the one that it is to be a multiple of.
#[derive(Clone, Copy)]
enum Part {
    /// It does not depend on it.
    Free,
    /// It is so many times that.
    Multiple(ValueId),
    Other,
}

struct Multiple<'b> {
    build: &'b Builder,
    span: Span,
    /// Of values that are used twice, each is looked at once.
    known: IdMap<Part>,
}

impl Multiple<'_> {
    fn part(&mut self, id: ValueId) -> Part {
        if let Some(&known) = self.known.get(&id) {
            return known;
        }
        let applied = self.build.state.borrow().applied.get(&id).cloned();
        let part = match applied {
            Some((primitive, args)) => {
                let parts: Vec<Part> = args.iter().map(|&arg| self.part(arg)).collect();
                self.of(primitive, &args, &parts)
            }
            None => Part::Free,
        };
        self.known.insert(id, part);
        part
    }

    fn of(&self, primitive: Primitive, args: &[ValueId], parts: &[Part]) -> Part {
        let apply = |args: &[ValueId]| Part::Multiple(self.build.apply(primitive, args, self.span));
        match (primitive, parts) {
            _ if parts.iter().all(|part| matches!(part, Part::Free)) => Part::Free,
            (Primitive::Neg, &[Part::Multiple(x)]) => apply(&[x]),
            (Primitive::Add | Primitive::Sub, &[Part::Multiple(x), Part::Multiple(y)]) => {
                apply(&[x, y])
            }
            (Primitive::Mul, &[Part::Free, Part::Multiple(y)]) => apply(&[args[0], y]),
            (Primitive::Mul | Primitive::Div, &[Part::Multiple(x), Part::Free]) => {
                apply(&[x, args[1]])
            }
            _ => Part::Other,
        }
    }
}
