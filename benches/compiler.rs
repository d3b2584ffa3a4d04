// The compiler inside of the macros as modules of an ordinary program: included by the benchmark `expansion` and by
// the fuzz target in `fuzz/`. Paths are relative to this file.

extern crate proc_macro;

/// As in the macro crate.
macro_rules! code {
    ($($tokens:tt)*) => { quote::quote_spanned!(proc_macro2::Span::mixed_site()=> $($tokens)*) };
}

/// The macro crate's modules under their own names, which they use for each other.
macro_rules! modules {
    ($($path:literal $name:ident)*) => {
        $(
            #[allow(dead_code, reason = "the derive, which uses the rest, may be left out")]
            #[path = $path]
            mod $name;
        )*
    };
}

modules! {
    "../autodiff-macros/src/activity.rs" activity
    "../autodiff-macros/src/block.rs" block
    "../autodiff-macros/src/build/mod.rs" build
    "../autodiff-macros/src/carry.rs" carry
    "../autodiff-macros/src/checkpoint.rs" checkpoint
    "../autodiff-macros/src/codegen/mod.rs" codegen
    "../autodiff-macros/src/companion/mod.rs" companion
    "../autodiff-macros/src/cse.rs" cse
    "../autodiff-macros/src/dce.rs" dce
    "../autodiff-macros/src/dependence.rs" dependence
    "../autodiff-macros/src/diagnostics/mod.rs" diagnostics
    "../autodiff-macros/src/expand.rs" expand
    "../autodiff-macros/src/explain.rs" explain
    "../autodiff-macros/src/fuse.rs" fuse
    "../autodiff-macros/src/give_back.rs" give_back
    "../autodiff-macros/src/graph/mod.rs" graph
    "../autodiff-macros/src/hoist.rs" hoist
    "../autodiff-macros/src/ids.rs" ids
    "../autodiff-macros/src/ignored.rs" ignored
    "../autodiff-macros/src/infer.rs" infer
    "../autodiff-macros/src/ir/mod.rs" ir
    "../autodiff-macros/src/iteration/mod.rs" iteration
    "../autodiff-macros/src/jacobian/mod.rs" jacobian
    "../autodiff-macros/src/keep/mod.rs" keep
    "../autodiff-macros/src/late.rs" late
    "../autodiff-macros/src/lower/mod.rs" lower
    "../autodiff-macros/src/meet.rs" meet
    "../autodiff-macros/src/memory.rs" memory
    "../autodiff-macros/src/nesting.rs" nesting
    "../autodiff-macros/src/options.rs" options
    "../autodiff-macros/src/reach.rs" reach
    "../autodiff-macros/src/reverse/mod.rs" reverse
    "../autodiff-macros/src/rules.rs" rules
    "../autodiff-macros/src/schedule.rs" schedule
    "../autodiff-macros/src/signature/mod.rs" signature
    "../autodiff-macros/src/simplify.rs" simplify
    "../autodiff-macros/src/stabilise/mod.rs" stabilise
    "../autodiff-macros/src/tangent.rs" tangent
    "../autodiff-macros/src/ty.rs" ty
    "../autodiff-macros/src/unread.rs" unread
    "../autodiff-macros/src/vector/mod.rs" vector
    "../autodiff-macros/src/verify.rs" verify
    "../autodiff-macros/src/work.rs" work
}
