//! The Jacobian of an observation and the gradient of the sum, sharing one pullback.

use super::{Slopes, cross};

/// The derivatives of a reprojection error by camera, point and weight.
pub type Block = ([[f64; 11]; 2], [[f64; 3]; 2], [f64; 2]);

/// An observation on its way through the camera, as far as derivatives need it.
struct Seen {
    /// Point minus centre, before the rotation.
    from_centre: [f64; 3],
    /// Axis of unit length, sine and cosine of the angle θ, and the coefficients of the rotation's
    /// left Jacobian J = I + a \[k\]× + b \[k\]×², a = (1 − cos θ)/θ, b = 1 − sin θ/θ.
    axis: [f64; 3],
    sin: f64,
    cos: f64,
    a: f64,
    b: f64,
    /// 1/depth and the undistorted image.
    inverse_depth: f64,
    x: f64,
    y: f64,
    square: f64,
    distortion: f64,
}

impl Seen {
    #[inline]
    fn new(camera: &[f64; 11], point: &[f64; 3]) -> Seen {
        let [rx, ry, rz, cx, cy, cz, _, _, _, k1, k2] = *camera;
        let from_centre = [point[0] - cx, point[1] - cy, point[2] - cz];
        let square = rx * rx + ry * ry + rz * rz;
        let (axis, sin, cos, a, b);
        if square > 0.0 {
            let angle = square.sqrt();
            (sin, cos) = angle.sin_cos();
            axis = [rx / angle, ry / angle, rz / angle];
            let inverse = 1.0 / angle;
            a = (1.0 - cos) * inverse;
            b = 1.0 - sin * inverse;
        } else {
            (axis, sin, cos, a, b) = ([rx, ry, rz], 0.0, 1.0, 0.0, 0.0);
        }
        let [x, y, z] = turned(&axis, sin, cos, &from_centre);
        let (x, y) = (x / z, y / z);
        let square = x * x + y * y;
        Seen {
            from_centre,
            axis,
            sin,
            cos,
            a,
            b,
            inverse_depth: 1.0 / z,
            x,
            y,
            square,
            distortion: 1.0 + square * (k1 + square * k2),
        }
    }

    /// The image.
    #[inline]
    fn image(&self, camera: &[f64; 11]) -> [f64; 2] {
        let scale = camera[6] * self.distortion;
        [scale * self.x + camera[7], scale * self.y + camera[8]]
    }

    /// The pullback of the projection at the cotangent (p, q).
    #[inline]
    fn pull(&self, camera: &[f64; 11], p: f64, q: f64) -> ([f64; 11], [f64; 3]) {
        let [.., focal, _, _, k1, k2] = *camera;
        let (x, y) = (self.x, self.y);
        let along = p * x + q * y;
        let bend = 2.0 * (k1 + 2.0 * k2 * self.square) * along;
        let dx = focal * (self.distortion * p + bend * x) * self.inverse_depth;
        let dy = focal * (self.distortion * q + bend * y) * self.inverse_depth;
        // The transposed rotation takes the cotangent to the point, J to the axis.
        let seen = [dx, dy, -(dx * x + dy * y)];
        let dpoint = turned(&self.axis, -self.sin, self.cos, &seen);
        let arm = cross(&self.from_centre, &dpoint);
        let once = cross(&self.axis, &arm);
        let twice = cross(&self.axis, &once);
        let daxis: [f64; 3] =
            std::array::from_fn(|i| arm[i] + self.a * once[i] + self.b * twice[i]);
        let dcamera = [
            daxis[0],
            daxis[1],
            daxis[2],
            -dpoint[0],
            -dpoint[1],
            -dpoint[2],
            self.distortion * along,
            p,
            q,
            focal * self.square * along,
            focal * self.square * self.square * along,
        ];
        (dcamera, dpoint)
    }
}

/// v turned about an axis of unit length.
#[inline]
fn turned(k: &[f64; 3], sin: f64, cos: f64, v: &[f64; 3]) -> [f64; 3] {
    let turned = cross(k, v);
    let along = (k[0] * v[0] + k[1] * v[1] + k[2] * v[2]) * (1.0 - cos);
    std::array::from_fn(|i| cos * v[i] + sin * turned[i] + along * k[i])
}

/// The error and its derivatives.
#[inline]
pub fn block(
    camera: &[f64; 11],
    point: &[f64; 3],
    weight: f64,
    found: &[f64; 2],
) -> ([f64; 2], Block) {
    let seen = Seen::new(camera, point);
    let image = seen.image(camera);
    let off = [image[0] - found[0], image[1] - found[1]];
    let (dcamera_x, dpoint_x) = seen.pull(camera, weight, 0.0);
    let (dcamera_y, dpoint_y) = seen.pull(camera, 0.0, weight);
    (
        off.map(|off| weight * off),
        ([dcamera_x, dcamera_y], [dpoint_x, dpoint_y], off),
    )
}

/// Value and gradient of the sum of squares.
pub fn gradient(
    cameras: &[[f64; 11]],
    points: &[[f64; 3]],
    weights: &[f64],
    observations: &[(usize, usize)],
    found: &[[f64; 2]],
) -> (f64, Slopes) {
    let mut sum = 0.0;
    let mut dcameras = vec![[0.0; 11]; cameras.len()];
    let mut dpoints = vec![[0.0; 3]; points.len()];
    let mut dweights = vec![0.0; weights.len()];
    for (i, &(camera, point)) in observations.iter().enumerate() {
        let w = weights[i];
        let seen = Seen::new(&cameras[camera], &points[point]);
        let image = seen.image(&cameras[camera]);
        let off = [image[0] - found[i][0], image[1] - found[i][1]];
        let (x, y, z) = (w * off[0], w * off[1], 1.0 - w * w);
        sum += x * x + y * y + z * z;
        dweights[i] = 2.0 * (x * off[0] + y * off[1]) - 4.0 * w * z;
        let (dcamera, dpoint) = seen.pull(&cameras[camera], 2.0 * w * x, 2.0 * w * y);
        for (sum, d) in dcameras[camera].iter_mut().zip(dcamera) {
            *sum += d;
        }
        for (sum, d) in dpoints[point].iter_mut().zip(dpoint) {
            *sum += d;
        }
    }
    (sum, (dcameras, dpoints, dweights))
}
