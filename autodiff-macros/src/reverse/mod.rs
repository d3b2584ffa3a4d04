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
mod finish;
mod place;
mod shapes;
mod spare;

use place::Place;

use std::collections::BTreeMap;

use proc_macro2::Span;
use quote::format_ident;

use crate::activity::Activity;
use crate::build::{Builder, Calls, Computed};
use crate::fuse::Joint;
use crate::ids::{IdMap, IdSet};
use crate::ignored::Ignored;
use crate::ir::{Callee, ControlId, Function, Op, Shape, Step, Stmt, ValueId};
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
        // A view is made where it is lent, and is gone behind the call.
        let lends_view = stmt.args.iter().any(|&arg| self.is_view(arg));
        let lends = lends_memory || lends_view;
        let callee = self.activity.annotate(callee, &stmt.args);
        self.build.push_stmt(Stmt {
            results: vec![result, pullback],
            op: Op::Call(Callee {
                detached: callee.detached || self.depth > 0 || self.recursive || lends,
                ..callee
            }),
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
            let span = self.primal.value(output).span;
            let place = self.place(output, span);
            self.accumulate(place, out_bar, span);
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
}
