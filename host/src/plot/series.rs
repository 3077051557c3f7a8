//! What a panel shows: curves, bands, clouds, histograms, ellipses.

use super::axis::Extent;
use super::color::Color;

/// How a line is broken up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Unbroken.
    #[default]
    Solid,
    /// Long strokes: theory, by the custom of this program.
    Dashed,
    /// Dots: limits and thresholds.
    Dotted,
}

/// The data of a series; values that are not finite leave a gap.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mark {
    /// A curve through the points (xᵢ, yᵢ) in their order.
    Line {
        /// Abscissae.
        x: Vec<f64>,
        /// Ordinates, as many.
        y: Vec<f64>,
    },
    /// The area between two curves over the same abscissae: an error band.
    Band {
        /// Abscissae.
        x: Vec<f64>,
        /// Lower ends, as many.
        low: Vec<f64>,
        /// Upper ends, as many.
        high: Vec<f64>,
    },
    /// A cloud of dots; of more than [`Series::MOST_POINTS`] every m-th is drawn, and a note says so.
    Points {
        /// Abscissae.
        x: Vec<f64>,
        /// Ordinates, as many.
        y: Vec<f64>,
        /// Radius of a dot in pixels of the SVG.
        radius: f64,
    },
    /// Dots with a bar from `low` to `high`.
    ErrorBars {
        /// Abscissae.
        x: Vec<f64>,
        /// Ordinates, as many.
        y: Vec<f64>,
        /// Lower ends, as many.
        low: Vec<f64>,
        /// Upper ends, as many.
        high: Vec<f64>,
    },
    /// Counts or densities over bins, as an outline of steps on a light fill.
    Histogram {
        /// Bin edges: one more than counts, in increasing order.
        edges: Vec<f64>,
        /// One height a bin.
        counts: Vec<f64>,
    },
    /// The ellipse (z − mean)ᵀ covariance⁻¹ (z − mean) = `sigmas`², with its centre.
    Ellipse {
        /// Centre.
        mean: [f64; 2],
        /// Symmetric positive semidefinite matrix.
        covariance: [[f64; 2]; 2],
        /// Size in standard deviations.
        sigmas: f64,
    },
    /// A line across the whole panel at one ordinate.
    Horizontal(f64),
    /// A line up the whole panel at one abscissa.
    Vertical(f64),
}

/// One thing in a panel, with its look and its name in the legend.
///
/// ```
/// use polyak::plot::{Color, Mark, Series};
/// let curve = Series::line(vec![0.0, 1.0], vec![1.0, 0.5]).label("SGD").color(Color::cycle(1));
/// assert_eq!(curve.color, Color(0xd5, 0x5e, 0x00));
/// assert!(matches!(curve.mark, Mark::Line { .. }));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The data.
    pub mark: Mark,
    /// The name in the legend; series of one name share an entry, those without one have none.
    pub label: Option<String>,
    /// The colour.
    pub color: Color,
    /// How lines are broken up.
    pub dash: Dash,
    /// Width of lines in pixels of the SVG.
    pub width: f64,
    /// Opacity from 0 to 1 of bands, dots and the fill of histograms; `None` chooses one.
    pub alpha: Option<f64>,
}

impl Series {
    /// The most dots drawn of one cloud.
    pub const MOST_POINTS: usize = 10_000;

    fn new(mark: Mark, width: f64) -> Self {
        Self { mark, label: None, color: Color::cycle(0), dash: Dash::Solid, width, alpha: None }
    }

    /// A curve.
    pub fn line(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>) -> Self {
        Self::new(Mark::Line { x: x.into(), y: y.into() }, 2.0)
    }

    /// A curve of theory: thin, dark and dashed, drawn over the others.
    pub fn theory(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>) -> Self {
        Self { color: Color::INK, dash: Dash::Dashed, width: 0.9, ..Self::line(x, y) }
    }

