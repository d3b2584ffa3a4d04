fn narrowing_reverse(
    x: &[f64],
    rounds: usize,
    out_bar: Vec<f64>,
    x_bar: &mut [f64],
) -> Vec<f64> {
    let v = x.to_vec();
    let mut tape = Vec::new();
    let mut v_1 = v;
    let mut t1: Vec<f64> = Default::default();
    let mut t2 = true;
    let mut rounds_1 = 0usize;
    for _ in 0..rounds {
        rounds_1 += 1;
        let len_1 = t1.len();
        let (t8, v_2, t9, t10, t11) = if v_1.len() < 2 {
            (v_1.clone(), v_1.clone(), 3, false, ::core::option::Option::None)
        } else {
            let t3 = 2;
            let t4 = v_1.len();
            let t5 = (t4 + 1).saturating_sub(t3);
            let t6 = Vec::with_capacity(t5);
            let mut next = t6;
            for i in 0..t5 {
                let t7 = i + t3;
                next.push(v_1[i..t7][0] * v_1[i..t7][1]);
            }
            (t1.clone(), next.clone(), 0, true, ::core::option::Option::Some(t5))
        };
        let t12 = if t9 == 0 { true } else { false };
        tape.push((v_1.clone(), len_1, t11));
        v_1 = v_2;
        t1 = t8;
        t2 = t12;
        if !t10 {
            break;
        }
    }
    let t13 = if t2 { v_1.clone() } else { t1.clone() };
    // Reverse pass.
    let mut v_bar = zero_gradient(&v_1);
    let mut t14 = zero_gradient(&t1);
    if t2 {
        accumulate(&mut v_bar, &out_bar);
    } else {
        accumulate(&mut t14, &out_bar);
    }
    let mut taped = tape.iter().rev();
    for _ in progression(0..rounds).take(rounds_1).rev() {
        let (v_3, len_1, t11) = taped.next().unwrap();
        let v_len = v_3.len();
        let t15 = take(&mut v_bar);
        resize(&mut v_bar, v_len, 0.0);
        let t16 = take(&mut t14);
        resize(&mut t14, *len_1, 0.0);
        let v_bar_1 = t15;
        let t17 = t16;
        if v_3.len() < 2 {
            accumulate(&mut v_bar, &t17);
            accumulate(&mut v_bar, &v_bar_1);
        } else {
            let t5 = (*t11).as_ref().unwrap();
            let t3 = 2;
            accumulate(&mut t14, &t17);
            let v_bar_2 = v_bar_1.clone();
            let mut next_bar = v_bar_2.clone();
            for i in (0..*t5).rev() {
                let t7 = i + t3;
                let t18 = next_bar.pop().unwrap();
                v_bar[i..t7][1] += v_3[i..t7][0] * t18;
                v_bar[i..t7][0] += t18 * v_3[i..t7][1];
            }
        }
    }
    let v_bar_3 = v_bar.clone();
    accumulate(x_bar, &v_bar_3);
    t13
}
