//! The reverse transform, IR to IR: from a primal function to the statements that pull a
//! cotangent of its result back to its parameters.
//!
//! Scalars have their adjoints in SSA: the contributions of a value's uses are gathered and summed
//! where the walk reaches its definition. Everything else has a *buffer* that is accumulated in
//! place; parts of an aggregate are places in the buffer of its root. A scalar that a nested region
//! uses has a buffer, too, because its contributions come from more than one place or time.
//!
//! Branches and loops are in [`control`].

mod call;
mod control;
mod shapes;
mod spare;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};
use quote::format_ident;

use crate::activity::Activity;
use crate::build::{Builder, Calls, Computed};
use crate::carry::carry;
use crate::checkpoint::{self, Checkpointer};
use crate::dce::dce_pair;
use crate::fuse::{Joint, fuse};
use crate::ids::{IdMap, IdSet};
use crate::ignored::Ignored;
use crate::ir::{Callee, ControlId, Function, Op, Shape, Step, Stmt, Strategy, ValueId};
use crate::iteration::{ascend, hoist, take_dots};
use crate::keep::{Decision, keep};
use crate::memory::{self, Stability};
use crate::rules::Primitive;
use crate::ty::{Scalar, Ty};

/// The result: two runs of statements over one arena. One after the other, fused where that can be,
/// they are the joint program; with the second in a closure, the split one.
pub struct Reverse {
    pub function: Function,
    pub forward: Vec<Stmt>,
    pub backward: Vec<Stmt>,
    pub joint: Joint,
    /// The cotangent of the result.
    pub out_bar: ValueId,
    /// The buffer of each active parameter, in parameter order.
    pub bars: Vec<ValueId>,
    /// Slices by reference that are no active parameters, by position, with the buffers for adjoints
    /// by them that nobody wants.
    pub ignored: Vec<(usize, ValueId)>,
    /// The buffer of every memory.
    memories: IdMap<ValueId>,
}

/// A part of a buffer.
#[derive(Clone)]
struct Place {
    buffer: ValueId,
    path: Vec<Step>,
    indices: Vec<ValueId>,
}

impl Place {
    fn whole(buffer: ValueId) -> Place {
        Place {
            buffer,
            path: Vec::new(),
            indices: Vec::new(),
        }
    }

    /// Whether the two certainly have nothing in common.
    fn is_apart_from(&self, other: &Place) -> bool {
        if self.buffer != other.buffer {
            return true;
        }
        for steps in self.path.iter().zip(&other.path) {
            match steps {
                (Step::Field(a), Step::Field(b)) if a != b => return true,
                (Step::Field(_), Step::Field(_)) => {}
                // Elements may differ, but rustc cannot borrow them side by side.
                _ => return false,
            }
        }
        false
    }
}

/// What was decided on the way.
pub struct Finished {
    pub decisions: Vec<Decision>,
    /// The loops that keep whole states.
    pub checkpointed: Vec<ControlId>,
}

struct Reverser<'a> {
    primal: &'a Function,
    activity: &'a Activity,
    build: Builder,
    definitions: IdMap<&'a Stmt>,
    /// Contributions to scalars whose definition has not been reached yet.
    pending: IdMap<Vec<ValueId>>,
    buffers: IdMap<ValueId>,
    /// The cotangent of the result, as long as it needs no buffer of its own.
    seed: Option<(ValueId, ValueId)>,
    /// The pullback of each active call, by the call's result.
    pullbacks: IdMap<ValueId>,
    /// The derivatives that were computed beside values.
    slopes: IdMap<ValueId>,
    /// Zero gradients taken before their value is moved into a call.
    templates: IdMap<ValueId>,
    /// The values that are moved into a call in a branch or loop inside of their own region: their
    /// buffer is made outside, and so must be the template.
    moved_inside: IdSet,
    /// Where every value of the primal program is defined.
    homes: control::Homes,
    /// The region whose statements are being reversed.
    current: control::RegionId,
    /// The calls computed at the end of each forward region.
    calls: BTreeMap<control::RegionId, Calls>,
    /// Whether the function calls itself: then no pullback borrows, as one of them may be its own.
    recursive: bool,
    /// How many branches and loops are around the forward statement.
    depth: usize,
    /// The position in the body of the statement that is being reversed.
    position: usize,
    ignored: Ignored,
    spares: spare::Spares,
    /// How often each loop of unknown count went round.
    counts: BTreeMap<ControlId, ValueId>,
    /// What shape the content had that is overwritten, or handed on by a loop.
    shapes: shapes::Shapes,
}

