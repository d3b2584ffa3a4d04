//! One function for each thing that generated code has to say.

use autodiff_runtime::prelude::*;

/// The ten lines of the README.
#[differentiable]
pub fn loss(x: f64) -> f64 {
    let a = x.powi(2);
    let b = 5.0 * a;
    let c = a.ln();
    let g = b * c;
    -g
}

/// Arrays by reference and by value, a constant parameter, a const generic.
#[differentiable]
pub fn neuron<const N: usize>(
    w: &[f64; 2],
    x: [f64; 2],
    b: f64,
    #[constant] scale: &[f64; N],
) -> f64 {
    let n = w[0] * x[0] + w[1] * x[1] + b;
    (n * scale[0]).tanh()
}

/// A naive formula with a stable derivative.
#[differentiable]
pub fn naive_nll(z: f64, #[constant] y: f64) -> f64 {
    let p = 1.0 / (1.0 + (-z).exp());
    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

/// A value that is used three times, and one that nobody uses.
#[differentiable]
pub fn shared(x: f64, y: f64) -> f64 {
    let product = x * y;
    let _unused = product.exp();
    product.sin() * product + product / x
}

/// Generic over the precision, with two results.
#[differentiable]
pub fn generic<T: Real>(a: T, b: T) -> [T; 2] {
    let s = (a * b).sqrt();
    [s + T::from_f64(2.0) * a, sigmoid(s) / b]
}

/// A point of the plane.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// Fields, and a norm.
#[differentiable]
pub fn distance(p: &Point, q: Point) -> f64 {
    let dx = p.x - q.x;
    let dy = p.y - q.y;
    (dx * dx + dy * dy).sqrt()
}

/// A struct as the result.
#[differentiable]
pub fn middle(p: &Point, q: &Point) -> Point {
    Point {
        x: 0.5 * (p.x + q.x),
        y: 0.5 * (p.y + q.y),
    }
}

/// Calls, with structs between them, one built on the spot.
#[differentiable]
pub fn composed(p: &Point, q: &Point, t: f64) -> f64 {
    let m = middle(p, q);
    let d = distance(&m, Point { x: t, y: t * t });
    let pair = generic(d, t);
    loss(pair[0]) + pair[1] * loss(d)
}

/// A slice at indices that are arguments, which may be equal.
#[differentiable]
pub fn indexed(w: &[f64], i: usize, j: usize) -> f64 {
    w[i] * w[j] + w[2 * i + 1]
}

/// Kinks, powers and remainders: what the support functions are for.
#[differentiable]
pub fn piecewise(x: f64, y: f64, n: i32) -> f64 {
    let bounded = x.clamp(-1.0, 1.0).max(y.abs());
    bounded.powi(n) + x.powi(3) + x % y + y.powf(x)
}

/// Tuples and patterns.
#[differentiable]
pub fn rotated((x, y): (f64, f64), angle: f64) -> (f64, f64) {
    let (s, c) = angle.sin_cos();
    (c * x - s * y, s * x + c * y)
}

/// A variable that changes, and one that is shadowed.
#[differentiable]
pub fn rebound(x: f64) -> f64 {
    let mut sum = x * x;
    sum += x.exp();
    let x = sum + 1.0;
    sum *= x;
    sum
}

/// A long loop that keeps ten of its states.
#[differentiable(checkpoint = revolve(10))]
pub fn pendulum(angle: f64, c: f64, steps: usize) -> f64 {
    let h = 0.01;
    let mut angle = angle;
    let mut speed = 0.0;
    for _ in 0..steps {
        speed -= h * c * angle.sin();
        angle += h * speed;
    }
    angle
}

/// User names that look like generated ones.
#[differentiable]
pub fn unlucky_names(x: f64, x_bar: f64, out_bar: f64) -> f64 {
    let t1 = x * x_bar;
    let t2 = (t1 + out_bar) * t1;
    t2 * x
}

/// A network of the library inside of a user's loss.
#[differentiable(wrt(model))]
pub fn classified(model: &Mlp, x: &[f64], class: usize) -> f64 {
    let z = mlp(model, x);
    let p = softmax(&z);
    -p[class].ln()
}

/// A weighted mean, by numbers that are constant for some and not for others.
#[differentiable]
pub fn weighted(x: &[f64], weights: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * weights[i];
    }
    sum
}

/// Calls that are kept, which borrow a local of the iteration and are lent constants.
#[differentiable]
pub fn smoothed(x: &[f64], #[constant] weights: &[f64]) -> f64 {
    let mut y = 0.0;
    for i in 0..x.len() {
        let around = [y, x[i]];
        y = weighted(&around, &weights[i..i + 2]).sin();
    }
    y
}

/// A sum whose loop is fused with its reverse; neighbours' adjoints are carried in a variable.
#[differentiable]
pub fn rosenbrock(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        let a = 1.0 - x[i];
        let b = x[i + 1] - x[i] * x[i];
        sum += a * a + 100.0 * b * b;
    }
    sum
}

