//! Quotients that are ∞/∞ far out, or 0/0 at a point.

use super::{Append, Views};
use crate::ir::{Composite, ValueId};
use crate::rules::Primitive::*;

impl Views {
    pub fn stable_quotient(
        &self,
        a: ValueId,
        b: ValueId,
        append: &mut Append,
    ) -> Option<Composite> {
        if self.is_one(a) {
            return self.logistic_denominator(b, true);
        }
        self.odds(a, b, append)
            .or_else(|| self.softmax(a, b))
            .or_else(|| self.exponential(a, b, append))
            .or_else(|| self.tanh(a, b, append))
            .or_else(|| self.with_hole(a, b))
            .or_else(|| {
                let logistic = self.logistic_denominator(b, true)?;
                let gate = append.apply(logistic.function, &logistic.args);
                Composite::of(Mul, &[a, gate])
            })
    }

    /// `p/(1 − p)` and `(1 − p)/p` of a sigmoid are exponentials.
    fn odds(&self, a: ValueId, b: ValueId, append: &mut Append) -> Option<Composite> {
        if let Some(z) = self.arg_of(a, Sigmoid) {
            return (self.arg_of(b, OneMinusSigmoid)? == z).then(|| Composite::new(Exp, &[z]));
        }
        let z = self.arg_of(a, OneMinusSigmoid)?;
        (self.arg_of(b, Sigmoid)? == z).then(|| {
            let minus = append.apply(Neg, &[z]);
            Composite::new(Exp, &[minus])
        })
    }

    /// `exp(z)/(1 + exp(z))`, `exp(a)/(exp(a) + exp(b) + …)`.
    fn softmax(&self, a: ValueId, b: ValueId) -> Option<Composite> {
        let chosen = self.arg_of(a, Exp)?;
        if let Some(logistic) = self.logistic_denominator(b, false)
            && logistic.args == [chosen]
        {
            return Some(logistic);
        }
        let mut args = Vec::new();
        self.exponents(b, &mut args)?;
        let position = args.iter().position(|&exponent| exponent == chosen)?;
        args[..=position].rotate_right(1);
        (args.len() > 1).then(|| Composite::new(SoftmaxAt, &args))
    }

    /// `exp(a)/exp(b)`.
    fn exponential(&self, a: ValueId, b: ValueId, append: &mut Append) -> Option<Composite> {
        let (a, b) = (self.arg_of(a, Exp)?, self.arg_of(b, Exp)?);
        let difference = append.apply(Sub, &[a, b]);
        Composite::of(Exp, &[difference])
    }

    /// `(exp(a) − exp(b))/(exp(a) + exp(b))`, and the same with 1 for one of the exponentials.
    fn tanh(&self, a: ValueId, b: ValueId, append: &mut Append) -> Option<Composite> {
        let [p, q] = self.operands(b, Add)?;
        let twice = if let Some(w) = self.exp_minus_one(a) {
            let exponent = |e| self.arg_of(e, Exp) == Some(w);
            let fits = (exponent(p) && self.is_one(q)) || (self.is_one(p) && exponent(q));
            fits.then_some(w)?
        } else {
            let [x, y] = self.operands(a, Sub)?;
            if [x, y] != [p, q] && [x, y] != [q, p] {
                return None;
            }
            let y = self.arg_of(y, Exp)?;
            match self.arg_of(x, Exp) {
                Some(x) => append.apply(Sub, &[x, y]),
                None if self.is_one(x) => append.apply(Neg, &[y]),
                None => return None,
            }
        };
        Composite::of(TanhHalf, &[twice])
    }

    /// The `z` of `exp(z) − 1`.
    fn exp_minus_one(&self, id: ValueId) -> Option<ValueId> {
        if let Some(z) = self.arg_of(id, ExpM1) {
            return Some(z);
        }
        let [e, one] = self.operands(id, Sub)?;
        self.arg_of(e, Exp).filter(|_| self.is_one(one))
    }

    /// Quotients that are 0/0 at 0, where they have a limit.
    fn with_hole(&self, a: ValueId, b: ValueId) -> Option<Composite> {
        if self.arg_of(a, Sin) == Some(b) {
            return Composite::of(Sinc, &[b]);
        }
        if self.exp_minus_one(a) == Some(b) {
            return Composite::of(ExpRelative, &[b]);
        }
        if self.exp_minus_one(b) == Some(a) {
            return Composite::of(Bernoulli, &[a]);
        }
        let [one, f] = self.operands(a, Sub)?;
        if !self.is_one(one) {
            return None;
        }
        // (1 − exp(−x))/x.
        if let Some(minus) = self.arg_of(f, Exp) {
            return (self.arg_of(minus, Neg)? == b).then(|| Composite::new(ExpRelative, &[minus]));
        }
        let x = self.arg_of(f, Cos)?;
        (self.root_of(b)? == x).then(|| Composite::new(Cosc, &[x]))
    }

    /// The `z` of a denominator `1 + exp(±z)`, as the sigmoid it makes.
    pub fn logistic_denominator(&self, b: ValueId, negated: bool) -> Option<Composite> {
        let [x, y] = self.operands(b, Add)?;
        let e = if self.is_one(x) {
            y
        } else {
            self.is_one(y).then_some(x)?
        };
        let exponent = self.arg_of(e, Exp)?;
        let (function, z) = match self.arg_of(exponent, Neg) {
            Some(z) if negated => (Sigmoid, z),
            _ if negated => (OneMinusSigmoid, exponent),
            _ => (Sigmoid, exponent),
        };
        Composite::of(function, &[z])
    }
}
