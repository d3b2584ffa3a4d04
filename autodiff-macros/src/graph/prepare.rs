//! The primal program as a reader thinks of it: without what only the lowering of jumps keeps, and
//! with a name for what it keeps and is shown.

use proc_macro2::{Ident, Span};
use syn::{Expr, Lit};

use crate::dce::dce;
use crate::ids::IdMap;
use crate::ir::{Function, Mode, Observation, Op, Region, Stmt, ValueId};
use crate::signature::Signature;
use crate::ty::Ty;

/// The function that is drawn.
pub fn prepare(primal: &Function, signature: &Signature) -> Function {
    let mut function = primal.clone();
    name_hidden(&mut function);
    lengths(&mut function, signature);
    clean(&mut function, signature);
    let mut body = std::mem::take(&mut function.body);
    let mut flags = Flags::of(&body);
    flags.region(&mut body, &mut function);
    function.output = (flags.known.get(&function.output).copied()).unwrap_or(function.output);
    function.body = body;
    clean(&mut function, signature);
    function
}

/// Whether the function returns anything.
pub fn returns_value(signature: &Signature) -> bool {
    !matches!(&signature.output, syn::Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Drops what nobody uses, but for the user's own straight-line variables.
fn clean(function: &mut Function, signature: &Signature) {
    let mut roots: Vec<ValueId> = (function.params.iter())
        .filter(|param| param.mode == Mode::Mutable)
        .map(|param| param.value)
        .collect();
    roots.extend(returns_value(signature).then_some(function.output));
    let plain = (function.body.stmts.iter()).filter(|stmt| stmt.regions.is_empty());
    let results = plain.flat_map(|stmt| stmt.results.iter().copied());
    roots.extend(results.filter(|&id| function.value(id).name.is_some()));
    dce(&mut function.body.stmts, roots);
}

/// Names the results of loops that the user did not: what is returned or summed up, and whether
/// control is still there.
fn name_hidden(function: &mut Function) {
    let definitions = function.definitions();
    let mut names: Vec<(ValueId, &str)> = Vec::new();
    function.body.for_each(&mut |stmt| {
        let Op::Loop(own) = &stmt.op else { return };
        let inits = &stmt.args[own.kind.arity()..];
        let kind = |k: usize| match inits.get(k).and_then(|id| definitions.get(id)) {
            Some(init) => match &init.op {
                Op::Dummy => "result",
                Op::Literal {
                    lit: Lit::Bool(_), ..
                } => "running",
                _ => "total",
            },
            None => "total",
        };
        for (k, &result) in stmt.results.iter().enumerate() {
            let name = match kind(k) {
                "total" if kind(k + 1) == "running" && kind(k + 2) == "running" => "exit",
                name => name,
            };
            names.push((result, name));
            for region in &stmt.regions {
                names.extend(own.carried_params(region).get(k).map(|&id| (id, name)));
            }
        }
    });
    for (id, name) in names {
        let value = function.value_mut(id);
        value
            .name
            .get_or_insert_with(|| Ident::new(name, Span::mixed_site()));
    }
}

/// A const parameter that is the length of an argument becomes that length.
fn lengths(function: &mut Function, signature: &Signature) {
    for constant in signature.const_params() {
        let is_own = |expr: &Expr| match expr {
            Expr::Path(path) => path.path.is_ident(&constant.ident),
            _ => false,
        };
        let of_param = function.params.iter().find(
            |param| matches!(function.ty(param.value), Ty::Array(_, length) if is_own(length)),
        );
        let Some(param) = of_param.map(|param| param.value) else {
            continue;
        };
        let span = constant.ident.span();
        let length = function.new_value(Ty::Inactive, Some(constant.ident.clone()), span);
        let mut body = std::mem::take(&mut function.body);
        let mut known = IdMap::new();
        substitute(&mut body, &mut known, &mut |stmt| match &stmt.op {
            Op::Path(path) if path.path.is_ident(&constant.ident) => {
                Some((stmt.results[0], length))
            }
            Op::Repeat(count) if is_own(count) => {
                stmt.op = Op::Fill;
                stmt.args.push(length);
                None
            }
            _ => None,
        });
        let len = Observation::Method(Ident::new("len", span));
        let first = Stmt::new(vec![length], Op::Observe(len), vec![param], span);
        body.stmts.insert(0, first);
        function.output = known
            .get(&function.output)
            .copied()
            .unwrap_or(function.output);
        function.body = body;
    }
}

/// Puts other values in the place of those that `replace` names, in it and after it.
fn substitute(
    region: &mut Region,
    known: &mut IdMap<ValueId>,
    replace: &mut dyn FnMut(&mut Stmt) -> Option<(ValueId, ValueId)>,
) {
    for stmt in &mut region.stmts {
        rename(&mut stmt.args, known);
        for inner in &mut stmt.regions {
            substitute(inner, known, replace);
        }
        if let Some((from, to)) = replace(stmt) {
            known.insert(from, to);
        }
    }
    rename(&mut region.yields, known);
}

fn rename(ids: &mut [ValueId], known: &IdMap<ValueId>) {
    for id in ids {
        *id = known.get(id).copied().unwrap_or(*id);
    }
}

/// What branches say about flags: a result that is true in one arm and false in the other is the
/// condition.
struct Flags {
    literals: IdMap<bool>,
    integers: IdMap<u64>,
    /// Results that are one integer or another: the condition, and the two.
    codes: IdMap<(ValueId, [u64; 2])>,
    /// The opposites of conditions in the regions around.
    opposites: IdMap<ValueId>,
    known: IdMap<ValueId>,
}

impl Flags {
    fn of(body: &Region) -> Flags {
        let mut flags = Flags {
            literals: IdMap::new(),
            integers: IdMap::new(),
            codes: IdMap::new(),
            opposites: IdMap::new(),
            known: IdMap::new(),
        };
        body.for_each(&mut |stmt| match &stmt.op {
            Op::Literal {
                lit: Lit::Bool(own),
                ..
            } => {
                flags.literals.insert(stmt.results[0], own.value);
            }
            Op::Literal {
                lit: Lit::Int(own),
                negative: false,
            } => {
                let number = own.base10_parse().ok();
                flags
                    .integers
                    .extend(number.map(|number| (stmt.results[0], number)));
            }
            _ => {}
        });
        flags
    }

    fn region(&mut self, region: &mut Region, function: &mut Function) {
        let opposites = self.opposites.clone();
        let mut stmts = Vec::with_capacity(region.stmts.len());
        for mut stmt in std::mem::take(&mut region.stmts) {
            rename(&mut stmt.args, &self.known);
            if let Some((condition, holds)) = self.code(&stmt) {
                let (id, more) = self.condition(condition, holds, function, stmt.span);
                self.known.insert(stmt.results[0], id);
                stmts.extend(more);
                continue;
            }
            for inner in &mut stmt.regions {
                self.region(inner, function);
            }
            let mut more = Vec::new();
            if let Op::If(_) = stmt.op {
                more = self.branch(&mut stmt, function);
            }
            stmts.extend(more);
            stmts.push(stmt);
        }
        region.stmts = stmts;
        rename(&mut region.yields, &self.known);
        self.opposites = opposites;
    }

    /// Of a comparison that asks which of its two integers a result is: the condition for that, and
    /// whether it must hold.
    fn code(&self, stmt: &Stmt) -> Option<(ValueId, bool)> {
        let Op::Observe(Observation::Compare(syn::BinOp::Eq(_), _)) = &stmt.op else {
            return None;
        };
        let (condition, [then, otherwise]) = self.codes.get(&stmt.args[0])?;
        let number = self.integers.get(&stmt.args[1])?;
        match (then == number, otherwise == number) {
            (true, false) => Some((*condition, true)),
            (false, true) => Some((*condition, false)),
            _ => None,
        }
    }

    /// A condition, or its opposite, with the statement for it if there is none yet.
    fn condition(
        &mut self,
        condition: ValueId,
        holds: bool,
        function: &mut Function,
        span: Span,
    ) -> (ValueId, Option<Stmt>) {
        if holds {
            return (condition, None);
        }
        if let Some(&opposite) = self.opposites.get(&condition) {
            return (opposite, None);
        }
        let id = function.new_value(Ty::Inactive, None, span);
        self.opposites.insert(condition, id);
        let op = Op::Observe(Observation::Not);
        (id, Some(Stmt::new(vec![id], op, vec![condition], span)))
    }

    /// Takes known results out of a branch; gives what they are instead.
    fn branch(&mut self, stmt: &mut Stmt, function: &mut Function) -> Vec<Stmt> {
        let mut more = Vec::new();
        let condition = stmt.args[0];
        let [then, otherwise] = &mut stmt.regions[..] else {
            return more;
        };
        for k in (0..stmt.results.len()).rev() {
            // What the user named is theirs.
            if function.value(stmt.results[k]).name.is_some() {
                continue;
            }
            let yields = [then.yields[k], otherwise.yields[k]];
            if let [Some(&then), Some(&otherwise)] = yields.map(|id| self.integers.get(&id)) {
                self.codes
                    .insert(stmt.results[k], (condition, [then, otherwise]));
            }
            let instead = match yields.map(|id| self.literals.get(&id).copied()) {
                [Some(a), Some(b)] if a == b => {
                    let id = function.new_value(Ty::Inactive, None, stmt.span);
                    self.literals.insert(id, a);
                    let lit = Lit::Bool(syn::LitBool::new(a, stmt.span));
                    let op = Op::Literal {
                        lit,
                        negative: false,
                    };
                    more.push(Stmt::new(vec![id], op, Vec::new(), stmt.span));
                    id
                }
                [Some(then), Some(_)] => {
                    let (id, stmt) = self.condition(condition, then, function, stmt.span);
                    more.extend(stmt);
                    id
                }
                _ if yields[0] == yields[1] => yields[0],
                _ => continue,
            };
            self.known.insert(stmt.results[k], instead);
            stmt.results.remove(k);
            then.yields.remove(k);
            otherwise.yields.remove(k);
        }
        more
    }
}
