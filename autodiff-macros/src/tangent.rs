//! The forward transform, IR to IR: each statement is followed by the statement of its tangent.

use proc_macro2::{Ident, Span};
use quote::format_ident;

use crate::activity::Activity;
use crate::build::{Builder, Computed};
use crate::ids::{IdMap, IdSet};
use crate::ignored::Ignored;
use crate::ir::{Callee, Function, Loop, Mode, Op, Region, Shape, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

pub struct Tangent {
    pub function: Function,
    pub stmts: Vec<Stmt>,
    /// The tangent of each active parameter, in parameter order.
    pub dots: Vec<ValueId>,
    pub out_dot: ValueId,
    /// The tangents themselves; what rules compute on the way to them is not among them.
    pub tangents: IdSet,
}

struct Forward<'a> {
    primal: &'a Function,
    activity: &'a Activity,
    build: Builder,
    definitions: IdMap<&'a Stmt>,
    dots: IdMap<ValueId>,
    ignored: Ignored,
    /// Tangents of what does not depend on the parameters.
    zeros: IdSet,
}

pub fn tangent(primal: &Function, activity: &Activity) -> Tangent {
    let build = Builder::new(primal);
    let mut dots = IdMap::new();
    let mut params = Vec::new();
    for param in primal.params.iter().filter(|param| param.active) {
        let ty = primal.ty(param.value).clone();
        let dot = build.new_value(
            ty,
            Some(format_ident!("{}_dot", param.name)),
            param.name.span(),
        );
        if param.mode == Mode::Mutable {
            build.set_memory(dot);
        }
        dots.insert(param.value, dot);
        params.push(dot);
    }
    let definitions = primal.definitions();
    let mut forward = Forward {
        primal,
        activity,
        build,
        definitions,
        dots,
        ignored: Ignored::read(),
        zeros: IdSet::new(),
    };
    for stmt in &primal.body.stmts {
        forward.step(stmt);
    }
    let out_dot = forward.dot_or_zero(primal.output, primal.value(primal.output).span);
    let mut stmts = forward.ignored.take_stmts();
    stmts.append(&mut forward.build.take_stmts());
    let mut tangents = forward.zeros;
    tangents.extend(forward.dots.values());
    Tangent {
        function: forward.build.finish(),
        stmts,
        dots: params,
        out_dot,
        tangents,
    }
}

