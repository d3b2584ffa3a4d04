//! Checkpointing: the reverse pass of a long time loop within a memory budget.
//!
//! A loop `for k in 0..n { step(k, &mut state) }` is reversed last step first, and reversing step
//! `k` needs the state before it. Keeping all `n` states costs memory; keeping some and running
//! the loop again from the nearest one costs time. A [`Checkpoint`] says how much of either to
//! spend. It is what `#[differentiable(checkpoint = …)]` names, and works by hand, too:
//!
//! ```
//! use autodiff_runtime::checkpoint::{Checkpoint, reverse_steps};
//!
//! // 1000 Euler steps of x′ = −c·x from x = 2, and the derivative of the last x by c.
//! let (c, h) = (0.5_f64, 1e-3);
//! let (mut x_bar, mut c_bar) = (1.0, 0.0);
//! reverse_steps(
//!     Checkpoint::Revolve(5),
//!     1000,
//!     &2.0,
//!     |_, x| *x -= h * c * *x,
//!     |_, x| {
//!         c_bar -= h * x * x_bar;
//!         x_bar -= h * c * x_bar;
//!     },
//! );
//! let exact = -1000.0 * h * 2.0 * (1.0 - h * c).powi(999);
//! assert!((c_bar - exact).abs() < 1e-12);
//! ```
//!
//! There are three ways to run one, which differ in who does the forward sweep and in how often
//! the reverse sweep is wanted:
//!
//! | | forward sweep | reverse sweep |
//! | --- | --- | --- |
//! | [`reverse_steps`] | inside, up to the last step | once |
//! | [`OnceTape`] | the caller's, who gets the final state | once |
//! | [`Tape`] | the caller's, who gets the final state | any number of times |
//!
//! All of them follow a [`Schedule`], a sequence of [`Action`]s that knows nothing of the state.
//! A step must do the same whenever it runs from the same state.
//!
//! # Cost
//!
//! For `n` steps: how many states are stored at most, and how many steps are run again by the
//! reverse sweep, beyond the `n` of a plain loop. In addition one *working* state moves through the
//! recomputed steps. (The initial state counts as stored, also where the caller owns it.)
//!
//! | | states | run again by a tape |
//! | --- | --- | --- |
//! | [`StoreAll`](Checkpoint::StoreAll) | `n` | 0 |
//! | [`Periodic(k)`](Checkpoint::Periodic) | `⌈n/k⌉ + k − 2` (`n` if `k = 1`) | `n − ⌈n/k⌉` |
//! | [`Revolve(s)`](Checkpoint::Revolve) in a [`OnceTape`] | `s` | `t(n + 1, s) − n` |
//! | [`Revolve(s)`](Checkpoint::Revolve) in a [`Tape`] | `s` | `Σᵢ t(mᵢ, s − p + 1)`, see there |
//!
//! where `t(l, s)` is the least number of steps by which `l` steps can be reversed with `s` stored
//! states,
//!
//! ```text
//! t(l, s) = r·l − β(s + 1, r − 1),   β(s, r) = (s + r)! / (s! r!),   the least r with l ≤ β(s, r).
//! ```
//!
//! No step is run more than `r` times, and `β(s, r)` grows so fast that a few states go far: with
//! 10 of them 1000 steps take `r = 4`, with 20 of them 10 000 steps do. [`reverse_steps`] never
//! runs the last step; its forward steps are `n − 1` for all states stored, `2n − ⌈n/k⌉` less the
//! length of the last period for a periodic store, and `t(n, s)` for revolve.
//!
//! # Sources
//!
//! A. Griewank and A. Walther, *Algorithm 799: revolve: an implementation of checkpointing for the
//! reverse or adjoint mode of computational differentiation*, ACM TOMS 26 (2000), 19–45: the
//! schedule, its optimality, and the choice, among the schedules with the fewest steps, of one that
//! stores least often. A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd edition, SIAM 2008,
//! chapter 12: the theory.

mod binomial;
mod plan;
mod schedule;
mod tape;

pub use schedule::{Action, Place, Schedule};
pub use tape::{OnceTape, Tape, reverse_steps};

#[cfg(test)]
mod tests;

/// Which states of a loop are stored for its reverse sweep. The [module](self) has the costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Checkpoint {
    /// Every state: no step runs twice, and memory grows with the number of steps.
    StoreAll,
    /// Every so many steps a state, and in the reverse sweep all states of one such period: no step
    /// runs more than twice. Memory is least, about `2√n` states, with a period of `√n`.
    ///
    /// A period of 0 is refused with a panic wherever the strategy is used.
    Periodic(usize),
    /// At most so many states, the initial one among them, moved about such that the fewest steps
    /// run again (*binomial checkpointing*). With 1 the loop starts over for every step.
    ///
    /// No slots, 0, are refused with a panic wherever the strategy is used.
    Revolve(usize),
}
