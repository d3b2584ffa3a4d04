//! Slices: of numbers, rows and structs, of any length; parts of them, elements and fields passed by
//! reference.
#![allow(
    clippy::needless_range_loop,
    clippy::ptr_arg,
    reason = "slices are used in every way that users use them"
)]

use autodiff_runtime::prelude::*;
use autodiff_tests::check;
use autodiff_tests::derivatives::assert_near;
use autodiff_tests::points::Points;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Particle {
    x: [f64; 2],
    charge: f64,
    fixed: bool,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct System {
    particles: Vec<Particle>,
    weights: Vec<f64>,
    k: f64,
}

fn particles() -> Vec<Particle> {
    let particle = |x, y, charge| Particle {
        x: [x, y],
        charge,
        fixed: charge < 0.0,
    };
    vec![
        particle(0.4, -0.3, 1.0),
        particle(1.0, 0.5, 2.0),
        particle(-1.0, 2.0, -1.0),
    ]
}

// --------------------------------------------------------------------------------------- whole ones

#[differentiable]
fn first_and_last(x: &[f64]) -> f64 {
    x[0] * x[x.len() - 1]
}

#[test]
fn elements() {
    assert_near(
        check!(first_and_last(&vec![2.0, 3.0, 5.0])),
        [5.0, 0.0, 2.0],
    );
    assert_near(check!(first_and_last(&vec![2.0])), [4.0]);
}

#[differentiable]
fn mean(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        total += x[i];
    }
    total / x.len() as f64
}

#[test]
fn the_length_as_a_number() {
    assert_near(check!(mean(&vec![1.0, 2.0, 3.0, 4.0])), [0.25; 4]);
}

#[differentiable]
fn guarded_mean(x: &[f64], otherwise: f64) -> f64 {
    if x.is_empty() {
        return otherwise;
    }
    let mut total = 0.0;
    for v in x {
        total += v;
    }
    total / x.len() as f64
}

#[test]
fn an_empty_slice() {
    assert_near(
        check!(guarded_mean(&vec![1.0, 2.0], 7.0)),
        ([0.5, 0.5], 0.0),
    );
    assert_near(check!(guarded_mean(&Vec::<f64>::new(), 7.0)), ((), 1.0));
}

#[differentiable]
fn of_vector(x: &Vec<f64>, k: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        total += x[i] * x[i] * k;
    }
    total
}

#[test]
fn a_vector_by_reference() {
    assert_near(check!(of_vector(&vec![1.0, 2.0], 3.0)), ([6.0, 12.0], 5.0));
}

#[differentiable]
fn owned_vector(x: Vec<f64>, k: f64) -> Vec<f64> {
    let mut x = x;
    for i in 0..x.len() {
        x[i] *= k;
    }
    x
}

#[test]
fn a_vector_by_value() {
    let (x_bar, k_bar) = check!(owned_vector(vec![1.0, 2.0], 3.0) => vec![1.0, 10.0]);
    assert_near((x_bar, k_bar), ([3.0, 30.0], 21.0));
}

#[differentiable]
fn spread(points: &[[f64; 2]]) -> f64 {
    let mut centre = [0.0; 2];
    for p in points {
        for d in 0..2 {
            centre[d] += p[d] / points.len() as f64;
        }
    }
    let mut total = 0.0;
    for p in points {
        for d in 0..2 {
            total += (p[d] - centre[d]).powi(2);
        }
    }
    total
}

#[test]
fn a_slice_of_arrays() {
    let points = vec![[1.0, 0.0], [3.0, 2.0], [2.0, -5.0]];
    let expected: Vec<[f64; 2]> = points
        .iter()
        .map(|p| [2.0 * (p[0] - 2.0), 2.0 * (p[1] + 1.0)])
        .collect();
    assert_near(check!(spread(&points)), expected);
}

