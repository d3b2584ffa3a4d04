//! Loops: what the body assigns is carried from one iteration to the next.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Expr, ExprBlock, ExprForLoop, ExprLoop, ExprWhile, Label};

use super::exits::{self, Flow, Frame, Signal};
use super::{Key, Lowerer, Operand, Reported, mutation};
use crate::diagnostics::Cause;
use crate::ir::{Adapter, Loop, LoopKind, Observation, Op, Region, Stmt, ValueId};
use crate::ty::Ty;

/// A loop about to be lowered.
pub(super) struct Repeat<'e> {
    pub kind: LoopKind,
    /// The arguments of the kind.
    pub args: Vec<ValueId>,
    pub label: Option<&'e Label>,
    /// What is evaluated before each iteration of a `while`.
    pub condition: Option<&'e Expr>,
    /// The code that is repeated: what it assigns is carried.
    pub code: &'e [&'e Expr],
    /// Hidden locals that are carried, too.
    pub hidden: Vec<Key>,
    pub span: Span,
}

/// What lowers the body of a loop, given the index of a range.
pub(super) type Body<'b, L> = &'b mut dyn FnMut(&mut L, Option<ValueId>) -> Result<(), Reported>;

/// A local that a loop carries: where it stands, and its value at the start of an iteration.
struct Carried {
    depth: usize,
    key: Key,
    param: ValueId,
}

