fn first_beyond_reverse(
    path: &[Point],
    limit: f64,
    out_bar: PointGradient,
    path_bar: &mut [PointGradient],
    limit_bar: &mut f64,
) -> Point {
    let t1 = path.len();
    let mut tape = Vec::new();
    let mut t2: Late<Point> = Default::default();
    let mut t3 = true;
    let mut rounds = 0usize;
    for i in 0..t1 {
        rounds += 1;
        let shape = shape_of(&t2);
        let t4 = path[i].x;
        let t5 = path[i].y;
        let (t6, t7, t8) = if (t4 * t5) > limit {
            (Late::of(Point { x: t4 * limit, y: t5 }), 3, false)
        } else {
            (t2.clone(), 0, true)
        };
        let t9 = if t7 == 0 { true } else { false };
        tape.push(shape);
        t2 = t6;
        t3 = t9;
        if !t8 {
            break;
        }
    }
    let t10 = if t3 {
        Late::of(Point {
            x: limit,
            y: limit * limit,
        })
    } else {
        t2.clone()
    };
    // Reverse pass.
    let mut t11 = zero_gradient(&t10);
    accumulate(&mut t11[0], &out_bar);
    let mut t12 = zero_gradient(&t2);
    if t3 {
        let t13 = t11.clone();
        let t14 = t13[0].clone();
        *limit_bar += t14.x;
        *limit_bar += t14.y * (2.0 * limit);
    } else {
        accumulate(&mut t12, &t11);
    }
    let mut taped = tape.iter().rev();
    for i in progression(0..t1).take(rounds).rev() {
        let shape = taped.next().unwrap();
        let t4 = path[i].x;
        let t5 = path[i].y;
        let t15 = take(&mut t12);
        reshape(&mut t12, shape);
        let t16 = t15;
        let mut t17 = 0.0;
        let mut t18 = 0.0;
        if (t4 * t5) > limit {
            let t19 = t16.clone();
            let t20 = t19[0].clone();
            t18 += t20.y;
            t17 += t20.x * limit;
            *limit_bar += t4 * t20.x;
        } else {
            accumulate(&mut t12, &t16);
        }
        path_bar[i].y += t18;
        path_bar[i].x += t17;
    }
    t10[0].clone()
}
