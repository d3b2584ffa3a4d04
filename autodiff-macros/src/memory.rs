//! When memory holds what: whether a place that was read still has that content in the reverse
//! sweep, after all statements of the function have run.

use std::collections::BTreeMap;

use syn::Expr;

use crate::dependence::{Comparison, Forms, Linear, Side, System};
use crate::ids::IdMap;
use crate::ir::{
    Adapter, ControlId, Function, LoopKind, Mode, Observation, Op, Region, Step, Stmt, ValueId,
};
use crate::ty::{Sequence, Ty};

/// Where each value is defined, and each memory changed, in program order.
pub struct Stability {
    positions: IdMap<usize>,
    /// Where each branch and loop stands.
    controls: BTreeMap<ControlId, usize>,
    ranges: BTreeMap<ControlId, Range>,
    /// The loops around each definition, outermost first.
    around: IdMap<Vec<ControlId>>,
    changes: IdMap<Vec<Access>>,
    constants: IdMap<Expr>,
    forms: Forms,
    /// Comparisons of integers, by the flag that is their outcome.
    comparisons: IdMap<Comparison>,
    /// What the conditions of the branches around it say where a value is defined.
    facts: IdMap<Vec<Comparison>>,
}

/// The indices that a loop runs through.
struct Range {
    index: ValueId,
    start: ValueId,
    end: ValueId,
    inclusive: bool,
    /// Whether later iterations have larger indices; unknown if it is neither so nor the opposite.
    ascending: Option<bool>,
}

/// A read or a change of a part of a memory.
#[derive(Clone)]
pub struct Access {
    position: usize,
    around: Vec<ControlId>,
    path: Vec<Step>,
    indices: Vec<ValueId>,
    facts: Vec<Comparison>,
}

impl Access {
    /// An access in a derived program, in the loops `around` it. When it happens is not known.
    pub fn new(around: Vec<ControlId>, path: Vec<Step>, indices: Vec<ValueId>) -> Access {
        Access {
            position: 0,
            around,
            path,
            indices,
            facts: Vec::new(),
        }
    }
}

impl Stability {
    pub fn of(function: &Function) -> Stability {
        let mut stability = Stability {
            positions: IdMap::new(),
            controls: BTreeMap::new(),
            ranges: BTreeMap::new(),
            around: IdMap::new(),
            changes: IdMap::new(),
            constants: IdMap::new(),
            forms: Forms::default(),
            comparisons: IdMap::new(),
            facts: IdMap::new(),
        };
        for param in &function.params {
            stability.positions.insert(param.value, 0);
            stability.around.insert(param.value, Vec::new());
        }
        let mut position = 0;
        let around = (&mut Vec::new(), &mut Vec::new());
        stability.region(function, &function.body, &mut position, around);
        stability
    }

    fn region(
        &mut self,
        function: &Function,
        region: &Region,
        position: &mut usize,
        (around, facts): (&mut Vec<ControlId>, &mut Vec<Comparison>),
    ) {
        for &param in &region.params {
            self.positions.insert(param, *position);
            self.around.insert(param, around.clone());
        }
        for stmt in &region.stmts {
            *position += 1;
            for &result in &stmt.results {
                self.positions.insert(result, *position);
                self.around.insert(result, around.clone());
                if !facts.is_empty() {
                    self.facts.insert(result, facts.clone());
                }
            }
            self.forms.note(stmt);
            if let (&[flag], Some(own)) = (&stmt.results[..], Comparison::of(function, stmt)) {
                self.comparisons.insert(flag, own);
            }
            if let (&[result], Some(constant)) = (&stmt.results[..], constant(function, stmt)) {
                self.constants.insert(result, constant);
            }
            for (memory, path, indices) in changed(stmt) {
                self.changes.or_default(memory).push(Access {
                    position: *position,
                    around: around.clone(),
                    path,
                    indices,
                    facts: facts.clone(),
                });
            }
            if let Some(id) = stmt.control_id() {
                self.controls.insert(id, *position);
            }
            if let Op::Loop(own) = &stmt.op {
                if let LoopKind::Range {
                    inclusive,
                    adapters,
                } = &own.kind
                {
                    let range = Range {
                        index: own.body(&stmt.regions).params[0],
                        start: stmt.args[0],
                        end: stmt.args[1],
                        inclusive: *inclusive,
                        ascending: match adapters[..] {
                            [] | [Adapter::StepBy] => Some(true),
                            [Adapter::Rev] => Some(false),
                            _ => None,
                        },
                    };
                    self.ranges.insert(own.id, range);
                }
                around.push(own.id);
            }
            let condition = match &stmt.op {
                Op::If(_) => self.comparisons.get(&stmt.args[0]).copied(),
                _ => None,
            };
            for (k, inner) in stmt.regions.iter().enumerate() {
                let own = condition.map(|own| if k == 0 { own } else { own.negated() });
                facts.extend(own);
                self.region(function, inner, position, (&mut *around, &mut *facts));
                facts.truncate(facts.len() - usize::from(own.is_some()));
            }
            if let Op::Loop(_) = &stmt.op {
                around.pop();
            }
        }
    }