#[differentiable]
fn affine<const D: usize>(m: &[[f64; D]], x: &[f64; D], b: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; m.len()];
    for i in 0..m.len() {
        y[i] = b[i];
        for j in 0..D {
            y[i] += m[i][j] * x[j];
        }
    }
    y
}

#[test]
fn rows_of_generic_length() {
    let m = vec![[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]];
    let (m_bar, x_bar, b_bar) =
        check!(affine(&m, &[7.0, 11.0], &vec![1.0, 2.0, 3.0]) => vec![1.0, 0.0, 10.0]);
    assert_near(m_bar, [[7.0, 11.0], [0.0, 0.0], [70.0, 110.0]]);
    assert_near((x_bar, b_bar), ([1.0, 12.0], [1.0, 0.0, 10.0]));
}

#[differentiable]
fn dipole(particles: &[Particle], axis: &[f64; 2]) -> f64 {
    let mut total = 0.0;
    for p in particles {
        if p.fixed {
            continue;
        }
        for d in 0..2 {
            total += p.charge * p.x[d] * axis[d];
        }
    }
    total
}

#[test]
fn a_slice_of_structs() {
    let (bars, axis_bar) = check!(dipole(&particles(), &[10.0, 100.0]));
    assert_near((bars[1].charge, bars[1].x), (60.0, [20.0, 200.0]));
    assert_near((bars[2].charge, bars[2].x), (0.0, [0.0, 0.0]));
    assert_near(axis_bar, [2.4, 0.7]);
}

#[differentiable]
fn gathered(table: &[f64], indices: &[usize], x: f64) -> f64 {
    let mut total = 0.0;
    for (k, i) in indices.iter().enumerate() {
        total += table[*i] * x.powi(k as i32);
    }
    total
}

#[test]
fn indices_from_a_slice() {
    // t₂ + t₀x + t₂x²
    let table = vec![2.0, 3.0, 5.0];
    assert_near(
        check!(gathered(&table, const &[2, 0, 2], 3.0)),
        ([3.0, 0.0, 10.0], 2.0 + 30.0),
    );
    assert_near(check!(gathered(&table, const &[], 3.0)), ([0.0; 3], 0.0));
}

#[differentiable(wrt(w))]
fn miss(w: &[f64], x: &[f64], y: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..w.len() {
        sum += w[i] * x[i];
    }
    (sum - y).powi(2)
}

#[test]
fn constant_slices() {
    let x = [3.0, 5.0];
    assert_near(
        check!(miss(&vec![1.0, 2.0], const &x, const 10.0)),
        [18.0, 30.0],
    );
}

// ----------------------------------------------------------------------------------------- passed on

#[differentiable]
fn norm(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for v in x {
        total += v * v;
    }
    total.sqrt()
}

#[differentiable]
fn of_the_whole(x: &[f64], k: f64) -> f64 {
    k * norm(x) + norm(&[x[0], k])
}

#[test]
fn a_slice_passed_on() {
    let (x_bar, k_bar) = check!(of_the_whole(&vec![3.0, 4.0], 2.0));
    let root = 13.0_f64.sqrt();
    assert_near((x_bar, k_bar), ([1.2 + 3.0 / root, 1.6], 5.0 + 2.0 / root));
}

#[differentiable]
fn split_norms(x: &[f64], at: usize) -> f64 {
    norm(&x[..at]) * norm(&x[at..])
}

#[test]
fn sub_slices() {
    // |(3, 4)|·|(5, 12)|
    let x = vec![3.0, 4.0, 5.0, 12.0];
    assert_near(
        check!(split_norms(&x, const 2)),
        [0.6 * 13.0, 0.8 * 13.0, 25.0 / 13.0, 60.0 / 13.0],
    );
    check!(split_norms(&x, const 1));
    check!(split_norms(&x, const 3));
}

#[differentiable]
fn overlapping(x: &[f64; 5], a: usize, b: usize) -> f64 {
    norm(&x[a..b]) + norm(&x[a..=b]) * x[a] + norm(&x[1..4])
}

