fn swing_reverse(
    stiffness: f64,
    steps: usize,
    out_bar: f64,
    stiffness_bar: &mut f64,
) -> f64 {
    let mut state = [1.0, 0.0];
    let mut tape = Vec::with_capacity((0..steps).count());
    for _ in 0..steps {
        let (t1, kick_pullback) = kick::pullback(&mut state, stiffness);
        tape.push(kick_pullback);
    }
    // Reverse pass.
    let mut state_bar = [0.0; 2usize];
    state_bar[0] += out_bar;
    let mut taped = tape.iter().rev();
    for _ in (0..steps).rev() {
        let kick_pullback = taped.next().unwrap();
        (*kick_pullback)(Default::default(), &mut state_bar, stiffness_bar);
    }
    state[0]
}
