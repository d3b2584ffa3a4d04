//! Jumps: `return`, `break` and `continue` become data. A statement that may leave its sequence is
//! followed by the rest of the sequence in the arm that goes on; where several arms do, the rest is
//! guarded by a flag.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Ident, Lifetime, Stmt as SynStmt};

use super::describe::head;
use super::{Key, Lowerer, Reported};
use crate::diagnostics::Cause;
use crate::ir::ValueId;

/// How control may have left the current sequence: 0 if it has not, 1 for the next iteration of the
/// innermost loop, 2 out of it, and so on outwards; the last is the function's `return`.
#[derive(Clone)]
pub struct Flow {
    pub codes: BTreeSet<usize>,
    /// The code as a value, where there are several.
    pub signal: Option<Signal>,
}

/// A code and the two questions about it.
#[derive(Clone, Copy)]
pub struct Signal {
    pub code: ValueId,
    /// Whether the sequence goes on: the code is 0.
    pub normal: ValueId,
    /// Whether the innermost loop goes on: the code is below 2.
    pub goes_on: ValueId,
}

impl Default for Flow {
    fn default() -> Self {
        Flow::always(0)
    }
}

impl Flow {
    pub fn always(code: usize) -> Flow {
        Flow {
            codes: [code].into(),
            signal: None,
        }
    }

    /// The one code, if it is known.
    pub fn known(&self) -> Option<usize> {
        match self.codes.len() {
            1 => self.codes.first().copied(),
            _ => None,
        }
    }

    pub fn is_normal(&self) -> bool {
        self.known() == Some(0)
    }

    /// Whether the statements that follow are reached.
    pub fn may_go_on(&self) -> bool {
        self.codes.contains(&0)
    }
}

/// A loop or a labelled block around the current statement.
pub struct Frame {
    pub label: Option<Lifetime>,
    /// Whether a `break` without a label means it.
    pub is_loop: bool,
    /// The hidden local for the value that it breaks with.
    pub value: Key,
}

/// The hidden local of the function's result.
pub fn returned() -> Key {
    Key {
        name: "return".to_owned(),
        context: "hidden".to_owned(),
    }
}

impl Lowerer<'_> {
    /// The code of `return`.
    pub(super) fn return_code(&self) -> usize {
        2 * self.frames.len() + 1
    }

    /// The code of a `break` or a `continue`, and the frame it means.
    pub(super) fn jump_code(
        &mut self,
        label: Option<&Lifetime>,
        token: impl quote::ToTokens,
        continues: bool,
    ) -> Result<(usize, usize), Reported> {
        let found = self
            .frames
            .iter()
            .enumerate()
            .rev()
            .find(|(_, frame)| match label {
                Some(label) => frame
                    .label
                    .as_ref()
                    .is_some_and(|own| own.ident == label.ident),
                None => frame.is_loop,
            });
        match found {
            Some((position, _)) => {
                let depth = self.frames.len() - 1 - position;
                Ok((2 * depth + if continues { 1 } else { 2 }, position))
            }
            None => self.refuse(
                Cause::D0706,
                token,
                "a jump to a place that is not here",
                "no loop or block of this name is around it",
                "name a loop that is",
            ),
        }
    }

    /// Refuses jumps where a value is asked for.
    pub(super) fn refuse_jump_in(&mut self, expr: &Expr) -> Result<(), Reported> {
        match first_jump(expr) {
            Some(jump) => self.refuse(
                Cause::D0705,
                &jump,
                &format!("`{jump}` inside an expression"),
                "what is left of the expression would be cut off in the middle",
                "make the `if` or `match` that jumps a statement, or a `let` of its own",
            ),
            None => Ok(()),
        }
    }

    /// A jump statement: stores what it takes along, and sets the flow.
    pub(super) fn jump(&mut self, expr: &Expr) -> Result<(), Reported> {
        match expr {
            Expr::Return(own) => {
                let code = self.return_code();
                let operand = match &own.expr {
                    Some(value) => self.expr(value)?,
                    None => self.unit(own.span()),
                };
                let operand = self.snapshot(operand, own.span());
                self.set_hidden(&returned(), operand);
                self.flow = Flow::always(code);
                Ok(())
            }
            Expr::Break(own) => {
                let (code, position) =
                    self.jump_code(own.label.as_ref(), own.break_token, false)?;
                if let Some(value) = &own.expr {
                    let operand = self.expr(value)?;
                    let key = self.frames[position].value.clone();
                    if !self.is_declared(&key) {
                        return self.refuse(
                            Cause::D0709,
                            own.break_token,
                            "a `break` with a value",
                            "`for` and `while` have none: they may end without it",
                            "write `loop`, or assign to a variable before a `break` alone",
                        );
                    }
                    let operand = self.snapshot(operand, own.span());
                    self.set_hidden(&key, operand);
                }
                self.flow = Flow::always(code);
                Ok(())
            }
            Expr::Continue(own) => {
                let (code, _) = self.jump_code(own.label.as_ref(), own.continue_token, true)?;
                self.flow = Flow::always(code);
                Ok(())
            }
            _ => unreachable!("only jumps are lowered as jumps"),
        }
    }
}

