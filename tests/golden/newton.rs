fn newton_reverse(a: f64, out_bar: f64, a_bar: &mut f64) -> f64 {
    let t1 = a <= 0.0;
    let mut tape = Vec::new();
    let (t2, rounds_1) = if t1 {
        (0.0, ::core::option::Option::None)
    } else {
        let mut x = a;
        let mut rounds = 0usize;
        while (x * x - a).abs() > 1e-12 {
            rounds += 1;
            tape.push(x);
            x = 0.5 * (x + a / x);
        }
        (x, ::core::option::Option::Some(rounds))
    };
    // Reverse pass.
    let mut taped = tape.iter().rev();
    if !(t1) {
        let rounds = rounds_1.as_ref().unwrap();
        let mut x_bar = out_bar;
        for _ in 0..*rounds {
            let &x_1 = taped.next().unwrap();
            let t3 = 0.5 * x_bar;
            let t4 = strong_zero(t3, t3 / x_1);
            *a_bar += t4;
            x_bar = t3 + strong_zero(t3, -t4 * (a / x_1));
        }
        *a_bar += x_bar;
    }
    t2
}