    /// The constant that an integer value stands for, as code.
    pub fn constant(&self, id: ValueId) -> Option<Expr> {
        self.constants.get(&id).cloned()
    }

    /// Whether an integer is not negative, as none of `natural` is.
    pub fn is_natural(&self, id: ValueId, natural: &dyn Fn(ValueId) -> bool) -> bool {
        self.forms.of(id).is_natural(natural)
    }

    pub fn is_zero(&self, id: ValueId) -> bool {
        self.forms.of(id) == Linear::number(0)
    }

    /// `c`, if the first integer is the second one plus `c`.
    pub fn offset(&self, id: ValueId, base: ValueId) -> Option<i64> {
        self.forms.of(id).offset_from(&self.forms.of(base))
    }

    /// Whether an integer is the length of an array.
    pub fn is_length(&self, id: ValueId, length: &Expr) -> bool {
        let length = self.forms.constant(length);
        length.is_some_and(|length| self.forms.of(id) == length)
    }

    /// Whether one integer is at most another one, in all iterations of the loops around both.
    pub fn is_at_most(&self, a: ValueId, b: ValueId, around: &[ControlId]) -> bool {
        let side = |_: ValueId| Side::Both;
        let mut system = System::default();
        for range in around.iter().filter_map(|id| self.ranges.get(id)) {
            self.within(range, &side, &mut system);
        }
        let (a, b) = (self.forms.of(a), self.forms.of(b));
        system.at_most((&b, &side), 1, (&a, &side));
        !system.is_feasible()
    }

    /// The index of a loop is within its range.
    fn within(&self, range: &Range, side: &dyn Fn(ValueId) -> Side, system: &mut System) {
        let [index, start, end] = [range.index, range.start, range.end].map(|id| self.forms.of(id));
        let below = if range.inclusive { 0 } else { 1 };
        system.at_most((&start, side), 0, (&index, side));
        system.at_most((&index, side), below, (&end, side));
    }

    /// Whether the loop's indices grow.
    pub fn ascends(&self, control: ControlId) -> bool {
        let range = self.ranges.get(&control);
        range.is_some_and(|range| range.ascending == Some(true))
    }

    /// Whether two accesses inside of a loop can be of one place in different iterations.
    pub fn meet_across(&self, a: &Access, b: &Access, control: ControlId) -> bool {
        let Some(level) = a.around.iter().position(|own| *own == control) else {
            return true;
        };
        self.may_meet(a, b, level, Some(control)) || self.may_meet(b, a, level, Some(control))
    }

    /// Whether two accesses can be of one place, in any iterations of all but the `equal` outermost
    /// loops around both.
    pub fn meet(&self, a: &Access, b: &Access, equal: usize) -> bool {
        self.may_meet(a, b, equal, None)
    }

    /// Whether the value is one of the primal program.
    pub fn knows(&self, id: ValueId) -> bool {
        self.positions.contains_key(&id)
    }

    /// Whether the value is computed before the branch or loop.
    pub fn is_before(&self, id: ValueId, control: ControlId) -> bool {
        match (self.positions.get(&id), self.controls.get(&control)) {
            (Some(own), Some(start)) => own < start,
            _ => false,
        }
    }

    /// Whether the memory changes after the loop, and not only in it.
    pub fn changes_after(&self, memory: ValueId, control: ControlId) -> bool {
        let start = self.controls.get(&control).copied().unwrap_or(0);
        let changes = self.changes.get(&memory).into_iter().flatten();
        changes
            .filter(|change| !change.around.contains(&control))
            .any(|change| start < change.position)
    }