impl Lowerer<'_> {
    pub(super) fn for_loop(&mut self, own: &ExprForLoop) -> Result<(), Reported> {
        self.refuse_jump_in(&own.expr)?;
        let body = Expr::Block(ExprBlock {
            attrs: Vec::new(),
            label: None,
            block: own.body.clone(),
        });
        let Some((kind, args)) = self.range(&own.expr)? else {
            return self.for_each_item(own, &body);
        };
        let repeat = Repeat {
            kind,
            args,
            label: own.label.as_ref(),
            condition: None,
            code: &[&body],
            hidden: Vec::new(),
            span: own.for_token.span,
        };
        self.run_loop(repeat, &mut |this, index| {
            let index = index.expect("a range has an index");
            this.bind(&own.pat, Operand::value(index))?;
            this.block_value(&own.body.stmts, own.body.span())
                .map(|_| ())
        })
    }

    pub(super) fn while_loop(&mut self, own: &ExprWhile) -> Result<(), Reported> {
        if let Expr::Let(condition) = &*own.cond {
            let (label, body) = (&own.label, &own.body);
            let (pat, value) = (&condition.pat, &condition.expr);
            let endless: ExprLoop = syn::parse_quote_spanned! {own.while_token.span=>
                #label loop { match #value { #pat => #body _ => break } }
            };
            return self.endless_loop(&endless).map(|_| ());
        }
        self.refuse_joined(&own.cond)?;
        self.refuse_jump_in(&own.cond)?;
        let (label, condition, body) = (&own.label, &own.cond, &own.body);
        let changes = mutation::Changes::of(condition);
        if !changes.wholes.is_empty() || !changes.parts.is_empty() {
            // What the condition changes is carried like what the body changes.
            let endless: ExprLoop = syn::parse_quote_spanned! {own.while_token.span=>
                #label loop { if #condition #body else { break } }
            };
            return self.endless_loop(&endless).map(|_| ());
        }
        let body = Expr::Block(ExprBlock {
            attrs: Vec::new(),
            label: None,
            block: own.body.clone(),
        });
        let repeat = Repeat {
            kind: LoopKind::While,
            args: Vec::new(),
            label: own.label.as_ref(),
            condition: Some(&own.cond),
            code: &[&own.cond, &body],
            hidden: Vec::new(),
            span: own.while_token.span,
        };
        self.run_loop(repeat, &mut |this, _| {
            this.block_value(&own.body.stmts, own.body.span())
                .map(|_| ())
        })
    }

    /// `loop`, and the value that it breaks with.
    pub(super) fn endless_loop(&mut self, own: &ExprLoop) -> Result<Option<Operand>, Reported> {
        let body = Expr::Block(ExprBlock {
            attrs: Vec::new(),
            label: None,
            block: own.body.clone(),
        });
        self.scopes.push(Default::default());
        let value = self.fresh_hidden("loop");
        let repeat = Repeat {
            kind: LoopKind::While,
            args: Vec::new(),
            label: own.label.as_ref(),
            condition: None,
            code: &[&body],
            hidden: vec![value.clone()],
            span: own.loop_token.span,
        };
        let done = self.run_loop(repeat, &mut |this, _| {
            this.block_value(&own.body.stmts, own.body.span())
                .map(|_| ())
        });
        let value = self.hidden(&value);
        self.scopes.pop();
        done.map(|()| value)
    }

    /// `'name: { … break 'name value; … }`.
    pub(super) fn labelled_block(&mut self, own: &ExprBlock) -> Result<Option<Operand>, Reported> {
        self.scopes.push(Default::default());
        let key = self.fresh_hidden("block");
        self.frames.push(Frame {
            label: own.label.as_ref().map(|label| label.name.clone()),
            is_loop: false,
            value: key.clone(),
        });
        let done = self
            .block_value(&own.block.stmts, own.span())
            .and_then(|value| {
                self.guarded(own.span(), &mut |this| {
                    if let Some(value) = value {
                        this.set_hidden(&key, value);
                    }
                    Ok(())
                })
            });
        self.frames.pop();
        let (signal, codes) = self.outer_signal(true, own.span());
        self.flow = Flow { codes, signal };
        let value = self.hidden(&key);
        self.scopes.pop();
        done.map(|()| value)
    }

    /// `a..b` with its adapters, if that is all there is.
    pub(super) fn range(
        &mut self,
        expr: &Expr,
    ) -> Result<Option<(LoopKind, Vec<ValueId>)>, Reported> {
        let mut adapters = Vec::new();
        let mut counts = Vec::new();
        let mut inner = expr;
        let range = loop {
            match inner {
                Expr::Paren(own) => inner = &own.expr,
                Expr::Group(own) => inner = &own.expr,
                Expr::MethodCall(call) if call.method == "rev" && call.args.is_empty() => {
                    adapters.push(Adapter::Rev);
                    inner = &call.receiver;
                }
                Expr::MethodCall(call) if call.method == "step_by" && call.args.len() == 1 => {
                    adapters.push(Adapter::StepBy);
                    counts.push(&call.args[0]);
                    inner = &call.receiver;
                }
                Expr::Range(range) => break range,
                _ => return Ok(None),
            }
        };
        let (Some(start), Some(end)) = (&range.start, &range.end) else {
            return self.refuse(
                Cause::D0704,
                range,
                "a `for` over a range without both bounds",
                "the number of iterations must be known when the loop is reversed",
                "give it both bounds, or write `loop` with a `break`",
            );
        };
        adapters.reverse();
        counts.reverse();
        let start = self.expr(start)?.id;
        let end = self.expr(end)?.id;
        let mut args = vec![start, end];
        for count in counts {
            args.push(self.expr(count)?.id);
        }
        for &arg in &args {
            let ty = self.function.ty(arg).clone();
            self.unify(&ty, &Ty::Inactive, expr.span());
        }
        let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
        Ok(Some((
            LoopKind::Range {
                inclusive,
                adapters,
            },
            args,
        )))
    }

    /// A loop with the given body, which gets the index of a range.
    pub(super) fn run_loop(
        &mut self,
        repeat: Repeat<'_>,
        body: Body<'_, Self>,
    ) -> Result<(), Reported> {
        let span = repeat.span;
        let id = self.control();
        let mentions_varied = repeat.code.iter().any(|code| self.mentions_varied(code));
        let mut args = repeat.args.clone();
        let mut carried = Vec::new();
        for (depth, key) in self.carried_by(&repeat) {
            let local = self.scopes[depth][&key].clone();
            let init = local.value.unwrap_or_else(|| {
                let ty = self.infer.fresh();
                self.push(Op::Dummy, Vec::new(), ty, span)
            });
            let ty = self.function.ty(init).clone();
            let param = self.function.new_value(ty, local.ident.clone(), span);
            if self.varied.contains(&init) || mentions_varied && !self.is_inactive(init) {
                self.varied.insert(param);
            }
            if self.poisoned.contains(&init) {
                self.poisoned.insert(param);
            }
            args.push(init);
            carried.push(Carried { depth, key, param });
        }
        let flow = self.flow.clone();
        let index =
            (repeat.kind.has_index()).then(|| self.function.new_value(Ty::Inactive, None, span));
        let mut params: Vec<ValueId> = index.into_iter().collect();
        params.extend(carried.iter().map(|own| own.param));
        let mut regions = Vec::new();
        self.set_carried(&carried, |own| own.param);
        if matches!(repeat.kind, LoopKind::While) {
            let (stmts, condition) = self.apart(|this| match repeat.condition {
                Some(condition) => this.expr(condition).map(|operand| operand.id),
                None => Ok(this.flag(true, span)),
            });
            regions.push(Region {
                params: params.clone(),
                stmts,
                yields: vec![condition?],
            });
        }
        self.flow = Flow::default();
        self.frames.push(Frame {
            label: repeat.label.map(|label| label.name.clone()),
            is_loop: true,
            value: repeat
                .hidden
                .first()
                .cloned()
                .unwrap_or_else(exits::returned),
        });
        self.scopes.push(Default::default());
        let (mut stmts, done) = self.apart(|this| body(this, index));
        self.scopes.pop();
        self.frames.pop();
        if let Some(index) = index {
            self.name_value(index, &Ident::new("i", Span::mixed_site()));
        }
        let (more, mut yields) = self.apart(|this| this.yields_of(&carried, span));
        stmts.extend(more);
        let exits = self.flow.codes.iter().any(|&code| code >= 2);
        let endless = matches!(repeat.kind, LoopKind::While) && repeat.condition.is_none();
        let goes_on = exits.then(|| match self.flow.signal {
            Some(signal) => signal.goes_on,
            None => {
                let (more, flag) = self.apart(|this| this.flag(false, span));
                stmts.extend(more);
                flag
            }
        });
        let (more, (outer, codes)) = self.apart(|this| this.outer_signal(!endless, span));
        self.flow = flow;
        let mut results: Vec<ValueId> = carried
            .iter()
            .map(|own| {
                let name = self.function.value(own.param).name.clone();
                let ty = self.function.ty(own.param).clone();
                let result = self.function.new_value(ty, name, span);
                if self.varied.contains(&own.param) {
                    self.varied.insert(result);
                }
                if self.poisoned.contains(&own.param) {
                    self.poisoned.insert(result);
                }
                result
            })
            .collect();
        let mut signal = None;
        if let Some(outer) = outer {
            stmts.extend(more);
            let first = self.signal(0, span);
            let names = [outer.code, outer.normal, outer.goes_on];
            let news = names.map(|_| self.function.new_value(Ty::Inactive, None, span));
            let finals = names.map(|_| self.function.new_value(Ty::Inactive, None, span));
            args.extend([first.code, first.normal, first.goes_on]);
            params.extend(news);
            yields.extend(names);
            results.extend(finals);
            signal = Some(Signal {
                code: finals[0],
                normal: finals[1],
                goes_on: finals[2],
            });
        }
        if let [condition] = &mut regions[..] {
            condition.params.clone_from(&params);
        }
        yields.extend(goes_on);
        regions.push(Region {
            params,
            stmts,
            yields,
        });
        let op = Op::Loop(Loop {
            id,
            kind: repeat.kind,
            exits,
            counted: false,
        });
        for (own, &result) in carried.iter().zip(&results) {
            let local = self.scopes[own.depth].get_mut(&own.key);
            local.expect("carried locals are declared").value = Some(result);
        }
        self.stmts
            .push(Stmt::control(results, op, args, regions, span));
        self.flow = Flow { codes, signal };
        if self.flow.known().is_some() {
            self.flow.signal = None;
        }
        done
    }

    /// The locals that the loop assigns to, and the hidden ones that its jumps set.
    fn carried_by(&self, repeat: &Repeat<'_>) -> Vec<(usize, Key)> {
        let mut keys: Vec<Key> = Vec::new();
        for code in repeat.code {
            keys.extend(mutation::assigned(code).iter().map(Key::new));
        }
        let targets = exits::Targets::of(repeat.code);
        if targets.returns {
            keys.push(exits::returned());
        }
        let frames = self.frames.iter();
        let meant = frames.filter(|frame| {
            let label = frame.label.as_ref().map(|label| &label.ident);
            label.is_some_and(|label| targets.values.contains(label))
        });
        keys.extend(meant.map(|frame| frame.value.clone()));
        keys.extend(repeat.hidden.iter().cloned());
        let mut found: Vec<(usize, Key)> = Vec::new();
        for key in keys {
            let depth = (0..self.scopes.len())
                .rev()
                .find(|&depth| self.scopes[depth].contains_key(&key));
            let Some(depth) = depth else { continue };
            let local = &self.scopes[depth][&key];
            let is_memory = local.value.is_some_and(|id| self.function.is_memory(id));
            let known = found.iter().any(|(_, own)| *own == key);
            if !is_memory && local.alias.is_none() && local.closure.is_none() && !known {
                found.push((depth, key));
            }
        }
        found
    }

    fn set_carried(&mut self, carried: &[Carried], value: impl Fn(&Carried) -> ValueId) {
        for own in carried {
            let local = self.scopes[own.depth].get_mut(&own.key);
            local.expect("carried locals are declared").value = Some(value(own));
        }
    }

    /// The carried values at the end of the body.
    fn yields_of(&mut self, carried: &[Carried], span: Span) -> Vec<ValueId> {
        let mut yields = Vec::new();
        for own in carried {
            let value = self.scopes[own.depth][&own.key]
                .value
                .expect("a carried local has a value");
            let (before, after) = (
                self.function.ty(own.param).clone(),
                self.function.ty(value).clone(),
            );
            self.unify(&before, &after, span);
            yields.push(value);
        }
        yields
    }

    /// The flow as the code around a loop or labelled block sees it.
    fn outer_signal(
        &mut self,
        may_end: bool,
        span: Span,
    ) -> (Option<Signal>, std::collections::BTreeSet<usize>) {
        let outward = |code: usize| code.saturating_sub(2);
        let leaving = self.flow.codes.iter().filter(|code| **code >= 2);
        let mut codes: std::collections::BTreeSet<usize> =
            leaving.map(|&code| outward(code)).collect();
        if may_end {
            codes.insert(0);
        }
        if codes.len() <= 1 {
            return (None, codes);
        }
        let own: Vec<usize> = self.flow.codes.iter().copied().collect();
        let signal = self.mapped(&own, &outward, span);
        (Some(signal), codes)
    }

    /// The signal of the code that `map` makes of the current one.
    fn mapped(&mut self, codes: &[usize], map: &dyn Fn(usize) -> usize, span: Span) -> Signal {
        let (&first, rest) = codes.split_first().expect("a flow has a code");
        if rest.is_empty() {
            return self.signal(map(first), span);
        }
        let signal = self.flow.signal.expect("several codes have a signal");
        let number = self.integer(first, span);
        let equal = Op::Observe(Observation::Compare(
            syn::BinOp::Eq(Default::default()),
            Default::default(),
        ));
        let is_first = self.push(equal, vec![signal.code, number], Ty::Inactive, span);
        let (own, then) = self.apart(|this| this.signal(map(first), span));
        let (others, otherwise) = self.apart(|this| this.mapped(rest, map, span));
        let regions = [(own, then), (others, otherwise)].map(|(stmts, signal)| Region {
            params: Vec::new(),
            stmts,
            yields: vec![signal.code, signal.normal, signal.goes_on],
        });
        let [code, normal, goes_on] =
            std::array::from_fn(|_| self.function.new_value(Ty::Inactive, None, span));
        let op = Op::If(self.control());
        self.stmts.push(Stmt::control(
            vec![code, normal, goes_on],
            op,
            vec![is_first],
            regions.into(),
            span,
        ));
        Signal {
            code,
            normal,
            goes_on,
        }
    }
}
