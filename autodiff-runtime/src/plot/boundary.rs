//! Where a classifier decides for which class.

use plotters::prelude::*;

use super::style::{
    INK, LABEL_SIZE, Mark, TICK_SIZE, class_colour, legend, px, text, tick, tint, upx,
};
use super::{Area, PlotError};
use crate::data::{Dataset, Entry};

/// What a classifier says of a point: the probability of class 1 (`f64`, `f32`) or a class
/// (`usize`, `bool`).
pub trait Prediction {
    /// The class decided for, and how surely, from 0 (in doubt) to 1.
    fn decision(self) -> (usize, f64);
}

impl Prediction for f64 {
    fn decision(self) -> (usize, f64) {
        let sureness = (2.0 * self - 1.0).abs().clamp(0.0, 1.0);
        (
            usize::from(self > 0.5),
            if sureness.is_nan() { 0.0 } else { sureness },
        )
    }
}

impl Prediction for f32 {
    fn decision(self) -> (usize, f64) {
        f64::from(self).decision()
    }
}

impl Prediction for usize {
    fn decision(self) -> (usize, f64) {
        (self, 1.0)
    }
}

impl Prediction for bool {
    fn decision(self) -> (usize, f64) {
        (usize::from(self), 1.0)
    }
}

/// Cells of the background in each direction.
const CELLS: usize = 120;
/// Shades of each class's colour.
const SHADES: f64 = 12.0;

type Point = [f64; 2];

/// A rectangle of one colour.
struct Patch {
    corners: [(f64, f64); 2],
    colour: RGBColor,
}

/// All that is to be drawn.
pub(super) struct Scene {
    x: (f64, f64),
    y: (f64, f64),
    axis_names: [String; 2],
    patches: Vec<Patch>,
    boundary: Vec<[Point; 2]>,
    points: Vec<(Point, usize)>,
    classes: Vec<(String, RGBColor)>,
}

impl Scene {
    pub(super) fn new<X, P>(
        mut classify: impl FnMut(Point) -> P,
        data: &Dataset<X, usize>,
    ) -> Result<Self, PlotError>
    where
        X: Entry + AsRef<[f64]>,
        P: Prediction,
    {
        let bounds = match data.bounding_box().as_slice() {
            [] => return Err(PlotError::Empty),
            &[x, y] => [x, y].map(with_margin),
            other => return Err(PlotError::Features { found: other.len() }),
        };
        let [x, y] = bounds;
        let names = data.feature_names();
        let axis_name = |axis: usize| match names.get(axis) {
            Some(name) => name.replace('_', " "),
            None => format!("x{axis}"),
        };
        let mut decide = |point: Point| classify(point).decision();
        let class_name = |class: usize| match data.class_names().get(class) {
            Some(name) => name.clone(),
            None => format!("class {class}"),
        };
        let points = data.inputs().iter().map(|x| [x.as_ref()[0], x.as_ref()[1]]);
        Ok(Self {
            x,
            y,
            axis_names: [axis_name(0), axis_name(1)],
            patches: patches(x, y, &mut decide),
            boundary: boundary(x, y, &mut |point| decide(point).0),
            points: points.zip(data.targets().iter().copied()).collect(),
            classes: (0..data.classes())
                .map(|class| (class_name(class), class_colour(class)))
                .collect(),
        })
    }

    pub(super) fn draw(&self, area: &Area<'_>) -> Result<(), PlotError> {
        let area = legend(area, Mark::Dot, &self.classes)?;
        let mut chart = ChartBuilder::on(&area)
            .margin_right(px(12))
            .margin_top(px(4))
            .x_label_area_size(px(42))
            .y_label_area_size(px(58))
            .build_cartesian_2d(self.x.0..self.x.1, self.y.0..self.y.1)?;
        // Each patch reaches a little under those drawn after it, above and to the right: viewers
        // let the background shine through where two merely touch.
        let overlap = |(low, high): (f64, f64), edge: f64| (edge + (high - low) / 500.0).min(high);
        chart.draw_series(self.patches.iter().map(|patch| {
            let [near, (right, top)] = patch.corners;
            let far = (overlap(self.x, right), overlap(self.y, top));
            Rectangle::new([near, far], patch.colour.filled())
        }))?;
        let format = |value: &f64| tick(*value);
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(INK.mix(0.6).stroke_width(upx(1)))
            .set_all_tick_mark_size(px(4))
            .x_labels(7)
            .y_labels(7)
            .x_desc(&self.axis_names[0])
            .y_desc(&self.axis_names[1])
            .axis_desc_style(text(LABEL_SIZE))
            .label_style(text(TICK_SIZE))
            .x_label_formatter(&format)
            .y_label_formatter(&format)
            .draw()?;
        chart.draw_series(
            self.boundary
                .iter()
                .map(|line| PathElement::new(line.map(|[x, y]| (x, y)), INK.stroke_width(upx(2)))),
        )?;
        let spots = self.points.iter().flat_map(|&([x, y], class)| {
            let colour = class_colour(class);
            [
                Circle::new((x, y), px(5), WHITE.filled()),
                Circle::new((x, y), px(4), colour.filled()),
            ]
        });
        chart.draw_series(spots)?;
        Ok(())
    }
}

/// A little more than the data span; some room also where they span nothing.
fn with_margin((low, high): (f64, f64)) -> (f64, f64) {
    let span = high - low;
    let margin = if span > 0.0 {
        0.06 * span
    } else {
        0.5 * low.abs().max(1.0)
    };
    (low - margin, high + margin)
}

