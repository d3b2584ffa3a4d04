fn pendulum_reverse(
    angle: f64,
    c: f64,
    steps: usize,
    out_bar: f64,
    angle_bar: &mut f64,
    c_bar: &mut f64,
) -> f64 {
    let mut tape = OnceTape::new(Checkpoint::Revolve(10), (0..steps).count());
    let mut speed = 0.0;
    let mut angle_1 = angle;
    for _ in 0..steps {
        tape.visit_next(|| (speed, angle_1));
        let speed_1 = speed - 0.01 * c * angle_1.sin();
        speed = speed_1;
        angle_1 += 0.01 * speed_1;
    }
    // Reverse pass.
    let mut speed_bar = 0.0;
    let mut angle_bar_1 = out_bar;
    tape.reverse(
        |_, (speed, angle_1)| {
            let speed_1 = *speed - 0.01 * c * angle_1.sin();
            *speed = speed_1;
            *angle_1 += 0.01 * speed_1;
        },
        |_, &(_, angle_1)| {
            let speed_bar_1 = speed_bar + 0.01 * angle_bar_1;
            *c_bar += 0.01 * (-speed_bar_1 * angle_1.sin());
            speed_bar = speed_bar_1;
            angle_bar_1 -= 0.01 * c * speed_bar_1 * angle_1.cos();
        },
    );
    *angle_bar += angle_bar_1;
    angle_1
}
