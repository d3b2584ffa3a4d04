//! Colours, sizes, and what both pictures share.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Area, PlotError};

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(60, 64, 72);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(228, 231, 236);

/// Sizes of text, in pixels.
pub(super) const TITLE_SIZE: i32 = 20;
pub(super) const LABEL_SIZE: i32 = 14;
pub(super) const TICK_SIZE: i32 = 12;

/// Plotters rounds all coordinates to whole units, which makes smooth lines jagged. So a figure is
/// drawn this many times larger than it is shown.
pub(super) const FINENESS: i32 = 4;

/// Pixels in drawing units.
pub(super) fn px(pixels: i32) -> i32 {
    pixels * FINENESS
}

/// As [`px`], for widths of lines and margins, which Plotters wants unsigned.
pub(super) fn upx(pixels: u32) -> u32 {
    pixels * FINENESS as u32
}

/// The first class is blue, the second orange, then green, purple, teal, …: told apart also by
/// those who see red and green alike (Okabe and Ito, *Color universal design*, 2008, toned down).
const CLASSES: [RGBColor; 8] = [
    RGBColor(58, 118, 175),
    RGBColor(222, 125, 44),
    RGBColor(60, 150, 110),
    RGBColor(150, 96, 160),
    RGBColor(86, 170, 200),
    RGBColor(196, 78, 82),
    RGBColor(205, 170, 60),
    RGBColor(120, 120, 120),
];

pub(super) fn class_colour(class: usize) -> RGBColor {
    CLASSES[class % CLASSES.len()]
}

/// `share` of the colour on white.
pub(super) fn tint(colour: RGBColor, share: f64) -> RGBColor {
    let mix = |channel: u8| (255.0 + (f64::from(channel) - 255.0) * share).round() as u8;
    RGBColor(mix(colour.0), mix(colour.1), mix(colour.2))
}

pub(super) fn text(size: i32) -> TextStyle<'static> {
    ("sans-serif", px(size)).into_font().color(&INK)
}

/// How an entry of the legend is marked.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    Dot,
    Line,
}

/// Draws a legend in one centred row at the top of `area` and returns what is left below. Entries
/// that do not fit into the row go on in the next one.
pub(super) fn legend<'a>(
    area: &Area<'a>,
    mark: Mark,
    entries: &[(String, RGBColor)],
) -> Result<Area<'a>, PlotError> {
    const ROW: i32 = 22;
    const MARK: i32 = 22;
    const GAP: i32 = 18;
    const LETTER: i32 = LABEL_SIZE * 6 / 10;
    let width = area.dim_in_pixel().0 as i32 / FINENESS;
    // The width of the text is not known before it is shown; this errs on the wide side.
    let room = |name: &str| MARK + name.chars().count() as i32 * LETTER + GAP;

    let mut rows: Vec<Vec<&(String, RGBColor)>> = vec![Vec::new()];
    let mut used = 0;
    for entry in entries {
        if used > 0 && used + room(&entry.0) > width {
            rows.push(Vec::new());
            used = 0;
        }
        used += room(&entry.0);
        rows.last_mut().expect("there is a first row").push(entry);
    }
    let (top, rest) = area.split_vertically(px(rows.len() as i32 * ROW + 4));
    for (index, row) in rows.iter().enumerate() {
        let total: i32 = row.iter().map(|(name, _)| room(name)).sum();
        let mut x = ((width - total) / 2).max(0);
        let y = index as i32 * ROW + ROW / 2;
        for (name, colour) in row {
            match mark {
                Mark::Dot => top.draw(&Circle::new(
                    (px(x + MARK / 2), px(y)),
                    px(5),
                    colour.filled(),
                ))?,
                Mark::Line => {
                    let line = [(px(x), px(y)), (px(x + MARK - 6), px(y))];
                    top.draw(&PathElement::new(line, colour.stroke_width(upx(3))))?;
                }
            }
            let style = text(LABEL_SIZE).pos(Pos::new(HPos::Left, VPos::Center));
            top.draw(&Text::new(name.clone(), (px(x + MARK), px(y)), style))?;
            x += room(name);
        }
    }
    Ok(rest)
}

/// A tick's number without needless digits: `0.05`, `12`, `1e-6`.
pub(super) fn tick(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        return format!("{value:.3e}").replace(".000", "");
    }
    // Ticks are a sum of steps, so the last digits of a `f64` are noise.
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}
