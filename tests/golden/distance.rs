fn distance_reverse(
    p: &Point,
    q: Point,
    out_bar: f64,
    p_bar: &mut PointGradient,
    q_bar: &mut PointGradient,
) -> f64 {
    let dx = p.x - q.x;
    let dy = p.y - q.y;
    let t1 = (dx * dx + dy * dy).sqrt();
    // Reverse pass.
    let t2 = norm_from(t1, [dx, dy]);
    let dx_bar = norm_adjoint(out_bar, dx, t2);
    let dy_bar = norm_adjoint(out_bar, dy, t2);
    q_bar.y -= dy_bar;
    p_bar.y += dy_bar;
    q_bar.x -= dx_bar;
    p_bar.x += dx_bar;
    t1
}