#[test]
fn sub_slices_that_overlap() {
    let x = [1.0, -2.0, 3.0, 0.5, 2.0];
    for a in 0..3 {
        for b in a + 1..5 {
            check!(overlapping(&x, const a, const b));
        }
    }
}

#[differentiable]
fn head(weights: &[f64; 4]) -> f64 {
    let first = &weights[..2];
    let rest = &weights[2..];
    first[0] * rest[1] + first[first.len() - 1] * rest[0]
}

#[test]
fn sub_slices_bound_to_names() {
    assert_near(check!(head(&[2.0, 3.0, 5.0, 7.0])), [7.0, 5.0, 3.0, 2.0]);
}

#[differentiable]
fn product_of(a: &f64, b: &f64) -> f64 {
    a * a * b
}

#[differentiable]
fn elements_by_reference(x: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for i in 1..n {
        total += product_of(&x[i - 1], &x[i]) * product_of(&x[0], &x[i]);
    }
    total
}

#[test]
fn elements_passed_by_reference() {
    check!(elements_by_reference(&vec![1.1, 0.9, -1.2, 0.7], const 4));
    // x₀⁴x₁²
    assert_near(
        check!(elements_by_reference(&vec![2.0, 3.0], const 2)),
        [4.0 * 8.0 * 9.0, 16.0 * 6.0],
    );
    assert_near(
        check!(elements_by_reference(&vec![2.0, 3.0], const 0)),
        [0.0, 0.0],
    );
}

#[differentiable]
fn distance(a: &Particle, b: &Particle) -> f64 {
    let dx = a.x[0] - b.x[0];
    let dy = a.x[1] - b.x[1];
    (dx * dx + dy * dy).sqrt()
}

#[differentiable]
fn coulomb(particles: &[Particle], k: f64) -> f64 {
    let mut energy = 0.0;
    for i in 0..particles.len() {
        for j in i + 1..particles.len() {
            let r = distance(&particles[i], &particles[j]);
            energy += k * particles[i].charge * particles[j].charge / r;
        }
    }
    energy
}

#[test]
fn structs_passed_by_reference() {
    let p = particles();
    let (bars, k_bar) = check!(coulomb(&p, 3.0));
    let r = |i: usize, j: usize| (p[i].x[0] - p[j].x[0]).hypot(p[i].x[1] - p[j].x[1]);
    assert_near(bars[0].charge, 3.0 * (2.0 / r(0, 1) - 1.0 / r(0, 2)));
    assert_near(k_bar, 2.0 / r(0, 1) - 1.0 / r(0, 2) - 2.0 / r(1, 2));
    // Forces add up to nothing.
    let force = |d: usize| bars.iter().map(|bar| bar.x[d]).sum::<f64>();
    assert_near([1.0 + force(0), 1.0 + force(1)], [1.0, 1.0]);
}

#[differentiable]
fn of_rows(m: &[[f64; 2]]) -> f64 {
    let mut product = 1.0;
    for row in m {
        product *= norm(row);
    }
    for i in 1..m.len() {
        product += norm(&m[i]) * m[i - 1][0];
    }
    product
}

#[test]
fn rows_passed_by_reference() {
    check!(of_rows(&vec![[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]]));
    assert_near(check!(of_rows(&vec![[3.0, 4.0]])), [[0.6, 0.8]]);
}

#[differentiable]
fn of_system(s: &System) -> f64 {
    let mut total = coulomb(&s.particles, s.k) + norm(&s.weights) * norm(&s.particles[0].x);
    for (p, w) in s.particles.iter().zip(&s.weights) {
        total += w * norm(&p.x) * p.charge;
    }
    total
}

#[test]
fn fields_passed_by_reference() {
    let mut particles = particles();
    particles[0].x = [0.5, -0.5];
    let system = System {
        particles,
        weights: vec![0.5, -1.0, 2.0],
        k: 1.5,
    };
    check!(of_system(&system));
}

