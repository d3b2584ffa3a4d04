//! Rates of the matrix kernel and of vector maths, against what else there is, and of training steps made of
//! the two. Words choose tables: `products`, `functions`, `steps`, `notebook`.

mod notebook;
mod steps;
mod steps_by_hand;

use std::hint::black_box;
use std::rc::Rc;

use autodiff_benches::measure::{Run, paired_within};
use autodiff_runtime::prelude::*;
use autodiff_runtime::tensor::kernel::product;
use autodiff_runtime::tensor::vector;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, LinalgScalar};

/// For each pair of variants.
const SECONDS: f64 = 0.5;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if !words.iter().any(|word| word == "--bench") {
        // Built and started by `cargo test --all-targets`: nothing is timed in a test.
        return;
    }
    let tables: [(&str, fn()); 4] = [
        ("products", products),
        ("functions", functions),
        ("steps", steps::steps),
        ("notebook", notebook::steps),
    ];
    let chosen = |name: &str| words.iter().any(|word| word == name);
    let all = !tables.iter().any(|(name, _)| chosen(name));
    for (name, table) in tables {
        if all || chosen(name) {
            table();
        }
    }
}

fn numbers<T: Real>(rows: usize, columns: usize) -> Array2<T> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        T::from_f64(((i * 7 + j * 3) % 11) as f64 * 0.1 - 0.5)
    })
}

fn products() {
    products_of::<f32>("f32");
    products_of::<f64>("f64");
}

/// The products of a step of an MLP 784-128-64-10 with batches of 128, weights as \[inputs, outputs\];
/// and squares.
fn products_of<T: Real>(precision: &str) {
    println!("\nGFLOP/s, {precision}, 1 thread        faer  ndarray    gemm");
    let batch = 128;
    for [inputs, outputs] in [[784, 128], [128, 64], [64, 10]] {
        let (x, w, d) = (
            numbers(batch, inputs),
            numbers(inputs, outputs),
            numbers(batch, outputs),
        );
        rates::<T>("forward", &x, &w, 0.0);
        rates::<T>("weight gradient", &x.reversed_axes(), &d, 1.0);
        rates::<T>("input gradient", &d, &w.reversed_axes(), 1.0);
    }
    rates::<T>(
        "forward, small net",
        &numbers(64, 16),
        &numbers(16, 16),
        0.0,
    );
    for size in [64, 256, 1024] {
        rates::<T>("square", &numbers(size, size), &numbers(size, size), 0.0);
    }
}

type Product<T> = fn(T, ArrayView2<'_, T>, ArrayView2<'_, T>, T, ArrayViewMut2<'_, T>);

fn rates<T: Real>(name: &str, a: &Array2<T>, b: &Array2<T>, beta: f64) {
    let run = |kernel: Product<T>| -> Run {
        let (a, b, beta) = (a.clone(), b.clone(), T::from_f64(beta));
        let c = std::cell::RefCell::new(Array2::zeros((a.nrows(), b.ncols())));
        Box::new(move |times| {
            for _ in 0..times {
                let mut c = c.borrow_mut();
                kernel(
                    T::from_f64(1.0),
                    black_box(a.view()),
                    b.view(),
                    beta,
                    c.view_mut(),
                );
            }
        })
    };
    let operations = 2.0 * (a.len() * b.ncols()) as f64;
    let own = run(product);
    let by_ndarray = paired_within(SECONDS, 0, &own, &run(by_ndarray));
    let by_gemm = paired_within(SECONDS, 0, &own, &run(by_gemm));
    println!(
        "{name:<18} {:>4}×{:>4}×{:>4}  {:>6.1}  {:>6.1}  {:>6.1}",
        a.nrows(),
        a.ncols(),
        b.ncols(),
        operations / by_ndarray.first.min(by_gemm.first),
        operations / by_ndarray.second,
        operations / by_gemm.second,
    );
}

fn by_ndarray<T: LinalgScalar>(
    alpha: T,
    a: ArrayView2<'_, T>,
    b: ArrayView2<'_, T>,
    beta: T,
    mut c: ArrayViewMut2<'_, T>,
) {
    general_mat_mul(alpha, &a, &b, beta, &mut c);
}

#[allow(
    unsafe_code,
    reason = "the crate has no other interface; this is what it is compared for"
)]
fn by_gemm<T: Real>(
    alpha: T,
    a: ArrayView2<'_, T>,
    b: ArrayView2<'_, T>,
    beta: T,
    mut c: ArrayViewMut2<'_, T>,
) {
    let (rows, columns) = c.dim();
    let (c_strides, a_strides, b_strides) = (
        [c.strides()[1], c.strides()[0]],
        [a.strides()[1], a.strides()[0]],
        [b.strides()[1], b.strides()[0]],
    );
    // SAFETY: pointers, lengths and strides are those of live views, of which `c` is exclusive.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            a.ncols(),
            c.as_mut_ptr(),
            c_strides[0],
            c_strides[1],
            beta != T::from_f64(0.0),
            a.as_ptr(),
            a_strides[0],
            a_strides[1],
            b.as_ptr(),
            b_strides[0],
            b_strides[1],
            beta,
            alpha,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// As many numbers as the hidden layers of the small net have in a step.
const COUNT: usize = 2048;

fn functions() {
    println!("\n{COUNT} numbers                  vector µs  scalar µs  vector M/s");
    function_rates::<f32>("f32");
    function_rates::<f64>("f64");
}

fn function_rates<T: Real>(precision: &str) {
    /// Of all numbers at once, and of one.
    type Variants<T> = (&'static str, fn(&mut [T]), fn(T) -> T);
    type InPlace<T> = Box<dyn Fn(&mut [T])>;
    let variants: [Variants<T>; 4] = [
        ("exp", vector::exp, T::exp),
        ("tanh", vector::tanh, T::tanh),
        ("sigmoid", vector::sigmoid, T::sigmoid),
        ("softplus", vector::softplus, T::softplus),
    ];
    let numbers: Rc<[T]> = (0..COUNT)
        .map(|k| T::from_f64(3.0 * (k as f64 * 0.37).sin()))
        .collect();
    for (name, fast, slow) in variants {
        let run = |f: InPlace<T>| -> Run {
            let numbers = numbers.clone();
            let place = std::cell::RefCell::new(numbers.to_vec());
            Box::new(move |times| {
                for _ in 0..times {
                    let mut place = place.borrow_mut();
                    place.copy_from_slice(&numbers);
                    f(black_box(&mut place));
                }
            })
        };
        let fast = run(Box::new(fast));
        let slow = run(Box::new(move |x| x.iter_mut().for_each(|x| *x = slow(*x))));
        let paired = paired_within(SECONDS, 0, &fast, &slow);
        println!(
            "{name:<10} {precision}                    {:>6.2}     {:>6.2}      {:>6.0}",
            paired.first / 1e3,
            paired.second / 1e3,
            COUNT as f64 / paired.first * 1e3
        );
    }
}
