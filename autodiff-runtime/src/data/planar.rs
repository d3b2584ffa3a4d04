//! Two-dimensional classification problems, drawn from a seed.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;

use super::{Dataset, generator};

/// A family of two-class problems in the unit square, from easy to hard: those of the minitorch
/// course (S. Rush, Cornell Tech).
///
/// Points are uniform in `[0, 1]²`, the spiral's aside, and labelled without noise:
///
/// | problem | class 1 where |
/// | --- | --- |
/// | `Simple` | `x₀ < ½` |
/// | `Diagonal` | `x₀ + x₁ < ½` |
/// | `Split` | `x₀ < 0.2` or `x₀ > 0.8` |
/// | `Xor` | `x₀ < ½ < x₁` or `x₁ < ½ < x₀` |
/// | `Circle` | `(x₀ − ½)² + (x₁ − ½)² > 0.1` |
/// | `Spiral` | the second of two arms |
///
/// The spiral's arms are `(½ + t·cos t / 20, ½ + t·sin t / 20)` for class 0 and the same turned by
/// a quarter to the right for class 1, for `t` from ½ to 10 in equal steps, each moved at random
/// within its step.
///
/// ```
/// use autodiff_runtime::data::Planar;
///
/// let data = Planar::Xor.sample(200, 7);
/// assert_eq!(data.len(), 200);
/// assert_eq!(data, "xor".parse::<Planar>()?.sample(200, 7));
/// # Ok::<(), autodiff_runtime::data::UnknownPlanar>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Planar {
    /// Left half against right half.
    Simple,
    /// One corner against the rest.
    Diagonal,
    /// The two outer strips against the middle.
    Split,
    /// Opposite quadrants.
    Xor,
    /// Outside against inside of a circle.
    Circle,
    /// Two interleaved spiral arms.
    Spiral,
}

impl Planar {
    /// Every problem, from easy to hard.
    pub const ALL: [Self; 6] = [
        Self::Simple,
        Self::Diagonal,
        Self::Split,
        Self::Xor,
        Self::Circle,
        Self::Spiral,
    ];

    /// The problem's name in lower case, as [`FromStr`] reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Diagonal => "diagonal",
            Self::Split => "split",
            Self::Xor => "xor",
            Self::Circle => "circle",
            Self::Spiral => "spiral",
        }
    }

    /// `count` labelled points drawn from `seed`.
    pub fn sample(self, count: usize, seed: u64) -> Dataset<[f64; 2], usize> {
        let mut random = generator(seed);
        let mut uniform = || random.random::<f64>();
        let (inputs, targets) = match self {
            Self::Spiral => (0..count)
                .map(|index| spiral(index, count, uniform()))
                .unzip(),
            _ => (0..count)
                .map(|_| {
                    let point = [uniform(), uniform()];
                    (point, usize::from(self.holds(point)))
                })
                .unzip(),
        };
        Dataset::new(inputs, targets)
            .and_then(|data| data.with_feature_names(["x0", "x1"]))
            .expect("one target was drawn for each point, and points have two features")
    }

    /// Whether a point of the square is of class 1. The spiral's classes are curves, not regions.
    fn holds(self, [x0, x1]: [f64; 2]) -> bool {
        match self {
            Self::Simple => x0 < 0.5,
            Self::Diagonal => x0 + x1 < 0.5,
            Self::Split => !(0.2..=0.8).contains(&x0),
            Self::Xor => (x0 < 0.5 && x1 > 0.5) || (x0 > 0.5 && x1 < 0.5),
            Self::Circle => (x0 - 0.5).powi(2) + (x1 - 0.5).powi(2) > 0.1,
            Self::Spiral => unreachable!("the spiral's points are made with their class"),
        }
    }
}

/// Point `index` of a spiral of `count` points, `offset` of the way through its step: the first
/// half of the points on one arm, the second half on the other.
fn spiral(index: usize, count: usize, offset: f64) -> ([f64; 2], usize) {
    const START: f64 = 0.5;
    const END: f64 = 10.0;
    let first_arm = count.div_ceil(2);
    let (class, step, steps) = match index < first_arm {
        true => (0, index, first_arm),
        false => (1, index - first_arm, count - first_arm),
    };
    let t = START + (END - START) * (step as f64 + offset) / steps as f64;
    let (sin, cos) = t.sin_cos();
    let (along, across) = (t * cos / 20.0, t * sin / 20.0);
    let point = match class {
        0 => [0.5 + along, 0.5 + across],
        _ => [0.5 + across, 0.5 - along],
    };
    (point, class)
}

