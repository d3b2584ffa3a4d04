//! Fields of structs whose types the macro cannot see: active ones, constant ones, integers, tables,
//! and structs in them, read, passed on and built anew.

use autodiff_runtime::prelude::*;

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    let error = (found - expected).abs();
    assert!(
        error <= 1e-13 * expected.abs().max(1.0),
        "{found:e}, not {expected:e}"
    );
}

mod of_every_type {
    use super::*;

    #[derive(Clone, Debug, Differentiable)]
    struct Settings {
        k: f64,
        n: usize,
        exponent: i32,
        on: bool,
        offsets: [f64; 2],
        shape: (f64, usize),
        #[constant]
        fixed: f64,
    }

    #[differentiable]
    fn by_float(k: f64) -> f64 {
        k * k
    }

    #[differentiable]
    fn by_count(n: usize, x: f64) -> f64 {
        n as f64 * x
    }

    #[differentiable]
    fn by_flag(on: bool, x: f64) -> f64 {
        x * f64::from(u8::from(on))
    }

    #[differentiable]
    fn by_array(offsets: [f64; 2], shape: &(f64, usize)) -> f64 {
        offsets[0] * offsets[1] * shape.0
    }

    /// Fields are passed by value; of their types the macro sees nothing.
    #[differentiable]
    fn of_fields(s: &Settings, x: f64) -> f64 {
        by_float(s.k) + by_count(s.n, s.k) * x + by_flag(s.on, x) + by_array(s.offsets, &s.shape)
    }

    #[differentiable]
    fn by_exponent(x: f64, n: i32) -> f64 {
        x.powi(n)
    }

    #[differentiable]
    fn of_power(s: &Settings) -> f64 {
        s.k.powi(s.exponent) + s.offsets[1]
    }

    /// A constant field has no place in the gradient, and takes no adjoint.
    #[differentiable]
    fn of_constants(s: &Settings, x: f64) -> f64 {
        x * s.fixed + by_array(s.offsets, &(x, s.n)) + by_array(s.offsets, &(s.fixed, 1))
    }

    #[differentiable]
    fn of_exponent(s: &Settings) -> f64 {
        by_exponent(s.k, s.exponent) + s.k.powi(s.exponent)
    }

    #[test]
    fn fields_by_value() {
        let settings = Settings {
            k: 3.0,
            n: 5,
            exponent: 2,
            on: true,
            offsets: [7.0, 11.0],
            shape: (13.0, 1),
            fixed: 1.0,
        };
        assert!(settings.on && settings.n == 5 && settings.fixed == 1.0);
        let (s, x) = of_fields::grad(&settings, 2.0);
        assert_eq!((s.k, x), (6.0 + 10.0, 15.0 + 1.0));
        assert_eq!((s.offsets, s.shape), ([143.0, 91.0], (77.0, ())));
        let (_, tangent) = of_fields::jvp(&settings, 2.0, &s, x);
        assert_near(
            tangent,
            256.0 + 256.0 + 143.0 * 143.0 + 91.0 * 91.0 + 77.0 * 77.0,
        );
        assert_eq!(of_exponent::grad(&settings).k, 12.0);
        let (s, x) = of_constants::grad(&settings, 2.0);
        assert_eq!((s.k, s.offsets, x), (0.0, [33.0, 21.0], 1.0 + 77.0));
        assert_eq!(
            of_constants::jvp(&settings, 2.0, &settings.zero_gradient(), 1.0).1,
            78.0
        );
        assert_eq!(of_power::grad(&settings).k, 6.0);
    }
}

mod nested {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Inner {
        gain: f64,
        count: usize,
        #[constant]
        table: [f64; 3],
    }

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Pair(f64, usize, Inner);

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Outer {
        pair: Pair,
        inners: [Inner; 2],
        list: Vec<Inner>,
        #[constant]
        weights: Vec<f64>,
        label: String,
        choice: usize,
    }

    fn inner(gain: f64, count: usize) -> Inner {
        Inner {
            gain,
            count,
            table: [gain, 10.0 * gain, 100.0 * gain],
        }
    }