pub fn is_jump(expr: &Expr) -> bool {
    matches!(expr, Expr::Return(_) | Expr::Break(_) | Expr::Continue(_))
}

/// Whether control may leave the statement for somewhere outside of it.
pub fn may_leave(stmt: &SynStmt) -> bool {
    let mut jumps = Jumps::default();
    jumps.visit_stmt(stmt);
    jumps.first.is_some()
}

pub fn expr_may_leave(expr: &Expr) -> bool {
    first_jump(expr).is_some()
}

/// The keyword of the first jump out of the expression.
fn first_jump(expr: &Expr) -> Option<TokenStream> {
    let mut jumps = Jumps::default();
    jumps.visit_expr(expr);
    jumps.first
}

/// Whether control certainly leaves the block.
pub fn always_leaves(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match stmt {
        SynStmt::Expr(expr, _) => expr_always_leaves(expr),
        SynStmt::Macro(mac) => never_returns(&mac.mac),
        SynStmt::Local(local) => local
            .init
            .as_ref()
            .is_some_and(|init| expr_always_leaves(&init.expr)),
        SynStmt::Item(_) => false,
    })
}

pub fn expr_always_leaves(expr: &Expr) -> bool {
    match expr {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Block(block) => block.label.is_none() && always_leaves(&block.block),
        Expr::If(own) => {
            always_leaves(&own.then_branch)
                && own
                    .else_branch
                    .as_ref()
                    .is_some_and(|(_, other)| expr_always_leaves(other))
        }
        Expr::Match(own) => own.arms.iter().all(|arm| expr_always_leaves(&arm.body)),
        Expr::Macro(own) => never_returns(&own.mac),
        _ => false,
    }
}

fn never_returns(mac: &syn::Macro) -> bool {
    mac.path.segments.last().is_some_and(|last| {
        ["panic", "unreachable", "todo", "unimplemented"]
            .iter()
            .any(|name| last.ident == name)
    })
}

/// What the jumps in some code take along, however deep they are.
#[derive(Default)]
pub struct Targets {
    pub returns: bool,
    /// The labels of `break 'label value`.
    pub values: Vec<Ident>,
}

impl Targets {
    pub fn of(code: &[&Expr]) -> Targets {
        let mut targets = Targets::default();
        code.iter().for_each(|code| targets.visit_expr(code));
        targets
    }
}

impl<'ast> Visit<'ast> for Targets {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Return(_) => self.returns = true,
            Expr::Break(own) if own.expr.is_some() => {
                self.values
                    .extend(own.label.as_ref().map(|label| label.ident.clone()));
            }
            Expr::Closure(_) => return,
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}

/// Finds jumps whose target is outside.
#[derive(Default)]
struct Jumps {
    /// The keyword of the first of them.
    first: Option<TokenStream>,
    loops: usize,
    labels: Vec<Ident>,
}

impl Jumps {
    fn jump(&mut self, expr: &Expr, label: Option<&Lifetime>) {
        let leaves = match label {
            Some(label) => !self.labels.contains(&label.ident),
            None => self.loops == 0,
        };
        if leaves {
            self.first.get_or_insert_with(|| head(expr));
        }
    }

    fn within(&mut self, label: Option<&syn::Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) {
        self.labels
            .extend(label.map(|label| label.name.ident.clone()));
        self.loops += usize::from(is_loop);
        visit(self);
        self.loops -= usize::from(is_loop);
        if label.is_some() {
            self.labels.pop();
        }
    }
}

impl<'ast> Visit<'ast> for Jumps {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Return(_) => {
                self.first.get_or_insert_with(|| head(expr));
            }
            Expr::Break(own) => self.jump(expr, own.label.as_ref()),
            Expr::Continue(own) => self.jump(expr, own.label.as_ref()),
            _ => {}
        }
        match expr {
            Expr::Closure(_) => {}
            Expr::ForLoop(own) => {
                self.visit_expr(&own.expr);
                self.within(own.label.as_ref(), true, |this| this.visit_block(&own.body));
            }
            Expr::While(own) => self.within(own.label.as_ref(), true, |this| {
                this.visit_expr(&own.cond);
                this.visit_block(&own.body);
            }),
            Expr::Loop(own) => {
                self.within(own.label.as_ref(), true, |this| this.visit_block(&own.body));
            }
            Expr::Block(own) => {
                self.within(own.label.as_ref(), false, |this| {
                    this.visit_block(&own.block)
                });
            }
            _ => visit::visit_expr(self, expr),
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
