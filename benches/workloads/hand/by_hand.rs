//! The residuals' derivatives: along one direction of poses, and all 26.

use super::super::bundle::cross;
use super::{Hand, bent, composed, rotation};

/// The derivative of `composed` by its second argument: linear, so without `a`'s translation.
#[inline]
fn linear(a: &[[f64; 4]; 3], b: &[[f64; 4]; 3]) -> [[f64; 4]; 3] {
    std::array::from_fn(|i| {
        std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j])
    })
}

/// The sum of two maps.
#[inline]
fn sum(a: &[[f64; 4]; 3], b: &[[f64; 4]; 3]) -> [[f64; 4]; 3] {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] + b[i][j]))
}

/// An affine map of a point.
#[inline]
pub fn applied(map: &[[f64; 4]; 3], [x, y, z]: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| map[i][0] * x + map[i][1] * y + map[i][2] * z + map[i][3])
}

/// A linear map of a vector.
#[inline]
fn turned(turn: &[[f64; 3]; 3], v: &[f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| turn[i][0] * v[0] + turn[i][1] * v[1] + turn[i][2] * v[2])
}

/// The rotation's left Jacobian times `v`: how fast it turns when its axis changes by `v`.
fn turning(axis: &[f64; 3], v: &[f64; 3]) -> [f64; 3] {
    let square = axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2];
    let (a, b) = if square == 0.0 {
        (0.5, 1.0 / 6.0)
    } else {
        let angle = square.sqrt();
        let (sin, cos) = angle.sin_cos();
        ((1.0 - cos) / square, (angle - sin) / (square * angle))
    };
    let once = cross(axis, v);
    let twice = cross(axis, &once);
    std::array::from_fn(|i| v[i] + a * once[i] + b * twice[i])
}

/// The residuals and their derivative along a direction of poses.
pub fn jvp(
    pose: &[f64; 26],
    hand: &Hand,
    measured: &[[f64; 3]],
    along: &[f64; 26],
) -> (Vec<[f64; 3]>, Vec<[f64; 3]>) {
    let mut world = hand.rest;
    let mut world_dot = [[[0.0; 4]; 3]; 16];
    for bone in 1..16 {
        let joint = (bone - 1) % 3;
        let at = 6 + (bone - 1) / 3 * 4;
        let (flexion, spread) = match joint {
            0 => (at, Some(at + 1)),
            _ => (at + 1 + joint, None),
        };
        let (sf, cf) = pose[flexion].sin_cos();
        let (ss, cs) = spread.map_or((0.0, 1.0), |at| pose[at].sin_cos());
        let (f, s) = (along[flexion], spread.map_or(0.0, |at| along[at]));
        let local = [
            [cs, -ss * cf, ss * sf, 0.0],
            [ss, cs * cf, -cs * sf, 0.0],
            [0.0, sf, cf, 0.0],
        ];
        let local_dot = [
            [
                -ss * s,
                -cs * cf * s + ss * sf * f,
                cs * sf * s + ss * cf * f,
                0.0,
            ],
            [
                cs * s,
                -ss * cf * s - cs * sf * f,
                ss * sf * s - cs * cf * f,
                0.0,
            ],
            [0.0, cf * f, -sf * f, 0.0],
        ];
        let parent = hand.parents[bone];
        let on_parent = composed(&hand.rest[bone], &local);
        let on_parent_dot = linear(&hand.rest[bone], &local_dot);
        world[bone] = composed(&world[parent], &on_parent);
        world_dot[bone] = sum(
            &composed(&world_dot[parent], &on_parent),
            &linear(&world[parent], &on_parent_dot),
        );
    }
    let place = |bone: usize| composed(&world[bone], &hand.inverse_rest[bone]);
    let move_ = |bone: usize| composed(&world_dot[bone], &hand.inverse_rest[bone]);
    let maps: [_; 16] = std::array::from_fn(|bone| (place(bone), move_(bone)));

    let axis = [pose[0], pose[1], pose[2]];
    let turn = rotation(&axis);
    let spin = turning(&axis, &[along[0], along[1], along[2]]);
    let mut values = Vec::with_capacity(measured.len());
    let mut slopes = Vec::with_capacity(measured.len());
    let skin = hand.vertices.iter().zip(&hand.influences);
    for ((&vertex, influences), measured) in skin.zip(measured) {
        let (mut skin, mut skin_dot) = ([0.0; 3], [0.0; 3]);
        for &(bone, weight) in influences {
            let (map, map_dot) = &maps[bone];
            let (place, motion) = (applied(map, vertex), applied(map_dot, vertex));
            for i in 0..3 {
                skin[i] += weight * place[i];
                skin_dot[i] += weight * motion[i];
            }
        }
        let place = turned(&turn, &skin);
        let (by_turn, by_skin) = (cross(&spin, &place), turned(&turn, &skin_dot));
        values.push(std::array::from_fn(|i| {
            measured[i] - (place[i] + pose[3 + i])
        }));
        slopes.push(std::array::from_fn(|i| {
            -(by_turn[i] + by_skin[i] + along[3 + i])
        }));
    }
    (values, slopes)
}

