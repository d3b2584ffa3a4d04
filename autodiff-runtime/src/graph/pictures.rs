//! The public side of drawing.

use super::{Graph, Trace, dot, mermaid};

#[cfg(feature = "draw")]
use {super::svg, std::io, std::path::Path};

impl Graph {
    /// The graph in the language of Graphviz. Loops and branches are clusters.
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::dot(self, None)
    }

    /// The graph as a Mermaid flowchart, which Markdown viewers draw in a `mermaid` code block. Loops
    /// and branches are its subgraphs.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::mermaid(self, None)
    }

    /// The graph as an SVG document, with data flowing from left to right.
    ///
    /// Parameters are blue, constants grey, operations white and results green; a violet double
    /// frame is a call. A dashed frame is a loop or a branch with what it holds: the arrows that enter
    /// it end at the parameters that take the value, or at the header if they say which way the
    /// program goes or how often, and a dashed arrow leads from what an iteration gives to what the
    /// next one takes. Hovering over a node shows its place in the source.
    #[cfg(feature = "draw")]
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::svg(self, None)
    }

    /// Writes [`to_svg`](Self::to_svg) to a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    #[cfg(feature = "draw")]
    pub fn save_svg(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, self.to_svg())
    }
}

impl Trace {
    /// The evaluated graph in the language of Graphviz, every node as
    /// `label | data value | grad adjoint`.
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::dot(&self.graph, Some(self))
    }

    /// The evaluated graph as a Mermaid flowchart, with value and adjoint in every node.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::mermaid(&self.graph, Some(self))
    }

    /// The evaluated graph as an SVG document, with value and adjoint in every node.
    ///
    /// It is drawn as by [`Graph::to_svg`]. In a loop, the numbers are those of the last iteration (see
    /// [`LoopTrace`](super::LoopTrace)); an arm that was not taken is pale and has none.
    #[cfg(feature = "draw")]
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::svg(&self.graph, Some(self))
    }

    /// Writes [`to_svg`](Self::to_svg) to a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    #[cfg(feature = "draw")]
    pub fn save_svg(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, self.to_svg())
    }
}