    /// An error band.
    pub fn band(x: impl Into<Vec<f64>>, low: impl Into<Vec<f64>>, high: impl Into<Vec<f64>>) -> Self {
        Self::new(Mark::Band { x: x.into(), low: low.into(), high: high.into() }, 0.0)
    }

    /// A curve within its error band y ± `error`, both under one name and in one colour.
    pub fn banded(
        label: &str,
        color: Color,
        x: impl Into<Vec<f64>>,
        y: impl Into<Vec<f64>>,
        error: &[f64],
    ) -> [Self; 2] {
        let (x, y) = (x.into(), y.into());
        let low: Vec<f64> = y.iter().zip(error).map(|(y, e)| y - e).collect();
        let high: Vec<f64> = y.iter().zip(error).map(|(y, e)| y + e).collect();
        [Self::band(x.clone(), low, high), Self::line(x, y)].map(|series| series.label(label).color(color))
    }

    /// A cloud of dots.
    pub fn points(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>) -> Self {
        Self::new(Mark::Points { x: x.into(), y: y.into(), radius: 1.1 }, 0.0)
    }

    /// Dots with symmetric error bars y ± `error`.
    pub fn error_bars(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>, error: &[f64]) -> Self {
        let y = y.into();
        let low = y.iter().zip(error).map(|(y, e)| y - e).collect();
        let high = y.iter().zip(error).map(|(y, e)| y + e).collect();
        Self::new(Mark::ErrorBars { x: x.into(), y, low, high }, 1.3)
    }

    /// A histogram of given bin edges and heights.
    pub fn histogram(edges: impl Into<Vec<f64>>, counts: impl Into<Vec<f64>>) -> Self {
        Self::new(Mark::Histogram { edges: edges.into(), counts: counts.into() }, 1.4)
    }

    /// A covariance ellipse of `sigmas` standard deviations.
    pub fn ellipse(mean: [f64; 2], covariance: [[f64; 2]; 2], sigmas: f64) -> Self {
        Self::new(Mark::Ellipse { mean, covariance, sigmas }, 1.6)
    }

    /// A dotted line at ordinate `y`.
    pub fn horizontal(y: f64) -> Self {
        Self { color: Color::GREY, dash: Dash::Dotted, ..Self::new(Mark::Horizontal(y), 1.0) }
    }

    /// A dotted line at abscissa `x`.
    pub fn vertical(x: f64) -> Self {
        Self { color: Color::GREY, dash: Dash::Dotted, ..Self::new(Mark::Vertical(x), 1.0) }
    }

    /// The same series with a name in the legend.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// The same series in another colour.
    #[must_use]
    pub fn color(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// The same series with its lines broken up.
    #[must_use]
    pub fn dash(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }

    /// The same series with lines of another width.
    #[must_use]
    pub fn width(self, width: f64) -> Self {
        Self { width, ..self }
    }

    /// The same series with another opacity.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha: Some(alpha), ..self }
    }

    /// The opacity of its areas or dots.
    pub(super) fn opacity(&self) -> f64 {
        self.alpha.unwrap_or(match &self.mark {
            Mark::Band { .. } => 0.22,
            Mark::Histogram { .. } => 0.16,
            // Denser clouds are drawn fainter, so that their shape stays visible.
            Mark::Points { x, .. } => (25.0 / (x.len().max(1) as f64).sqrt()).clamp(0.25, 0.85),
            _ => 1.0,
        })
    }