/// The residuals and their derivatives by each number of the pose, by mechanics: what hangs on a
/// joint moves with the vector product of the joint's axis and the distance from it.
pub fn jacobian(
    pose: &[f64; 26],
    hand: &Hand,
    measured: &[[f64; 3]],
) -> (Vec<[f64; 3]>, Vec<[[f64; 26]; 3]>) {
    let axis = [pose[0], pose[1], pose[2]];
    let turn = rotation(&axis);
    let spins: [_; 3] = std::array::from_fn(|k| {
        turning(
            &axis,
            &std::array::from_fn(|i| if i == k { 1.0 } else { 0.0 }),
        )
    });
    // Of each finger's parameters the axis and a point on it, turned as the hand is.
    let mut joints = [([0.0; 3], [0.0; 3]); 26];
    let mut world = hand.rest;
    for bone in 1..16 {
        let joint = (bone - 1) % 3;
        let at = 6 + (bone - 1) / 3 * 4;
        let socket = composed(&world[hand.parents[bone]], &hand.rest[bone]);
        let column = |map: &[[f64; 4]; 3], j| turned(&turn, &[map[0][j], map[1][j], map[2][j]]);
        let centre = column(&socket, 3);
        if joint == 0 {
            world[bone] = composed(&socket, &bent(pose[at], pose[at + 1]));
            joints[at] = (column(&world[bone], 0), centre);
            joints[at + 1] = (column(&socket, 2), centre);
        } else {
            world[bone] = composed(&socket, &bent(pose[at + 1 + joint], 0.0));
            joints[at + 1 + joint] = (column(&world[bone], 0), centre);
        }
    }
    let maps: [_; 16] =
        std::array::from_fn(|bone| composed(&world[bone], &hand.inverse_rest[bone]));

    let n = measured.len();
    let mut values = Vec::with_capacity(n);
    let mut slopes = vec![[[0.0; 26]; 3]; n];
    for (v, (measured, rows)) in measured.iter().zip(&mut slopes).enumerate() {
        let mut skin = [0.0; 3];
        for &(bone, weight) in &hand.influences[v] {
            let place = applied(&maps[bone], hand.vertices[v]);
            for i in 0..3 {
                skin[i] += weight * place[i];
            }
            if bone == 0 {
                continue;
            }
            let place = turned(&turn, &place);
            let at = 6 + (bone - 1) / 3 * 4;
            for k in at..at + 2 + (bone - 1) % 3 {
                let (axis, centre) = &joints[k];
                let motion = cross(axis, &std::array::from_fn(|i| place[i] - centre[i]));
                for i in 0..3 {
                    rows[i][k] -= weight * motion[i];
                }
            }
        }
        let place = turned(&turn, &skin);
        for k in 0..3 {
            let spinning = cross(&place, &spins[k]);
            for i in 0..3 {
                rows[i][k] = spinning[i];
            }
            rows[k][3 + k] = -1.0;
        }
        values.push(std::array::from_fn(|i| {
            measured[i] - (place[i] + pose[3 + i])
        }));
    }
    (values, slopes)
}