    /// Whether the length of a memory is the same at all times: elements come and go only where the
    /// whole changes, and never in an array or a slice.
    pub fn keeps_length(&self, function: &Function, memory: ValueId) -> bool {
        let mut changes = self.changes.get(&memory).into_iter().flatten();
        match function.ty(memory) {
            Ty::Array(..) | Ty::Sequence(_, Sequence::Slice) => true,
            Ty::Sequence(_, Sequence::Vec) => changes.all(|change| !change.path.is_empty()),
            _ => false,
        }
    }

    /// Whether what the statement reads of memory is still there when it is reversed: at the end of
    /// the function, or of an iteration of the loops in `home`, which are fused with their reverse.
    pub fn is_stable(&self, stmt: &Stmt, home: &[ControlId]) -> bool {
        let Some(result) = stmt.result().filter(|id| self.positions.contains_key(id)) else {
            return false;
        };
        stmt.args.iter().all(|&memory| {
            let (path, indices) = match &stmt.op {
                Op::Project(path) => (path.clone(), stmt.args[1..].to_vec()),
                _ => (Vec::new(), Vec::new()),
            };
            let read = Access {
                position: self.positions[&result],
                around: self.around[&result].clone(),
                path,
                indices,
                facts: self.facts.get(&result).cloned().unwrap_or_default(),
            };
            self.is_final(memory, &read, home)
        })
    }

    /// The store of a value into a memory, if that is the last change of its place.
    pub fn is_kept_by(&self, store: &Stmt, value: ValueId, home: &[ControlId]) -> bool {
        let memory = store.args[0];
        let changes = self.changes.get(&memory);
        let Op::Store(path) = &store.op else {
            return false;
        };
        let own = changes.into_iter().flatten().find(|change| {
            change.path == *path
                && change.indices == store.args[2..]
                && self
                    .positions
                    .get(&value)
                    .is_some_and(|at| *at < change.position)
                && self.around.get(&value) == Some(&change.around)
        });
        own.is_some_and(|own| self.is_final(memory, own, home))
    }

    /// Whether no change of the memory hits the place after the access.
    fn is_final(&self, memory: ValueId, access: &Access, home: &[ControlId]) -> bool {
        let declared = self.around.get(&memory).map_or(0, Vec::len);
        let outermost = declared.max(home.len());
        let changes = self.changes.get(&memory).into_iter().flatten();
        let mut inside = changes.filter(|change| change.around.starts_with(home));
        inside.all(|change| !self.may_follow(access, change, outermost))
    }

    /// Whether `later` may happen after `earlier`, at the same place.
    fn may_follow(&self, earlier: &Access, later: &Access, declared: usize) -> bool {
        let loops = earlier.around.iter().zip(&later.around);
        let common = loops.take_while(|(a, b)| a == b).count();
        // In the same iteration of all common loops, or in a later one of the `level`-th.
        let again =
            earlier.position < later.position && self.may_meet(earlier, later, common, None);
        again
            || (declared..common)
                .any(|level| self.may_meet(earlier, later, level, Some(earlier.around[level])))
    }