impl Forward<'_> {
    fn step(&mut self, stmt: &Stmt) {
        match &stmt.op {
            Op::If(_) | Op::Switch(_) => return self.branch(stmt),
            Op::Loop(own) => return self.repeat(stmt, own),
            Op::Shrink => {
                self.build.push_stmt(stmt.clone());
                if let Some(&dot) = self.dots.get(&stmt.args[0]) {
                    let stmt = Stmt::new(Vec::new(), Op::Shrink, vec![dot], stmt.span);
                    self.build.push_stmt(stmt);
                }
                return;
            }
            Op::Store(_) | Op::Update(..) | Op::Append => return self.change(stmt),
            _ => {}
        }
        if let Op::Call(callee) = &stmt.op
            && self.activity.reaches(stmt)
        {
            return self.call(stmt, callee, stmt.results[0]);
        }
        let active = stmt
            .result()
            .filter(|&result| self.activity.is_active(result));
        let Some(result) = active else {
            return self.build.push_stmt(stmt.clone());
        };
        self.build.push_stmt(stmt.clone());
        let name = self.dot_name(result);
        let ty = self.primal.ty(result).clone();
        let span = stmt.span;
        let dot = if let Some((primitive, args)) = stmt.derivative_view() {
            self.linear_combination(stmt, primitive, args)
        } else {
            match &stmt.op {
                Op::Project(path) => self.dots.get(&stmt.args[0]).copied().map(|root| {
                    let args = std::iter::once(root)
                        .chain(stmt.args[1..].iter().copied())
                        .collect();
                    let op = match (path.split_last(), &ty) {
                        (Some((Step::Field(field @ syn::Member::Named(_)), path)), Ty::Var(_)) => {
                            Op::ProjectField {
                                path: path.to_vec(),
                                field: field.clone(),
                            }
                        }
                        _ => Op::Project(path.clone()),
                    };
                    let part = self.build.push(op, args, ty.clone(), None, span);
                    match path.iter().any(|step| matches!(step, Step::View(_))) && !ty.is_scalar() {
                        // The tangent of a view is an array.
                        true => {
                            let own = Op::Clone(Some(Ident::new("to_owned", span)));
                            self.build.push(own, vec![part], ty, None, span)
                        }
                        false => part,
                    }
                }),
                Op::Cast if !self.primal.ty(stmt.args[0]).is_scalar() => self
                    .dots
                    .get(&stmt.args[0])
                    .copied()
                    .map(|dot| self.build.push(Op::CastTangent, vec![dot], ty, None, span)),
                Op::Memory => {
                    let init = self.dot_or_zero(stmt.args[0], span);
                    let dot = self.build.push(Op::Memory, vec![init], ty, None, span);
                    self.build.set_memory(dot);
                    Some(dot)
                }
                Op::Fill => self.dots.get(&stmt.args[0]).copied().map(|dot| {
                    let args = vec![dot, stmt.args[1]];
                    self.build.push(Op::Fill, args, ty, None, span)
                }),
                Op::Cast | Op::Clone(_) | Op::Repeat(_) => self
                    .dots
                    .get(&stmt.args[0])
                    .copied()
                    .map(|dot| self.build.push(stmt.op.clone(), vec![dot], ty, None, span)),
                Op::Aggregate(shape @ Shape::Struct { .. }) => {
                    let dot = self
                        .build
                        .push(Op::Zero, vec![result], ty, name.clone(), span);
                    for (k, &element) in stmt.args.iter().enumerate() {
                        if let Some(&element_dot) = self.dots.get(&element) {
                            let op = match (shape.step(k), self.primal.ty(element)) {
                                (Step::Field(field), Ty::Var(_)) => Op::AccumulateField {
                                    path: Vec::new(),
                                    field,
                                },
                                (step, _) => Op::Accumulate(vec![step]),
                            };
                            self.build.push_stmt(Stmt::new(
                                Vec::new(),
                                op,
                                vec![dot, element_dot],
                                span,
                            ));
                        }
                    }
                    Some(dot)
                }
                Op::Aggregate(shape) => {
                    let elements = stmt
                        .args
                        .iter()
                        .map(|&element| self.dot_or_zero(element, span))
                        .collect();
                    Some(
                        self.build
                            .push(Op::Aggregate(shape.clone()), elements, ty, None, span),
                    )
                }
                _ => None,
            }
        };
        if let Some(dot) = dot {
            if let Some(name) = name
                && self.build.name_of(dot).is_none()
                && self.build.number(dot).is_none()
            {
                self.build.set_name(dot, name);
            }
            self.dots.insert(result, dot);
        }
    }

    /// A region in which every statement is followed by its tangent. Its yields are the primal's and
    /// behind them, for those that `active` marks, their tangents.
    fn region(&mut self, region: &Region, count: usize, active: &[bool], span: Span) -> Region {
        let outside = self.build.enter(None);
        for stmt in &region.stmts {
            self.step(stmt);
        }
        let mut yields = region.yields[..count].to_vec();
        for (k, &value) in region.yields[..count].iter().enumerate() {
            if active[k] {
                yields.push(self.dot_or_zero(value, span));
            }
        }
        yields.extend(&region.yields[count..]);
        let (stmts, _) = self.build.leave(outside);
        Region {
            params: region.params.clone(),
            stmts,
            yields,
        }
    }

    /// New values for the tangents of those values that `active` marks.
    fn dots_of(&mut self, values: &[ValueId], active: &[bool], span: Span) -> Vec<ValueId> {
        let mut dots = Vec::new();
        for (&value, _) in values.iter().zip(active).filter(|(_, active)| **active) {
            let ty = self.primal.ty(value).clone();
            let dot = self.build.new_value(ty, self.dot_name(value), span);
            self.dots.insert(value, dot);
            dots.push(dot);
        }
        dots
    }

    fn branch(&mut self, stmt: &Stmt) {
        let active: Vec<bool> = stmt
            .results
            .iter()
            .map(|&result| self.activity.is_active(result))
            .collect();
        let regions = stmt
            .regions
            .iter()
            .map(|region| self.region(region, stmt.results.len(), &active, stmt.span))
            .collect();
        let mut results = stmt.results.clone();
        results.extend(self.dots_of(&stmt.results, &active, stmt.span));
        self.build.push_stmt(Stmt {
            results,
            regions,
            ..stmt.clone()
        });
    }

    fn repeat(&mut self, stmt: &Stmt, own: &Loop) {
        let span = stmt.span;
        let body = own.body(&stmt.regions);
        let params = own.carried_params(body).to_vec();
        let count = params.len();
        let active: Vec<bool> = params
            .iter()
            .zip(&stmt.results)
            .map(|(&param, &result)| {
                self.activity.is_active(param) || self.activity.is_active(result)
            })
            .collect();
        let mut args = stmt.args.clone();
        for (k, &init) in stmt.args[own.kind.arity()..].iter().enumerate() {
            if active[k] {
                args.push(self.dot_or_zero(init, span));
            }
        }
        let dots = self.dots_of(&params, &active, span);
        let last = stmt.regions.len() - 1;
        let mut regions = Vec::new();
        for (k, region) in stmt.regions.iter().enumerate() {
            let carried = if k == last { count } else { 0 };
            let mut region = self.region(region, carried, &active, span);
            region.params.extend(&dots);
            regions.push(region);
        }
        let mut results = stmt.results.clone();
        results.extend(self.dots_of(&stmt.results, &active, span));
        self.build.push_stmt(Stmt {
            results,
            args,
            regions,
            ..stmt.clone()
        });
    }

    /// The tangent of a memory is a memory, which changes alike.
    fn change(&mut self, stmt: &Stmt) {
        self.build.push_stmt(stmt.clone());
        let (memory, value) = (stmt.args[0], stmt.args[1]);
        let Some(&place) = self.dots.get(&memory) else {
            return;
        };
        if matches!(stmt.op, Op::Update(..)) && !self.dots.contains_key(&value) {
            return;
        }
        let mut args = vec![place, self.dot_or_zero(value, stmt.span)];
        args.extend(&stmt.args[2..]);
        self.build
            .push_stmt(Stmt::new(Vec::new(), stmt.op.clone(), args, stmt.span));
    }

    /// The sum of the partials times the arguments' tangents.
    fn linear_combination(
        &mut self,
        stmt: &Stmt,
        primitive: Primitive,
        args: &[ValueId],
    ) -> Option<ValueId> {
        let value = Computed::of(stmt);
        let mut total = None;
        for (k, arg) in args.iter().enumerate() {
            let Some(&d) = self.dots.get(arg) else {
                continue;
            };
            let Some(term) = self
                .build
                .contribution(primitive, args, value, k, d, stmt.span)
            else {
                continue;
            };
            total = Some(match total {
                Some(sum) => self.build.apply(Primitive::Add, &[sum, term], stmt.span),
                None => term,
            });
        }
        total
    }

    /// A zero tangent for an inactive argument, if one for all calls will do.
    fn ignored(&mut self, arg: ValueId, span: Span) -> Option<ValueId> {
        let Forward {
            ignored,
            primal,
            definitions,
            build,
            ..
        } = self;
        let is_there = |id| primal.param(id).is_some();
        let part = ignored.get(arg, &[], primal, definitions, build, &is_there)?;
        if part.path.is_empty() {
            return Some(part.whole);
        }
        let args = [part.whole].into_iter().chain(part.indices).collect();
        let ty = primal.ty(arg).clone();
        Some(build.push(Op::Project(part.path), args, ty, None, span))
    }

    fn call(&mut self, stmt: &Stmt, callee: &Callee, result: ValueId) {
        let span = stmt.span;
        let mut args = stmt.args.clone();
        for (&arg, &mode) in stmt.args.iter().zip(&callee.modes) {
            let known = match self.dots.get(&arg).copied() {
                None if mode == Mode::Mutable => self.changed_dot(arg),
                known => known,
            };
            let dot = match known {
                Some(dot) => self.seen(arg, dot, mode, span),
                None => match (mode == Mode::Reference)
                    .then(|| self.ignored(arg, span))
                    .flatten()
                {
                    Some(dot) => dot,
                    None => {
                        let ty = self.primal.ty(arg).clone();
                        {
                            let op = Op::Scratch { read: true };
                            self.build.push(op, vec![arg], ty, None, span)
                        }
                    }
                },
            };
            args.push(dot);
        }
        let name = match &self.primal.value(result).name {
            Some(name) => Some(format_ident!("{name}_dot")),
            None => callee
                .path
                .segments
                .last()
                .map(|segment| format_ident!("{}_dot", segment.ident)),
        };
        let dot = self
            .build
            .new_value(self.primal.ty(result).clone(), name, span);
        if self.activity.is_active(result) {
            self.dots.insert(result, dot);
        }
        let mut callee = self.activity.annotate(callee, &stmt.args);
        // What is lent to be changed, is so with its tangent.
        let tangents = callee
            .changes
            .iter()
            .filter_map(|memory| self.dots.get(memory));
        let tangents: Vec<ValueId> = tangents.copied().collect();
        callee.changes.extend(tangents);
        self.build.push_stmt(Stmt {
            results: vec![result, dot],
            op: Op::Call(callee),
            args,
            ..stmt.clone()
        });
    }

    /// The tangent of a part of memory that is lent to be changed, though it is no active value now.
    fn changed_dot(&mut self, arg: ValueId) -> Option<ValueId> {
        let Stmt {
            op: Op::Project(path),
            args,
            ..
        } = *self.definitions.get(&arg)?
        else {
            return None;
        };
        let &root = self.dots.get(&args[0])?;
        let args = std::iter::once(root)
            .chain(args[1..].iter().copied())
            .collect();
        let ty = self.primal.ty(arg).clone();
        let span = self.primal.value(arg).span;
        Some(
            self.build
                .push(Op::Project(path.clone()), args, ty, None, span),
        )
    }

    /// A field passed by reference surely has a gradient field: no need for the detour.
    fn seen(&mut self, arg: ValueId, dot: ValueId, mode: Mode, span: Span) -> ValueId {
        match self.definitions.get(&arg) {
            Some(Stmt {
                op: Op::Project(path),
                args,
                ..
            }) if mode != Mode::Value && !path.iter().any(|step| matches!(step, Step::View(_))) => {
                let Some(&root) = self.dots.get(&args[0]) else {
                    return dot;
                };
                let args = std::iter::once(root)
                    .chain(args[1..].iter().copied())
                    .collect();
                self.build.push(
                    Op::Project(path.clone()),
                    args,
                    self.primal.ty(arg).clone(),
                    None,
                    span,
                )
            }
            _ => dot,
        }
    }

    fn dot_name(&self, id: ValueId) -> Option<Ident> {
        self.primal
            .value(id)
            .name
            .as_ref()
            .map(|name| format_ident!("{name}_dot"))
    }

    fn dot_or_zero(&mut self, id: ValueId, span: Span) -> ValueId {
        if let Some(&dot) = self.dots.get(&id) {
            return dot;
        }
        let ty = self.primal.ty(id).clone();
        let zero = match (self.definitions.get(&id).map(|stmt| &stmt.op), &ty) {
            (Some(Op::Dummy), _) => self.build.push(Op::Dummy, Vec::new(), ty, None, span),
            (_, Ty::Scalar(_)) => self.build.constant(0.0, ty, span),
            _ => self.build.push(Op::Zero, vec![id], ty, None, span),
        };
        self.zeros.insert(zero);
        zero
    }
}
