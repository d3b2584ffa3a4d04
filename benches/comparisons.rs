//! What is compared with what, and the bound it should keep.

use std::hint::black_box;

use crate::measure::Run;
use crate::numbers::Numbers;
use crate::{by_hand, models};

/// Two variants and the largest ratio of the first to the second that is aimed at.
pub struct Comparison {
    /// The function under test.
    pub function: &'static str,
    /// What is divided by what.
    pub what: &'static str,
    /// The names of both variants, unique in the whole list: `instructions` finds them by it.
    pub names: [String; 2],
    /// The variants.
    pub runs: [Run; 2],
    /// The largest ratio aimed at, where there is an aim.
    pub target: Option<f64>,
}

/// One example of the network: inputs and label.
type Example = ([f64; 4], f64);

/// Weights like those of a network in training, and examples of both labels.
struct Data<const H: usize> {
    w: [[f64; 4]; H],
    w0: [f64; H],
    examples: Vec<Example>,
}

const EXAMPLES: usize = 4096;

impl<const H: usize> Data<H> {
    fn new() -> Data<H> {
        let mut numbers = Numbers::new(1);
        let mut row = || std::array::from_fn(|_| numbers.draw());
        let w = std::array::from_fn(|_| row());
        let examples: Vec<[f64; 4]> = (0..EXAMPLES).map(|_| row()).collect();
        Data {
            w,
            w0: std::array::from_fn(|_| numbers.draw()),
            examples: examples
                .into_iter()
                .map(|x| (x, if numbers.draw() > 0.0 { 1.0 } else { 0.0 }))
                .collect(),
        }
    }
}

/// Runs `f` on one input after another. The inputs are hidden from the optimiser and the results
/// taken as used; `f` itself is inlined here.
fn over<X: 'static, R>(inputs: Vec<X>, f: impl Fn(&X) -> R + 'static) -> Run {
    Box::new(move |calls| {
        let inputs = black_box(&inputs[..]);
        let mut rest = calls;
        while rest > 0 {
            for input in &inputs[..rest.min(inputs.len())] {
                black_box(f(input));
            }
            rest = rest.saturating_sub(inputs.len());
        }
    })
}

fn loss_inputs() -> Vec<f64> {
    let mut numbers = Numbers::new(2);
    (0..EXAMPLES).map(|_| 2.0 + numbers.draw()).collect()
}

fn loss() -> Vec<Comparison> {
    let plain = || over(loss_inputs(), |&x| models::loss(x));
    let hand = || over(loss_inputs(), |&x| by_hand::loss(x));
    let hand_jvp = || over(loss_inputs(), |&x| by_hand::loss_jvp(x, black_box(0.7)));
    let grad = || over(loss_inputs(), |&x| models::loss::value_and_grad(x));
    let jvp = || over(loss_inputs(), |&x| models::loss::jvp(x, black_box(0.7)));
    let split = || {
        over(loss_inputs(), |&x| {
            let (value, pullback) = models::loss::pullback(x);
            let mut x_bar = 0.0;
            pullback(1.0, &mut x_bar);
            (value, x_bar)
        })
    };
    let aims = Aims {
        gradient: 1.3,
        ..Aims::default()
    };
    let kinds = Kinds {
        plain: &plain,
        grad: [&grad, &hand],
        into: None,
        split: &split,
        jvp: [&jvp, &hand_jvp],
    };
    let mut all = kinds.compare("loss(x)", aims);
    let steps = || over(loss_inputs(), |&x| by_hand::loss_in_steps(x));
    let steps_jvp = || {
        over(loss_inputs(), |&x| {
            let (value, slope) = by_hand::loss_in_steps(x);
            (value, slope * black_box(0.7))
        })
    };
    let chain_rule = |kind: &str, runs: [Run; 2], what| Comparison {
        function: "loss(x)",
        what,
        names: [kind, &format!("{kind} by the chain rule")].map(|name| format!("loss(x): {name}")),
        runs,
        target: Some(1.05),
    };
    all.push(chain_rule(
        "value_and_grad",
        [grad(), steps()],
        "value_and_grad / chain rule",
    ));
    all.push(chain_rule("jvp", [jvp(), steps_jvp()], "jvp / chain rule"));
    all
}

