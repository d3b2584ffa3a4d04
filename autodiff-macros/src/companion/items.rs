//! The names of the companion's items. Those of a method stand among the type's own and bear the
//! method's name; those of a function have a type to themselves.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

/// The functions' names (`name_…`), and how they call one another (`own_…`).
pub struct Items {
    pub name_pullback: Ident,
    pub name_vjp: Ident,
    pub name_value_and_grad: Ident,
    pub name_grad: Ident,
    pub name_grad_into: Ident,
    pub name_jvp: Ident,
    pub name_tangent: Ident,
    pub name_reverse: Ident,
    pub name_split: Ident,
    pub name_by_hand: Ident,
    pub name_call: Ident,
    pub name_call_joint: Ident,
    pub name_detached: Ident,
    pub name_call_jvp: Ident,
    pub name_call_vector_jvp: Ident,
    pub name_call_vector_vjp: Ident,
    pub name_differentiated: Ident,
    pub name_differentiated_mut: Ident,
    pub name_differentiated_jvp: Ident,
    pub name_jacobian: Ident,
    pub name_value_and_jacobian: Ident,
    pub name_trace: Ident,
    pub own_by_hand: TokenStream,
    pub own_split: TokenStream,
    pub own_reverse: TokenStream,
    pub own_value_and_grad: TokenStream,
    pub own_pullback: TokenStream,
    pub own_tangent: TokenStream,
    pub own_value_and_jacobian: TokenStream,
    pub name_graph: Ident,
    pub name_generated: Ident,
    pub name_subgraph: Ident,
    pub name_report: Ident,
}

impl Items {
    /// `prefix` stands before every name; `turbofish` are the type and const parameters. `asks` is whether `jvp` asks for
    /// shapes, so that callers have a function of their own.
    pub fn new(prefix: &str, turbofish: &TokenStream, asks: bool) -> Items {
        let name = |name: &str| format_ident!("{prefix}{name}", span = Span::call_site());
        let own = |own: &str| {
            let name = name(own);
            code!(Self::#name #turbofish)
        };
        let constant = |name: &str| {
            let prefix = prefix.to_uppercase();
            format_ident!("{prefix}{name}", span = Span::call_site())
        };
        Items {
            name_pullback: name("pullback"),
            name_vjp: name("vjp"),
            name_value_and_grad: name("value_and_grad"),
            name_grad: name("grad"),
            name_grad_into: name("grad_into"),
            name_jvp: name("jvp"),
            name_tangent: name("tangent"),
            name_reverse: name("joint"),
            name_split: name("split"),
            name_by_hand: name("by_hand"),
            name_call: name("call"),
            name_call_joint: name("call_joint"),
            name_detached: name("detached"),
            name_call_jvp: name("call_jvp"),
            name_call_vector_jvp: name("call_vector_jvp"),
            name_call_vector_vjp: name("call_vector_vjp"),
            name_differentiated: name("differentiated"),
            name_differentiated_mut: name("differentiated_mut"),
            name_differentiated_jvp: name("differentiated_jvp"),
            name_jacobian: name("jacobian"),
            name_value_and_jacobian: name("value_and_jacobian"),
            name_trace: name("trace"),
            // It has the rule's type for a parameter of its own.
            own_by_hand: {
                let name = name("by_hand");
                code!(Self::#name)
            },
            own_split: own("split"),
            own_reverse: own("joint"),
            own_value_and_grad: own("value_and_grad"),
            own_pullback: own("pullback"),
            own_tangent: own(if asks { "tangent" } else { "jvp" }),
            own_value_and_jacobian: own("value_and_jacobian"),
            name_graph: constant("GRAPH"),
            name_generated: constant("GENERATED"),
            name_subgraph: constant("SUBGRAPH"),
            name_report: constant("REPORT"),
        }
    }
}
