fn forward_substitution_reverse<const N: usize>(
    l: &[[f64; N]; N],
    b: &[f64; N],
    out_bar: [f64; N],
    l_bar: &mut [[f64; N]; N],
    b_bar: &mut [f64; N],
) -> [f64; N] {
    let mut x = *b;
    for i in 0..N {
        for j in 0..i {
            x[i] -= l[i][j] * x[j];
        }
        x[i] = x[i] / l[i][i];
    }
    // Reverse pass.
    let mut x_bar = out_bar;
    for i in (0..N).rev() {
        let t1 = take(&mut x_bar[i]);
        let t2 = strong_zero(t1, t1 / l[i][i]);
        x_bar[i] += t2;
        l_bar[i][i] += strong_zero(t1, -t2 * x[i]);
        let t3 = -x_bar[i];
        for j in 0..i {
            x_bar[j] += l[i][j] * t3;
        }
        for j in 0..i {
            l_bar[i][j] += t3 * x[j];
        }
    }
    accumulate(b_bar, &x_bar);
    x
}
