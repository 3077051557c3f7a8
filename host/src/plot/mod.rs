//! Figures of one or more panels, written as SVG and PNG.
//!
//! Both outputs draw one and the same list of paths, text included, from a typeface inside the program: nothing
//! on the machine changes them, and equal input gives equal bytes. The plot area stays free of legends and
//! notes, a figure grows in height by what its titles and legends need, and values that are not finite leave gaps.
//! Labels may hold any sign of mathematics that Unicode has, and `^{…}` and `_{…}` raise and lower the rest.
//!
//! ```
//! use polyak::plot::{Axis, Color, Figure, Panel, Series};
//! let steps: Vec<f64> = (0..=100).map(f64::from).collect();
//! let exact: Vec<f64> = steps.iter().map(|k| 1.0 / (1.0 + k)).collect();
//! let panel = Panel::new("Loss", Axis::linear("step k"), Axis::log("E L(x)"))
//!     .with(Series::line(steps.clone(), exact.clone()).label("SGD").color(Color::cycle(0)))
//!     .with(Series::theory(steps, exact).label("exact"));
//! let figure = Figure::new("SGD on a quadratic").with(panel);
//! let svg = figure.to_svg()?;
//! assert!(svg.starts_with("<svg") && svg.contains("aria-label=\"SGD on a quadratic\""));
//! assert_eq!(&figure.to_png()?[1..4], b"PNG");
//! # Ok::<(), polyak::plot::PlotError>(())
//! ```

mod axis;
mod cloud;
mod color;
mod curve;
mod draw;
mod ellipse;
mod font;
mod layout;
mod legend;
mod panel;
mod raster;
mod scene;
mod series;
mod svg;
mod ticks;

#[cfg(test)]
mod gallery;

pub use axis::{Axis, Scale};
pub use color::Color;
pub use series::{Dash, Mark, Series};

use std::path::{Path, PathBuf};

/// Why a figure was not drawn or not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The vectors of one series have different lengths.
    #[error("panel {panel}, series {series}: lengths disagree: {found}")]
    Lengths {
        /// Panel, counted from 1.
        panel: usize,
        /// Series, counted from 1.
        series: usize,
        /// The lengths found.
        found: String,
    },
    /// A range is not finite, not increasing, or not positive on a logarithmic axis.
    #[error(
        "panel {panel}, {axis} axis: the range must be finite and increasing, and positive on a log axis"
    )]
    Range {
        /// Panel, counted from 1.
        panel: usize,
        /// `x` or `y`.
        axis: char,
    },
    /// More pixels than a picture of this program may have.
    #[error("a picture of {width} x {height} pixels is too large; use fewer panels")]
    Size {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The PNG encoder failed.
    #[error("cannot encode the PNG: {0}")]
    Encode(#[from] png::EncodingError),
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// Where the names of a panel's series stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Legend {
    /// In the figure's one legend under its title, each name once.
    #[default]
    Shared,
    /// In a legend of the panel's own, above its plot area.
    Own,
    /// Nowhere.
    Hidden,
}

/// One pair of axes with its series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// A line above the plot area; may be empty.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, later ones over earlier ones within areas, dots and lines.
    pub series: Vec<Series>,
    /// Where the names stand.
    pub legend: Legend,
}

impl Panel {
    /// An empty panel.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { title: title.into(), x, y, ..Self::default() }
    }

    /// The same panel with one more series.
    #[must_use]
    pub fn with(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// The same panel with more series.
    #[must_use]
    pub fn with_all(mut self, series: impl IntoIterator<Item = Series>) -> Self {
        self.series.extend(series);
        self
    }

    /// The same panel with its legend elsewhere.
    #[must_use]
    pub fn legend(self, legend: Legend) -> Self {
        Self { legend, ..self }
    }
}

/// A whole picture: titles, one legend, panels in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// The heading; may be empty.
    pub title: String,
    /// A smaller line below it; may be empty.
    pub subtitle: String,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
    /// Panels in a row; 0 chooses: one panel alone, else two, three from five panels on.
    pub columns: usize,
    /// Width in pixels of the SVG (the PNG has twice as many); `None` chooses by the columns.
    pub width: Option<f64>,
    /// Height of each plot area in pixels of the SVG; `None` chooses by the columns.
    pub plot_height: Option<f64>,
}

impl Figure {
    /// A figure without panels.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The same figure with a smaller line below its title.
    #[must_use]
    pub fn subtitle(self, subtitle: impl Into<String>) -> Self {
        Self { subtitle: subtitle.into(), ..self }
    }

    /// The same figure with `columns` panels in a row.
    #[must_use]
    pub fn columns(self, columns: usize) -> Self {
        Self { columns, ..self }
    }

    /// The same figure with one more panel.
    #[must_use]
    pub fn with(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Width and height of the PNG in pixels.
    ///
    /// # Errors
    /// As [`to_svg`](Self::to_svg).
    pub fn pixels(&self) -> Result<(u32, u32), PlotError> {
        Ok(layout::scene(self)?.pixels())
    }

    /// The figure as an SVG document that needs no font, style sheet or script.
    ///
    /// # Errors
    /// [`PlotError::Lengths`], [`PlotError::Range`] or [`PlotError::Size`] where the figure cannot be drawn.
    pub fn to_svg(&self) -> Result<String, PlotError> {
        Ok(svg::render(&layout::scene(self)?))
    }

    /// The figure as the bytes of a PNG file.
    ///
    /// # Errors
    /// As [`to_svg`](Self::to_svg); besides, [`PlotError::Encode`].
    pub fn to_png(&self) -> Result<Vec<u8>, PlotError> {
        raster::render(&layout::scene(self)?)
    }

    /// Writes `stem.svg` and `stem.png`, each under another name first and then renamed, so that an interrupted
    /// run leaves no half file; returns both paths.
    ///
    /// # Errors
    /// As [`to_png`](Self::to_png); besides, [`PlotError::Write`].
    pub fn write(&self, stem: impl AsRef<Path>) -> Result<[PathBuf; 2], PlotError> {
        let scene = layout::scene(self)?;
        let svg = with_suffix(stem.as_ref(), ".svg");
        let png = with_suffix(stem.as_ref(), ".png");
        write_whole(&svg, svg::render(&scene).as_bytes())?;
        write_whole(&png, &raster::render(&scene)?)?;
        Ok([svg, png])
    }
}

/// `stem` with `suffix` after it: a dot in the name of a run ends nothing.
fn with_suffix(stem: &Path, suffix: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PlotError> {
    let part = with_suffix(path, &format!(".{}.part", std::process::id()));
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(&part);
        PlotError::Write { path: path.to_path_buf(), source }
    })
}
