//! Text in SVG.

use super::INK;
use std::fmt::{self, Write};

/// Monospaced, so that the width of a text is known without the font.
pub(super) const FONT: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, \
                    &quot;DejaVu Sans Mono&quot;, &quot;Liberation Mono&quot;, monospace";
pub(super) const FONT_SIZE: f64 = 13.0;
/// The advance of a letter in the widest of these fonts, as a part of the size.
pub(super) const ADVANCE: f64 = 0.612;
/// How far under the middle of its row a text has its baseline.
const DROP: f64 = 0.35 * FONT_SIZE;

const FAINT_INK: &str = "#667380";

/// Where a text stands at its point.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Writes markup at the point, which is at half the height of its row.
pub(super) fn write(out: &mut String, anchor: Anchor, x: f64, y: f64, markup: &str) -> fmt::Result {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    // Without the attribute, viewers drop spaces at the ends of the parts.
    writeln!(
        out,
        "<text xml:space=\"preserve\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" \
         fill=\"{INK}\">{markup}</text>",
        y + DROP
    )
}

pub(super) fn bold(text: &str) -> String {
    format!("<tspan font-weight=\"700\">{}</tspan>", Escaped(text))
}

pub(super) fn faint(text: &str) -> String {
    format!("<tspan fill=\"{FAINT_INK}\">{}</tspan>", Escaped(text))
}

/// How wide a text is, in pixels.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(columns).sum::<f64>() * ADVANCE * FONT_SIZE
}

/// How many columns of a monospaced font a character takes.
fn columns(c: char) -> f64 {
    // The wide blocks of Unicode Standard Annex 11: East Asian scripts and pictographs.
    match u32::from(c) {
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0x1F300..=0x1FAFF
        | 0x20000.. => 2.0,
        _ => 1.0,
    }
}

/// Text in XML, where some characters are markup and most control characters are forbidden.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\u{FFFE}' | '\u{FFFF}' => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c if c.is_control() => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