impl fmt::Display for Planar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Planar {
    type Err = UnknownPlanar;

    fn from_str(name: &str) -> Result<Self, UnknownPlanar> {
        let found = Self::ALL.into_iter().find(|problem| problem.name() == name);
        found.ok_or_else(|| UnknownPlanar {
            name: name.to_owned(),
        })
    }
}

/// A name that no [`Planar`] problem has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlanar {
    name: String,
}

impl fmt::Display for UnknownPlanar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Planar::ALL.map(Planar::name).join(", ");
        write!(
            f,
            "there is no data set called `{}`; there are {known}",
            self.name
        )
    }
}

impl std::error::Error for UnknownPlanar {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_in_the_unit_square() {
        for problem in Planar::ALL {
            for (low, high) in problem.sample(999, 5).bounding_box() {
                assert!(
                    (0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high),
                    "{problem}"
                );
            }
        }
    }

    #[test]
    fn classes_fill_their_regions() {
        // The area of class 1; a uniform sample of 20 000 has it to within 4 deviations.
        let areas = [
            (Planar::Simple, 0.5),
            (Planar::Diagonal, 0.125),
            (Planar::Split, 0.4),
            (Planar::Xor, 0.5),
            (Planar::Circle, 1.0 - 0.1 * std::f64::consts::PI),
        ];
        for (problem, area) in areas {
            let data = problem.sample(20_000, 1);
            let share = data.class_counts()[1] as f64 / data.len() as f64;
            let deviation = (area * (1.0 - area) / data.len() as f64).sqrt();
            assert!((share - area).abs() < 4.0 * deviation, "{problem}: {share}");
        }
    }

    #[test]
    fn labels_follow_the_table() {
        let class = |problem: Planar, point| usize::from(problem.holds(point));
        assert_eq!([0.1, 0.9].map(|x| class(Planar::Simple, [x, 0.0])), [1, 0]);
        assert_eq!(
            [0.1, 0.4].map(|x| class(Planar::Diagonal, [x, 0.3])),
            [1, 0]
        );
        assert_eq!(
            [0.1, 0.5, 0.9].map(|x| class(Planar::Split, [x, 0.5])),
            [1, 0, 1]
        );
        let corners = [[0.2, 0.2], [0.2, 0.8], [0.8, 0.2], [0.8, 0.8]];
        assert_eq!(corners.map(|point| class(Planar::Xor, point)), [0, 1, 1, 0]);
        assert_eq!([0.5, 0.9].map(|x| class(Planar::Circle, [x, 0.5])), [0, 1]);
    }

    #[test]
    fn spiral_arms_are_equal_and_apart() {
        let data = Planar::Spiral.sample(201, 3);
        assert_eq!(data.class_counts(), [101, 100]);
        let far_out = |&[x0, x1]: &[f64; 2]| (x0 - 0.5).hypot(x1 - 0.5);
        assert!(far_out(&data.inputs()[0]) < far_out(&data.inputs()[100]));
        // At every radius the arms are a quarter turn apart, so no two points of different
        // classes coincide.
        let (one, two) = data.inputs().split_at(101);
        let nearest = one
            .iter()
            .flat_map(|a| two.iter().map(move |b| (a[0] - b[0]).hypot(a[1] - b[1])))
            .fold(f64::INFINITY, f64::min);
        assert!(nearest > 0.02, "{nearest}");
    }

    #[test]
    fn seed_decides_the_points() {
        for problem in Planar::ALL {
            assert_eq!(problem.sample(20, 1), problem.sample(20, 1));
            assert_ne!(problem.sample(20, 1), problem.sample(20, 2));
        }
    }

    #[test]
    fn names_read_back() {
        for problem in Planar::ALL {
            assert_eq!(problem.to_string().parse(), Ok(problem));
        }
        let error = "moon".parse::<Planar>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no data set called `moon`; there are simple, diagonal, split, xor, circle, spiral"
        );
    }
}
