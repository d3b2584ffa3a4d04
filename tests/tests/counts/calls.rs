//! What calls cost: nothing is run again, however deep they nest, and a call that reads one element
//! of something large costs what that element costs.

use std::cell::Cell;
use std::hint::black_box;

use allocation_counter::measure;
use autodiff_runtime::prelude::*;

thread_local! {
    static VALUES: Cell<u64> = const { Cell::new(0) };
    static PULLBACKS: Cell<u64> = const { Cell::new(0) };
}

fn count(counter: &'static std::thread::LocalKey<Cell<u64>>) {
    counter.set(counter.get() + 1);
}

/// `sin`, whose evaluations are counted, and those of its pullback.
#[differentiable(pullback = counted_pullback, jvp = counted_jvp)]
fn counted(x: f64) -> f64 {
    count(&VALUES);
    x.sin()
}

fn counted_pullback(x: f64) -> (f64, impl Fn(f64, &mut f64)) {
    count(&VALUES);
    (x.sin(), move |d, x_bar| {
        count(&PULLBACKS);
        *x_bar += d * x.cos();
    })
}

fn counted_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    count(&VALUES);
    (x.sin(), x_dot * x.cos())
}

/// The evaluations of `counted` and of its pullback while `work` runs.
fn evaluations<R>(work: impl FnOnce() -> R) -> (u64, u64) {
    VALUES.set(0);
    PULLBACKS.set(0);
    black_box(work());
    (VALUES.get(), PULLBACKS.get())
}

/// The bytes that `work` allocates in all.
fn allocated<R>(work: impl FnOnce() -> R) -> u64 {
    let info = measure(|| {
        black_box(work());
    });
    info.bytes_total
}

mod nested {
    use super::*;

    /// A tower of functions, each of which calls the next.
    macro_rules! tower {
        ($name:ident) => {
            #[differentiable]
            fn $name(x: f64) -> f64 {
                counted(x)
            }
        };
        ($name:ident $next:ident $($rest:ident)*) => {
            #[differentiable]
            fn $name(x: f64) -> f64 {
                let y = counted(x);
                $next(y) * y
            }
            tower! { $next $($rest)* }
        };
    }

    tower! { f16 f15 f14 f13 f12 f11 f10 f9 f8 f7 f6 f5 f4 f3 f2 f1 }

    /// The pullback of each call runs once. A hand-written one is made when it runs, which evaluates
    /// `counted` a second time; that is all, whatever the depth. (The outermost function's own call
    /// borrows, and need not make it again.)
    #[test]
    fn run_nothing_again_at_deeper_levels() {
        macro_rules! depth {
            ($($name:ident $depth:literal)+) => {$(
                assert_eq!(evaluations(|| $name(0.5)), ($depth, 0));
                let (values, pullbacks) = evaluations(|| $name::grad(0.5));
                assert_eq!(pullbacks, $depth);
                assert!(values <= 2 * $depth, "{values} evaluations at a depth of {}", $depth);
                assert_eq!(evaluations(|| $name::jvp(0.5, 1.0)), ($depth, 0));
                let (values, pullbacks) = evaluations(|| {
                    let (_, pullback) = $name::pullback(0.5);
                    let mut x_bar = 0.0;
                    pullback(1.0, &mut x_bar);
                    pullback(2.0, &mut x_bar);
                    x_bar
                });
                assert_eq!(pullbacks, 2 * $depth);
                assert!(values <= 3 * $depth, "{values} evaluations at a depth of {}", $depth);
            )+};
        }
        depth! { f1 1 f2 2 f4 4 f8 8 f16 16 }
    }

    #[differentiable(recursive)]
    fn recursive(x: f64, n: usize) -> f64 {
        if n == 0 {
            return x;
        }
        let y = counted(x);
        recursive(y, n - 1) * y
    }

    #[differentiable(recursive)]
    fn along(x: &[f64], i: usize) -> f64 {
        if i == x.len() {
            return 1.0;
        }
        along(x, i + 1) * counted(x[i])
    }