/// The position of grid line `index`.
fn at((low, high): (f64, f64), index: f64) -> f64 {
    low + (high - low) * index / CELLS as f64
}

/// The background: the colour of the class at the middle of each cell, fainter in doubt; cells of
/// one colour in a row become one rectangle, which keeps the file small.
fn patches(
    x: (f64, f64),
    y: (f64, f64),
    decide: &mut impl FnMut(Point) -> (usize, f64),
) -> Vec<Patch> {
    let mut patches = Vec::new();
    for row in 0..CELLS {
        let middle = at(y, row as f64 + 0.5);
        let mut colour_at = |column: usize| {
            let (class, sureness) = decide([at(x, column as f64 + 0.5), middle]);
            let shade = (SHADES * sureness).round() / SHADES;
            tint(class_colour(class), 0.08 + 0.34 * shade)
        };
        let mut start = 0;
        let mut colour = colour_at(0);
        for column in 1..=CELLS {
            let next = (column < CELLS).then(|| colour_at(column));
            if next == Some(colour) {
                continue;
            }
            patches.push(Patch {
                corners: [
                    (at(x, start as f64), at(y, row as f64)),
                    (at(x, column as f64), at(y, row as f64 + 1.0)),
                ],
                colour,
            });
            start = column;
            colour = next.unwrap_or(colour);
        }
    }
    patches
}

/// The lines along which the decision changes: marching squares over the corners of the cells,
/// with each crossing of a cell's edge found by bisection.
fn boundary(
    x: (f64, f64),
    y: (f64, f64),
    class: &mut impl FnMut(Point) -> usize,
) -> Vec<[Point; 2]> {
    let corner = |column: usize, row: usize| [at(x, column as f64), at(y, row as f64)];
    let classes: Vec<Vec<usize>> = (0..=CELLS)
        .map(|row| {
            (0..=CELLS)
                .map(|column| class(corner(column, row)))
                .collect()
        })
        .collect();
    let mut lines = Vec::new();
    for row in 0..CELLS {
        for column in 0..CELLS {
            let around =
                [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(right, up)| (column + right, row + up));
            let mut crossings = Vec::new();
            for (start, &(c0, r0)) in around.iter().enumerate() {
                let (c1, r1) = around[(start + 1) % 4];
                if classes[r0][c0] != classes[r1][c1] {
                    let (from, to) = (corner(c0, r0), corner(c1, r1));
                    crossings.push(crossing(from, to, classes[r0][c0], class));
                }
            }
            match crossings.as_slice() {
                [] => {}
                &[a, b] => lines.push([a, b]),
                // Three or more regions, or a saddle: all meet in the middle.
                several => {
                    let count = several.len() as f64;
                    let middle = [0, 1]
                        .map(|axis| several.iter().map(|point| point[axis]).sum::<f64>() / count);
                    lines.extend(several.iter().map(|&point| [point, middle]));
                }
            }
        }
    }
    lines
}

/// Where between `from`, of class `first`, and `to`, of another one, the decision changes.
fn crossing(
    mut from: Point,
    mut to: Point,
    first: usize,
    class: &mut impl FnMut(Point) -> usize,
) -> Point {
    let middle = |a: Point, b: Point| [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])];
    for _ in 0..8 {
        let half = middle(from, to);
        if class(half) == first {
            from = half;
        } else {
            to = half;
        }
    }
    middle(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_decide_with_doubt() {
        assert_eq!(0.75.decision(), (1, 0.5));
        assert_eq!(0.5.decision(), (0, 0.0));
        assert_eq!(0.0_f32.decision(), (0, 1.0));
        assert_eq!(f64::NAN.decision(), (0, 0.0));
        assert_eq!(3_usize.decision(), (3, 1.0));
    }

    #[test]
    fn boundary_of_a_disc_is_its_circle() {
        let span = (-1.0, 1.0);
        let radius = 0.6;
        let lines = boundary(span, span, &mut |[x, y]| usize::from(x.hypot(y) > radius));
        let mut length = 0.0;
        for [a, b] in lines {
            for [x, y] in [a, b] {
                assert!((x.hypot(y) - radius).abs() < 1e-4);
            }
            length += (a[0] - b[0]).hypot(a[1] - b[1]);
        }
        assert!(
            (length - 2.0 * std::f64::consts::PI * radius).abs() < 1e-2,
            "{length}"
        );
    }

    #[test]
    fn patches_cover_the_plane_once() {
        let (x, y) = ((0.0, 2.0), (-1.0, 3.0));
        let patches = patches(x, y, &mut |[x, y]| {
            (usize::from(x > y), (x * y).abs().min(1.0))
        });
        let area: f64 = patches
            .iter()
            .map(|patch| {
                let [(x0, y0), (x1, y1)] = patch.corners;
                (x1 - x0) * (y1 - y0)
            })
            .sum();
        assert!((area - 8.0).abs() < 1e-9);
        assert!(patches.len() < CELLS * CELLS / 2, "{}", patches.len());
    }

    #[test]
    fn three_regions_meet() {
        let span = (-1.0, 1.0);
        let mut sector = |[x, y]: Point| match (x > 0.001, y > 0.001) {
            (true, true) => 0,
            (true, false) => 1,
            _ => 2,
        };
        let lines = boundary(span, span, &mut sector);
        let at_centre = |point: &Point| point[0].hypot(point[1]) < 0.02;
        assert!(
            lines
                .iter()
                .filter(|line| line.iter().any(at_centre))
                .count()
                >= 3
        );
    }
}
