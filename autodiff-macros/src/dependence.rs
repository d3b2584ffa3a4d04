//! Whether two indices can name the same element: linear forms of loop indices, and the feasibility
//! of systems of differences (`x − y ≤ c`, a shortest-path problem; Cormen et al., *Introduction to
//! Algorithms*, ch. 22.4). What is not of that form is left out, which errs on the safe side.

use std::collections::BTreeMap;

use crate::ids::IdMap;
use crate::ir::{Observation, Op, Stmt, ValueId};
use crate::rules::Primitive;
use quote::ToTokens;

/// An integer as a sum of multiples of values it is computed from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    terms: BTreeMap<ValueId, i64>,
    constant: i64,
}

impl Linear {
    fn of(id: ValueId) -> Linear {
        Linear {
            terms: [(id, 1)].into(),
            constant: 0,
        }
    }

    pub fn number(constant: i64) -> Linear {
        Linear {
            terms: BTreeMap::new(),
            constant,
        }
    }

    /// Whether it cannot be negative where the given values are not.
    pub fn is_natural(&self, natural: &dyn Fn(ValueId) -> bool) -> bool {
        let terms = self.terms.iter();
        self.constant >= 0 && terms.clone().all(|(&id, &count)| count > 0 && natural(id))
    }

    /// `c` of `base + c`.
    pub fn offset_from(&self, base: &Linear) -> Option<i64> {
        let difference = self.clone().plus(base, -1);
        difference.terms.is_empty().then_some(difference.constant)
    }

    fn plus(mut self, other: &Linear, factor: i64) -> Linear {
        for (&id, &count) in &other.terms {
            *self.terms.entry(id).or_default() += factor * count;
        }
        self.terms.retain(|_, count| *count != 0);
        self.constant += factor * other.constant;
        self
    }
}

/// The linear forms of a function's integers.
#[derive(Clone, Default)]
pub struct Forms {
    of: IdMap<Linear>,
    /// One value for each constant and length, however often it is written.
    known: BTreeMap<String, ValueId>,
}

impl Forms {
    pub fn of(&self, id: ValueId) -> Linear {
        self.of.get(&id).cloned().unwrap_or_else(|| Linear::of(id))
    }

    /// Notes what a statement computes, if it is an integer of linear form.
    pub fn note(&mut self, stmt: &Stmt) {
        let &[result] = &stmt.results[..] else { return };
        let arg = |k: usize| self.of(stmt.args[k]);
        let form = match &stmt.op {
            Op::Literal {
                lit: syn::Lit::Int(int),
                negative,
            } => match int.base10_parse::<i64>() {
                Ok(number) => Linear::number(if *negative { -number } else { number }),
                Err(_) => return,
            },
            Op::Apply(Primitive::Add) => arg(0).plus(&arg(1), 1),
            Op::Apply(Primitive::Sub) => arg(0).plus(&arg(1), -1),
            Op::Apply(Primitive::Mul) => match (arg(0), arg(1)) {
                (a, b) if a.terms.is_empty() => Linear::default().plus(&b, a.constant),
                (a, b) if b.terms.is_empty() => Linear::default().plus(&a, b.constant),
                _ => return,
            },
            Op::Path(path) => self.shared(path.to_token_stream().to_string(), result),
            Op::Observe(Observation::Method(method)) if method == "len" => {
                self.shared(length_of(stmt.args[0]), result)
            }
            _ => return,
        };
        self.of.insert(result, form);
    }

    /// The form of a constant expression, as it stands in a type.
    pub fn constant(&self, code: &syn::Expr) -> Option<Linear> {
        match code {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Int(int),
                ..
            }) => int.base10_parse().ok().map(Linear::number),
            syn::Expr::Path(path) => {
                let known = self.known.get(&path.to_token_stream().to_string());
                known.copied().map(Linear::of)
            }
            _ => None,
        }
    }

    /// The length of a slice, if it is a value.
    pub fn length(&self, slice: ValueId) -> Option<Linear> {
        let known = self.known.get(&length_of(slice))?;
        Some(Linear::of(*known))
    }

    fn shared(&mut self, text: String, result: ValueId) -> Linear {
        Linear::of(*self.known.entry(text).or_insert(result))
    }
}

fn length_of(slice: ValueId) -> String {
    format!("len {slice:?}")
}

/// The copy of a value that a constraint speaks of: values of an inner iteration differ between the
/// two accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Both,
    Earlier,
    Later,
}

/// Constraints `x − y ≤ c` between values and zero.
#[derive(Default)]
pub struct System {
    nodes: BTreeMap<(ValueId, Side), usize>,
    edges: Vec<(usize, usize, i64)>,
}

impl System {
    /// Node 0 stands for zero.
    fn node(&mut self, key: (ValueId, Side)) -> usize {
        let next = self.nodes.len() + 1;
        *self.nodes.entry(key).or_insert(next)
    }

    /// `a + c ≤ b`, each in its own copy of the values.
    pub fn at_most(
        &mut self,
        (a, side_a): (&Linear, &dyn Fn(ValueId) -> Side),
        c: i64,
        (b, side_b): (&Linear, &dyn Fn(ValueId) -> Side),
    ) {
        let mut terms: BTreeMap<(ValueId, Side), i64> = BTreeMap::new();
        for (&id, &count) in &a.terms {
            *terms.entry((id, side_a(id))).or_default() += count;
        }
        for (&id, &count) in &b.terms {
            *terms.entry((id, side_b(id))).or_default() -= count;
        }
        terms.retain(|_, count| *count != 0);
        let bound = b.constant - a.constant - c;
        let terms: Vec<((ValueId, Side), i64)> = terms.into_iter().collect();
        let (plus, minus) = match terms[..] {
            [] => (0, 0),
            [(key, 1)] => (self.node(key), 0),
            [(key, -1)] => (0, self.node(key)),
            [(x, 1), (y, -1)] | [(y, -1), (x, 1)] => (self.node(x), self.node(y)),
            _ => return,
        };
        // plus − minus ≤ bound: an edge from `minus` to `plus`.
        self.edges.push((minus, plus, bound));
    }

    /// Whether some integers satisfy all constraints; a negative cycle says no.
    pub fn is_feasible(&self) -> bool {
        let mut distance = vec![0_i64; self.nodes.len() + 1];
        for _ in 0..distance.len() {
            let mut changed = false;
            for &(from, to, length) in &self.edges {
                let through = distance[from].saturating_add(length);
                if through < distance[to] {
                    distance[to] = through;
                    changed = true;
                }
            }
            if !changed {
                return true;
            }
        }
        false
    }
}
