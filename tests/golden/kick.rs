fn kick_reverse(
    state: &mut [f64; 2],
    stiffness: f64,
    out_bar: (),
    state_bar: &mut [f64; 2],
    stiffness_bar: &mut f64,
) -> () {
    let t1 = 0.01 * stiffness;
    let t2 = state[0];
    state[1] -= t1 * t2;
    state[0] += 0.01 * state[1];
    // Reverse pass.
    state_bar[1] += 0.01 * state_bar[0];
    let t3 = -state_bar[1];
    state_bar[0] += t1 * t3;
    *stiffness_bar += 0.01 * (t3 * t2);
    ()
}
