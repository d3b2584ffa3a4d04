//! What the uses of values say about them.

use syn::Lit;

use crate::ids::IdSet;
use crate::ir::{Function, Observation, Op, ValueId};

/// What the uses of values say about them.
#[derive(Default)]
pub struct Facts {
    pub used: IdSet,
    /// Flags for sure.
    flags: IdSet,
    /// Compared with a text.
    pub texts: IdSet,
    /// The numbers of the arms that a `match` takes.
    pub selectors: IdSet,
}

impl Facts {
    pub fn of(function: &Function) -> Facts {
        let mut facts = Facts::default();
        let definitions = function.definitions();
        let is_text = |id: &ValueId| match definitions.get(id).map(|stmt| &stmt.op) {
            Some(Op::Literal { lit, .. }) => {
                !matches!(lit, Lit::Int(_) | Lit::Float(_) | Lit::Bool(_))
            }
            _ => false,
        };
        facts.used.insert(function.output);
        function.body.for_each(&mut |stmt| {
            facts.used.extend(&stmt.args);
            for region in &stmt.regions {
                facts.used.extend(&region.yields);
            }
            match &stmt.op {
                Op::If(_) | Op::Observe(Observation::Not) => facts.flags.extend(&stmt.args),
                Op::Loop(_) if stmt.regions.len() == 2 => {
                    facts.flags.extend(&stmt.regions[0].yields);
                }
                Op::Switch(_) => facts.selectors.extend(&stmt.args),
                Op::Observe(Observation::Compare(..)) if stmt.args.iter().any(is_text) => {
                    facts.texts.extend(&stmt.args);
                }
                _ => {}
            }
        });
        facts
    }

    pub fn is_flag(&self, id: ValueId) -> bool {
        self.flags.contains(&id)
    }
}
