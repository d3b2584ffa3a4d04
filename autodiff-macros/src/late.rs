//! Values that some paths of control give and others do not: a struct returned early from a loop, or
//! set by the arm that breaks. Numbers and vectors have a natural value to begin with; what has none
//! is held as a vector of at most one element ([`Sequence::Late`]): empty to begin with, filled where
//! control gives it a value, and indexed where it is read. All other passes know vectors.

use crate::codegen::types;
use crate::ids::IdSet;
use crate::ir::{Function, Op, Region, Shape, Step, Stmt, ValueId};
use crate::ty::{Sequence, Ty};

/// Makes vectors of the values without a natural value to begin with.
pub fn hold_late_values(function: &mut Function) {
    let mut late = IdSet::new();
    function.body.for_each(&mut |stmt| {
        if let (Op::Dummy, &[result]) = (&stmt.op, &stmt.results[..])
            && !has_natural_value(function.ty(result))
        {
            late.insert(result);
        }
    });
    if late.iter().next().is_none() {
        return;
    }
    while spread(&function.body.stmts, &mut late) {}
    for id in late.iter() {
        let value = function.value_mut(id);
        value.ty = held(&value.ty);
    }
    let mut body = std::mem::take(&mut function.body);
    let mut holder = Holder {
        late: &late,
        function,
    };
    holder.region(&mut body);
    if late.contains(&holder.function.output) {
        holder.hand_out(&mut body.stmts);
    }
    function.body = body;
}

fn held(ty: &Ty) -> Ty {
    Ty::Sequence(Box::new(ty.clone()), Sequence::Late)
}

/// Whether a variable of the type can begin with something, be it zero or what `Default` says.
fn has_natural_value(ty: &Ty) -> bool {
    match ty {
        Ty::Inactive | Ty::Sequence(..) => true,
        _ => types::zero(ty).is_some() && !ty.has_inactive_part(),
    }
}

/// Marks what branches and loops make of late values; whether there was something new.
fn spread(stmts: &[Stmt], late: &mut IdSet) -> bool {
    let mut grown = false;
    for stmt in stmts {
        for k in 0..stmt.results.len() {
            let (names, values) = merged(stmt, k);
            if values.iter().any(|id| late.contains(id)) {
                for id in names {
                    grown |= late.insert(id);
                }
            }
        }
        for region in &stmt.regions {
            grown |= spread(&region.stmts, late);
        }
    }
    grown
}

/// The names of what control flow merges into the `k`-th result of a statement, and the values that
/// it merges.
fn merged(stmt: &Stmt, k: usize) -> (Vec<ValueId>, Vec<ValueId>) {
    match &stmt.op {
        Op::If(_) | Op::Switch(_) => {
            let yields = stmt.regions.iter().map(|region| region.yields[k]);
            (vec![stmt.results[k]], yields.collect())
        }
        Op::Loop(own) => {
            let body = own.body(&stmt.regions);
            let param = own.carried_params(body)[k];
            let values = [param, stmt.args[own.kind.arity() + k], body.yields[k]];
            (vec![param, stmt.results[k]], values.into())
        }
        _ => Default::default(),
    }
}

struct Holder<'h> {
    late: &'h IdSet,
    function: &'h mut Function,
}

impl Holder<'_> {
    fn region(&mut self, region: &mut Region) {
        let mut stmts = Vec::with_capacity(region.stmts.len());
        for mut stmt in std::mem::take(&mut region.stmts) {
            self.statement(&mut stmt, &mut stmts);
            stmts.push(stmt);
        }
        region.stmts = stmts;
    }

    fn statement(&mut self, stmt: &mut Stmt, before: &mut Vec<Stmt>) {
        for region in &mut stmt.regions {
            self.region(region);
        }
        match &stmt.op {
            Op::If(_) | Op::Switch(_) => {
                for region in &mut stmt.regions {
                    let (inside, yields) = (&mut region.stmts, &mut region.yields);
                    self.give(&stmt.results, yields, inside);
                }
            }
            Op::Loop(own) => {
                self.give(&stmt.results, &mut stmt.args[own.kind.arity()..], before);
                if let Some(body) = stmt.regions.last_mut() {
                    self.give(&stmt.results, &mut body.yields, &mut body.stmts);
                }
            }
            Op::Project(path) if self.late.contains(&stmt.args[0]) => {
                let path = [Step::At(0)].into_iter().chain(path.iter().cloned());
                stmt.op = Op::Project(path.collect());
            }
            op => {
                let captured = matches!(op, Op::Verbatim(_) | Op::Effect(_));
                for arg in &mut stmt.args {
                    if self.late.contains(arg) {
                        *arg = self.read(*arg, before);
                        if captured {
                            self.function.borrowed.insert(*arg);
                        }
                    }
                }
            }
        }
    }

    /// Wraps what becomes a late value; what stays a late value is handed on as it is.
    fn give(&mut self, results: &[ValueId], values: &mut [ValueId], stmts: &mut Vec<Stmt>) {
        for (result, value) in results.iter().zip(values) {
            if !self.late.contains(result) || self.late.contains(value) {
                continue;
            }
            let span = self.function.value(*value).span;
            let ty = held(self.function.ty(*value));
            let given = self.function.new_value(ty, None, span);
            let op = Op::Aggregate(Shape::Late);
            stmts.push(Stmt::new(vec![given], op, vec![*value], span));
            *value = given;
        }
    }

    /// The element of a late value.
    fn read(&mut self, id: ValueId, stmts: &mut Vec<Stmt>) -> ValueId {
        let span = self.function.value(id).span;
        let ty = match self.function.ty(id) {
            Ty::Sequence(element, _) => (**element).clone(),
            _ => unreachable!("late values are held in vectors"),
        };
        let element = self.function.new_value(ty, None, span);
        let op = Op::Project(vec![Step::At(0)]);
        stmts.push(Stmt::new(vec![element], op, vec![id], span));
        element
    }

    /// The function's result cannot be moved out of a vector.
    fn hand_out(&mut self, stmts: &mut Vec<Stmt>) {
        let element = self.read(self.function.output, stmts);
        let (ty, span) = (
            self.function.ty(element).clone(),
            self.function.value(element).span,
        );
        let output = self.function.new_value(ty, None, span);
        stmts.push(Stmt::new(
            vec![output],
            Op::Clone(None),
            vec![element],
            span,
        ));
        self.function.output = output;
    }
}
