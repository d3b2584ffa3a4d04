//! Pictures of training, as SVG files: the loss curve and a classifier's decision boundary.
//! Needs the feature `plot`.
//!
//! ```
//! use autodiff_runtime::data::Planar;
//! use autodiff_runtime::plot::{Figure, decision_boundary};
//!
//! # let folder = std::env::temp_dir();
//! # let path = folder.join("autodiff-plot-doc.svg");
//! let data = Planar::Circle.sample(200, 1);
//! let inside = |[x0, x1]: [f64; 2]| {
//!     let r2 = (x0 - 0.5).powi(2) + (x1 - 0.5).powi(2);
//!     1.0 / (1.0 + (-40.0 * (r2 - 0.1)).exp())
//! };
//! decision_boundary(&path, inside, &data)?;
//! // The same with a title and a size of one's own.
//! Figure::new("A circle").size(480, 480).decision_boundary(&path, inside, &data)?;
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod boundary;
mod curve;
mod error;
mod style;

pub use boundary::Prediction;
pub use error::PlotError;

use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::data::{Dataset, Entry};
use crate::train::History;
use style::{TITLE_SIZE, px, upx};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A picture to be drawn: its title and its size in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    title: String,
    size: (u32, u32),
}

impl Figure {
    /// A figure of 720 × 540 pixels. An empty title takes no room.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            size: (720, 540),
        }
    }

    /// Sets width and height in pixels; below 200 × 150 that is what is drawn.
    pub fn size(self, width: u32, height: u32) -> Self {
        Self {
            size: (width.max(200), height.max(150)),
            ..self
        }
    }

    /// Draws the loss of each epoch, on a logarithmic axis where it spans more than two decades,
    /// and below it the accuracies, where they were measured. A dashed line marks the best epoch of
    /// an early stop.
    ///
    /// # Errors
    /// When the history is empty or the file cannot be written.
    pub fn loss_curve(&self, path: impl AsRef<Path>, history: &History) -> Result<(), PlotError> {
        self.draw(path.as_ref(), |area| curve::draw(area, history))
    }

    /// Draws where a classifier decides for which class, with the data on top.
    ///
    /// `classify` gets a point of the plane and returns either the probability of class 1 (`f64`;
    /// the colour then fades with the doubt) or a class (`usize`). The line is where the decision
    /// changes.
    ///
    /// # Errors
    /// When the data have no rows or not two features, or the file cannot be written.
    pub fn decision_boundary<X, P>(
        &self,
        path: impl AsRef<Path>,
        classify: impl FnMut([f64; 2]) -> P,
        data: &Dataset<X, usize>,
    ) -> Result<(), PlotError>
    where
        X: Entry + AsRef<[f64]>,
        P: Prediction,
    {
        let scene = boundary::Scene::new(classify, data)?;
        self.draw(path.as_ref(), |area| scene.draw(area))
    }

    /// Draws into memory and then writes the file in one go, so that a failure leaves no half of
    /// a picture.
    fn draw(
        &self,
        path: &Path,
        content: impl FnOnce(&Area<'_>) -> Result<(), PlotError>,
    ) -> Result<(), PlotError> {
        let (width, height) = self.size;
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, (upx(width), upx(height)));
            let root = root.into_drawing_area();
            root.fill(&WHITE)?;
            let inside = root.margin(px(8), px(10), px(10), px(18));
            let below = match self.title.as_str() {
                "" => inside,
                title => inside
                    .titled(title, style::text(TITLE_SIZE))?
                    .margin(px(4), 0, 0, 0),
            };
            content(&below)?;
            root.present()?;
        }
        // The view box stays in drawing units; only the size it is shown in changes. Round ends close
        // the gaps that viewers leave between the pieces of a line.
        let drawn = format!(r#"width="{}" height="{}""#, upx(width), upx(height));
        let shown = format!(r#"width="{width}" height="{height}" stroke-linecap="round""#);
        let svg = svg.replacen(&drawn, &shown, 1);
        fs::write(path, svg).map_err(|source| PlotError::File {
            path: path.to_owned(),
            source,
        })
    }
}

/// [`Figure::loss_curve`] under the title "Training".
///
/// # Errors
/// As for [`Figure::loss_curve`].
pub fn loss_curve(path: impl AsRef<Path>, history: &History) -> Result<(), PlotError> {
    Figure::new("Training").loss_curve(path, history)
}

/// [`Figure::decision_boundary`] under the title "Decision boundary".
///
/// # Errors
/// As for [`Figure::decision_boundary`].
pub fn decision_boundary<X, P>(
    path: impl AsRef<Path>,
    classify: impl FnMut([f64; 2]) -> P,
    data: &Dataset<X, usize>,
) -> Result<(), PlotError>
where
    X: Entry + AsRef<[f64]>,
    P: Prediction,
{
    Figure::new("Decision boundary").decision_boundary(path, classify, data)
}

#[cfg(test)]
mod tests;
