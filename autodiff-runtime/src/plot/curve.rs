//! The course of a training: loss above, accuracy below.

use std::ops::Range;

use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::style::{
    GRID, INK, LABEL_SIZE, Mark, TICK_SIZE, class_colour, legend, px, text, tick, upx,
};
use super::{Area, PlotError};
use crate::train::{History, Metrics};

/// A line to be drawn: one point for each epoch with a finite value.
struct Line {
    colour: RGBColor,
    points: Vec<(f64, f64)>,
}

impl Line {
    fn new(history: &History, colour: usize, value: impl Fn(f64, Metrics) -> Option<f64>) -> Self {
        let points = history.epochs.iter().filter_map(|record| {
            let value = value(record.loss, record.metrics).filter(|value| value.is_finite())?;
            Some((record.epoch as f64, value))
        });
        Self {
            colour: class_colour(colour),
            points: points.collect(),
        }
    }
}

const TRAIN: usize = 0;
const TEST: usize = 1;
/// The line at the best epoch.
const BEST: RGBColor = RGBColor(140, 144, 152);

pub(super) fn draw(area: &Area<'_>, history: &History) -> Result<(), PlotError> {
    let losses = [
        Line::new(history, TRAIN, |loss, _| Some(loss)),
        Line::new(history, TEST, |_, metrics| metrics.test_loss),
    ];
    let accuracies = [
        Line::new(history, TRAIN, |_, metrics| metrics.train_accuracy),
        Line::new(history, TEST, |_, metrics| metrics.test_accuracy),
    ];
    if losses[TRAIN].points.is_empty() {
        return Err(PlotError::Empty);
    }
    let shown =
        |index: usize| !losses[index].points.is_empty() || !accuracies[index].points.is_empty();
    let mut entries = vec![("training".to_owned(), class_colour(TRAIN))];
    if shown(TEST) {
        entries.push(("test".to_owned(), class_colour(TEST)));
    }
    if history.best_epoch.is_some() {
        entries.push(("best epoch".to_owned(), BEST));
    }
    let area = legend(area, Mark::Line, &entries)?;

    let has_accuracy = accuracies.iter().any(|line| !line.points.is_empty());
    let (above, below) = match has_accuracy {
        true => {
            let (above, below) = area.split_vertically((58).percent_height());
            (above, Some(below))
        }
        false => (area, None),
    };
    let (low, high) = extent(&losses);
    let best = history.best_epoch;
    let loss_panel = Panel {
        name: "loss",
        epochs: history.epochs.len(),
        best,
        // Two panels share the axis below the lower one.
        epoch_axis: below.is_none(),
    };
    if low > 0.0 && high / low > 100.0 {
        // A hair lower, or Plotters leaves the lowest power of ten without its number.
        let low = 0.999 * 10_f64.powf(low.log10().floor());
        let high = 10_f64.powf(high.log10().ceil());
        loss_panel.draw(&above, (low..high).log_scale(), (low, high), &losses, tick)?;
    } else {
        let room = 0.06 * (high - low).max(1e-3 * high.abs()).max(f64::MIN_POSITIVE);
        // Zero belongs into the picture where it is near.
        let bottom = if low >= 0.0 && low < 0.3 * high {
            0.0
        } else {
            low - room
        };
        let top = high + room;
        loss_panel.draw(&above, bottom..top, (bottom, top), &losses, tick)?;
    }
    if let Some(below) = below {
        let (low, _) = extent(&accuracies);
        let bottom = (5.0 * low - 0.5).floor().clamp(0.0, 4.0) / 5.0;
        let panel = Panel {
            name: "accuracy",
            epoch_axis: true,
            ..loss_panel
        };
        let percent = |share: f64| format!("{} %", tick(100.0 * share));
        panel.draw(&below, bottom..1.02, (bottom, 1.02), &accuracies, percent)?;
    }
    Ok(())
}

/// The smallest and the largest value of all lines.
fn extent(lines: &[Line]) -> (f64, f64) {
    let values = lines
        .iter()
        .flat_map(|line| line.points.iter().map(|point| point.1));
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// One of the diagrams, over the epochs.
struct Panel {
    name: &'static str,
    epochs: usize,
    best: Option<usize>,
    epoch_axis: bool,
}

impl Panel {
    fn draw<A>(
        &self,
        area: &Area<'_>,
        values: A,
        (low, high): (f64, f64),
        lines: &[Line],
        format: impl Fn(f64) -> String,
    ) -> Result<(), PlotError>
    where
        A: AsRangedCoord<Value = f64>,
        A::CoordDescType: ValueFormatter<f64>,
    {
        let epochs: Range<f64> = 1.0..(self.epochs as f64).max(2.0);
        let mut chart = ChartBuilder::on(area)
            .margin_right(px(12))
            .margin_top(px(8))
            .x_label_area_size(px(if self.epoch_axis { 42 } else { 10 }))
            .y_label_area_size(px(64))
            .build_cartesian_2d(epochs, values)?;
        let epoch_text = |epoch: &f64| match epoch.fract() == 0.0 && self.epoch_axis {
            true => tick(*epoch),
            false => String::new(),
        };
        let value_text = |value: &f64| format(*value);
        let mut mesh = chart.configure_mesh();
        mesh.light_line_style(TRANSPARENT)
            .bold_line_style(GRID.stroke_width(upx(1)))
            .axis_style(INK.mix(0.6).stroke_width(upx(1)))
            .set_all_tick_mark_size(px(4))
            .x_labels(8)
            .y_labels(6)
            .y_desc(self.name)
            .axis_desc_style(text(LABEL_SIZE))
            .label_style(text(TICK_SIZE))
            .x_label_formatter(&epoch_text)
            .y_label_formatter(&value_text);
        if self.epoch_axis {
            mesh.x_desc("epoch");
        }
        mesh.draw()?;
        if let Some(best) = self.best {
            let line = [(best as f64, low), (best as f64, high)];
            let style = BEST.stroke_width(upx(1));
            chart.draw_series(DashedLineSeries::new(line, upx(5), upx(5), style))?;
        }
        for line in lines {
            let style = line.colour.stroke_width(upx(2));
            match line.points.as_slice() {
                [point] => {
                    chart.draw_series([Circle::new(*point, px(4), line.colour.filled())])?;
                }
                points => {
                    chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
                }
            }
        }
        Ok(())
    }
}
