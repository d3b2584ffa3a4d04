fn programmed_reverse(x: f64, program: &[usize], out_bar: f64, x_bar: &mut f64) -> f64 {
    let t1 = program.len();
    let mut tape = Vec::new();
    let mut y = x;
    let mut rounds = 0usize;
    for i in 0..t1 {
        rounds += 1;
        let instruction = program[i];
        let t2 = match instruction {
            0 => 0usize,
            1 | 2 => 1usize,
            k if k > 9 => 2usize,
            _ => 3usize,
        };
        let (y_1, t3, k_1) = match t2 {
            0 => (y, false, ::core::option::Option::None),
            1 => (y * x, true, ::core::option::Option::None),
            2 => {
                let k = match instruction {
                    k if k > 9 => k,
                    _ => ::core::unreachable!(),
                };
                (y + x / k as f64, true, ::core::option::Option::Some(k))
            }
            _ => (y.sin(), true, ::core::option::Option::None),
        };
        let t4 = if t3 { true } else { false };
        tape.push((y, t2.clone(), k_1));
        y = y_1;
        if !t4 {
            break;
        }
    }
    // Reverse pass.
    let mut y_bar = out_bar;
    let mut taped = tape.iter().rev();
    for i in progression(0..t1).take(rounds).rev() {
        let (y_2, t2, k_1) = taped.next().unwrap();
        let mut y_bar_1 = 0.0;
        match *t2 {
            0 => {
                y_bar_1 += y_bar;
            }
            1 => {
                y_bar_1 += y_bar * x;
                *x_bar += *y_2 * y_bar;
            }
            2 => {
                let k = (*k_1).as_ref().unwrap();
                y_bar_1 += y_bar;
                *x_bar += strong_zero(y_bar, y_bar / *k as f64);
            }
            _ => {
                y_bar_1 += y_bar * y_2.cos();
            }
        }
        y_bar = y_bar_1;
    }
    *x_bar += y_bar;
    y
}