    #[differentiable]
    fn in_loop(x: f64, n: usize) -> f64 {
        let mut y = x;
        for _ in 0..n {
            y = f4(y);
        }
        y
    }

    #[test]
    fn run_linearly_in_the_depth() {
        for depth in [1, 2, 4, 8, 16, 32, 64] {
            let n = depth as u64;
            assert_eq!(evaluations(|| recursive::grad(0.5, depth)), (2 * n, n));
            let x = vec![0.5; depth];
            assert_eq!(evaluations(|| along::grad(&x, 0)), (2 * n, n));
            assert_eq!(evaluations(|| in_loop::grad(0.5, depth)), (8 * n, 4 * n));
        }
    }

    /// Every level allocates the same.
    #[test]
    fn allocate_linearly_in_the_depth() {
        let bytes = |depth: usize| {
            let (x, mut x_bar) = (vec![0.5; depth], vec![0.0; depth]);
            let of_number = allocated(|| recursive::grad(0.5, depth));
            let of_slice = allocated(|| along::grad_into(&x, 0, &mut x_bar));
            (of_number, of_slice)
        };
        let (short, middle, long) = (bytes(16), bytes(32), bytes(64));
        assert_eq!(long.0 - middle.0, 2 * (middle.0 - short.0));
        assert_eq!(long.1 - middle.1, 2 * (middle.1 - short.1));
    }
}

/// Calls that read one element, or a few, out of something large.
mod elements {
    use super::*;

    #[derive(Clone, Debug, Differentiable)]
    struct Table {
        values: Vec<f64>,
        scale: f64,
    }

    #[differentiable]
    impl Table {
        fn at(&self, i: usize) -> f64 {
            self.values[i] * self.scale
        }
    }

    #[differentiable]
    fn get(x: &[f64], i: usize) -> f64 {
        x[i]
    }

    #[differentiable]
    fn get_through(x: &[f64], i: usize) -> f64 {
        get(x, i) * 2.0
    }

    #[differentiable]
    fn product(x: &[f64], y: &[f64], i: usize) -> f64 {
        x[i] * y[i]
    }

    #[differentiable]
    fn first(x: &[f64]) -> f64 {
        x[0]
    }

    #[differentiable]
    fn norm(row: &[f64; 3]) -> f64 {
        row[0] * row[0] + row[1] * row[2]
    }

    #[differentiable]
    fn of_table(table: &Table, i: usize) -> f64 {
        table.values[i]
    }

    #[differentiable]
    fn of_rows(x: &[[f64; 3]], i: usize) -> f64 {
        x[i][0] * x[i][2]
    }

    macro_rules! callers {
        ($($name:ident($x:ident: $ty:ty, $n:expr) |$y:ident, $i:ident| $step:expr;)+) => {$(
            #[differentiable]
            fn $name($x: $ty) -> f64 {
                let mut $y = 1.0;
                for $i in 0..$n {
                    $y = ($y + $step).sin();
                }
                $y
            }
        )+};
    }

    callers! {
        by_element(x: &[f64], x.len()) |y, i| get(x, i);
        by_two_calls(x: &[f64], x.len()) |y, i| get_through(x, i);
        by_the_same_twice(x: &[f64], x.len()) |y, i| product(x, x, i);
        by_the_rest(x: &[f64], x.len()) |y, i| first(&x[i..]);
        by_row(x: &[[f64; 3]], x.len()) |y, i| norm(&x[i]);
        by_row_of_all(x: &[[f64; 3]], x.len()) |y, i| of_rows(x, i);
        by_field(t: &Table, t.values.len()) |y, i| get(&t.values, i);
        by_struct(t: &Table, t.values.len()) |y, i| of_table(t, i);
        by_method(t: &Table, t.values.len()) |y, i| t.at(i);
        by_all_of_it(t: &Table, t.values.len()) |y, i| get(&t.values, i) * t.at(i) + of_table(t, i);
    }

