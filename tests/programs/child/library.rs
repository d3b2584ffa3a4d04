// What programs call: compiled into the generated crate, and interpreted by the evaluator.

/// Two numbers. With a default, so that early returns of it are accepted.
#[derive(Clone, Debug, Default, Differentiable)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A struct with everything in it.
#[derive(Clone, Debug, Differentiable)]
pub struct Body {
    pub place: Point,
    pub spin: [f64; 3],
    pub span: (f64, f64),
}

#[differentiable]
pub fn coupled(a: &f64, b: &f64) -> f64 {
    (*a * *b).tanh() + (*a).sin()
}

#[differentiable]
pub fn waves(a: f64, b: f64) -> f64 {
    a * b.sin() + a.cos()
}

#[differentiable]
pub fn pull_of(p: &Point, k: f64) -> f64 {
    (p.x * p.y * k).sin() + p.y
}

#[differentiable]
pub fn point_of(a: f64, b: f64) -> Point {
    Point {
        x: (a * b).tanh(),
        y: a + b.sin(),
    }
}

#[differentiable]
pub fn exchanged(p: Point, k: f64) -> (f64, Point) {
    (p.x * k, Point { x: p.y, y: k * p.x })
}

#[differentiable]
pub fn length_of(v: &[f64]) -> f64 {
    let mut s = 0.1;
    for x in v.iter() {
        s += x * x;
    }
    s.sqrt()
}

#[differentiable]
pub fn polynomial_of(c: &[f64], x: f64) -> f64 {
    let mut r = 0.0;
    for i in (0..c.len()).rev() {
        r = r * x.sin() + c[i];
    }
    r
}

#[differentiable]
pub fn entry_of(v: &[f64], i: usize) -> f64 {
    v[i % v.len()] * 0.7
}

#[differentiable]
pub fn iterated(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        y = y.cos() + 0.1 * x;
    }
    y
}

#[differentiable]
pub fn bent(x: f64) -> f64 {
    if x > 0.2 { x * x } else { x.sin() + 0.3 }
}

#[differentiable]
pub fn scaled(v: &[f64; 3], k: f64) -> [f64; 3] {
    [v[0] * k, v[1] + k, v[2] * v[0]]
}

#[differentiable]
pub fn sum_of_rows(m: &[[f64; 2]]) -> f64 {
    let mut s = 0.0;
    for r in m {
        s += r[0] * r[1].sin();
    }
    s
}

#[differentiable]
pub fn mixed(t: (f64, f64), x: f64) -> (f64, [f64; 3]) {
    (t.0 * x.sin(), [t.1, t.0 * t.1, x])
}

#[differentiable]
pub fn climbed(x: f64) -> f64 {
    let mut y = x;
    let mut k = 0;
    while k < 6 {
        if y > 2.0 {
            return y * 0.5;
        }
        y += 0.4 + 0.1 * x * x;
        k += 1;
    }
    y
}

#[differentiable(recursive)]
pub fn folded_down(x: f64, n: usize) -> f64 {
    if n == 0 {
        return x.sin();
    }
    0.5 * x + folded_down(x * 0.8, n - 1)
}

#[differentiable]
pub fn smoothed(v: &mut [f64], k: f64) {
    for i in 1..v.len() {
        v[i] = 0.5 * v[i - 1] + k.sin() * v[i];
    }
}

#[differentiable]
pub fn pushed(p: &mut Point, k: f64) -> f64 {
    p.x += k * p.y;
    p.y *= k.cos();
    p.x * p.y
}

#[differentiable]
pub fn bumped(x: &mut f64, k: f64) {
    *x = (*x * k).sin() + *x;
}
