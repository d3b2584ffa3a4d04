//! What a rule sees, and the arithmetic in which it is written.

use std::ops::{Add, Div, Mul, Neg, Sub};

use proc_macro2::Span;

use super::Builder;
use crate::ir::{Stmt, ValueId};
use crate::rules::{Partials, Primitive};

impl Builder {
    /// The contribution of the `k`-th argument of `primitive`, or nothing if it is zero.
    pub fn contribution(
        &self,
        primitive: Primitive,
        args: &[ValueId],
        result: Computed,
        k: usize,
        d: ValueId,
        span: Span,
    ) -> Option<ValueId> {
        if !primitive.depends_on(k) {
            return None;
        }
        let d = Term {
            build: self,
            id: d,
            span,
        };
        let site = Site {
            d,
            primitive,
            args,
            computed: result,
        };
        let term = match primitive.rule().partials {
            Partials::Each(rows) => rows[k](&site),
            Partials::Every(row) => row(&site, k),
        };
        (self.number(term.id) != Some(0.0)).then_some(term.id)
    }
}

/// How the value of the statement that a rule is for was computed.
#[derive(Clone, Copy)]
pub enum Computed {
    /// By the rule's own function.
    Result(ValueId),
    /// By the naive form that the user wrote.
    Naively(ValueId),
}

impl Computed {
    /// How `stmt` computes its result.
    pub fn of(stmt: &Stmt) -> Computed {
        match stmt.via {
            None => Computed::Result(stmt.results[0]),
            Some(_) => Computed::Naively(stmt.results[0]),
        }
    }
}

/// What a rule sees: the adjoint or tangent `d`, the arguments, and the result if it asks.
pub struct Site<'b> {
    pub d: Term<'b>,
    primitive: Primitive,
    args: &'b [ValueId],
    /// Where the derivative views the statement as another function than the one that computed its
    /// value, the rule's result is computed anew, in the stable form.
    computed: Computed,
}