    #[differentiable]
    fn weigh(k: f64, x: &[f64], i: usize) -> f64 {
        k * x[i]
    }

    #[differentiable]
    fn with_constant(k: f64, #[constant] data: &[f64]) -> f64 {
        let mut y = k;
        for i in 0..data.len() {
            y = (y + weigh(k, data, i)).sin();
        }
        y
    }

    #[differentiable]
    fn with_constant_field(k: f64, #[constant] table: &Table) -> f64 {
        let mut y = k;
        for i in 0..table.values.len() {
            y = (y + weigh(k, &table.values, i)).sin();
        }
        y
    }

    #[differentiable]
    fn weighted_norm(k: f64, row: &[f64; 3]) -> f64 {
        k * row[0] + row[1] * row[2]
    }

    #[differentiable]
    fn with_constant_rows(k: f64, #[constant] rows: &[[f64; 3]]) -> f64 {
        let mut y = k;
        for i in 0..rows.len() {
            y = (y + weighted_norm(k, &rows[i])).sin();
        }
        y
    }

    macro_rules! with_constants {
        ($($name:ident($data:ident: $ty:ty, $n:expr) |$k:ident, $i:ident| $step:expr;)+) => {$(
            #[differentiable]
            fn $name($k: f64, #[constant] $data: $ty) -> f64 {
                let mut y = $k;
                for $i in 0..$n {
                    y = (y + $step).sin();
                }
                y
            }
        )+};
    }

    with_constants! {
        with_constant_rest(data: &[f64], data.len()) |k, i| weigh(k, &data[i..], 0);
        with_constant_rest_of_field(table: &Table, table.values.len()) |k, i| weigh(k, &table.values[i..], 0);
        with_constant_begin(data: &[f64], data.len()) |k, i| weigh(k, &data[..=i], i);
        with_two_constant_parts(data: &[f64], data.len()) |k, i| weigh_two(k, &data[i..], &data[..=i], 0);
        with_one_constant_twice(data: &[f64], data.len()) |k, i| weigh_two(k, data, data, i);
        with_constant_vectors(data: &[Vec<f64>], data[0].len()) |k, i| weigh(k, &data[i % 2], i);
    }

    #[differentiable]
    fn weigh_two(k: f64, x: &[f64], y: &[f64], i: usize) -> f64 {
        k * x[i] * y[i]
    }

    #[differentiable]
    fn with_local_constant(k: f64, n: usize) -> f64 {
        let mut data = vec![0.0; n];
        for i in 0..n {
            data[i] = 0.5 + i as f64;
        }
        let mut y = k;
        for i in 0..n {
            y = (y + weigh(k, &data[i..], 0)).sin();
        }
        y
    }

    /// Elements of one vector, by the same index at times.
    #[differentiable]
    fn by_two_vectors(x: &[Vec<f64>]) -> f64 {
        let mut y = 1.0;
        for i in 0..x[0].len() {
            y = (y + product(&x[i % 2], &x[i % 3], i)).sin();
        }
        y
    }

    #[differentiable]
    fn one_with_constant(k: f64, #[constant] data: &[f64], i: usize) -> f64 {
        weigh(k, data, i)
    }

    #[differentiable]
    fn through_constant(k: f64, #[constant] data: &[f64]) -> f64 {
        let mut y = k;
        for i in 0..data.len() {
            y = (y + one_with_constant(k, data, i)).sin();
        }
        y
    }

    #[differentiable]
    fn with_local_twice(k: f64, n: usize) -> f64 {
        let x: Vec<f64> = (0..n).map(|i| k * i as f64).collect();
        let mut y = k;
        for i in 0..n {
            y = (y + product(&x, &x, i)).sin();
        }
        y
    }

    #[differentiable]
    fn with_local(k: f64, n: usize) -> f64 {
        let mut x = vec![k; n];
        for i in 0..n {
            x[i] = k * i as f64;
        }
        let mut y = k;
        for i in 0..n {
            y = (y + get(&x, i)).sin();
        }
        y
    }

