//! Why a picture could not be drawn.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use plotters::drawing::DrawingAreaErrorKind;

/// Why a picture could not be drawn. Each one prints as a sentence.
#[derive(Debug)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to draw.
    Empty,
    /// The data cannot be drawn in the plane.
    Features {
        /// How many features they have.
        found: usize,
    },
    /// The file could not be written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The drawing library refused.
    Drawing {
        /// What it says.
        message: String,
    },
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "there is nothing to draw"),
            Self::Features { found } => write!(
                f,
                "a decision boundary is drawn over two features, not {found} (select_features picks \
                 two)"
            ),
            Self::File { path, source } => write!(f, "cannot write {}: {source}", path.display()),
            Self::Drawing { message } => write!(f, "the picture cannot be drawn: {message}"),
        }
    }
}

impl Error for PlotError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl<E: Error + Send + Sync> From<DrawingAreaErrorKind<E>> for PlotError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self::Drawing {
            message: error.to_string(),
        }
    }
}
