//! Bundle adjustment: cameras and points that explain where points were seen, one of the problems
//! of ADBench (Srajer, Kukelova, Fitzgibbon, 2018).
//!
//! A camera is its rotation (axis times angle), centre, focal length, principal point and radial
//! distortion: eleven numbers.

use autodiff_runtime::prelude::*;
pub mod by_hand;

use std::cell::RefCell;

use super::{Case, Workload};
use crate::numbers::Numbers;

/// v rotated about an axis, by Rodrigues' formula; the axis' length is the angle.
#[differentiable]
pub fn rotated(axis: &[f64; 3], v: &[f64; 3]) -> [f64; 3] {
    let square = axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2];
    if square > 0.0 {
        let angle = square.sqrt();
        let (sin, cos) = angle.sin_cos();
        let k = [axis[0] / angle, axis[1] / angle, axis[2] / angle];
        let turned = cross(&k, v);
        let along = (k[0] * v[0] + k[1] * v[1] + k[2] * v[2]) * (1.0 - cos);
        let mut result = [0.0; 3];
        for i in 0..3 {
            result[i] = cos * v[i] + sin * turned[i] + along * k[i];
        }
        result
    } else {
        let turned = cross(axis, v);
        [v[0] + turned[0], v[1] + turned[1], v[2] + turned[2]]
    }
}

/// The vector product.
#[differentiable]
pub fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Where a camera sees a point.
#[differentiable]
pub fn projected(camera: &[f64; 11], point: &[f64; 3]) -> [f64; 2] {
    let [rx, ry, rz, cx, cy, cz, focal, u, v, k1, k2] = *camera;
    let from_centre = [point[0] - cx, point[1] - cy, point[2] - cz];
    let seen = rotated(&[rx, ry, rz], &from_centre);
    let x = seen[0] / seen[2];
    let y = seen[1] / seen[2];
    let square = x * x + y * y;
    let distortion = 1.0 + square * (k1 + square * k2);
    [focal * distortion * x + u, focal * distortion * y + v]
}

/// How far a point is seen from where it was found, weighted.
#[differentiable(wrt(camera, point, weight))]
pub fn reprojection_error(
    camera: &[f64; 11],
    point: &[f64; 3],
    weight: f64,
    found: &[f64; 2],
) -> [f64; 2] {
    let seen = projected(camera, point);
    [weight * (seen[0] - found[0]), weight * (seen[1] - found[1])]
}

/// What keeps weights near 1.
#[differentiable]
pub fn weight_error(weight: f64) -> f64 {
    1.0 - weight * weight
}

/// The sum of the squares of all errors; an observation is a camera and a point.
#[differentiable(wrt(cameras, points, weights))]
pub fn sum_of_squares(
    cameras: &[[f64; 11]],
    points: &[[f64; 3]],
    weights: &[f64],
    observations: &[(usize, usize)],
    found: &[[f64; 2]],
) -> f64 {
    let mut sum = 0.0;
    for (i, &(camera, point)) in observations.iter().enumerate() {
        let w = weights[i];
        let [x, y] = reprojection_error(&cameras[camera], &points[point], w, &found[i]);
        let z = weight_error(w);
        sum += x * x + y * y + z * z;
    }
    sum
}

/// The gradient by cameras, points and weights.
pub type Slopes = (Vec<[f64; 11]>, Vec<[f64; 3]>, Vec<f64>);

/// Cameras, points and what was seen.
pub struct Input {
    parameters: Slopes,
    observations: Vec<(usize, usize)>,
    found: Vec<[f64; 2]>,
}

