//! Hand tracking: a skeleton bends a skin, which should lie at measured points; one of the problems
//! of ADBench (Srajer, Kukelova, Fitzgibbon, 2018), with a skeleton of our own.
//!
//! The pose is 26 numbers: rotation (axis times angle) and position of the hand, then four per
//! finger: flexion and spread of its first joint, flexion of the others. Bone 0 is the palm, bones
//! 1 + 3f, 2 + 3f, 3 + 3f are those of finger f. Affine maps are [linear | translation].

use autodiff_runtime::prelude::*;
pub mod by_hand;

use super::{Case, Workload};
use crate::numbers::Numbers;

/// The shape of a hand.
pub struct Hand {
    /// The bone on which each bone sits.
    pub parents: [usize; 16],
    /// The place of each bone on its parent when the hand is at rest.
    pub rest: [[[f64; 4]; 3]; 16],
    /// From the space of the hand at rest to that of each bone.
    pub inverse_rest: [[[f64; 4]; 3]; 16],
    /// The skin at rest.
    pub vertices: Vec<[f64; 3]>,
    /// The bones that each vertex follows, with weights of sum 1.
    pub influences: Vec<[(usize, f64); 4]>,
}

/// First `b`, then `a`.
#[differentiable]
pub fn composed(a: &[[f64; 4]; 3], b: &[[f64; 4]; 3]) -> [[f64; 4]; 3] {
    let mut c = [[0.0; 4]; 3];
    for i in 0..3 {
        for j in 0..4 {
            for k in 0..3 {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
        c[i][3] += a[i][3];
    }
    c
}

/// The rotation of a joint: flexion about x, then spread about z.
#[differentiable]
pub fn bent(flexion: f64, spread: f64) -> [[f64; 4]; 3] {
    let (sf, cf) = flexion.sin_cos();
    let (ss, cs) = spread.sin_cos();
    [
        [cs, -ss * cf, ss * sf, 0.0],
        [ss, cs * cf, -cs * sf, 0.0],
        [0.0, sf, cf, 0.0],
    ]
}

/// The rotation about an axis by its length.
#[differentiable]
pub fn rotation(axis: &[f64; 3]) -> [[f64; 3]; 3] {
    let [x, y, z] = *axis;
    let square = x * x + y * y + z * z;
    if square == 0.0 {
        return [[1.0, -z, y], [z, 1.0, -x], [-y, x, 1.0]];
    }
    let angle = square.sqrt();
    let (x, y, z) = (x / angle, y / angle, z / angle);
    let (sin, cos) = angle.sin_cos();
    let rest = 1.0 - cos;
    [
        [
            cos + rest * x * x,
            rest * x * y - sin * z,
            rest * x * z + sin * y,
        ],
        [
            rest * y * x + sin * z,
            cos + rest * y * y,
            rest * y * z - sin * x,
        ],
        [
            rest * z * x - sin * y,
            rest * z * y + sin * x,
            cos + rest * z * z,
        ],
    ]
}

/// Where each bone takes what was at rest.
#[differentiable(wrt(pose))]
pub fn skinning(pose: &[f64; 26], hand: &Hand) -> [[[f64; 4]; 3]; 16] {
    let mut world = hand.rest;
    for bone in 1..16 {
        let joint = (bone - 1) % 3;
        let at = 6 + (bone - 1) / 3 * 4;
        let local = if joint == 0 {
            bent(pose[at], pose[at + 1])
        } else {
            bent(pose[at + 1 + joint], 0.0)
        };
        let on_parent = composed(&hand.rest[bone], &local);
        world[bone] = composed(&world[hand.parents[bone]], &on_parent);
    }
    for bone in 0..16 {
        world[bone] = composed(&world[bone], &hand.inverse_rest[bone]);
    }
    world
}

/// From the skin to the points measured.
#[differentiable(wrt(pose))]
pub fn residuals(pose: &[f64; 26], hand: &Hand, measured: &[[f64; 3]]) -> Vec<[f64; 3]> {
    let skinning = skinning(pose, hand);
    let turn = rotation(&[pose[0], pose[1], pose[2]]);
    let mut residuals = vec![[0.0; 3]; measured.len()];
    for (v, measured) in measured.iter().enumerate() {
        let [x, y, z] = hand.vertices[v];
        let mut skin = [0.0; 3];
        for &(bone, weight) in &hand.influences[v] {
            let map = &skinning[bone];
            for i in 0..3 {
                skin[i] += weight * (map[i][0] * x + map[i][1] * y + map[i][2] * z + map[i][3]);
            }
        }
        for i in 0..3 {
            let turned = turn[i][0] * skin[0] + turn[i][1] * skin[1] + turn[i][2] * skin[2];
            residuals[v][i] = measured[i] - (turned + pose[3 + i]);
        }
    }
    residuals
}

/// A pose, a direction of poses, a hand and the points measured.
pub type Input = ([f64; 26], [f64; 26], Hand, Vec<[f64; 3]>);

/// A hand with vertices around its bones, and points near those of another pose.
pub fn input(vertices: usize) -> Input {
    let mut numbers = Numbers::new(14);
    let mut parents = [0; 16];
    let mut rest = [bent(0.0, 0.0); 16];
    let mut at_rest = rest;
    for bone in 1..16 {
        let finger = (bone - 1) / 3;
        if (bone - 1) % 3 == 0 {
            rest[bone] = bent(0.0, 0.2 * (2.0 - finger as f64));
            rest[bone][0][3] = 0.3 * (finger as f64 - 2.0);
            rest[bone][1][3] = 1.0;
        } else {
            parents[bone] = bone - 1;
            rest[bone][1][3] = 0.5;
        }
        at_rest[bone] = composed(&at_rest[parents[bone]], &rest[bone]);
    }
    let inverse = |map: &[[f64; 4]; 3]| {
        let mut inverse = [[0.0; 4]; 3];
        for i in 0..3 {
            for j in 0..3 {
                inverse[i][j] = map[j][i];
                inverse[i][3] -= map[j][i] * map[j][3];
            }
        }
        inverse
    };
    let mut influences = Vec::new();
    let mut skin = Vec::new();
    for v in 0..vertices {
        let bone = v % 16;
        let bones = match bone {
            0 => [0, 1, 4, 7],
            _ => [bone, parents[bone], parents[parents[bone]], 1 + bone % 15],
        };
        let weights: [f64; 4] = std::array::from_fn(|i| numbers.between(0.1, 4.0 - i as f64));
        let total: f64 = weights.iter().sum();
        influences.push(std::array::from_fn(|i| (bones[i], weights[i] / total)));
        skin.push(by_hand::applied(&at_rest[bone], numbers.array(0.3)));
    }
    let hand = Hand {
        parents,
        rest,
        inverse_rest: at_rest.map(|map| inverse(&map)),
        vertices: skin,
        influences,
    };
    let pose = numbers.array(0.5);
    let other = pose.map(|x| x + 0.1 * numbers.draw());
    let measured = residuals(&other, &hand, &vec![[0.0; 3]; vertices])
        .iter()
        .map(|residual| residual.map(|x| -x))
        .collect();
    (pose, numbers.array(1.0), hand, measured)
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let jvp = Case::new(
        "hand tracking, 544 vertices, one direction",
        input(544),
        |(pose, _, hand, measured)| residuals(pose, hand, measured),
        |(pose, along, hand, measured)| by_hand::jvp(pose, hand, measured, along),
    );
    let jacobian = Case::new(
        "hand tracking, 544 vertices, Jacobian",
        input(544),
        |(pose, _, hand, measured)| residuals(pose, hand, measured),
        |(pose, _, hand, measured)| by_hand::jacobian(pose, hand, measured),
    );
    vec![
        jvp.generated(|(pose, along, hand, measured)| residuals::jvp(pose, hand, measured, along))
            .workload(),
        jacobian
            .generated(|(pose, _, hand, measured)| {
                residuals::value_and_jacobian(pose, hand, measured)
            })
            .workload(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The residuals weighted and summed: its gradient is the Jacobian, transposed, times the weights.
    #[test]
    fn the_jacobian_by_hand_is_right() {
        let (mut pose, _, hand, measured) = input(32);
        let weights: Vec<[f64; 3]> = Numbers::new(15).arrays(32, 1.0);
        let weighted = |a: &[[f64; 3]]| -> f64 {
            let pairs = a.as_flattened().iter().zip(weights.as_flattened());
            pairs.map(|(a, w)| a * w).sum()
        };
        for _ in 0..2 {
            super::super::check_gradient(
                &pose,
                |pose| weighted(&residuals(pose, &hand, &measured)),
                |pose| {
                    let (values, slopes) = by_hand::jacobian(pose, &hand, &measured);
                    let column = |k| -> Vec<[f64; 3]> {
                        slopes.iter().map(|rows| rows.map(|row| row[k])).collect()
                    };
                    (
                        weighted(&values),
                        std::array::from_fn(|k| weighted(&column(k))),
                    )
                },
            );
            // Once more in the other branch of the rotation.
            pose[..3].fill(0.0);
        }
    }

    #[test]
    fn one_direction_by_hand_is_right() {
        let (pose, along, hand, measured) = input(32);
        let (values, slopes) = by_hand::jvp(&pose, &hand, &measured, &along);
        assert_eq!(values, residuals(&pose, &hand, &measured));
        let (_, jacobian) = by_hand::jacobian(&pose, &hand, &measured);
        for (slope, rows) in slopes.iter().zip(jacobian) {
            for i in 0..3 {
                let expected: f64 = rows[i].iter().zip(along).map(|(c, d)| c * d).sum();
                assert!((slope[i] - expected).abs() < 1e-13);
            }
        }
    }
}
