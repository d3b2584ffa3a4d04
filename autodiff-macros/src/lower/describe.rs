//! What the user reads about an expression that is not differentiated.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{BinOp, Expr, Macro, UnOp};

/// The token an error about `expr` should point at: the construct, not its whole body.
pub fn head(expr: &Expr) -> TokenStream {
    match expr {
        Expr::If(expr) => expr.if_token.to_token_stream(),
        Expr::Match(expr) => expr.match_token.to_token_stream(),
        Expr::ForLoop(expr) => expr.for_token.to_token_stream(),
        Expr::While(expr) => expr.while_token.to_token_stream(),
        Expr::Loop(expr) => expr.loop_token.to_token_stream(),
        Expr::Closure(expr) => expr.inputs_begin.to_token_stream(),
        Expr::Unsafe(expr) => expr.unsafe_token.to_token_stream(),
        Expr::Macro(expr) => expr.mac.path.to_token_stream(),
        Expr::Return(expr) => expr.return_token.to_token_stream(),
        Expr::Try(expr) => expr.question_token.to_token_stream(),
        Expr::Break(expr) => expr.break_token.to_token_stream(),
        Expr::Continue(expr) => expr.continue_token.to_token_stream(),
        Expr::Block(expr) => expr.label.to_token_stream(),
        _ => expr.to_token_stream(),
    }
}

/// An expression that no active value may enter.
pub struct Description {
    pub what: &'static str,
    pub why: &'static str,
    pub instead: &'static str,
}

const BRANCHES: &str = "this version differentiates straight-line code only";

pub fn describe(expr: &Expr) -> Description {
    let (what, why, instead) = match expr {
        Expr::If(_) => (
            "`if`",
            BRANCHES,
            "choose with `max`, `min`, `clamp`, `relu` or `threshold`, or branch outside and call one differentiable function per branch",
        ),
        Expr::Match(_) => (
            "`match`",
            BRANCHES,
            "match outside, and call one differentiable function per arm",
        ),
        Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => (
            "a loop",
            BRANCHES,
            "write the terms out, or call a function with a hand-written rule: #[differentiable(pullback = path, jvp = path)]",
        ),
        Expr::Block(_) => (
            "a labelled block",
            BRANCHES,
            "let the block end in its value, without `break`",
        ),
        Expr::Break(_) | Expr::Continue(_) => (
            "a jump",
            BRANCHES,
            "let the block end in its value, without `break`",
        ),
        Expr::Return(_) => (
            "an early `return`",
            BRANCHES,
            "let the function end in the value",
        ),
        Expr::Try(_) => (
            "`?`",
            BRANCHES,
            "handle the failure before the differentiable part",
        ),
        Expr::Let(_) => ("a condition with `let`", BRANCHES, "match outside"),
        Expr::Closure(_) => (
            "a closure",
            "its calls are not differentiated yet, and it may keep the value for later",
            "make it a function marked #[differentiable], with what it captures as parameters",
        ),
        Expr::Macro(expr) => (
            "this macro",
            "the derivative of what it expands to is not known here",
            instead_of_macro(&expr.mac),
        ),
        Expr::Unsafe(_) => (
            "an `unsafe` block",
            "it may change what the derivative relies on",
            "write it in safe code",
        ),
        Expr::Reference(_) => (
            "`&mut`",
            "whoever gets the reference may change the value, and the macro would not see it",
            "pass the value, and use what is returned",
        ),
        Expr::Call(call) => match &*call.func {
            Expr::Path(_) => (
                "a call by a qualified path",
                "the macro knows functions by their plain names",
                "write `f64::exp(x)` or `x.exp()`, or call a free function",
            ),
            _ => (
                "a call of a value",
                "only rustc knows which function it is, and it may have no derivative",
                "call a function marked #[differentiable] by its path",
            ),
        },
        Expr::Range(_) => (
            "a range",
            "ranges hold no adjoints",
            "use integers as its bounds",
        ),
        _ if is_logical(expr) => (
            "a logical operator",
            "the macro keeps such an expression as written, and no active value may stand in it",
            "bind each comparison first: `let above = x > 0.0;` is no active value, and may be combined",
        ),
        Expr::Unary(_) | Expr::Binary(_) => (
            "this operator",
            "it is none of those of numbers",
            "use arithmetic: `+ - * / %` and the float methods",
        ),
        Expr::Cast(_) => (
            "this cast",
            "only floats have a derivative by floats",
            "cast to `f32` or `f64`",
        ),
        _ => (
            "this expression",
            "the macro has no rule for it",
            "use arithmetic, the float methods and calls to #[differentiable] functions",
        ),
    };
    Description { what, why, instead }
}

fn is_logical(expr: &Expr) -> bool {
    match expr {
        Expr::Unary(unary) => matches!(unary.op, UnOp::Not(_)),
        Expr::Binary(binary) => matches!(binary.op, BinOp::And(_) | BinOp::Or(_)),
        _ => false,
    }
}

fn instead_of_macro(mac: &Macro) -> &'static str {
    let name = mac.path.segments.last().map(|segment| &segment.ident);
    match name.map(ToString::to_string).as_deref() {
        Some("dbg") => "print the value by an `eprintln!` statement of its own",
        Some("vec") => "build an array, `[a, b]`, whose length is known here",
        Some("format" | "write" | "writeln" | "matches") => {
            "leave it to the caller; only statements that look, such as `println!` and `assert!`, may see active values"
        }
        _ => {
            "write out what it stands for; only statements that look, such as `println!` and `assert!`, may see active values"
        }
    }
}