#[differentiable]
fn of_local(x: &[f64], k: f64) -> f64 {
    let mut scaled = vec![0.0; x.len()];
    let mut total = 0.0;
    for i in 0..x.len() {
        scaled[i] = x[i] * k;
        // The vector grows under the eyes of its reader.
        total += norm(&scaled) * norm(&scaled[i..]);
    }
    total
}

#[test]
fn a_local_vector_read_while_it_is_written() {
    check!(of_local(&vec![1.0, -2.0, 0.5], 1.5));
    assert_near(
        check!(of_local(&vec![-2.0], 1.5)),
        ([2.0 * -2.0 * 2.25], 4.0 * 3.0),
    );
}

#[differentiable]
fn interpolated(table: &[f64], x: f64) -> f64 {
    let k = x.floor() as usize;
    if k + 1 >= table.len() {
        return table[table.len() - 1];
    }
    let t = x - x.floor();
    table[k] * (1.0 - t) + table[k + 1] * t
}

#[differentiable]
fn path_length(table: &[f64], xs: &[f64]) -> f64 {
    let mut length = 0.0;
    let mut before = interpolated(table, xs[0]);
    for x in xs.iter().skip(1) {
        let y = interpolated(table, *x);
        length += (y - before).abs();
        before = y;
    }
    length
}

#[test]
fn lookups() {
    let table = vec![1.0, 4.0, 2.0];
    assert_near(
        check!(interpolated(&table, 1.25)),
        ([0.0, 0.75, 0.25], -2.0),
    );
    assert_near(check!(interpolated(&table, 5.5)), ([0.0, 0.0, 1.0], 0.0));
    // 0.5 → 1.25 → 0.25: |3.5 − 2.5| + |1.75 − 3.5|
    let (table_bar, xs_bar) = check!(path_length(&table, &vec![0.5, 1.25, 0.25]));
    assert_near(xs_bar, [-3.0, -4.0, -3.0]);
    assert_near(table_bar, [-0.5 - 0.75, 1.5 - 0.5 - 0.25, 0.5]);
}

// ------------------------------------------------------------------------------------- algorithms

#[differentiable]
fn gaussian_blur(image: &[f64], width: usize, height: usize, sigma: f64) -> Vec<f64> {
    let mut out = vec![0.0; width * height];
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let mut total = 0.0;
            let mut weights = 0.0;
            for dy in 0..3 {
                for dx in 0..3 {
                    let square =
                        ((dx as f64 - 1.0).powi(2) + (dy as f64 - 1.0).powi(2)) / (sigma * sigma);
                    let weight = (-0.5 * square).exp();
                    total += weight * image[(y + dy - 1) * width + x + dx - 1];
                    weights += weight;
                }
            }
            out[y * width + x] = total / weights;
        }
    }
    out
}

#[test]
fn an_image() {
    let mut points = Points::seeded(4);
    let image = points.vector(20, 0.0, 1.0);
    let mut out_bar = vec![0.0; 20];
    out_bar[6] = 1.0;
    let (image_bar, _) = check!(gaussian_blur(&image, const 5, const 4, 0.8) => out_bar);
    // Weights of one pixel: symmetric, and one in sum.
    assert_near(image_bar.iter().sum::<f64>(), 1.0);
    assert_near((image_bar[0], image_bar[1]), (image_bar[12], image_bar[11]));
}

#[differentiable]
fn cross_entropy_by_hand(logits: &[f64], target: usize) -> f64 {
    let mut top = logits[0];
    for v in &logits[1..] {
        if *v > top {
            top = *v;
        }
    }
    let mut total = 0.0;
    for v in logits {
        total += (*v - top).exp();
    }
    total.ln() + top - logits[target]
}