/// Cameras around a cloud of points, each point seen by some of them, not quite where it should be.
pub fn input(cameras: usize, points: usize, observations: usize) -> Input {
    let mut numbers = Numbers::new(13);
    let mut camera = || {
        let [rx, ry, rz]: [f64; 3] = numbers.array(0.3);
        let [cx, cy, cz]: [f64; 3] = numbers.array(1.0);
        let focal = numbers.between(400.0, 600.0);
        let [u, v, k1, k2] = numbers.array(0.1);
        [
            rx,
            ry,
            rz,
            cx,
            cy,
            cz - 8.0,
            focal,
            320.0 + u,
            240.0 + v,
            k1,
            k2,
        ]
    };
    let cameras: Vec<[f64; 11]> = (0..cameras).map(|_| camera()).collect();
    let points: Vec<[f64; 3]> = numbers.arrays(points, 2.0);
    let observations: Vec<(usize, usize)> = (0..observations)
        .map(|i| (numbers.below(cameras.len()), i % points.len()))
        .collect();
    let found = observations
        .iter()
        .map(|&(camera, point)| {
            projected(&cameras[camera], &points[point]).map(|x| x + numbers.draw())
        })
        .collect();
    let weights = observations
        .iter()
        .map(|_| numbers.between(0.5, 1.5))
        .collect();
    Input {
        parameters: (cameras, points, weights),
        observations,
        found,
    }
}

impl Input {
    /// The given function of each observation and its weight, into a buffer that is used again.
    /// Returns the last result.
    fn map<R: Copy>(
        &self,
        results: &RefCell<Vec<R>>,
        f: impl Fn(&[f64; 11], &[f64; 3], f64, &[f64; 2]) -> R,
    ) -> R {
        let (cameras, points, weights) = &self.parameters;
        let mut results = results.borrow_mut();
        results.clear();
        let seen = self.observations.iter().zip(weights).zip(&self.found);
        results.extend(
            seen.map(|((&(camera, point), &w), found)| {
                f(&cameras[camera], &points[point], w, found)
            }),
        );
        results[results.len() - 1]
    }
}

/// What is timed.
pub fn workloads() -> Vec<Workload> {
    let (errors, blocks, generated) = Default::default();
    let jacobian = Case::new(
        "bundle adjustment, Jacobian of 36455 errors",
        input(21, 11_315, 36_455),
        move |input| {
            input.map(&errors, |camera, point, w, found| {
                (reprojection_error(camera, point, w, found), weight_error(w))
            })
        },
        move |input| {
            input.map(&blocks, |camera, point, w, found| {
                (by_hand::block(camera, point, w, found), -2.0 * w)
            })
        },
    );
    let gradient = Case::new(
        "bundle adjustment, gradient of 36455 squares",
        input(21, 11_315, 36_455),
        |Input {
             parameters: (c, p, w),
             observations,
             found,
         }| { sum_of_squares(c, p, w, observations, found) },
        |Input {
             parameters: (c, p, w),
             observations,
             found,
         }| { by_hand::gradient(c, p, w, observations, found) },
    );
    vec![
        jacobian
            .generated(move |input| {
                input.map(&generated, |camera, point, w, found| {
                    let both = reprojection_error::value_and_jacobian(camera, point, w, found);
                    (both, weight_error::grad(w))
                })
            })
            .workload(),
        gradient
            .generated(
                |Input {
                     parameters: (c, p, w),
                     observations,
                     found,
                 }| {
                    sum_of_squares::value_and_grad(c, p, w, observations, found)
                },
            )
            .workload(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_by_hand_is_right() {
        let mut input = input(3, 4, 8);
        let value = |(c, p, w): &Slopes, input: &Input| {
            sum_of_squares(c, p, w, &input.observations, &input.found)
        };
        let found = |(c, p, w): &Slopes, input: &Input| {
            by_hand::gradient(c, p, w, &input.observations, &input.found)
        };
        super::super::check_gradient(
            &input.parameters,
            |at| value(at, &input),
            |at| found(at, &input),
        );
        // A camera that is not rotated takes the other branch.
        input.parameters.0[1][..3].fill(0.0);
        super::super::check_gradient(
            &input.parameters,
            |at| value(at, &input),
            |at| found(at, &input),
        );
    }

    #[test]
    fn the_jacobian_by_hand_is_right() {
        let Input {
            parameters: (cameras, points, weights),
            observations,
            found,
        } = input(2, 3, 5);
        for (i, &(camera, point)) in observations.iter().enumerate() {
            for row in 0..2 {
                super::super::check_gradient(
                    &(cameras[camera], points[point], weights[i]),
                    |(c, p, w)| reprojection_error(c, p, *w, &found[i])[row],
                    |(c, p, w)| {
                        let (error, (dc, dp, dw)) = by_hand::block(c, p, *w, &found[i]);
                        (error[row], (dc[row], dp[row], dw[row]))
                    },
                );
            }
        }
    }
}
