//! Attributes inside the body that would change what the macro thinks it reads.

use syn::visit::{self, Visit};
use syn::{Attribute, Block, Local};

use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::signature::is_constant;

/// Refuses `cfg` anywhere, and `#[constant]` anywhere but on a `let`.
pub fn refuse_misplaced(body: &Block, diagnostics: &mut Diagnostics) {
    Attributes(diagnostics).visit_block(body);
}

struct Attributes<'a>(&'a mut Diagnostics);

impl<'ast> Visit<'ast> for Attributes<'_> {
    fn visit_local(&mut self, local: &'ast Local) {
        for attr in local.attrs.iter().filter(|attr| !is_constant(attr)) {
            self.visit_attribute(attr);
        }
        self.visit_pat(&local.pat);
        if let Some(init) = &local.init {
            visit::visit_local_init(self, init);
        }
    }

    fn visit_attribute(&mut self, attr: &'ast Attribute) {
        if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
            self.0.refuse(
                attr,
                Refusal {
                    cause: Cause::D0126,
                    what: "conditional compilation inside a differentiable function",
                    why: "the macro runs before it is evaluated and would differentiate code that is not there",
                    instead: "put `#[cfg]` on two versions of the function",
                },
            );
        }
        if is_constant(attr) {
            self.0.refuse(
                attr,
                Refusal {
                    cause: Cause::D0127,
                    what: "`#[constant]` on an expression",
                    why: "the marker works on parameters and on whole `let` statements",
                    instead: "bind the value first: `#[constant] let name = …;`",
                },
            );
        }
    }
}
