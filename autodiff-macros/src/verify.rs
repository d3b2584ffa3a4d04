//! The IR verifier: run after every pass in debug builds, it turns a compiler bug into a panic that
//! names the pass instead of into wrong code.

use crate::ids::IdSet;
use crate::ir::{Function, Loop, Op, Shape, Stmt, ValueId, indices};
use crate::rules::Primitive;

/// Checks a primal or derived function whose body is `stmts`, given the values it starts from.
///
/// # Panics
/// In debug builds, if a value is used before its definition or defined twice, or if a statement
/// does not have the arguments its operation asks for.
pub fn verify<'a>(
    pass: &str,
    function: &Function,
    inputs: impl IntoIterator<Item = ValueId>,
    stmts: impl IntoIterator<Item = &'a Stmt>,
    outputs: impl IntoIterator<Item = ValueId>,
) {
    if !cfg!(debug_assertions) {
        return;
    }
    let mut defined: IdSet = inputs.into_iter().collect();
    for stmt in stmts {
        check(pass, function, stmt, &mut defined);
    }
    for output in outputs {
        assert!(
            defined.contains(&output),
            "after {pass}: the output {output:?} is not defined"
        );
    }
}

fn check(pass: &str, function: &Function, stmt: &Stmt, defined: &mut IdSet) {
    let via = stmt.via.iter().flat_map(|via| &via.args);
    // A zero whose shape is known by its type does not look at the value.
    let shape_only = matches!(stmt.op, Op::Zero | Op::Scratch { .. })
        && crate::codegen::types::zero(function.ty(stmt.args[0])).is_some();
    let args = stmt.args.iter().filter(|_| !shape_only);
    for arg in args.chain(via) {
        assert!(
            defined.contains(arg),
            "after {pass}: {arg:?} is used before it is defined, in {:?}",
            stmt.op
        );
    }
    for result in &stmt.results {
        assert!(
            (result.0 as usize) < function.values.len(),
            "after {pass}: {result:?} is not in the arena"
        );
        // What is computed inside of a statement may come out of it under the same id.
        assert!(
            !defined.contains(result),
            "after {pass}: {result:?} is defined twice"
        );
    }
    let args = stmt.args.len();
    let fits = match &stmt.op {
        Op::Literal { .. } | Op::Constant(_) | Op::Path(_) => args == 0,
        Op::Verbatim(verbatim) | Op::Effect(verbatim) => args == verbatim.captures.len(),
        Op::Apply(primitive) => arity_fits(*primitive, args),
        Op::CastLike => args == 2,
        Op::Observe(_) => args == 1 || args == 2,
        Op::Cast
        | Op::Clone(_)
        | Op::Repeat(_)
        | Op::Zero
        | Op::Template
        | Op::Scratch { .. }
        | Op::Buffer
        | Op::Total
        | Op::CastTangent => args == 1,
        Op::Aggregate(Shape::Struct { members, .. }) => args == members.len(),
        Op::Aggregate(_) | Op::GiveBack => true,
        Op::Project(path) => args == 1 + indices(path),
        Op::ProjectField { path, .. } => args == 1 + indices(path),
        Op::Call(callee) => args == callee.modes.len() || args == 2 * callee.modes.len(),
        Op::Accumulate(path) => args == 2 + indices(path),
        Op::AccumulateEach => args == 2,
        Op::InBounds(_) => args == 3,
        Op::AccumulateField { path, .. } => args == 2 + indices(path),
        Op::Pull(paths) => args == 2 + paths.iter().map(|path| 1 + indices(path)).sum::<usize>(),
        Op::If(_) => args == 1 && stmt.regions.len() == 2,
        Op::Switch(_) => args == 1,
        Op::Loop(own) => loop_fits(own, stmt),
        Op::Dummy => args == 0,
        Op::Fill | Op::Dot => args == 2,
        Op::Memory | Op::Shrink | Op::Grow | Op::PopAdjoint | Op::Cursor => args == 1,
        Op::Store(path) | Op::Update(path, _) => args == 2 + indices(path),
        Op::Append => args == 2,
        Op::Take(path) => args == 1 + indices(path),
        Op::Reshape { path, .. } => args == 2 + indices(path),
        Op::Assign => args.is_multiple_of(2),
        Op::Tape(_) => true,
        Op::Empty => args == 1 || args == 2,
        Op::Count(kind) => args == kind.arity(),
        Op::States(own) => args == own.kind.arity(),
        Op::Visit => args >= 1,
        Op::Rewind(own) => {
            let arity = own.kind.arity();
            args > arity
                && stmt.regions.len() == 2
                && stmt
                    .regions
                    .iter()
                    .all(|region| region.params.len() == own.state + args - arity)
        }
        Op::Optional => args <= 1,
        Op::Unwrap => args == 1,
        Op::Save(indices) => args > *indices,
        Op::Restore => args >= 1,
    };
    assert!(
        fits,
        "after {pass}: {args} arguments do not fit {:?}",
        stmt.op
    );
    for region in &stmt.regions {
        // What a region defines is gone behind it; a copy of all that is there would be dear.
        let own = region.params.iter();
        let own = own.chain(region.stmts.iter().flat_map(|stmt| &stmt.results));
        let own: Vec<ValueId> = own.copied().filter(|id| !defined.contains(id)).collect();
        defined.extend(&region.params);
        for stmt in &region.stmts {
            check(pass, function, stmt, defined);
        }
        for value in &region.yields {
            assert!(
                defined.contains(value),
                "after {pass}: {value:?} is yielded and not defined, in {:?}",
                stmt.op
            );
        }
        let wanted = match &stmt.op {
            Op::Loop(_) | Op::Rewind(_) => None,
            _ => Some(stmt.results.len()),
        };
        assert!(
            wanted.is_none_or(|wanted| wanted == region.yields.len()),
            "after {pass}: an arm yields {} values, not {wanted:?}",
            region.yields.len()
        );
        for id in &own {
            defined.remove(id);
        }
    }
    defined.extend(&stmt.results);
}

fn loop_fits(own: &Loop, stmt: &Stmt) -> bool {
    let carried = stmt.results.len() - usize::from(own.counted);
    let body = own.body(&stmt.regions);
    stmt.args.len() == own.kind.arity() + carried
        && body.params.len() == own.first_carried() + carried
        && body.yields.len() == carried + usize::from(own.exits)
}

fn arity_fits(primitive: Primitive, args: usize) -> bool {
    match primitive.rule().arity {
        0 => args > 0,
        arity => args == arity,
    }
}