impl Reverse {
    /// Drops what nobody uses, fuses loops, and sees to it that every value is there where it is
    /// used. What was decided in the joint program is for the report.
    pub fn finish(&mut self, primal: &Function, checkpoint: Option<&Strategy>) -> Finished {
        dce_pair(&mut self.forward, &mut self.backward, [primal.output]);
        let stability = Stability::of(primal);
        let private = memory::private(primal).into_iter();
        let private =
            private.filter_map(|(control, memory)| Some((control, *self.memories.get(&memory)?)));
        let private: Vec<(ControlId, ValueId)> = private.collect();
        self.joint = fuse(&self.forward, &self.backward, private.clone());
        let checkpointed = match checkpoint {
            Some(strategy) => self.checkpoint(primal, strategy, &stability, &private),
            None => Vec::new(),
        };
        let mut split: Vec<Stmt> = std::mem::take(&mut self.forward);
        let mut mark = split.len();
        split.append(&mut self.backward);
        keep(&mut self.function, &mut split, &mut mark, &stability);
        carry(&mut self.function, &mut split, &mut mark, &stability);
        hoist(&mut split, &mut mark, &stability);
        ascend(&mut split, &stability);
        take_dots(&mut self.function, &mut split, &mut mark, &stability);
        self.backward = split.split_off(mark);
        self.forward = split;
        let Joint { stmts, mark, .. } = &mut self.joint;
        let decisions = keep(&mut self.function, stmts, mark, &stability);
        carry(&mut self.function, stmts, mark, &stability);
        hoist(stmts, mark, &stability);
        ascend(stmts, &stability);
        take_dots(&mut self.function, stmts, mark, &stability);
        Finished {
            decisions,
            checkpointed,
        }
    }

    /// Lets long loops keep states instead of values, in both programs.
    fn checkpoint(
        &mut self,
        primal: &Function,
        strategy: &Strategy,
        stability: &Stability,
        private: &[(ControlId, ValueId)],
    ) -> Vec<ControlId> {
        // What would be kept without.
        let mut stmts = self.joint.stmts.clone();
        let mut function = self.function.clone();
        let decisions = keep(&mut function, &mut stmts, &mut 0, stability);
        let chosen = checkpoint::candidates(&self.joint.stmts, &decisions);
        if matches!(strategy, Strategy::StoreAll) {
            return chosen;
        }
        let wholes = checkpoint::wholes(primal);
        let mut checkpointer = Checkpointer {
            function: &mut self.function,
            stability,
            strategy,
            chosen: &chosen,
            wholes: &wholes,
            private,
        };
        let Joint { stmts, mark, .. } = &mut self.joint;
        checkpointer.scope(stmts, mark, true);
        let mut reverse = stmts.split_off(*mark);
        dce_pair(stmts, &mut reverse, [primal.output]);
        *mark = stmts.len();
        stmts.append(&mut reverse);

        let mut split: Vec<Stmt> = std::mem::take(&mut self.forward);
        let mut mark = split.len();
        split.append(&mut self.backward);
        checkpointer.scope(&mut split, &mut mark, false);
        self.backward = split.split_off(mark);
        self.forward = split;
        dce_pair(&mut self.forward, &mut self.backward, [primal.output]);
        chosen
    }