    /// What does not fit together, in plain words.
    pub(super) fn mismatch(&self) -> Option<String> {
        let differ = |what: &[(&str, usize)]| {
            let lengths: Vec<String> = what.iter().map(|(name, n)| format!("{n} {name}")).collect();
            what.iter().any(|(_, n)| *n != what[0].1).then(|| lengths.join(", "))
        };
        match &self.mark {
            Mark::Line { x, y } | Mark::Points { x, y, .. } => differ(&[("x", x.len()), ("y", y.len())]),
            Mark::Band { x, low, high } => {
                differ(&[("x", x.len()), ("low", low.len()), ("high", high.len())])
            }
            Mark::ErrorBars { x, y, low, high } => {
                differ(&[("x", x.len()), ("y", y.len()), ("low", low.len()), ("high", high.len())])
            }
            Mark::Histogram { edges, counts } => (edges.len() != counts.len() + 1
                && !(edges.is_empty() && counts.is_empty()))
            .then(|| format!("{} edges for {} counts, one more is needed", edges.len(), counts.len())),
            _ => None,
        }
    }

    /// Takes the series' data into the extents of both axes.
    pub(super) fn extend(&self, horizontal: &mut Extent, vertical: &mut Extent) {
        let both = |x: &[f64], y: &[f64], h: &mut Extent, v: &mut Extent| {
            for (&x, &y) in x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite()) {
                h.add(x);
                v.add(y);
            }
        };
        match &self.mark {
            Mark::Line { x, y } | Mark::Points { x, y, .. } => both(x, y, horizontal, vertical),
            Mark::Band { x, low, high } => {
                for (&x, (&low, &high)) in x.iter().zip(low.iter().zip(high)) {
                    if x.is_finite() && low.is_finite() && high.is_finite() {
                        horizontal.add(x);
                        vertical.add_interval(low, high);
                    }
                }
            }
            Mark::ErrorBars { x, y, low, high } => {
                both(x, y, horizontal, vertical);
                for (&low, &high) in low.iter().zip(high) {
                    vertical.add_interval(low, high);
                }
            }
            Mark::Histogram { edges, counts } => {
                edges.iter().for_each(|&edge| horizontal.add(edge));
                counts.iter().for_each(|&count| vertical.add(count));
                vertical.add(0.0);
            }
            Mark::Ellipse { mean, covariance, sigmas } => {
                let reach = |i: usize| sigmas * covariance[i][i].max(0.0).sqrt();
                for sign in [-1.0, 1.0] {
                    horizontal.add(mean[0] + sign * reach(0));
                    vertical.add(mean[1] + sign * reach(1));
                }
            }
            Mark::Horizontal(y) => vertical.add(*y),
            Mark::Vertical(x) => horizontal.add(*x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::Scale;

    fn extents(series: &Series) -> ((f64, f64), (f64, f64)) {
        let (mut x, mut y) = (Extent::new(Scale::Linear), Extent::new(Scale::Linear));
        series.extend(&mut x, &mut y);
        ((x.low, x.high), (y.low, y.high))
    }

    #[test]
    fn extents_take_in_what_is_drawn() {
        let line = Series::line([0.0, 1.0, 2.0], [5.0, f64::NAN, 6.0]);
        assert_eq!(extents(&line), ((0.0, 2.0), (5.0, 6.0)));
        let ellipse = Series::ellipse([1.0, 2.0], [[4.0, 0.0], [0.0, 9.0]], 2.0);
        assert_eq!(extents(&ellipse), ((-3.0, 5.0), (-4.0, 8.0)));
        let bars = Series::error_bars([1.0], [2.0], &[0.5]);
        assert_eq!(extents(&bars), ((1.0, 1.0), (1.5, 2.5)));
        assert_eq!(extents(&Series::histogram([0.0, 1.0], [3.0])), ((0.0, 1.0), (0.0, 3.0)));
    }

    #[test]
    fn lengths_that_disagree_are_told() {
        assert_eq!(Series::line([0.0], [0.0]).mismatch(), None);
        assert_eq!(Series::line([0.0], []).mismatch().as_deref(), Some("1 x, 0 y"));
        assert!(Series::histogram([0.0, 1.0], [1.0, 2.0]).mismatch().is_some());
        assert!(Series::error_bars([0.0, 1.0], [0.0, 1.0], &[0.1]).mismatch().is_some());
        assert_eq!(Series::histogram([], []).mismatch(), None);
    }
}
