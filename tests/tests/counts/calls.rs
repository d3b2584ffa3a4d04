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

    /// As many as the plain function evaluates, and one pullback for each.
    #[test]
    fn evaluates_nothing_twice() {
        macro_rules! depth {
            ($($name:ident $depth:literal)+) => {$(
                assert_eq!(evaluations(|| $name(0.5)), ($depth, 0));
                assert_eq!(evaluations(|| $name::grad(0.5)), ($depth, $depth));
                assert_eq!(evaluations(|| $name::jvp(0.5, 1.0)), ($depth, 0));
                let twice = evaluations(|| {
                    let (_, pullback) = $name::pullback(0.5);
                    let mut x_bar = 0.0;
                    pullback(1.0, &mut x_bar);
                    pullback(2.0, &mut x_bar);
                    x_bar
                });
                assert_eq!(twice, ($depth, 2 * $depth));
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
    fn is_linear_in_the_depth() {
        for depth in [1, 2, 4, 8, 16, 32, 64] {
            let n = depth as u64;
            assert_eq!(evaluations(|| recursive::grad(0.5, depth)), (n, n));
            let x = vec![0.5; depth];
            assert_eq!(evaluations(|| along::grad(&x, 0)), (n, n));
            assert_eq!(evaluations(|| in_loop::grad(0.5, depth)), (4 * n, 4 * n));
        }
    }

    /// Every level allocates the same.
    #[test]
    fn allocates_linearly_in_the_depth() {
        let bytes = |depth: usize| {
            let x = vec![0.5; depth];
            let mut x_bar = vec![0.0; depth];
            let of = measure(|| drop(black_box(recursive::grad(0.5, depth)))).bytes_total;
            let along =
                measure(|| drop(black_box(along::grad_into(&x, 0, &mut x_bar)))).bytes_total;
            (of, along)
        };
        let (one, two, four) = (bytes(16), bytes(32), bytes(64));
        assert_eq!(four.0 - two.0, 2 * (two.0 - one.0));
        assert_eq!(four.1 - two.1, 2 * (two.1 - one.1));
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

        fn all(&self) -> f64 {
            let mut total = 0.0;
            for i in 0..self.values.len() {
                total = (total + self.at(i)).sin();
            }
            total
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
    }

    #[differentiable]
    fn with_constant(k: f64, #[constant] data: &[f64]) -> f64 {
        let mut y = k;
        for i in 0..data.len() {
            y = (y + k * get(data, i)).sin();
        }
        y
    }

    #[differentiable]
    fn one_with_constant(k: f64, #[constant] data: &[f64], i: usize) -> f64 {
        k * get(data, i)
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

    /// The bytes allocated by reverse passes for an input of so many elements.
    fn bytes(n: usize, name: &str) -> [u64; 3] {
        let x = vec![0.3; n];
        let rows = vec![[0.3, 0.2, 0.1]; n];
        let table = Table {
            values: x.clone(),
            scale: 0.9,
        };
        macro_rules! of {
            ($f:path, $grad_into:path, $pullback:path, $jvp:path, $arg:expr, $zero:expr) => {{
                let mut bar = $zero;
                let dot = $zero;
                let joint = measure(|| drop(black_box($grad_into($arg, &mut bar)))).bytes_total;
                let split = measure(|| {
                    let (_, pullback) = $pullback($arg);
                    pullback(1.0, &mut bar);
                });
                let forward = measure(|| drop(black_box($jvp($arg, &dot)))).bytes_total;
                [joint, split.bytes_total, forward]
            }};
        }
        macro_rules! table {
            ($($case:ident $arg:expr, $zero:expr;)+) => {
                match name {
                    $(stringify!($case) => of!($case, $case::grad_into, $case::pullback, $case::jvp, $arg, $zero),)+
                    _ => unreachable!("{name}"),
                }
            };
        }
        match name {
            "with_constant" => {
                let mut bar = 0.0;
                let joint = measure(|| drop(black_box(with_constant::grad_into(0.5, &x, &mut bar))));
                let split = measure(|| with_constant::pullback(0.5, &x).1(1.0, &mut bar));
                let forward = measure(|| drop(black_box(with_constant::jvp(0.5, &x, 1.0))));
                [joint.bytes_total, split.bytes_total, forward.bytes_total]
            }
            "through_constant" => {
                let mut bar = 0.0;
                let joint = measure(|| drop(black_box(through_constant::grad_into(0.5, &x, &mut bar))));
                let split = measure(|| through_constant::pullback(0.5, &x).1(1.0, &mut bar));
                let forward = measure(|| drop(black_box(through_constant::jvp(0.5, &x, 1.0))));
                [joint.bytes_total, split.bytes_total, forward.bytes_total]
            }
            "with_local" => {
                let mut bar = 0.0;
                let joint = measure(|| drop(black_box(with_local::grad_into(0.5, n, &mut bar))));
                let split = measure(|| with_local::pullback(0.5, n).1(1.0, &mut bar));
                let forward = measure(|| drop(black_box(with_local::jvp(0.5, n, 1.0))));
                [joint.bytes_total, split.bytes_total, forward.bytes_total]
            }
            _ => table! {
                by_element &x, x.zero_gradient();
                by_two_calls &x, x.zero_gradient();
                by_the_same_twice &x, x.zero_gradient();
                by_the_rest &x, x.zero_gradient();
                by_row &rows, rows.zero_gradient();
                by_row_of_all &rows, rows.zero_gradient();
                by_field &table, table.zero_gradient();
                by_struct &table, table.zero_gradient();
                by_method &table, table.zero_gradient();
            },
        }
    }

    #[test]
    fn print() {
        for name in [
            "by_element", "by_two_calls", "by_the_same_twice", "by_the_rest", "by_row",
            "by_row_of_all", "by_field", "by_struct", "by_method", "with_constant", "through_constant",
            "with_local",
        ] {
            println!("{name:20} {:?} {:?}", bytes(64, name), bytes(128, name));
        }
        let table = Table { values: vec![0.1; 10], scale: 0.3 };
        println!("{:?}", table.all());
    }
}
