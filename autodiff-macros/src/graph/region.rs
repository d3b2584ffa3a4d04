//! Regions as subgraphs: which outer values they use, and which memories they change.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::Emitter;
use crate::ids::IdSet;
use crate::ir::{Region, Stmt, ValueId};

/// What the regions of a statement have to do with the outside.
#[derive(Default)]
pub(super) struct Ties {
    /// The memories that they change.
    pub changed: Vec<ValueId>,
    /// The other values that they use.
    pub captured: Vec<ValueId>,
}

impl Emitter<'_> {
    pub(super) fn ties(&self, regions: &[Region]) -> Ties {
        let mut own = IdSet::new();
        let (mut changed, mut used) = (Vec::new(), Vec::new());
        for region in regions {
            inside(region, &mut own, &mut changed, &mut used);
        }
        let mut known = IdSet::new();
        changed.retain(|id| !own.contains(id) && known.insert(*id));
        used.retain(|id| !own.contains(id) && !self.is_inline(*id) && known.insert(*id));
        Ties {
            changed,
            captured: used,
        }
    }

    /// A graph of its own with these values for parameters; `write` gives its outputs.
    pub(super) fn subgraph(
        &mut self,
        params: &[ValueId],
        write: impl FnOnce(&mut Self) -> Vec<usize>,
    ) -> TokenStream {
        let outer = std::mem::take(&mut self.scope);
        let krate = self.krate.clone();
        for &param in params {
            let name = self.text(param);
            let shape = self.shape(self.function.ty(param));
            let op = quote!(#krate::Op::Parameter { name: #name, shape: #shape });
            let node = self.bare(op, self.function.value(param).span);
            self.scope.ids.insert(param, node);
        }
        let outputs = write(self);
        let nodes = std::mem::replace(&mut self.scope, outer).tokens(&krate);
        let (params, outputs) = (self.ids(0..params.len()), self.ids(outputs));
        quote!(&#krate::Subgraph { nodes: #nodes, params: &[#params], outputs: &[#outputs] })
    }

    fn bare(&mut self, op: TokenStream, span: Span) -> usize {
        self.node(None, op, &[], span)
    }

    /// The statements of a region, and the nodes of what it gives.
    pub(super) fn region(&mut self, region: &Region, changed: &[ValueId]) -> Vec<usize> {
        self.stmts(&region.stmts);
        let outputs = region.yields.iter().chain(changed);
        outputs.map(|&id| self.used(id)).collect()
    }

    /// The node of a branch or loop, whose results are the values and the new contents of memories.
    pub(super) fn control(
        &mut self,
        stmt: &Stmt,
        changed: &[ValueId],
        op: TokenStream,
        inputs: &[usize],
    ) {
        let krate = self.krate.clone();
        let span = stmt.span;
        match (&stmt.results[..], changed) {
            ([], []) => {}
            ([result], []) => {
                self.node(Some(*result), op, inputs, span);
            }
            ([], [memory]) => {
                self.content(*memory, op, inputs, span);
            }
            (results, changed) => {
                let node = self.node(None, op, inputs, span);
                for (k, &result) in results.iter().enumerate() {
                    self.node(Some(result), quote!(#krate::Op::Result(#k)), &[node], span);
                }
                for (k, &memory) in changed.iter().enumerate() {
                    let k = results.len() + k;
                    self.content(memory, quote!(#krate::Op::Result(#k)), &[node], span);
                }
            }
        }
    }
}

/// Gathers what a region defines, changes and uses.
fn inside(region: &Region, own: &mut IdSet, changed: &mut Vec<ValueId>, used: &mut Vec<ValueId>) {
    own.extend(&region.params);
    for stmt in &region.stmts {
        own.extend(&stmt.results);
        used.extend(&stmt.args);
        changed.extend(stmt.op.changes(&stmt.args));
        for region in &stmt.regions {
            inside(region, own, changed, used);
        }
    }
    used.extend(&region.yields);
}