macro_rules! network {
    ($function:path, $name:expr, $hidden:literal) => {{
        use $function as network;
        const H: usize = $hidden;
        let Data { w, w0, examples } = Data::<H>::new();
        let weights = move || (black_box(w), black_box(w0));
        // Any direction will do; the weights' own is one.
        let dots = (w, w0);
        let inputs = || examples.clone();
        let plain = || {
            let (w, w0) = weights();
            over(inputs(), move |(x, y)| network(&w, &w0, x, *y))
        };
        let hand = || {
            let (w, w0) = weights();
            over(inputs(), move |(x, y)| by_hand::network(&w, &w0, x, *y))
        };
        let grad = || {
            let (w, w0) = weights();
            over(inputs(), move |(x, y)| {
                network::value_and_grad(&w, &w0, x, *y)
            })
        };
        let hand_into = || {
            let (w, w0) = weights();
            over(inputs(), move |(x, y)| {
                let (mut dw, mut dw0) = black_box(([[0.0; 4]; H], [0.0; H]));
                let value = by_hand::network_into(&w, &w0, x, *y, &mut dw, &mut dw0);
                (value, dw, dw0)
            })
        };
        let into = || {
            let (w, w0) = weights();
            over(inputs(), move |(x, y)| {
                let (mut dw, mut dw0) = black_box(([[0.0; 4]; H], [0.0; H]));
                let value = network::grad_into(&w, &w0, x, *y, &mut dw, &mut dw0);
                (value, dw, dw0)
            })
        };
        let split = || {
            let (w, w0) = weights();
            over(inputs(), move |(x, y)| {
                let (mut dw, mut dw0) = ([[0.0; 4]; H], [0.0; H]);
                let (value, pullback) = network::pullback(&w, &w0, x, *y);
                pullback(1.0, &mut dw, &mut dw0);
                (value, (dw, dw0))
            })
        };
        let hand_jvp = || {
            let ((w, w0), (v, v0)) = (weights(), black_box(dots));
            over(inputs(), move |(x, y)| {
                by_hand::network_jvp(&w, &w0, x, *y, &v, &v0)
            })
        };
        let jvp = || {
            let ((w, w0), (v, v0)) = (weights(), black_box(dots));
            over(inputs(), move |(x, y)| {
                network::jvp(&w, &w0, x, *y, &v, &v0)
            })
        };
        let kinds = Kinds {
            plain: &plain,
            grad: [&grad, &hand],
            into: Some([&into, &hand_into]),
            split: &split,
            jvp: [&jvp, &hand_jvp],
        };
        kinds.compare(
            $name,
            Aims {
                gradient: 1.6,
                ..Aims::default()
            },
        )
    }};
}

/// Every comparison, in the order of the table.
pub fn all() -> Vec<Comparison> {
    let mut all = loss();
    all.extend(network!(models::network3, "network, 3 hidden", 3));
    all.extend(network!(models::network8, "network, 8 hidden", 8));
    all.extend(network!(models::composed3, "3 hidden, by calls", 3));
    all.extend(network!(models::composed8, "8 hidden, by calls", 8));
    all
}

/// The variants of one function; of a pair, the generated one comes first.
struct Kinds<'a> {
    plain: &'a dyn Fn() -> Run,
    grad: [&'a dyn Fn() -> Run; 2],
    into: Option<[&'a dyn Fn() -> Run; 2]>,
    split: &'a dyn Fn() -> Run,
    jvp: [&'a dyn Fn() -> Run; 2],
}

/// The largest ratios aimed at.
struct Aims {
    hand: f64,
    gradient: f64,
}

impl Default for Aims {
    fn default() -> Self {
        Aims {
            hand: 1.05,
            gradient: f64::INFINITY,
        }
    }
}

impl Kinds<'_> {
    fn compare(self, function: &'static str, aims: Aims) -> Vec<Comparison> {
        let new =
            |what, first: (&str, &dyn Fn() -> Run), second: (&str, &dyn Fn() -> Run), target| {
                Comparison {
                    function,
                    what,
                    names: [first.0, second.0].map(|name| format!("{function}: {name}")),
                    runs: [first.1(), second.1()],
                    target,
                }
            };
        let plain = ("plain", self.plain);
        let grad = ("value_and_grad", self.grad[0]);
        let hand = ("by hand", self.grad[1]);
        let split = ("pullback", self.split);
        let jvp = ("jvp", self.jvp[0]);
        let hand_jvp = ("jvp by hand", self.jvp[1]);
        let mut all = vec![
            new("value_and_grad / by hand", grad, hand, Some(aims.hand)),
            new("value_and_grad / plain", grad, plain, Some(aims.gradient)),
            new("by hand / plain", hand, plain, None),
        ];
        if let Some([into, hand_into]) = self.into {
            let (into, hand_into) = (("grad_into", into), ("grad_into by hand", hand_into));
            all.push(new("grad_into / by hand", into, hand_into, Some(aims.hand)));
        }
        all.push(new("pullback, called once / by hand", split, hand, None));
        all.push(new("jvp / by hand", jvp, hand_jvp, Some(aims.hand)));
        all.push(new("jvp / plain", jvp, plain, None));
        all
    }
}
