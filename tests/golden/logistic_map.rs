fn logistic_map_reverse(
    start: f64,
    rate: f64,
    steps: usize,
    out_bar: f64,
    start_bar: &mut f64,
    rate_bar: &mut f64,
) -> f64 {
    let mut tape = vec![0.0; steps];
    let mut x = start;
    for i in 0..steps {
        let t1 = 1.0 - x;
        tape[i] = x;
        x = rate * x * t1;
    }
    // Reverse pass.
    let mut x_bar = out_bar;
    for i in (0..steps).rev() {
        let x_1 = tape[i];
        let t1 = 1.0 - x_1;
        *rate_bar += x_bar * t1 * x_1;
        x_bar *= rate * t1 - rate * x_1;
    }
    *start_bar += x_bar;
    x
}