    /// The bytes that the joint program, the split one and the forward mode allocate.
    type Bytes = [u64; 3];

    /// Twice as long an input may take twice as many bytes, and what a growing vector has too much. A buffer at every call would make it four
    /// times as many.
    #[track_caller]
    fn assert_linear(name: &str, bytes: impl Fn(usize) -> Bytes) {
        let [short, long] = [bytes(256), bytes(512)];
        for (k, mode) in ["joint", "split", "forward"].into_iter().enumerate() {
            assert!(
                long[k] <= 2 * short[k] + 1024,
                "{name}, {mode}: {} bytes of 256 elements, {} of 512",
                short[k],
                long[k]
            );
        }
        // The tape of a loop with a state of one number, and of what pullbacks hold: indices, and the
        // element for those that are not linear.
        assert!(long[0] <= 512 * 64, "{name}: {} bytes", long[0]);
    }

    macro_rules! linear {
        ($($name:ident($($arg:ident),+ $(; const $constant:ident)?) of $make:expr;)+) => {$(
            #[test]
            fn $name() {
                assert_linear(stringify!($name), |n| {
                    let ($($arg,)+ $($constant)?) = $make(n);
                    $(let mut $arg = ($arg.zero_gradient(), $arg);)+
                    let joint = allocated(|| {
                        super::$name::grad_into($($arg.1.lend(),)+ $($constant.lend(),)? $(&mut $arg.0),+)
                    });
                    let split = allocated(|| {
                        let (value, pullback) = super::$name::pullback($($arg.1.lend(),)+ $($constant.lend())?);
                        pullback(1.0, $(&mut $arg.0),+);
                        value
                    });
                    let forward = allocated(|| {
                        super::$name::jvp($($arg.1.lend(),)+ $($constant.lend(),)? $($arg.0.lend()),+)
                    });
                    [joint, split, forward]
                });
            }
        )+};
    }

    /// A value as an argument.
    trait Lend {
        type Lent<'a>
        where
            Self: 'a;
        fn lend(&self) -> Self::Lent<'_>;
    }

