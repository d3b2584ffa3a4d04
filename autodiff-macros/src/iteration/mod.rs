//! What the iterations of a derived program's loops have to do with each other, and what can be
//! made of it: their order ([`ascend`]), what is the same in all of them ([`hoist`]), sums of
//! products over them ([`take_dots`]), and loops of their own for what is waited for ([`distribute`]).

mod ascend;
mod distribute;
mod dot;
mod hoist;

pub use ascend::ascend;
pub use distribute::distribute;
pub use dot::take_dots;
pub use hoist::hoist;

use crate::fuse::{Places, Touch};
use crate::ids::{IdMap, IdSet};
use crate::ir::{ControlId, Observation, Op, Region, Step, Stmt, ValueId, indices};
use crate::memory::{Access, Stability};

/// More accesses to one place are not compared.
const MOST: usize = 64;

/// Loops that are known to be shorter stay as they are: to set up another loop costs more than it gains.
const SHORTEST: usize = 8;

/// The loops of a program are looked at from here.
struct Surroundings<'a> {
    stability: &'a Stability,
    places: Places,
    /// What tapes and branches hand to the reverse.
    restored: IdSet,
    /// The loops around the current scope.
    around: Vec<ControlId>,
}

impl<'a> Surroundings<'a> {
    fn new(stmts: &[Stmt], stability: &'a Stability) -> Self {
        let mut restored = IdSet::new();
        find_restored(stmts, &mut restored);
        Surroundings {
            stability,
            restored,
            places: Places::of(stmts),
            around: Vec::new(),
        }
    }

    /// Runs `f` where the statement's regions are the scope.
    fn inside(&mut self, stmt: &mut Stmt, mut f: impl FnMut(&mut Self, &mut Vec<Stmt>)) {
        let own = repeated(stmt);
        self.around.extend(own);
        for region in &mut stmt.regions {
            f(self, &mut region.stmts);
        }
        if own.is_some() {
            self.around.pop();
        }
    }

    /// Whether a range loop is known to be short.
    fn is_short(&self, stmt: &Stmt) -> bool {
        let number = |id: ValueId| match self.stability.constant(id) {
            Some(syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Int(int),
                ..
            })) => int.base10_parse::<usize>().ok(),
            _ => None,
        };
        number(stmt.args[1]).is_some_and(|end| end < SHORTEST)
    }

    /// What a statement of the current scope does to places.
    fn accesses(&self, stmt: &Stmt) -> Accesses {
        let mut finder = Finder {
            places: &self.places,
            around: self.around.clone(),
            accesses: Accesses::default(),
        };
        finder.stmt(stmt);
        finder.accesses
    }
}

fn find_restored(stmts: &[Stmt], found: &mut IdSet) {
    for stmt in stmts {
        if let Op::Restore | Op::Unwrap = stmt.op {
            found.extend(&stmt.results);
        }
        for region in &stmt.regions {
            find_restored(&region.stmts, found);
        }
    }
}

/// The id of a statement whose regions are repeated.
fn repeated(stmt: &Stmt) -> Option<ControlId> {
    match &stmt.op {
        Op::Loop(own) => Some(own.id),
        Op::Rewind(own) => Some(own.id),
        _ => None,
    }
}

/// What a statement, and what is nested in it, does to places.
#[derive(Default)]
struct Accesses {
    /// The values that are defined in it.
    inside: IdSet,
    found: IdMap<Vec<(Touch, Access)>>,
}

struct Finder<'a> {
    places: &'a Places,
    around: Vec<ControlId>,
    accesses: Accesses,
}

impl Finder<'_> {
    fn push(&mut self, id: ValueId, touch: Touch, path: Vec<Step>, indices: &[ValueId]) {
        let access = Access::new(self.around.clone(), path, indices.to_vec());
        let own = self.accesses.found.or_default(id);
        own.push((touch, access));
    }

    fn reads(&mut self, ids: &[ValueId]) {
        for &id in ids {
            self.push(id, Touch::Reads, Vec::new(), &[]);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.own(stmt);
        self.accesses.inside.extend(&stmt.results);
        let own = repeated(stmt);
        self.around.extend(own);
        for region in &stmt.regions {
            self.accesses.inside.extend(&region.params);
            for inner in &region.stmts {
                self.stmt(inner);
            }
            self.reads(&region.yields);
        }
        if own.is_some() {
            self.around.pop();
        }
    }

    fn own(&mut self, stmt: &Stmt) {
        let args = &stmt.args[..];
        match &stmt.op {
            Op::Project(path) => {
                self.push(args[0], Touch::Reads, path.clone(), &args[1..]);
                self.reads(&args[1..]);
            }
            Op::Accumulate(path) => {
                self.push(args[0], Touch::Adds, path.clone(), &args[2..]);
                self.reads(&args[1..]);
            }
            Op::Take(path) => {
                self.push(args[0], Touch::Writes, path.clone(), &args[1..]);
                self.reads(&args[1..]);
            }
            Op::Store(path) | Op::Update(path, _) => {
                self.push(args[0], Touch::Writes, path.clone(), &args[2..]);
                self.reads(&args[1..]);
            }
            Op::Save(count) => {
                let (indices, values) = args[1..].split_at(*count);
                let path = vec![Step::Index; *count];
                self.push(args[0], Touch::Writes, path, indices);
                self.reads(values);
            }
            Op::Restore if args.len() > 1 => {
                let path = vec![Step::Index; args.len() - 1];
                self.push(args[0], Touch::Reads, path, &args[1..]);
            }
            Op::Pull(paths) => {
                self.reads(&args[..2]);
                let mut rest = &args[2..];
                for (k, path) in paths.iter().enumerate() {
                    let (own, others) = rest.split_at(1 + indices(path));
                    rest = others;
                    self.push(own[0], self.places.change(stmt, k), path.clone(), &own[1..]);
                }
            }
            // The shape of what does not grow is the same at all times.
            Op::Zero | Op::Template | Op::Scratch { .. } if !self.places.grows(args[0]) => {}
            Op::Observe(Observation::Method(method))
                if method == "len" && !self.places.grows(args[0]) => {}
            op => {
                let changed = op.changes(args);
                for &id in &changed {
                    self.push(id, Touch::Writes, Vec::new(), &[]);
                }
                for &id in args.iter().filter(|id| !changed.contains(id)) {
                    self.push(id, Touch::Reads, Vec::new(), &[]);
                }
            }
        }
    }
}

/// Drops what only additions needed that are gone.
fn drop_unused(body: &mut Region) {
    let Region { stmts, yields, .. } = body;
    loop {
        let mut used: IdSet = yields.iter().copied().collect();
        for stmt in &*stmts {
            stmt.for_each_use(&mut |id| {
                used.insert(id);
            });
        }
        let count = stmts.len();
        stmts.retain(|stmt| !stmt.op.is_pure() || stmt.results.iter().any(|id| used.contains(id)));
        if stmts.len() == count {
            return;
        }
    }
}