    /// Whether the two can be one place, in one iteration of the outermost `equal` loops and, of the
    /// loop `next`, the one in an earlier and the other in a later iteration.
    fn may_meet(
        &self,
        earlier: &Access,
        later: &Access,
        equal: usize,
        next: Option<ControlId>,
    ) -> bool {
        if are_apart(&earlier.path, &later.path) {
            return false;
        }
        let side = |own: Side| {
            move |id: ValueId| match self.around.get(&id) {
                Some(around) if around.len() > equal => own,
                _ => Side::Both,
            }
        };
        let (before, after) = (side(Side::Earlier), side(Side::Later));
        let mut system = System::default();
        for (access, side) in [
            (earlier, &before as &dyn Fn(ValueId) -> Side),
            (later, &after),
        ] {
            for range in access.around.iter().filter_map(|id| self.ranges.get(id)) {
                self.within(range, side, &mut system);
            }
            for fact in &access.facts {
                system.meets(fact, &self.forms, side);
            }
        }
        if let Some(range) = next.and_then(|id| self.ranges.get(&id)) {
            let index = self.forms.of(range.index);
            match range.ascending {
                Some(true) => system.at_most((&index, &before), 1, (&index, &after)),
                Some(false) => system.at_most((&index, &after), 1, (&index, &before)),
                None => {}
            }
        }
        let (mut own, mut other) = (&earlier.indices[..], &later.indices[..]);
        for (a, b) in earlier.path.iter().zip(&later.path) {
            let index = |step: &Step, indices: &mut &[ValueId]| match step {
                Step::At(number) => Some(vec![Linear::number(*number as i64)]),
                Step::Index | Step::Element(_) => {
                    let (own, rest) = indices.split_at_checked(step.arity())?;
                    *indices = rest;
                    // Derived programs have indices of their own, of which nothing is known.
                    let form = |id: &ValueId| self.knows(*id).then(|| self.forms.of(*id));
                    own.iter().map(form).collect()
                }
                Step::Field(_) | Step::Slice { .. } | Step::View(_) => None,
            };
            match (a, b) {
                (Step::Field(a), Step::Field(b)) if a != b => return false,
                (Step::Field(_), Step::Field(_)) => continue,
                _ => {}
            }
            let (Some(a), Some(b)) = (index(a, &mut own), index(b, &mut other)) else {
                break;
            };
            for (a, b) in a.iter().zip(&b) {
                system.at_most((a, &before), 0, (b, &after));
                system.at_most((b, &after), 0, (a, &before));
            }
        }
        system.is_feasible()
    }
}

/// Whether two paths part at a field or a number, before anything that is computed.
fn are_apart(a: &[Step], b: &[Step]) -> bool {
    for steps in a.iter().zip(b) {
        match steps {
            (Step::Field(a), Step::Field(b)) if a != b => return true,
            (Step::At(a), Step::At(b)) if a != b => return true,
            (Step::Field(_) | Step::At(_), Step::Field(_) | Step::At(_)) => {}
            _ => return false,
        }
    }
    false
}

/// Copies memory that is lent to a call and changes before the call is reversed: its pullback is
/// handed the reference once more.
pub fn copy_lent(function: &mut Function) {
    let stability = Stability::of(function);
    let mut parts = IdMap::new();
    function.body.for_each(&mut |stmt| {
        if let (Op::Project(_), &[result]) = (&stmt.op, &stmt.results[..])
            && function.is_memory(stmt.args[0])
        {
            parts.insert(result, !stability.is_stable(stmt, &[]));
        }
    });
    let mut body = std::mem::take(&mut function.body);
    copy_in(&mut body, function, &stability, &parts);
    function.body = body;
}

fn copy_in(
    region: &mut Region,
    function: &mut Function,
    stability: &Stability,
    moving: &IdMap<bool>,
) {
    let mut done = Vec::with_capacity(region.stmts.len());
    for mut stmt in std::mem::take(&mut region.stmts) {
        for inner in &mut stmt.regions {
            copy_in(inner, function, stability, moving);
        }
        if let Op::Call(callee) = &stmt.op {
            let modes = callee.modes.clone();
            let changes = !stability.is_stable(&stmt, &[]);
            for (arg, mode) in stmt.args.iter_mut().zip(modes) {
                let moves = match moving.get(arg) {
                    Some(&moves) => moves,
                    None => changes && function.is_memory(*arg),
                };
                if mode == Mode::Reference && moves {
                    let (op, ty) = match function.ty(*arg).clone() {
                        Ty::Sequence(element, Sequence::Slice) => {
                            let to_vec = proc_macro2::Ident::new("to_vec", stmt.span);
                            (
                                Op::Clone(Some(to_vec)),
                                Ty::Sequence(element, Sequence::Vec),
                            )
                        }
                        ty => (Op::Clone(None), ty),
                    };
                    let name = quote::format_ident!("lent", span = proc_macro2::Span::mixed_site());
                    let copy = function.new_value(ty, Some(name), stmt.span);
                    done.push(Stmt::new(vec![copy], op, vec![*arg], stmt.span));
                    *arg = copy;
                }
            }
        }
        done.push(stmt);
    }
    region.stmts = done;
}

