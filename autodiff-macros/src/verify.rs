//! The IR verifier: run after every pass in debug builds, it turns a compiler bug into a panic that
//! names the pass instead of into wrong code.

use crate::ids::IdSet;
use crate::ir::{Function, Op, Shape, Step, Stmt, ValueId};
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
    for arg in stmt.args.iter().chain(via) {
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
        assert!(
            defined.insert(*result),
            "after {pass}: {result:?} is defined twice"
        );
    }
    let args = stmt.args.len();
    let indices = |path: &[Step]| path.iter().filter(|step| **step == Step::Index).count();
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
        | Op::Scratch
        | Op::Buffer
        | Op::Total
        | Op::CastTangent => args == 1,
        Op::Aggregate(Shape::Struct { members, .. }) => args == members.len(),
        Op::Aggregate(_) => true,
        Op::Project(path) => args == 1 + indices(path),
        Op::ProjectField { path, .. } => args == 1 + indices(path),
        Op::Call(callee) => args == callee.modes.len() || args == 2 * callee.modes.len(),
        Op::Accumulate(path) => args == 2 + indices(path),
        Op::AccumulateField { path, .. } => args == 2 + indices(path),
        Op::Pull(paths) => args == 2 + paths.iter().map(|path| 1 + indices(path)).sum::<usize>(),
    };
    assert!(
        fits,
        "after {pass}: {args} arguments do not fit {:?}",
        stmt.op
    );
    for region in &stmt.regions {
        for stmt in &region.stmts {
            check(pass, function, stmt, defined);
        }
    }
}

fn arity_fits(primitive: Primitive, args: usize) -> bool {
    match primitive.rule().arity {
        0 => args > 0,
        arity => args == arity,
    }
}