    fn outer() -> Outer {
        Outer {
            pair: Pair(2.0, 3, inner(5.0, 7)),
            inners: [inner(1.0, 1), inner(3.0, 2)],
            list: vec![inner(0.5, 0), inner(0.25, 1)],
            weights: vec![4.0, 6.0],
            label: "outer".to_owned(),
            choice: 1,
        }
    }

    #[differentiable]
    fn read(o: &Outer, x: f64, i: usize) -> f64 {
        let first = o.pair.0 * x + o.pair.2.gain * o.pair.1 as f64;
        let second = o.inners[i].gain * o.inners[1].gain * x;
        let third = o.list[i].gain * o.weights[i] * o.inners[0].count as f64;
        first + second + third
    }

    #[test]
    fn reads_at_any_depth() {
        let o = outer();
        assert_eq!(o.label, "outer");
        let (value, (bar, x_bar)) = read::value_and_grad(&o, 2.0, 1);
        // 4 + 15 + 18 + 1.5.
        assert_eq!(value, 38.5);
        assert_eq!(x_bar, 2.0 + 9.0);
        assert_eq!((bar.pair.0, bar.pair.1, bar.pair.2.gain), (2.0, (), 3.0));
        assert_eq!((bar.inners[0].gain, bar.inners[1].gain), (0.0, 12.0));
        assert_eq!((bar.list[0].gain, bar.list[1].gain), (0.0, 6.0));
        let (_, tangent) = read::jvp(&o, 2.0, 1, &bar, x_bar);
        let squares = [2.0, 3.0, 12.0, 6.0, 11.0].map(|g: f64| g * g);
        assert_eq!(tangent, squares.iter().sum::<f64>());
        let (_, pullback) = read::pullback(&o, 2.0, 0);
        let (mut bar, mut x_bar) = (o.zero_gradient(), 0.0);
        pullback(1.0, &mut bar, &mut x_bar);
        assert_eq!((bar.inners[0].gain, bar.inners[1].gain), (6.0, 2.0));
        assert_eq!(bar.list[0].gain, 4.0);
    }

    #[differentiable]
    fn built(i: &Inner, x: f64) -> Inner {
        Inner {
            gain: i.gain * x,
            count: i.count + 1,
            table: i.table,
        }
    }

    #[differentiable]
    fn built_pair(p: Pair, x: f64) -> Pair {
        let Pair(a, n, inner) = p;
        Pair(a * x, n + 1, built(&inner, a))
    }

    #[differentiable]
    fn through(o: &Outer, x: f64) -> f64 {
        let pair = built_pair(o.pair.clone(), x);
        let again = built(&pair.2, pair.0);
        again.gain * again.count as f64 + pair.2.table[1] * x + pair.1 as f64 * x
    }

    #[test]
    fn results_with_constant_fields() {
        let i = inner(3.0, 4);
        let (value, (bar, x_bar)) = built::vjp(&i, 2.0, InnerGradient { gain: 10.0 });
        assert_eq!((value.gain, value.count, value.table), (6.0, 5, i.table));
        assert_eq!((bar.gain, x_bar), (20.0, 30.0));
        let (value, dot) = built::jvp(&i, 2.0, &InnerGradient { gain: 1.0 }, 1.0);
        assert_eq!((value.count, dot.gain), (5, 5.0));

        // With a, g of the pair: (g·a)·(a·x)·9 + 50·x + 4·x.
        let o = outer();
        let (value, (bar, x_bar)) = through::value_and_grad(&o, 1.5);
        assert_eq!(value, 270.0 + 75.0 + 6.0);
        assert_eq!(x_bar, 180.0 + 54.0);
        assert_eq!((bar.pair.0, bar.pair.2.gain), (270.0, 54.0));
        let (_, tangent) = through::jvp(&o, 1.5, &bar, 0.0);
        assert_eq!(tangent, 270.0 * 270.0 + 54.0 * 54.0);
    }

    /// The same struct in two places, and a vector of structs passed on.
    #[differentiable]
    fn gains(list: &[Inner], k: usize) -> f64 {
        list[0].gain * list[k].gain
    }

