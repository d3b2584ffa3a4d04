fn composed_reverse(
    p: &Point,
    q: &Point,
    t: f64,
    out_bar: f64,
    p_bar: &mut PointGradient,
    q_bar: &mut PointGradient,
    t_bar: &mut f64,
) -> f64 {
    let (m, m_pullback) = middle::pullback(p, q);
    let t1 = Point { x: t, y: t * t };
    let t2 = zero_gradient(&t1);
    let (d, d_pullback) = distance::pullback(&m, t1);
    let (pair, pair_pullback) = generic::pullback(d.clone(), t);
    let (t3, loss_pullback) = loss::pullback(pair[0].clone());
    let d_zero = zero_gradient(&d);
    let (t4, loss_pullback_1) = loss::pullback(d.clone());
    // Reverse pass.
    let mut d_bar = d_zero;
    loss_pullback_1(pair[1] * out_bar, &mut d_bar);
    let mut pair_bar = zero_gradient(&pair);
    pair_bar[1] += out_bar * t4;
    loss_pullback(out_bar, &mut pair_bar[0]);
    pair_pullback(pair_bar, &mut d_bar, t_bar);
    let mut m_bar = zero_gradient(&m);
    let mut t5 = t2;
    d_pullback(d_bar, &mut m_bar, &mut t5);
    m_pullback(m_bar, p_bar, q_bar);
    *t_bar += t5.x + t5.y * (2.0 * t);
    t3 + pair[1] * t4
}