#[test]
fn a_loss() {
    let logits = vec![1.0, 3.0, -2.0, 0.5];
    let total: f64 = logits.iter().map(|v| v.exp()).sum();
    let expected: Vec<f64> = (0..4)
        .map(|i| logits[i].exp() / total - f64::from(u8::from(i == 2)))
        .collect();
    assert_near(check!(cross_entropy_by_hand(&logits, const 2)), expected);
}

#[differentiable]
fn dense_layer(w: &[f64], b: &[f64], x: &[f64]) -> Vec<f64> {
    let mut y = b.to_vec();
    for i in 0..b.len() {
        for j in 0..x.len() {
            y[i] += w[i * x.len() + j] * x[j];
        }
    }
    y
}

#[differentiable]
fn deep(w: &[f64], b: &[f64], x: &[f64], layers: usize) -> f64 {
    let n = x.len();
    let mut h = x.to_vec();
    for l in 0..layers {
        let z = dense_layer(&w[l * n * n..(l + 1) * n * n], &b[l * n..(l + 1) * n], &h);
        for i in 0..n {
            h[i] = z[i].tanh();
        }
    }
    norm(&h)
}

#[test]
fn layers_in_one_slice() {
    let mut points = Points::seeded(6);
    let (w, b) = (points.vector(27, -1.0, 1.0), points.vector(9, -1.0, 1.0));
    check!(deep(&w, &b, &points.vector(3, -1.0, 1.0), const 3));
    assert_near(
        check!(deep(&w, &b, &vec![3.0, 0.0, 4.0], const 0)).2,
        [0.6, 0.0, 0.8],
    );
}

#[differentiable]
fn autocorrelation(x: &[f64], lag: usize) -> f64 {
    let n = x.len();
    let mut total = 0.0;
    for i in 0..n {
        total += x[i] * x[(i + lag) % n];
    }
    total / n as f64
}

#[test]
fn wrapped_indices() {
    let x = vec![1.0, 2.0, 4.0];
    assert_near(
        check!(autocorrelation(&x, const 0)),
        [2.0 / 3.0, 4.0 / 3.0, 8.0 / 3.0],
    );
    assert_near(
        check!(autocorrelation(&x, const 1)),
        [6.0 / 3.0, 5.0 / 3.0, 3.0 / 3.0],
    );
}

#[differentiable]
fn ends<'a>(x: &'a [f64], y: &'a [f64], front: bool) -> f64 {
    let side: &'a [f64] = if front { x } else { y };
    let mut total = 0.0;
    for v in side {
        total += v * x[0];
    }
    total
}

#[test]
fn a_slice_chosen_by_a_branch() {
    let (x, y) = (vec![2.0, 3.0], vec![5.0]);
    assert_near(check!(ends(&x, &y, const true)), ([4.0 + 3.0, 2.0], [0.0]));
    assert_near(check!(ends(&x, &y, const false)), ([5.0, 0.0], [2.0]));
}

#[differentiable]
fn split_and_firsts(x: &[f64], at: usize) -> f64 {
    let (left, right) = x.split_at(at);
    let last = left[left.len() - 1];
    norm(left) * right[0] + norm(right) * last
}

#[test]
fn split_at() {
    check!(split_and_firsts(&vec![1.0, 2.0, -1.5, 0.5], const 2));
    check!(split_and_firsts(&vec![1.0, 2.0, -1.5, 0.5], const 3));
}

#[test]
#[should_panic(expected = "`x` has 2 elements, and its tangent 3")]
fn a_tangent_is_as_long_as_its_slice() {
    first_and_last::jvp(&[1.0, 2.0], &[1.0, 0.0, 0.0]);
}

#[test]
#[should_panic(expected = "`x` has 2 elements, and the buffer for its gradient 3")]
fn a_buffer_is_as_long_as_its_slice() {
    first_and_last::grad_into(&[1.0, 2.0], &mut [0.0; 3]);
}
