//! Loops whose numbers of iterations are constant allocate nothing, in any mode.

use std::hint::black_box;

use allocation_counter::measure;
use autodiff_runtime::prelude::*;

#[derive(Clone, Copy, Debug, Differentiable)]
struct Body {
    position: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
}

#[differentiable]
fn newton(a: f64) -> f64 {
    let mut y = a;
    for _ in 0..12 {
        y = 0.5 * (y + a / y);
    }
    y
}

#[differentiable]
fn nested(x: f64) -> f64 {
    let mut y = x;
    for i in 0..5 {
        let mut z = y;
        for j in 0..4 {
            z = (z + (i * j) as f64 * 0.1).sin();
        }
        y *= z;
    }
    y
}

#[differentiable]
fn triangular(x: f64) -> f64 {
    let mut y = x;
    for i in 0..6 {
        for _ in 0..i {
            y = (y * 1.1).sin();
        }
    }
    y
}

const STEPS: usize = 7;

#[differentiable]
fn by_constant(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..STEPS {
        y = y.exp().ln_1p();
    }
    y
}

#[differentiable]
fn const_generic<const N: usize>(x: [f64; N], k: f64) -> f64 {
    let mut total = k;
    for i in 0..N {
        total = (total * x[i]).tanh() + total;
    }
    total
}

#[differentiable]
fn by_length(x: &[f64; 6]) -> f64 {
    let mut total = 1.0;
    for i in 0..x.len() {
        total = (total + x[i]).sin();
    }
    total
}

#[differentiable]
fn with_branch(x: [f64; 8]) -> f64 {
    let mut y = 1.0;
    for i in 0..8 {
        if x[i] > 0.0 {
            y = (y * x[i]).exp();
        } else if y > 1.0 {
            y = y.ln() - x[i];
        } else {
            y += x[i].tanh();
        }
    }
    y
}

#[differentiable]
fn matrix_power(a: [[f64; 3]; 3]) -> f64 {
    let mut x = [1.0, 0.5, 0.25];
    for _ in 0..4 {
        let mut next = [0.0; 3];
        for i in 0..3 {
            for j in 0..3 {
                next[i] += a[i][j] * x[j];
            }
        }
        x = next;
    }
    x[0] + x[1] * x[2]
}

#[differentiable]
fn in_place(x: &mut [f64; 5], k: f64) {
    for i in 1..5 {
        x[i] = (x[i] * k + x[i - 1]).sin();
    }
}

#[differentiable]
fn changes_array(x: f64) -> f64 {
    let mut a = [x, 2.0 * x, 3.0, 4.0];
    in_place_four(&mut a, x);
    a[0] + a[3]
}

#[differentiable]
fn in_place_four(a: &mut [f64; 4], k: f64) {
    for _ in 0..3 {
        for i in 1..4 {
            a[i] = (a[i] * k + a[i - 1]).sin();
        }
    }
}

#[differentiable]
fn force(a: &Body, b: &Body) -> [f64; 3] {
    let mut d = [0.0; 3];
    let mut square = 0.1;
    for k in 0..3 {
        d[k] = b.position[k] - a.position[k];
        square += d[k] * d[k];
    }
    let strength = b.mass / (square * square.sqrt());
    [d[0] * strength, d[1] * strength, d[2] * strength]
}

#[differentiable]
fn bodies(bodies: &[Body; 3]) -> f64 {
    let mut energy = 0.0;
    for i in 0..3 {
        for j in 0..3 {
            if i != j {
                let f = force(&bodies[i], &bodies[j]);
                energy += f[0] * f[0] + f[1] * f[2] * bodies[i].velocity[0];
            }
        }
    }
    energy
}

#[differentiable]
fn step(x: f64, k: f64) -> f64 {
    (x * k).sin() + x
}

#[differentiable]
fn calls_carried(x: f64, k: f64) -> f64 {
    let mut y = x;
    for _ in 0..9 {
        y = step(y, k);
    }
    y
}

#[differentiable]
fn calls_of_loops(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..3 {
        y = newton(y + 2.0);
    }
    y
}

#[differentiable]
fn chain(x: &[f64; 8]) -> f64 {
    x.iter().map(|v| v * v).filter(|v| *v > 0.5).sum::<f64>()
}

#[differentiable]
fn zipped(x: &[f64; 8], y: &[f64; 8]) -> f64 {
    let mut total = 1.0;
    for (a, b) in x.iter().zip(y) {
        total = (total * a + b).sin();
    }
    total
}

#[differentiable]
fn windows(x: &[f64; 8]) -> f64 {
    let mut y = 1.0;
    for pair in x.windows(2) {
        y = (y * pair[0] + pair[1]).sin();
    }
    y
}

#[differentiable]
fn chunks(x: &[f64; 8]) -> f64 {
    let mut y = 1.0;
    for pair in x.chunks_exact(2) {
        y = (y * pair[0] + pair[1]).sin();
    }
    y
}

