//! Algebra on the primal program that is exact in floating point, for every operand, NaN and
//! signed zeros included. (`x + 0.0` is not here: it turns `-0.0` into `0.0`; nor is `x * 0.0`.)

use crate::cse::replace;
use crate::ids::IdMap;
use crate::ir::{Function, Op, Stmt, ValueId};
use crate::rules::Primitive;

pub fn simplify(function: &mut Function) {
    let mut algebra = Algebra::default();
    let mut stmts = std::mem::take(&mut function.body.stmts);
    algebra.region(&mut stmts, function);
    function.body.stmts = stmts;
    if let Some(&output) = algebra.renamed.get(&function.output) {
        function.output = output;
    }
}

#[derive(Default)]
struct Algebra {
    numbers: IdMap<f64>,
    negated: IdMap<ValueId>,
    renamed: IdMap<ValueId>,
}

impl Algebra {
    fn region(&mut self, stmts: &mut Vec<Stmt>, function: &Function) {
        stmts.retain_mut(|stmt| {
            replace(stmt, &self.renamed);
            for region in &mut stmt.regions {
                self.region(&mut region.stmts, function);
            }
            replace(stmt, &self.renamed);
            let Some(result) = stmt.result() else {
                return true;
            };
            match self.same(stmt, result, function) {
                Some(other) if function.value(result).name.is_none() => {
                    self.renamed.insert(result, other);
                    false
                }
                _ => true,
            }
        });
    }

    /// The value that the statement computes once more.
    fn same(&mut self, stmt: &Stmt, result: ValueId, function: &Function) -> Option<ValueId> {
        // Integers have another algebra, and the same operators.
        if function.ty(result).is_inactive() {
            return None;
        }
        let number = |id: ValueId| self.numbers.get(&id).copied();
        match (&stmt.op, &stmt.args[..]) {
            (op, []) if op.number().is_some() => {
                self.numbers
                    .extend(op.number().map(|number| (result, number)));
                None
            }
            (Op::Apply(Primitive::Mul), &[a, b]) if number(b) == Some(1.0) => Some(a),
            (Op::Apply(Primitive::Mul), &[a, b]) if number(a) == Some(1.0) => Some(b),
            (Op::Apply(Primitive::Div), &[a, b]) if number(b) == Some(1.0) => Some(a),
            (Op::Apply(Primitive::Sub), &[a, b]) if number(b) == Some(0.0) => Some(a),
            (Op::Apply(Primitive::Neg), &[a]) => match self.negated.get(&a) {
                Some(&original) => Some(original),
                None => {
                    self.negated.insert(result, a);
                    None
                }
            },
            _ => None,
        }
    }
}
