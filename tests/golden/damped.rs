fn damped_reverse(x: f64, rounds: i32, out_bar: f64, x_bar: &mut f64) -> f64 {
    let mut tape = vec![0.0; rounds as usize];
    let mut y = x;
    for _k in 0..rounds {
        tape[_k as usize] = y;
        y = (x * y).sin();
    }
    // Reverse pass.
    let mut y_bar = out_bar;
    for _k in (0..rounds).rev() {
        let y_1 = tape[_k as usize];
        let t1 = (x * y_1).cos();
        *x_bar += y_bar * t1 * y_1;
        y_bar *= x * t1;
    }
    *x_bar += y_bar;
    y
}