    macro_rules! lend {
        ($($ty:ty => |$value:ident| $lent:ty { $code:expr })+) => {$(
            impl Lend for $ty {
                type Lent<'a> = $lent;
                fn lend(&self) -> Self::Lent<'_> {
                    let $value = self;
                    $code
                }
            }
        )+};
    }

    lend! {
        f64 => |number| f64 { *number }
        usize => |number| usize { *number }
        Vec<f64> => |numbers| &'a [f64] { numbers }
        Vec<[f64; 3]> => |rows| &'a [[f64; 3]] { rows }
        Vec<Vec<f64>> => |rows| &'a [Vec<f64>] { rows }
        Table => |table| &'a Table { table }
        TableGradient => |table| &'a TableGradient { table }
    }

    fn numbers(n: usize) -> Vec<f64> {
        vec![0.3; n]
    }

    fn rows(n: usize) -> Vec<[f64; 3]> {
        vec![[0.3, 0.2, 0.1]; n]
    }

    fn table(n: usize) -> Table {
        Table {
            values: numbers(n),
            scale: 0.9,
        }
    }

    mod are_linear {
        use super::*;

        linear! {
            by_element(x) of |n| (numbers(n),);
            by_two_calls(x) of |n| (numbers(n),);
            by_the_same_twice(x) of |n| (numbers(n),);
            by_the_rest(x) of |n| (numbers(n),);
            by_row(x) of |n| (rows(n),);
            by_row_of_all(x) of |n| (rows(n),);
            by_field(t) of |n| (table(n),);
            by_struct(t) of |n| (table(n),);
            by_method(t) of |n| (table(n),);
            by_all_of_it(t) of |n| (table(n),);
            with_constant(k; const data) of |n| (0.5, numbers(n));
            with_constant_field(k; const data) of |n| (0.5, table(n));
            with_constant_rows(k; const data) of |n| (0.5, rows(n));
            with_local(k; const data) of |n| (0.5, n);
            with_local_twice(k; const data) of |n| (0.5, n);
            with_constant_begin(k; const data) of |n| (0.5, numbers(n));
            with_two_constant_parts(k; const data) of |n| (0.5, numbers(n));
            with_one_constant_twice(k; const data) of |n| (0.5, numbers(n));
            with_constant_rest(k; const data) of |n| (0.5, numbers(n));
            with_constant_vectors(k; const data) of |n| (0.5, vectors(n));
            by_two_vectors(x) of |n| (vectors(n),);
        }
    }

    fn vectors(n: usize) -> Vec<Vec<f64>> {
        vec![numbers(n); 3]
    }

    /// Where only rustc knows whether a part has an adjoint, and for locals, the reverse pass makes one
    /// buffer. (In forward mode every call has a zero tangent of its own.)
    #[test]
    fn parts_of_constants_are_lent() {
        assert_linear("with_constant_rest_of_field", |n| {
            let (table, mut k_bar) = (table(n), 0.0);
            let joint =
                allocated(|| with_constant_rest_of_field::grad_into(0.5, &table, &mut k_bar));
            let split = allocated(|| {
                with_constant_rest_of_field::pullback(0.5, &table).1(1.0, &mut k_bar);
            });
            [joint, split, 0]
        });
        assert_linear("with_local_constant", |n| {
            let mut k_bar = 0.0;
            let joint = allocated(|| with_local_constant::grad_into(0.5, n, &mut k_bar));
            let split = allocated(|| with_local_constant::pullback(0.5, n).1(1.0, &mut k_bar));
            [joint, split, 0]
        });
    }

    /// A function lends the buffer that it was lent. (In forward mode it makes a zero tangent of its
    /// own.)
    #[test]
    fn constants_are_lent_through_calls() {
        assert_linear("through_constant", |n| {
            let (data, mut k_bar) = (numbers(n), 0.0);
            let joint = allocated(|| through_constant::grad_into(0.5, &data, &mut k_bar));
            let split = allocated(|| through_constant::pullback(0.5, &data).1(1.0, &mut k_bar));
            [joint, split, 0]
        });
    }

    /// The further buffers are added where they belong.
    #[test]
    fn further_buffers_are_added() {
        let (x, dot) = (vec![0.3, 0.7, -0.2], vec![1.0, -1.0, 0.5]);
        let x_bar = by_the_same_twice::grad(&x);
        let along: f64 = x_bar.iter().zip(&dot).map(|(a, b)| a * b).sum();
        assert!((along - by_the_same_twice::jvp(&x, &dot).1).abs() < 1e-12);
        let slope = with_local_twice::grad(0.4, 5);
        assert!((slope - with_local_twice::jvp(0.4, 5, 1.0).1).abs() < 1e-12);
        let slope = through_constant::grad(0.4, &x);
        assert!((slope - through_constant::jvp(0.4, &x, 1.0).1).abs() < 1e-12);
        let rows = vec![vec![0.3, 0.7, -0.2, 0.4]; 3];
        let (dots, x_bar) = (
            vec![vec![1.0, -1.0, 0.5, 0.2]; 3],
            by_two_vectors::grad(&rows),
        );
        let pairs = x_bar.iter().flatten().zip(dots.iter().flatten());
        let along: f64 = pairs.map(|(a, b)| a * b).sum();
        assert!((along - by_two_vectors::jvp(&rows, &dots).1).abs() < 1e-12);
        let slope = with_two_constant_parts::grad(0.4, &x);
        assert!((slope - with_two_constant_parts::jvp(0.4, &x, 1.0).1).abs() < 1e-12);
        let slope = with_constant_vectors::grad(0.4, &rows);
        assert!((slope - with_constant_vectors::jvp(0.4, &rows, 1.0).1).abs() < 1e-12);
        let slope = with_constant::grad(0.4, &x);
        assert!((slope - with_constant::jvp(0.4, &x, 1.0).1).abs() < 1e-12);
    }
}
