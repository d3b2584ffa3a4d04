//! Logarithms of what may overflow, vanish or be rounded to 1.

use super::{Append, MOST_TERMS, Views};
use crate::ir::{Composite, ValueId};
use crate::rules::Primitive::*;

/// How deep products within products are looked into.
const DEPTH: usize = 6;

/// A term `weight · exp(exponent)` of a sum.
struct Term {
    weight: Option<ValueId>,
    exponent: Exponent,
}

enum Exponent {
    Value(ValueId),
    /// A positive literal is the exponential of its logarithm.
    LnOf(f64),
}

impl Views {
    /// `ln(x)`, where `x` is a function with a logarithm that is stable.
    pub fn stable_ln(&self, x: ValueId, append: &mut Append) -> Option<Composite> {
        self.ln_within(x, DEPTH, append)
    }

    fn ln_within(&self, x: ValueId, depth: usize, append: &mut Append) -> Option<Composite> {
        if let Some(form) = self.ln_of_one_and(x) {
            return Some(form);
        }
        let view = self.composites.get(&x)?;
        match (view.function, &view.args[..]) {
            (Sigmoid, &[z]) => Composite::of(LogSigmoid, &[z]),
            (OneMinusSigmoid, &[z]) => Composite::of(LnOneMinusSigmoid, &[z]),
            (SoftmaxAt, args) => Composite::of(LnSoftmaxAt, args),
            (Cosh, &[z]) => Composite::of(LnCosh, &[z]),
            // 1 − tanh²z = cosh⁻²z.
            (Sub, &[one, square]) if self.is_one(one) => {
                let z = self.arg_of(self.root_of(square)?, Tanh)?;
                let half = append.apply(LnCosh, &[z]);
                let factor = append.constant(-2.0, z);
                Composite::of(Mul, &[factor, half])
            }
            (Exp | Add, _) => self.log_sum_exp(x, append),
            // With a positive factor, the other one is positive wherever the logarithm is defined.
            (Mul, &[a, b]) => {
                let (a, b) = self.both_logs(a, b, depth, append)?;
                Composite::of(Add, &[a, b])
            }
            (Div, &[a, b]) => {
                let (a, b) = self.both_logs(a, b, depth, append)?;
                Composite::of(Sub, &[a, b])
            }
            (Sqrt, &[a]) => {
                let log = self.log_of(a, depth, append)?;
                let half = append.constant(0.5, a);
                Composite::of(Mul, &[half, log])
            }
            _ => None,
        }
    }

    /// A value that is `ln(x)`, computed stably.
    fn log_of(&self, x: ValueId, depth: usize, append: &mut Append) -> Option<ValueId> {
        if let Some(z) = self.arg_of(x, Exp) {
            return Some(z);
        }
        let view = self.ln_within(x, depth.checked_sub(1)?, append)?;
        Some(append.apply(view.function, &view.args))
    }

    /// The logarithms of both, if that of one of them is stable.
    fn both_logs(
        &self,
        a: ValueId,
        b: ValueId,
        depth: usize,
        append: &mut Append,
    ) -> Option<(ValueId, ValueId)> {
        let logs = [a, b].map(|x| self.log_of(x, depth, append));
        match logs {
            [None, None] => None,
            [log_a, log_b] => Some((
                log_a.unwrap_or_else(|| append.apply(Ln, &[a])),
                log_b.unwrap_or_else(|| append.apply(Ln, &[b])),
            )),
        }
    }

    /// `ln(1 ± exp(z))`.
    fn ln_of_one_and(&self, x: ValueId) -> Option<Composite> {
        if let Some([one, e]) = self.operands(x, Sub)
            && self.is_one(one)
        {
            return Composite::of(LnOneMinusExp, &[self.arg_of(e, Exp)?]);
        }
        let [a, b] = self.operands(x, Add)?;
        let (one, other) = if self.is_one(a) { (a, b) } else { (b, a) };
        let z = self.arg_of(other, Exp).filter(|_| self.is_one(one))?;
        Composite::of(Softplus, &[z])
    }

    /// The logarithm of a sum of exponentials, with or without weights.
    fn log_sum_exp(&self, x: ValueId, append: &mut Append) -> Option<Composite> {
        let mut terms = Vec::new();
        self.terms(x, &mut terms)?;
        let like = terms.iter().find_map(|term| match term.exponent {
            Exponent::Value(z) => Some(z),
            Exponent::LnOf(_) => None,
        })?;
        let exponent = |term: &Term, append: &mut Append| match term.exponent {
            Exponent::Value(z) => z,
            Exponent::LnOf(number) => append.constant(number.ln(), like),
        };
        if terms.iter().all(|term| term.weight.is_none()) {
            let args: Vec<ValueId> = terms.iter().map(|term| exponent(term, append)).collect();
            return Composite::of(LogSumExp, &args);
        }
        let mut args = Vec::new();
        for term in &terms {
            let weight = term.weight.unwrap_or_else(|| append.constant(1.0, like));
            args.extend([weight, exponent(term, append)]);
        }
        Composite::of(WeightedLogSumExp, &args)
    }

    /// The terms of a sum of exponentials.
    fn terms(&self, x: ValueId, found: &mut Vec<Term>) -> Option<()> {
        if found.len() > MOST_TERMS {
            return None;
        }
        if let Some([a, b]) = self.operands(x, Add) {
            self.terms(a, found)?;
            return self.terms(b, found);
        }
        found.push(self.term(x)?);
        Some(())
    }

    fn term(&self, x: ValueId) -> Option<Term> {
        if let Some(&number) = self.numbers.get(&x) {
            return (number > 0.0).then_some(Term {
                weight: None,
                exponent: Exponent::LnOf(number),
            });
        }
        let (weight, z) = match self.args_of(x, Mul) {
            Some(_) => {
                let (weight, z) = self.weighted(x, Exp)?;
                (Some(weight), z)
            }
            None => (None, self.arg_of(x, Exp)?),
        };
        Some(Term {
            weight,
            exponent: Exponent::Value(z),
        })
    }

    /// The exponents of a sum of at least one exponential.
    pub fn exponents(&self, x: ValueId, found: &mut Vec<ValueId>) -> Option<()> {
        if found.len() > MOST_TERMS {
            return None;
        }
        if let Some(z) = self.arg_of(x, Exp) {
            found.push(z);
            return Some(());
        }
        let [a, b] = self.operands(x, Add)?;
        self.exponents(a, found)?;
        self.exponents(b, found)
    }
}