/// Memories that every iteration of a loop fills anew before it reads them, and nobody reads
/// elsewhere: each with the outermost such loop. No adjoint of theirs passes from one iteration to
/// another.
pub fn private(function: &Function) -> Vec<(ControlId, ValueId)> {
    let mut forms = Forms::default();
    let mut lengths = IdMap::new();
    let mut fills = IdMap::new();
    function.body.for_each(&mut |stmt| {
        forms.note(stmt);
        match (&stmt.op, &stmt.results[..]) {
            (Op::Fill, &[result]) => drop(fills.insert(result, forms.of(stmt.args[1]))),
            (Op::Memory, &[memory]) => {
                let length = match function.ty(memory) {
                    Ty::Array(_, length) => forms.constant(length),
                    _ => fills.get(&stmt.args[0]).cloned(),
                };
                lengths.extend(length.map(|length| (memory, length)));
            }
            _ => {}
        }
    });
    let mut found = Vec::new();
    for memory in function.memories.iter() {
        let Some(length) = lengths.get(&memory) else {
            continue;
        };
        let mut region = &function.body;
        loop {
            let mut touching = region.stmts.iter().filter(|stmt| {
                let declares = stmt.results.contains(&memory);
                !declares && touches(stmt, memory)
            });
            let (Some(only), None) = (touching.next(), touching.next()) else {
                break;
            };
            let Op::Loop(own) = &only.op else { break };
            let body = own.body(&only.regions);
            let yields = body.yields.contains(&memory) || only.args.contains(&memory);
            let first = body.stmts.iter().find(|stmt| touches(stmt, memory));
            if !yields && first.is_some_and(|stmt| fills_whole(stmt, memory, length, &forms)) {
                found.push((own.id, memory));
                break;
            }
            region = body;
        }
    }
    found
}

fn touches(stmt: &Stmt, memory: ValueId) -> bool {
    let mut found = false;
    stmt.for_each_use(&mut |id| found |= id == memory);
    found
}

/// Whether the statement is a loop that stores to every element of the memory, and reads none.
fn fills_whole(stmt: &Stmt, memory: ValueId, length: &Linear, forms: &Forms) -> bool {
    let Op::Loop(own) = &stmt.op else {
        return false;
    };
    let LoopKind::Range {
        inclusive: false,
        adapters,
    } = &own.kind
    else {
        return false;
    };
    let body = own.body(&stmt.regions);
    let mut touching = body.stmts.iter().filter(|stmt| touches(stmt, memory));
    let stores_own = touching.next().is_some_and(|first| {
        matches!(&first.op, Op::Store(path) if *path == [Step::Index])
            && first.args[0] == memory
            && first.args[1] != memory
            && first.args[2] == body.params[0]
    });
    stores_own
        && touching.next().is_none()
        && adapters.is_empty()
        && !own.exits
        && forms.of(stmt.args[0]) == Linear::number(0)
        && forms.of(stmt.args[1]) == *length
}

/// The parts of memories that a statement changes.
fn changed(stmt: &Stmt) -> Vec<(ValueId, Vec<Step>, Vec<ValueId>)> {
    let whole = |id: ValueId| (id, Vec::new(), Vec::new());
    match &stmt.op {
        Op::Store(path) | Op::Update(path, _) => {
            vec![(stmt.args[0], path.clone(), stmt.args[2..].to_vec())]
        }
        Op::Append | Op::Shrink => vec![whole(stmt.args[0])],
        Op::Verbatim(verbatim) => {
            let changed = verbatim.changes.iter().map(|&k| stmt.args[k]);
            changed.map(whole).collect()
        }
        Op::Call(callee) => callee.changes.iter().copied().map(whole).collect(),
        _ => Vec::new(),
    }
}

/// Literals, constants by path, and the lengths of arrays.
fn constant(function: &Function, stmt: &Stmt) -> Option<Expr> {
    match &stmt.op {
        Op::Literal {
            lit: lit @ syn::Lit::Int(_),
            negative: false,
        } => Some(syn::parse_quote!(#lit)),
        Op::Path(path) if function.ty(stmt.results[0]).is_inactive() => {
            let last = path.path.segments.last()?.ident.to_string();
            last.starts_with(char::is_uppercase)
                .then(|| syn::parse_quote!(#path))
        }
        Op::Observe(Observation::Method(method)) if method == "len" => {
            match function.ty(stmt.args[0]) {
                Ty::Array(_, length) => match &**length {
                    length @ (Expr::Lit(_) | Expr::Path(_)) => Some(length.clone()),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}