#[differentiable]
fn in_a_branch(x: f64, k: f64) -> f64 {
    let mut y = x;
    if k > 0.5 {
        for i in 0..6 {
            y = (y * k + i as f64).sin();
        }
    } else {
        y = y.exp();
    }
    y
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Oscillator {
    position: f64,
    speed: f64,
}

#[differentiable]
impl Oscillator {
    fn kick(&self, h: f64) -> f64 {
        self.speed - h * self.position.sin()
    }
}

#[differentiable]
fn with_methods(x: f64, h: f64) -> f64 {
    let mut state = Oscillator {
        position: x,
        speed: 0.0,
    };
    for _ in 0..10 {
        let speed = state.kick(h);
        state = Oscillator {
            position: state.position + h * speed,
            speed,
        };
    }
    state.position
}

#[differentiable]
fn broken_off(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..20 {
        if y > 10.0 {
            break;
        }
        y = y * y.exp();
    }
    y
}

const MANY: usize = 3_000_000;

/// What does not fit on the stack goes to the heap, as only rustc can tell.
#[differentiable]
fn many_steps(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..MANY {
        y = (y * 0.999).sin();
    }
    y
}

#[differentiable]
fn many_calls(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..MANY {
        y = step(y, 0.5);
        if y > 2.0 {
            y *= 0.1;
        }
    }
    y
}

/// Constants of every kind.
struct Grid<const M: usize>;

#[differentiable]
impl<const M: usize> Grid<M> {
    const STEPS: usize = 5;

    fn solve<const N: usize>(x: [f64; N], k: f64) -> f64 {
        let mut y = k;
        for i in 0..N {
            for _ in 0..M {
                y = (y * x[i]).tanh() + k;
            }
        }
        for _ in 0..Self::STEPS {
            y = y.sin();
        }
        y
    }
}

/// Calls every mode of a scalar function of the arguments, and counts.
macro_rules! allocate_nothing {
    ($($name:ident($($arg:ident : $value:expr),*);)+) => {$(
        #[test]
        fn $name() {
            $(let $arg = black_box($value);)*
            let info = measure(|| { black_box(super::$name::value_and_grad($($arg),*)); });
            assert_eq!(info.count_total, 0, "value_and_grad: {info:?}");
            let info = measure(|| { black_box(super::$name::vjp($($arg,)* 2.0)); });
            assert_eq!(info.count_total, 0, "vjp: {info:?}");
            let info = measure(|| {
                $(let mut $arg = ($arg.zero_gradient(), $arg);)*
                let (value, pullback) = super::$name::pullback($($arg.1),*);
                pullback(1.0, $(&mut $arg.0),*);
                pullback(-2.0, $(&mut $arg.0),*);
                black_box((value, $($arg.0),*));
            });
            assert_eq!(info.count_total, 0, "pullback: {info:?}");
        }
    )+};
}

mod counted {
    use super::*;

    const BODIES: [Body; 3] = [
        Body {
            position: [0.1, 0.2, 0.3],
            velocity: [1.0, 2.0, 3.0],
            mass: 1.0,
        },
        Body {
            position: [1.1, -0.2, 0.9],
            velocity: [0.0, 1.0, 3.0],
            mass: 2.0,
        },
        Body {
            position: [-1.1, 1.2, -0.3],
            velocity: [1.0, 0.5, 1.0],
            mass: 0.5,
        },
    ];

    allocate_nothing! {
        newton(a: 2.0);
        nested(x: 0.3);
        triangular(x: 0.3);
        by_constant(x: 0.3);
        const_generic(x: [0.1, 0.2, 0.3, 0.4], k: 0.7);
        by_length(x: &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        with_branch(x: [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8]);
        matrix_power(a: [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]);
        changes_array(x: 0.4);
        bodies(b: &BODIES);
        calls_carried(x: 0.4, k: 0.9);
        calls_of_loops(x: 0.4);
        chain(x: &[0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8]);
        zipped(x: &[0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8], y: &[1.0; 8]);
        windows(x: &[0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8]);
        chunks(x: &[0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8]);
        in_a_branch(x: 0.3, k: 0.9);
        with_methods(x: 0.3, h: 0.1);
        broken_off(x: 0.4);
    }

    #[test]
    fn changed_in_place() {
        let (mut x, mut x_bar, mut k_bar) = ([0.1, 0.2, 0.3, 0.4, 0.5], [1.0; 5], 0.0);
        let info = measure(|| {
            let ((), pullback) = in_place::pullback(black_box(&mut x), 0.5);
            pullback((), &mut x_bar, &mut k_bar);
        });
        assert_eq!(info.count_total, 0, "pullback: {info:?}");
    }

    #[test]
    fn large_ones_are_on_the_heap() {
        let info = measure(|| {
            black_box(many_steps::grad(black_box(0.5)));
        });
        assert_eq!((info.count_total, info.bytes_max), (1, 8 * MANY as u64));
        let info = measure(|| {
            black_box(many_calls::grad(black_box(0.5)));
        });
        assert_eq!(info.count_total, 1, "{info:?}");
    }

    /// The length of the last loop is no constant expression where `Self` is generic.
    #[test]
    fn generic_ones() {
        let info = measure(|| {
            black_box(Grid::<4>::solve_grad(black_box([0.1, 0.2, 0.3]), 0.5));
        });
        assert_eq!((info.count_total, info.bytes_max), (1, 8 * 5), "{info:?}");
    }
}