/// A recurrence: every iterate is kept.
#[differentiable]
pub fn logistic_map(start: f64, rate: f64, steps: usize) -> f64 {
    let mut x = start;
    for _ in 0..steps {
        x = rate * x * (1.0 - x);
    }
    x
}

/// A loop of unknown length, and a branch before it.
#[differentiable]
pub fn newton(a: f64) -> f64 {
    if a <= 0.0 {
        return 0.0;
    }
    let mut x = a;
    while (x * x - a).abs() > 1e-12 {
        x = 0.5 * (x + a / x);
    }
    x
}

/// A fused loop in which an inner one is fused, too.
#[differentiable(wrt(w, b))]
pub fn log_loss<const D: usize>(w: &[f64; D], b: f64, rows: &[[f64; D]], labels: &[f64]) -> f64 {
    let mut total = 0.0;
    for (row, label) in rows.iter().zip(labels) {
        let z = b + w.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
        total += nll(sigmoid(z), *label);
    }
    total / rows.len() as f64
}

/// Memory of which every element is stored once: nothing is kept.
#[differentiable]
pub fn forward_substitution<const N: usize>(l: &[[f64; N]; N], b: &[f64; N]) -> [f64; N] {
    let mut x = *b;
    for i in 0..N {
        for j in 0..i {
            x[i] -= l[i][j] * x[j];
        }
        x[i] /= l[i][i];
    }
    x
}

/// Gaussian elimination in place.
#[differentiable]
pub fn determinant<const N: usize>(a: &[[f64; N]; N]) -> f64 {
    let mut u = *a;
    let mut det = 1.0;
    for k in 0..N {
        for i in k + 1..N {
            u[i][k] /= u[k][k];
            for j in k + 1..N {
                u[i][j] -= u[i][k] * u[k][j];
            }
        }
        det *= u[k][k];
    }
    det
}

/// Values that are dear to compute are kept, in an array because the length is known.
#[differentiable]
pub fn layer(w: &[[f64; 3]; 4], x: &[f64; 3]) -> [f64; 4] {
    let mut y = [0.0; 4];
    for i in 0..4 {
        let mut z = 0.0;
        for j in 0..3 {
            z += w[i][j] * x[j];
        }
        y[i] = z.tanh();
    }
    y
}

/// A `&mut` parameter.
#[differentiable]
pub fn kick(state: &mut [f64; 2], stiffness: f64) {
    state[1] -= 0.01 * stiffness * state[0];
    state[0] += 0.01 * state[1];
}

/// Calls that change an argument, in a loop: their pullbacks are kept.
#[differentiable]
pub fn swing(stiffness: f64, steps: usize) -> f64 {
    let mut state = [1.0, 0.0];
    for _ in 0..steps {
        kick(&mut state, stiffness);
    }
    state[0]
}

/// Arms that are chosen by integers, and a jump.
#[differentiable]
pub fn programmed(x: f64, program: &[usize]) -> f64 {
    let mut y = x;
    for &instruction in program {
        match instruction {
            0 => break,
            1 | 2 => y *= x,
            k if k > 9 => y += x / k as f64,
            _ => y = y.sin(),
        }
    }
    y
}

/// Recursion.
#[differentiable]
pub fn nested_sine(x: f64, depth: usize) -> f64 {
    if depth == 0 {
        x
    } else {
        (x * nested_sine(x, depth - 1)).sin()
    }
}

/// A vector that grows.
#[differentiable]
pub fn running_products(x: &[f64]) -> f64 {
    let mut products = Vec::with_capacity(x.len());
    let mut product = 1.0;
    for v in x {
        product *= v;
        products.push(product);
    }
    products.iter().map(|p| p.exp()).sum()
}

/// Vectors of another length in every iteration, and ways out with vectors of different length.
#[differentiable]
pub fn narrowing(x: &[f64], rounds: usize) -> Vec<f64> {
    let mut v = x.to_vec();
    for _ in 0..rounds {
        if v.len() < 2 {
            return v;
        }
        let next: Vec<f64> = v.windows(2).map(|pair| pair[0] * pair[1]).collect();
        v = next;
    }
    v
}

/// What is kept by an index that is no `usize`.
#[differentiable]
pub fn damped(x: f64, rounds: i32) -> f64 {
    let mut y = x;
    for _k in 0..rounds {
        y = (x * y).sin();
    }
    y
}

/// A struct that only some paths give: it leaves the loop early.
#[differentiable]
pub fn first_beyond(path: &[Point], limit: f64) -> Point {
    for p in path {
        if p.x * p.y > limit {
            return Point {
                x: p.x * limit,
                y: p.y,
            };
        }
    }
    Point {
        x: limit,
        y: limit * limit,
    }
}
