//! What the user reads about an expression that is not differentiated.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, Macro};

use crate::diagnostics::Cause;

/// The token an error about `expr` should point at: the construct, not its whole body.
pub fn head(expr: &Expr) -> TokenStream {
    match expr {
        Expr::ForLoop(expr) => expr.for_token.to_token_stream(),
        Expr::While(expr) => expr.while_token.to_token_stream(),
        Expr::Closure(expr) => expr.inputs_begin.to_token_stream(),
        Expr::Unsafe(expr) => expr.unsafe_token.to_token_stream(),
        Expr::Macro(expr) => expr.mac.path.to_token_stream(),
        Expr::Return(expr) => expr.return_token.to_token_stream(),
        Expr::Try(expr) => expr.question_token.to_token_stream(),
        Expr::Break(expr) => expr.break_token.to_token_stream(),
        Expr::Continue(expr) => expr.continue_token.to_token_stream(),
        _ => expr.to_token_stream(),
    }
}

/// An expression that no active value may enter.
pub struct Description {
    pub cause: Cause,
    pub what: String,
    pub why: &'static str,
    pub instead: &'static str,
}

pub fn describe(expr: &Expr) -> Description {
    let (cause, what, why, instead) = match expr {
        Expr::ForLoop(_) | Expr::While(_) => (
            Cause::D0707,
            "a loop whose value is used",
            "its value is `()`, which has no derivative",
            "make it a statement of its own",
        ),
        Expr::Break(_) | Expr::Continue(_) | Expr::Return(_) => (
            Cause::D0705,
            "a jump inside an expression",
            "what is left of the expression would be cut off in the middle",
            "make the `if` or `match` that jumps a statement of its own",
        ),
        Expr::Try(_) => (
            Cause::D0708,
            "`?`",
            "where it leaves the function there is no value to differentiate",
            "handle the failure before the differentiable part, or by `if let` with a value for either case",
        ),
        Expr::Closure(_) => (
            Cause::D0601,
            "a closure",
            "only the calls of a closure in a local of its own are replaced by its code; this one may keep the value for later",
            "bind it, `let f = |x| …;`, and call `f` here, or write what it does as a loop",
        ),
        Expr::Macro(expr) => (
            Cause::D1101,
            "this macro",
            "the derivative of what it expands to is not known here",
            instead_of_macro(&expr.mac),
        ),
        Expr::Unsafe(_) => (
            Cause::D0907,
            "an `unsafe` block",
            "it may change what the derivative relies on",
            "write it in safe code",
        ),
        Expr::Reference(_) => (
            Cause::D0906,
            "`&mut`",
            "whoever gets the reference may change the value, and the macro would not see it",
            "pass the value, and use what is returned",
        ),
        Expr::Call(call) => match &*call.func {
            Expr::Path(_) => (
                Cause::D0405,
                "a call by a qualified path",
                "the macro knows functions by their plain names",
                "write `f64::exp(x)` or `x.exp()`, or call a free function",
            ),
            _ => (
                Cause::D0406,
                "a call of a value",
                "only rustc knows which function it is, and it may have no derivative",
                "call a function marked #[differentiable] by its path",
            ),
        },
        Expr::Range(_) => (
            Cause::D0810,
            "a range",
            "ranges hold no adjoints",
            "use integers as its bounds, or pass the bounds one by one",
        ),
        Expr::Unary(_) | Expr::Binary(_) => (
            Cause::D1106,
            "this operator",
            "it is none of those of numbers",
            "use arithmetic: `+ - * / %` and the float methods",
        ),
        Expr::Cast(_) => (
            Cause::D0304,
            "this cast",
            "only floats have a derivative by floats",
            "cast to `f32` or `f64`, or cut the derivative off: `#[constant] let name = …;`",
        ),
        _ => (
            Cause::D1107,
            "this expression",
            "the macro has no rule for it",
            "use arithmetic, the float methods and calls to #[differentiable] functions",
        ),
    };
    let what = match expr {
        Expr::Macro(own) => format!("the macro `{}!`", own.mac.path.to_token_stream()),
        _ => what.to_owned(),
    };
    Description {
        cause,
        what,
        why,
        instead,
    }
}

fn instead_of_macro(mac: &Macro) -> &'static str {
    let name = mac.path.segments.last().map(|segment| &segment.ident);
    match name.map(ToString::to_string).as_deref() {
        Some("dbg") => "print the value by an `eprintln!` statement of its own",
        Some("format" | "write" | "writeln" | "matches") => {
            "leave it to the caller; only statements that look, such as `println!` and `assert!`, may see active values"
        }
        _ => {
            "write out what it stands for; only statements that look, such as `println!` and `assert!`, may see active values"
        }
    }
}