    /// Per active parameter, whether every number of its buffer is certainly accumulated into: then
    /// it may start from −0, to which adding is exact and free.
    pub fn fully_accumulated(&self) -> Vec<bool> {
        let mut hit: IdMap<BTreeSet<Vec<usize>>> = IdMap::new();
        for stmt in &self.backward {
            let Op::Accumulate(path) = &stmt.op else {
                continue;
            };
            let indices = path.iter().map(|step| match step {
                Step::At(index) => Some(*index),
                Step::Field(_) | Step::Index | Step::Slice { .. } => None,
            });
            if let Some(indices) = indices.collect::<Option<Vec<usize>>>() {
                hit.or_default(stmt.args[0]).insert(indices);
            }
        }
        let full = |bar: &ValueId| {
            let Some((lengths, hit)) = self.function.ty(*bar).literal_lengths().zip(hit.get(bar))
            else {
                return false;
            };
            let numbers = hit
                .iter()
                .filter(|indices| indices.len() == lengths.len())
                .count();
            numbers == lengths.iter().product::<usize>()
        };
        self.bars.iter().map(full).collect()
    }
}

pub fn reverse(primal: &Function, activity: &Activity, recursive: bool) -> Reverse {
    let build = Builder::new(primal);
    let out_bar = build.new_value(
        primal.ty(primal.output).clone(),
        Some(format_ident!("out_bar")),
        Span::call_site(),
    );
    let mut bars = Vec::new();
    let mut buffers = IdMap::new();
    for param in primal.params.iter().filter(|param| param.active) {
        let ty = primal.ty(param.value).clone();
        let bar = build.new_value(
            ty,
            Some(format_ident!("{}_bar", param.name)),
            param.name.span(),
        );
        buffers.insert(param.value, bar);
        bars.push(bar);
    }
    let definitions = primal.definitions();
    let mut reverser = Reverser {
        primal,
        activity,
        build,
        definitions,
        pending: IdMap::new(),
        buffers,
        seed: None,
        pullbacks: IdMap::new(),
        slopes: IdMap::new(),
        templates: IdMap::new(),
        moved_inside: IdSet::new(),
        homes: control::Homes::of(primal),
        current: control::Homes::BODY,
        calls: BTreeMap::new(),
        recursive,
        depth: 0,
        position: 0,
        ignored: Ignored::default(),
        spares: spare::Spares::default(),
        counts: BTreeMap::new(),
        shapes: shapes::Shapes::default(),
    };
    reverser.find_moved_inside(&primal.body, control::Homes::BODY);
    for stmt in &primal.body.stmts {
        reverser.forward(stmt);
    }
    let forward = reverser.build.take_stmts();
    reverser.seed_output(out_bar);
    for (position, stmt) in primal.body.stmts.iter().enumerate().rev() {
        reverser.position = position;
        reverser.add_spares(&stmt.results);
        reverser.backward(stmt);
    }
    for param in primal.params.iter().filter(|param| param.active) {
        reverser.add_spares(&[param.value]);
        if let Some(total) = reverser.sum(param.value) {
            reverser.accumulate(
                Place::whole(reverser.buffers[&param.value]),
                total,
                param.name.span(),
            );
        }
    }
    let ignored = reverser.ignored.slices(primal);
    let mut backward = reverser.ignored.take_stmts();
    backward.append(&mut reverser.spares.take_stmts());
    backward.append(&mut reverser.build.take_stmts());
    let mut memories = IdMap::new();
    for memory in primal.memories.iter() {
        memories.extend(reverser.buffers.get(&memory).map(|&bar| (memory, bar)));
    }
    Reverse {
        function: reverser.build.finish(),
        joint: Joint::default(),
        forward,
        backward,
        out_bar,
        bars,
        ignored,
        memories,
    }
}

