//! Roots of sums of squares.

use super::{MOST_TERMS, Views};
use crate::ids::IdSet;
use crate::ir::{Composite, Stmt, ValueId};
use crate::rules::Primitive::*;

impl Views {
    /// The square root of a sum of squares: a norm, whose derivative at the origin is 0.
    pub fn stable_root(&self, x: ValueId) -> Option<Composite> {
        let mut terms = Vec::new();
        match self.squares(x, &mut terms) {
            Some(()) => Composite::of(Norm, &terms),
            None => self
                .sums_squares(x)
                .then(|| Composite::new(RootOfSquares, &[x])),
        }
    }

    /// The terms of a sum of squares.
    fn squares(&self, x: ValueId, found: &mut Vec<ValueId>) -> Option<()> {
        if found.len() > MOST_TERMS {
            return None;
        }
        if let Some(root) = self.root_of(x) {
            found.push(root);
            return Some(());
        }
        let [a, b] = self.operands(x, Add)?;
        self.squares(a, found)?;
        self.squares(b, found)
    }

    /// The `x` of `x·x` or `x.powi(2)`.
    pub fn root_of(&self, square: ValueId) -> Option<ValueId> {
        let view = self.composites.get(&square)?;
        match (view.function, &view.args[..]) {
            (Mul, &[a, b]) => (a == b).then_some(a),
            (Powi | Powf, &[a, two]) => (self.numbers.get(&two) == Some(&2.0)).then_some(a),
            _ => None,
        }
    }

    /// Whether all that ever enters `x` is squares, added and scaled by numbers: then it is zero
    /// only where all of them are.
    fn sums_squares(&self, x: ValueId) -> bool {
        let mut seen = IdSet::default();
        let mut left = vec![x];
        let mut any = false;
        while let Some(id) = left.pop() {
            if !seen.insert(id) || self.numbers.get(&id) == Some(&0.0) {
                continue;
            }
            if self.root_of(id).is_some() {
                any = true;
            } else if let Some([a, b]) = self.operands(id, Add) {
                left.extend([a, b]);
            } else if let Some(sources) = self.joins.get(&id) {
                left.extend(sources);
            } else if let Some(sum) = self.scaled(id) {
                left.push(sum);
            } else {
                return false;
            }
        }
        any
    }

    /// What `id` is a constant multiple of.
    fn scaled(&self, id: ValueId) -> Option<ValueId> {
        let constant = |id: ValueId| {
            self.inactive.contains(&id) || self.numbers.get(&id).is_some_and(|&n| n != 0.0)
        };
        let view = self.composites.get(&id)?;
        match (view.function, &view.args[..]) {
            (Mul | Div, &[a, b]) if constant(b) => Some(a),
            (Mul, &[a, b]) if constant(a) => Some(b),
            _ => None,
        }
    }

    /// Records where the values come from that a branch or a loop hands out.
    pub fn record_joins(&mut self, stmt: &Stmt) {
        if let crate::ir::Op::Loop(own) = &stmt.op {
            let body = own.body(&stmt.regions);
            let entering = &stmt.args[own.kind.arity()..];
            for (k, &param) in own.carried_params(body).iter().enumerate() {
                let sources = vec![entering[k], body.yields[k]];
                self.joins.insert(stmt.results[k], sources.clone());
                self.joins.insert(param, sources);
            }
        } else if !stmt.regions.is_empty() {
            for (k, &result) in stmt.results.iter().enumerate() {
                let yields = stmt.regions.iter().map(|region| region.yields[k]);
                self.joins.insert(result, yields.collect());
            }
        }
    }
}
