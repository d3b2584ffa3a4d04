fn smoothed_reverse(x: &[f64], weights: &[f64], out_bar: f64, x_bar: &mut [f64]) -> f64 {
    let t1 = x.len();
    let mut tape = Vec::with_capacity((0..t1).count());
    let mut y = 0.0;
    for i in 0..t1 {
        let around = [y, x[i]];
        let t2 = i + 2;
        let (t3, weighted_pullback) = weighted::detached(
            &Active,
            &Inactive,
            &around,
            &weights[i..t2],
        );
        tape.push((y, t3, weighted_pullback));
        y = t3.sin();
    }
    // Reverse pass.
    let mut weights_ignored = zero_gradient(weights);
    let mut y_bar = out_bar;
    let mut taped = tape.iter().rev();
    for i in (0..t1).rev() {
        let (y_1, t3, weighted_pullback) = taped.next().unwrap();
        let around = [*y_1, x[i]];
        let t2 = i + 2;
        let mut around_bar = [0.0; 2usize];
        (*weighted_pullback)(
            y_bar * t3.cos(),
            &around,
            &weights[i..t2],
            &mut around_bar,
            &mut weights_ignored[i..t2],
        );
        x_bar[i] += around_bar[1];
        y_bar = around_bar[0];
    }
    y
}