impl Reverser<'_> {
    /// The primal statement, made to keep what the reverse sweep needs.
    fn forward(&mut self, stmt: &Stmt) {
        self.forward_itself(stmt);
        self.templates_of(&stmt.results, stmt.span);
    }

    fn forward_itself(&mut self, stmt: &Stmt) {
        if !stmt.regions.is_empty() {
            return self.forward_control(stmt);
        }
        if let Op::Store(path) = &stmt.op {
            self.note_overwritten(stmt, path);
        }
        if self.activity.reaches(stmt) {
            for arg in self.moved_by(stmt) {
                self.template(arg, stmt.span);
            }
        }
        let Op::Call(callee) = &stmt.op else {
            self.build.push_stmt(stmt.clone());
            return self.slope(stmt);
        };
        let result = stmt.results[0];
        if !self.activity.reaches(stmt) {
            return self.build.push_stmt(stmt.clone());
        }
        let name = match &self.primal.value(result).name {
            Some(name) => format_ident!("{name}_pullback"),
            None => {
                let callee = callee.path.segments.last().expect("a path has a segment");
                format_ident!("{}_pullback", callee.ident)
            }
        };
        let pullback = self.build.new_value(Ty::Inactive, Some(name), stmt.span);
        self.pullbacks.insert(result, pullback);
        // It may change while the pullback lives.
        let mut args = stmt.args.iter();
        let lends_memory = args.any(|&arg| self.primal.is_memory(arg) || self.is_of_memory(arg));
        self.build.push_stmt(Stmt {
            results: vec![result, pullback],
            op: match self.activity.annotate(callee, &stmt.args) {
                Op::Call(callee) => Op::Call(Callee {
                    detached: callee.detached || self.depth > 0 || self.recursive || lends_memory,
                    ..callee
                }),
                other => other,
            },
            ..stmt.clone()
        });
    }

    /// The derivative of a function of one argument beside its value, if that is the place for it.
    fn slope(&mut self, stmt: &Stmt) {
        let (result, span) = match (&stmt.results[..], stmt.span) {
            (&[result], span) if self.activity.is_active(result) => (result, span),
            _ => return,
        };
        let Some((primitive, args)) = stmt
            .derivative_view()
            .filter(|(primitive, _)| primitive.shares_with_slope())
        else {
            return;
        };
        let (build, value) = (&self.build, Computed::of(stmt));
        let one = build.constant(1.0, build.ty(result), span);
        let Some(slope) = build.contribution(primitive, args, value, 0, one, span) else {
            return;
        };
        // In a loop it may be kept; elsewhere it is best seen where it is used.
        if let Some(name) = &self.primal.value(result).name
            && self.depth > 0
            && build.name_of(slope).is_none()
        {
            build.set_name(slope, format_ident!("{name}_slope"));
        }
        self.slopes.insert(result, slope);
    }

    fn seed_output(&mut self, out_bar: ValueId) {
        let output = self.primal.output;
        if !self.activity.is_active(output) {
            return;
        }
        if self.primal.ty(output).is_scalar() {
            self.pending.or_default(output).push(out_bar);
        } else if self.is_root(output) && self.primal.param(output).is_none() {
            self.seed = Some((output, out_bar));
        } else {
            let place = self.place(output, Span::call_site());
            self.accumulate(place, out_bar, Span::call_site());
        }
    }

    fn backward(&mut self, stmt: &Stmt) {
        match &stmt.op {
            Op::If(_) | Op::Switch(_) => return self.backward_branch(stmt),
            Op::Loop(own) => return self.backward_loop(stmt, own),
            Op::Shrink if self.activity.is_active(stmt.args[0]) => {
                let buffer = self.place(stmt.args[0], stmt.span).buffer;
                let grow = Stmt::new(Vec::new(), Op::Grow, vec![buffer], stmt.span);
                return self.build.push_stmt(grow);
            }
            Op::Store(_) | Op::Update(..) | Op::Append => return self.backward_change(stmt),
            Op::Call(callee) if self.activity.reaches(stmt) => {
                return self.backward_call(stmt, callee, stmt.results[0]);
            }
            _ => {}
        }
        let Some(result) = stmt
            .result()
            .filter(|&result| self.activity.is_active(result))
        else {
            return;
        };
        let span = stmt.span;
        if let Some((primitive, args)) = stmt.derivative_view() {
            let Some(d) = self.sum(result) else { return };
            if let Some(&slope) = self.slopes.get(&result) {
                let term = self.build.apply(Primitive::Mul, &[d, slope], span);
                return self.contribute(args[0], term, span);
            }
            let value = Computed::of(stmt);
            for (k, &arg) in args.iter().enumerate() {
                if self.activity.is_active(arg)
                    && let Some(term) = self.build.contribution(primitive, args, value, k, d, span)
                {
                    self.contribute(arg, term, span);
                }
            }
            return;
        }
        match &stmt.op {
            Op::Cast => {
                let Some(d) = self.sum(result) else { return };
                let arg = stmt.args[0];
                let ty = self.primal.ty(arg).clone();
                let back = match ty {
                    Ty::Scalar(ref scalar) if *scalar != Scalar::Unseen => {
                        self.build.push(Op::Cast, vec![d], ty, None, span)
                    }
                    _ => self.build.push(Op::CastLike, vec![d, arg], ty, None, span),
                };
                self.contribute(arg, back, span);
            }
            Op::Clone(_) | Op::Memory => {
                let arg = stmt.args[0];
                if self.activity.is_active(arg)
                    && let Some(d) = self.cotangent(result)
                {
                    // A vector made of an array has a vector for its adjoint.
                    let is_made = matches!(&stmt.op, Op::Clone(Some(name)) if name == "to_vec");
                    if is_made && !self.is_surely_vector(arg) {
                        let mut place = self.place(arg, span);
                        place.path.push(Step::Slice {
                            from: false,
                            to: false,
                            inclusive: false,
                        });
                        return self.accumulate(place, d, span);
                    }
                    self.contribute(arg, d, span);
                }
            }
            Op::Project(path) => {
                let own = self.primal.ty(result).is_scalar() || self.is_snapshot(stmt);
                if let Some(d) = own.then(|| self.cotangent(result)).flatten() {
                    let mut place = self.place(stmt.args[0], span);
                    place.path.extend(path.iter().cloned());
                    place.indices.extend(&stmt.args[1..]);
                    self.accumulate(place, d, span);
                }
            }
            Op::Repeat(_) | Op::Fill if self.activity.is_active(stmt.args[0]) => {
                let Some(d) = self.cotangent(result) else {
                    return;
                };
                let arg = stmt.args[0];
                let ty = self.primal.ty(arg).clone();
                if ty.is_scalar() {
                    let total = self.build.push(Op::Total, vec![d], ty, None, span);
                    return self.contribute(arg, total, span);
                }
                let shape = self.templates.get(&arg).copied().unwrap_or(arg);
                let name = self.bar_name(arg);
                let sum = self.build.push(Op::Zero, vec![shape], ty, name, span);
                let each = Stmt::new(Vec::new(), Op::AccumulateEach, vec![sum, d], span);
                self.build.push_stmt(each);
                self.contribute(arg, sum, span);
            }
            Op::Aggregate(shape) => self.backward_aggregate(stmt, shape, result),
            _ => {}
        }
    }

    fn backward_aggregate(&mut self, stmt: &Stmt, shape: &Shape, result: ValueId) {
        let Some(d) = self.cotangent(result) else {
            return;
        };
        for (k, &element) in stmt.args.iter().enumerate() {
            if self.activity.is_active(element) {
                let ty = self.primal.ty(element).clone();
                let op = match (shape, shape.step(k), &ty) {
                    (
                        Shape::Struct { .. },
                        Step::Field(field @ syn::Member::Named(_)),
                        Ty::Var(_),
                    ) => Op::ProjectField {
                        path: Vec::new(),
                        field,
                    },
                    (_, step, _) => Op::Project(vec![step]),
                };
                let part = self.build.push(op, vec![d], ty, None, stmt.span);
                self.contribute(element, part, stmt.span);
            }
        }
    }

    /// Whether contributions to the scalar are summed later, at its definition.
    fn pending_counts(&self, arg: ValueId) -> bool {
        !self.buffers.contains_key(&arg) || self.primal.param(arg).is_some()
    }

    /// A struct's field passed on by value whose type only rustc knows: it may have no gradient.
    fn unseen_field(&self, arg: ValueId) -> Option<syn::Member> {
        match (self.definition_path(arg)?.last()?, self.primal.ty(arg)) {
            (Step::Field(member @ syn::Member::Named(_)), Ty::Var(_)) => Some(member.clone()),
            _ => None,
        }
    }

    fn definition_path(&self, id: ValueId) -> Option<&[Step]> {
        let stmt = self.definitions.get(&id)?;
        match &stmt.op {
            Op::Project(path) if !self.is_snapshot(stmt) => Some(path),
            _ => None,
        }
    }

    /// Whether the statement copies a part of a memory, which may change while the copy lives.
    fn is_snapshot(&self, stmt: &Stmt) -> bool {
        matches!(stmt.op, Op::Project(_))
            && self.primal.is_memory(stmt.args[0])
            && self.primal.value(stmt.results[0]).name.is_some()
            && !self.primal.ty(stmt.results[0]).is_scalar()
    }

    /// Whether the value is of an active memory, the whole or a part.
    fn is_active_memory(&self, id: ValueId) -> bool {
        let root = match self.definitions.get(&id) {
            Some(stmt) if matches!(stmt.op, Op::Project(_)) => stmt.args[0],
            _ => id,
        };
        self.primal.is_memory(root) && self.activity.is_active(root)
    }

    /// Whether the value is a part of a memory as it was at some time.
    fn is_of_memory(&self, id: ValueId) -> bool {
        self.definitions.get(&id).is_some_and(|stmt| {
            matches!(stmt.op, Op::Project(_)) && self.primal.is_memory(stmt.args[0])
        })
    }

    /// Whether the value is not part of another one.
    fn is_root(&self, id: ValueId) -> bool {
        self.definition_path(id).is_none()
    }

    /// Where the adjoint of a value that is not a local scalar lives.
    fn place(&mut self, id: ValueId, span: Span) -> Place {
        if let Some(
            stmt @ Stmt {
                op: Op::Project(path),
                args,
                ..
            },
        ) = self.definitions.get(&id).copied()
            && !self.is_snapshot(stmt)
            && !self.buffers.contains_key(&id)
        {
            let mut place = self.place(args[0], span);
            place.path.extend(path.iter().cloned());
            place.indices.extend(&args[1..]);
            return place;
        }
        Place::whole(self.buffer(id, span))
    }

    /// The buffer of a root, made on first use.
    fn buffer(&mut self, id: ValueId, span: Span) -> ValueId {
        if let Some(&buffer) = self.buffers.get(&id) {
            return buffer;
        }
        let ty = self.primal.ty(id).clone();
        let name = self.bar_name(id);
        let (op, from) = match (self.seed, self.templates.get(&id)) {
            (Some((output, out_bar)), _) if output == id => {
                self.seed = None;
                (Op::Buffer, out_bar)
            }
            (_, Some(&template)) => (Op::Buffer, template),
            _ => (Op::Zero, id),
        };
        let buffer = self.build.push(op, vec![from], ty, name, span);
        self.buffers.insert(id, buffer);
        buffer
    }

    /// Where a call's pullback accumulates: local scalars get a buffer that holds what is known.
    fn call_place(&mut self, arg: ValueId, span: Span) -> Place {
        // What was read from memory has an adjoint of its own until the read is reversed.
        let is_local_scalar = self.primal.ty(arg).is_scalar()
            && (self.is_root(arg) || self.is_of_memory(arg))
            && !self.primal.is_memory(arg)
            && self.primal.param(arg).is_none();
        if is_local_scalar && !self.buffers.contains_key(&arg) {
            self.scalar_buffer(arg, span);
        }
        self.place(arg, span)
    }

    /// A buffer for a scalar, which starts from what is known.
    fn scalar_buffer(&mut self, id: ValueId, span: Span) -> ValueId {
        let ty = self.primal.ty(id).clone();
        let so_far = match self.sum_unnamed(id) {
            Some(so_far) => so_far,
            None => self.build.constant(0.0, ty.clone(), span),
        };
        let name = self.bar_name(id);
        let buffer = self.build.push(Op::Buffer, vec![so_far], ty, name, span);
        self.buffers.insert(id, buffer);
        buffer
    }

    fn bar_name(&self, id: ValueId) -> Option<Ident> {
        self.primal
            .value(id)
            .name
            .as_ref()
            .map(|name| format_ident!("{name}_bar"))
    }

    /// Adds `term` to the adjoint of `id`.
    fn contribute(&mut self, id: ValueId, term: ValueId, span: Span) {
        if let Some(field) = self.unseen_field(id) {
            return self.accumulate_field(id, field, term, span);
        }
        let here = self.homes.of_value(id) == self.current;
        if self.primal.ty(id).is_scalar() && !self.primal.is_memory(id) {
            if here {
                self.pending.or_default(id).push(term);
            } else {
                let place = Place::whole(self.buffers[&id]);
                self.accumulate(place, term, span);
            }
        } else if self.is_root(id)
            && self.primal.param(id).is_none()
            && !self.buffers.contains_key(&id)
            && self.seed.is_none_or(|(output, _)| output != id)
        {
            let name = self.bar_name(id);
            let buffer = self.build.push(
                Op::Buffer,
                vec![term],
                self.primal.ty(id).clone(),
                name,
                span,
            );
            self.buffers.insert(id, buffer);
        } else {
            let place = self.place(id, span);
            self.accumulate(place, term, span);
        }
    }

    /// Adds `term` to a field that may not be there, by the gradient's own method.
    fn accumulate_field(&mut self, id: ValueId, field: syn::Member, term: ValueId, span: Span) {
        let mut place = self.place(id, span);
        place.path.pop();
        let op = Op::AccumulateField {
            path: place.path,
            field,
        };
        let args = [place.buffer, term]
            .into_iter()
            .chain(place.indices)
            .collect();
        self.build.push_stmt(Stmt::new(Vec::new(), op, args, span));
    }

    fn accumulate(&mut self, place: Place, term: ValueId, span: Span) {
        let args = [place.buffer, term]
            .into_iter()
            .chain(place.indices)
            .collect();
        self.build.push_stmt(Stmt::new(
            Vec::new(),
            Op::Accumulate(place.path),
            args,
            span,
        ));
    }

    fn sum_unnamed(&mut self, id: ValueId) -> Option<ValueId> {
        let span = self.primal.value(id).span;
        let terms = self.pending.remove(&id)?;
        terms
            .into_iter()
            .reduce(|sum, term| self.build.add(sum, term, span))
    }

    /// The adjoint of a scalar at its definition; `None` if nothing was contributed.
    fn sum(&mut self, id: ValueId) -> Option<ValueId> {
        let is_param = self.primal.param(id).is_some();
        let buffer = self.buffers.get(&id).copied().filter(|_| !is_param);
        let pending = self.sum_unnamed(id);
        let total = match (buffer, pending) {
            (Some(buffer), Some(pending)) => {
                let span = self.primal.value(id).span;
                self.build.add(buffer, pending, span)
            }
            (Some(total), None) | (None, Some(total)) => total,
            (None, None) => return None,
        };
        if !is_param
            && self.is_root(id)
            && self.build.name_of(total).is_none()
            && self.build.number(total).is_none()
            && let Some(name) = self.bar_name(id)
        {
            self.build.set_name(total, name);
        }
        Some(total)
    }

    /// The cotangent of a value of any type at its definition.
    fn cotangent(&mut self, id: ValueId) -> Option<ValueId> {
        if self.primal.ty(id).is_scalar() && !self.primal.is_memory(id) {
            return self.sum(id);
        }
        match self.seed {
            Some((output, out_bar)) if output == id => Some(out_bar),
            _ => self.buffers.get(&id).copied(),
        }
    }
}
