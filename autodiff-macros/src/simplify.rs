//! Algebra on the primal program that is exact in floating point, for every operand, NaN and
//! signed zeros included. (`x + 0.0` is not here: it turns `-0.0` into `0.0`; nor is `x * 0.0`.)

use crate::cse::replace;
use crate::ids::IdMap;
use crate::ir::{Function, Op, ValueId};
use crate::rules::Primitive;

pub fn simplify(function: &mut Function) {
    let mut numbers: IdMap<f64> = IdMap::new();
    let mut negated: IdMap<ValueId> = IdMap::new();
    let mut renamed: IdMap<ValueId> = IdMap::new();
    let mut stmts = std::mem::take(&mut function.body.stmts);
    stmts.retain_mut(|stmt| {
        replace(stmt, &renamed);
        let Some(result) = stmt.result() else {
            return true;
        };
        let number = |id: ValueId| numbers.get(&id).copied();
        let same = match (&stmt.op, &stmt.args[..]) {
            (op, []) if op.number().is_some() => {
                numbers.extend(op.number().map(|number| (result, number)));
                None
            }
            (Op::Apply(Primitive::Mul), &[a, b]) if number(b) == Some(1.0) => Some(a),
            (Op::Apply(Primitive::Mul), &[a, b]) if number(a) == Some(1.0) => Some(b),
            (Op::Apply(Primitive::Div), &[a, b]) if number(b) == Some(1.0) => Some(a),
            (Op::Apply(Primitive::Sub), &[a, b]) if number(b) == Some(0.0) => Some(a),
            (Op::Apply(Primitive::Neg), &[a]) => match negated.get(&a) {
                Some(&original) => Some(original),
                None => {
                    negated.insert(result, a);
                    None
                }
            },
            _ => None,
        };
        match same {
            Some(other) if function.value(result).name.is_none() => {
                renamed.insert(result, other);
                false
            }
            _ => true,
        }
    });
    function.body.stmts = stmts;
    if let Some(&output) = renamed.get(&function.output) {
        function.output = output;
    }
}