    #[differentiable]
    fn of_lists(o: &Outer, k: usize) -> f64 {
        gains(&o.list, k) + gains(&o.inners, k) * o.pair.0
    }

    #[test]
    fn lists_of_structs() {
        let o = outer();
        let bar = of_lists::grad(&o, 1);
        assert_eq!((bar.list[0].gain, bar.list[1].gain), (0.25, 0.5));
        assert_eq!((bar.inners[0].gain, bar.inners[1].gain), (6.0, 2.0));
        assert_eq!(bar.pair.0, 3.0);
        let bar = of_lists::grad(&o, 0);
        assert_eq!((bar.list[0].gain, bar.inners[0].gain), (1.0, 4.0));
        assert_eq!(of_lists::jvp(&o, 0, &bar).1, 1.0 + 16.0 + 1.0);
        let of_slice: Vec<InnerGradient> = gains::grad(&o.list, 1);
        assert_eq!(of_slice.len(), 2);
    }

    #[differentiable]
    fn tables(o: &Outer, x: f64, i: usize) -> f64 {
        o.pair.2.table[2] * x + o.inners[o.choice].table[i] * x * o.pair.0
    }

    #[test]
    fn constants_at_any_depth() {
        let o = outer();
        let (value, (bar, x_bar)) = tables::value_and_grad(&o, 2.0, 1);
        assert_eq!((value, x_bar, bar.pair.0), (1000.0 + 120.0, 560.0, 60.0));
        assert_eq!(tables::jvp(&o, 2.0, 1, &o.zero_gradient(), 1.0).1, 560.0);
    }
}

mod generic {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Affine<T: Real, const N: usize> {
        slope: [T; N],
        offset: T,
        rows: usize,
    }

    #[differentiable]
    fn affine<T: Real, const N: usize>(a: &Affine<T, N>, x: T, i: usize) -> T {
        (a.slope[i] * x + a.offset) * T::from_f64(2.0)
    }

    #[differentiable]
    fn twice(a: &Affine<f64, 2>, x: f64) -> f64 {
        affine(a, affine(a, x, 0), 1) * a.rows as f64
    }

    #[test]
    fn structs() {
        let a = Affine {
            slope: [2.0_f32, 3.0],
            offset: 1.0,
            rows: 4,
        };
        let (value, (bar, x_bar)): (f32, (AffineGradient<f32, 2>, f32)) =
            affine::value_and_grad(&a, 5.0, 1);
        assert_eq!(value, 32.0);
        assert_eq!((bar.slope, bar.offset, x_bar), ([0.0, 10.0], 2.0, 6.0));

        let a = Affine {
            slope: [2.0, 3.0],
            offset: 1.0,
            rows: 1,
        };
        // y = 2(2x + 1), z = 2(3y + 1).
        let (value, (bar, x_bar)) = twice::value_and_grad(&a, 5.0);
        assert_eq!(value, 134.0);
        assert_eq!(x_bar, 24.0);
        assert_eq!((bar.slope, bar.offset), ([60.0, 44.0], 2.0 + 12.0));
        assert_near(twice::jvp(&a, 5.0, &bar, 0.0).1, 3600.0 + 1936.0 + 196.0);
    }

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Scaled<T: Real> {
        slope: T,
        #[constant]
        scale: T,
        rows: usize,
    }

    #[differentiable]
    fn scaled<T: Real>(s: &Scaled<T>, x: T) -> T {
        s.slope * x * s.scale * T::from_f64(s.rows as f64)
    }

    #[test]
    fn constant_fields_and_counts() {
        let s = Scaled {
            slope: 2.0_f32,
            scale: 3.0,
            rows: 5,
        };
        let (value, (bar, x_bar)) = scaled::value_and_grad(&s, 7.0);
        assert_eq!((value, bar.slope, x_bar), (210.0, 105.0, 30.0));
        let s = Scaled {
            slope: 2.0_f64,
            scale: 3.0,
            rows: 5,
        };
        assert_eq!(scaled::jvp(&s, 7.0, &s.zero_gradient(), 1.0), (210.0, 30.0));
    }
}