impl<'b> Site<'b> {
    pub fn arg(&self, k: usize) -> Term<'b> {
        Term {
            id: self.args[k],
            ..self.d
        }
    }

    pub fn x(&self) -> Term<'b> {
        self.arg(0)
    }

    pub fn y(&self) -> Term<'b> {
        self.arg(1)
    }

    pub fn z(&self) -> Term<'b> {
        self.arg(2)
    }

    /// The `k`-th argument where it multiplies `d`.
    pub fn factor(&self, k: usize) -> Term<'b> {
        const DEPTH: usize = 4;
        Term {
            id: self.d.build.factor(self.args[k], self.d.span, DEPTH),
            ..self.d
        }
    }

    /// Whether the first two arguments are the same value.
    pub fn is_square(&self) -> bool {
        self.args[0] == self.args[1]
    }

    pub fn result(&self) -> Term<'b> {
        let id = match self.computed {
            Computed::Result(result) => result,
            Computed::Naively(_) => self.d.build.apply(self.primitive, self.args, self.d.span),
        };
        Term { id, ..self.d }
    }

    /// The result as the user's own, naive form gives it.
    pub fn naive(&self) -> Option<Term<'b>> {
        match self.computed {
            Computed::Result(_) => None,
            Computed::Naively(id) => Some(Term { id, ..self.d }),
        }
    }

    /// The `k`-th argument as an integer, if it is a literal.
    pub fn integer(&self, k: usize) -> Option<i64> {
        self.d
            .build
            .number(self.args[k])
            .map(|number| number as i64)
    }

    pub fn constant(&self, number: f64) -> Term<'b> {
        let Term { build, id, span } = self.d;
        Term {
            id: build.constant(number, build.ty(id), span),
            ..self.d
        }
    }

    /// `term`, or zero where `d` is exactly zero.
    pub fn strong_zero(&self, term: Term<'b>) -> Term<'b> {
        self.call(Primitive::StrongZero, &[self.d, term])
    }

    /// `d / x`: strong, and cancelled where `d` is a multiple of `x`.
    pub fn quotient(&self, x: Term<'b>) -> Term<'b> {
        const DEPTH: usize = 4;
        let build = self.d.build;
        let quotient = match build.cancel(self.d.id, x.id, self.d.span, DEPTH) {
            Some(id) => Term { id, ..self.d },
            None => self.strong_zero(self.d / x),
        };
        build.state.borrow_mut().quotient = Some((self.d.id, x.id, quotient.id));
        quotient
    }

    /// The share of the divisor in x / y: −d·(x/y)/y, from d / y where the dividend's rule had it.
    pub fn divisor_share(&self) -> Term<'b> {
        let (result, y) = (self.result(), self.y());
        let known = self.d.build.state.borrow().quotient;
        let share = match known {
            Some((d, divisor, id)) if (d, divisor) == (self.d.id, y.id) => {
                -(Term { id, ..self.d }) * result
            }
            _ if self.d.build.number(self.args[0]) == Some(1.0) => -self.d * result * result,
            _ => -self.d * result / y,
        };
        self.strong_zero(share)
    }

    pub fn call(&self, primitive: Primitive, args: &[Term<'b>]) -> Term<'b> {
        let args: Vec<ValueId> = args.iter().map(|term| term.id).collect();
        Term {
            id: self.d.build.apply(primitive, &args, self.d.span),
            ..self.d
        }
    }

    /// `primitive` on `first`, then all arguments from the `from`-th on.
    pub fn call_with_all(&self, primitive: Primitive, first: &[Term<'b>], from: usize) -> Term<'b> {
        let all = self.args[from..].iter().map(|&id| Term { id, ..self.d });
        let args: Vec<Term<'b>> = first.iter().copied().chain(all).collect();
        self.call(primitive, &args)
    }

    /// `d` times the softmax of the `k`-th argument among all. What does not depend on `k` is
    /// computed once for all of them.
    pub fn share_of(&self, d: Term<'b>, k: usize) -> Term<'b> {
        let (largest, sum) = self.shifted_sum(0);
        self.call(Primitive::LogSumExpAdjoint, &[d, self.arg(k), largest, sum])
    }

    /// `d` times the softmax of all arguments but the first.
    pub fn share_of_others(&self, d: Term<'b>) -> Term<'b> {
        let (_, sum) = self.shifted_sum(0);
        let (_, others) = self.shifted_sum(1);
        self.strong_zero(d * (others / sum))
    }

    /// The contribution of the `k`-th argument of the logarithm of `Σ w·exp(x)`, where weights and
    /// exponents alternate.
    pub fn weighted_share(&self, k: usize) -> Term<'b> {
        let largest = self.call_with_all(Primitive::WeightedLargest, &[], 0);
        let sum = self.call_with_all(Primitive::WeightedSumExp, &[largest], 0);
        let (d, exponent) = match k % 2 {
            0 => (self.d, self.arg(k + 1)),
            _ => (self.d * self.arg(k - 1), self.arg(k)),
        };
        self.call(Primitive::LogSumExpAdjoint, &[d, exponent, largest, sum])
    }

    /// The largest of all arguments, and the sum of the exponentials of those from the `from`-th on,
    /// shifted by it.
    fn shifted_sum(&self, from: usize) -> (Term<'b>, Term<'b>) {
        let largest = self.call_with_all(Primitive::Largest, &[], 0);
        let sum = self.call_with_all(Primitive::SumExp, &[largest], from);
        (largest, sum)
    }
}

/// A value in a rule; arithmetic on it appends statements.
#[derive(Clone, Copy)]
pub struct Term<'b> {
    build: &'b Builder,
    pub id: ValueId,
    span: Span,
}

impl<'b> Term<'b> {
    pub fn apply(self, primitive: Primitive) -> Term<'b> {
        Term {
            id: self.build.apply(primitive, &[self.id], self.span),
            ..self
        }
    }

    pub fn apply2(self, primitive: Primitive, other: Term<'b>) -> Term<'b> {
        Term {
            id: self.build.apply(primitive, &[self.id, other.id], self.span),
            ..self
        }
    }
}

impl Neg for Term<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.apply(Primitive::Neg)
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident;)*) => {$(
        impl $operator for Term<'_> {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                self.apply2(Primitive::$operator, other)
            }
        }
    )*};
}

operators! { Add add; Sub sub; Mul mul; Div div; }
