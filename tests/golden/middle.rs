fn middle_reverse(
    p: &Point,
    q: &Point,
    out_bar: PointGradient,
    p_bar: &mut PointGradient,
    q_bar: &mut PointGradient,
) -> Point {
    // Reverse pass.
    let t1 = 0.5 * out_bar.y;
    q_bar.y += t1;
    p_bar.y += t1;
    let t2 = 0.5 * out_bar.x;
    q_bar.x += t2;
    p_bar.x += t2;
    Point {
        x: 0.5 * (p.x + q.x),
        y: 0.5 * (p.y + q.y),
    }
}
