//! From the series of a panel to what is drawn, in layers.

use super::axis::Map;
use super::cloud;
use super::curve::{band, line, steps};
use super::ellipse::{casings, ellipse, outlined};
use super::scene::{Item, PathData, Stroke};
use super::series::{Dash, Mark, Series};

/// Lengths of strokes and gaps in turn.
pub(super) fn dashes(dash: Dash) -> &'static [f64] {
    match dash {
        Dash::Solid => &[],
        Dash::Dashed => &[4.0, 3.5],
        Dash::Dotted => &[1.5, 2.5],
    }
}

/// The stroke of a series' lines.
pub(super) fn stroke(series: &Series) -> Stroke {
    Stroke {
        dashes: dashes(series.dash),
        round: series.dash == Dash::Solid,
        ..Stroke::solid(series.color, series.width)
    }
}

/// A vertical bar with caps.
pub(super) fn bar(path: &mut PathData, x: f64, low: f64, high: f64) {
    path.move_to(x, low);
    path.line_to(x, high);
    for y in [low, high] {
        path.move_to(x - 2.5, y);
        path.line_to(x + 2.5, y);
    }
}

/// All series of a panel, in layers: areas, reference lines, clouds, lines, ellipses, broken (theory) lines.
pub(super) fn items(series: &[Series], horizontal: Map, vertical: Map) -> Vec<Item> {
    let [mut areas, mut references, mut lines, mut dots_of_bars, mut ellipses, mut theory] =
        [const { Vec::new() }; 6];
    let mut unbroken = 0;
    for one in series {
        let fill = |path| Item::Fill { path, color: one.color, alpha: one.opacity() };
        let stroked = |path| Item::Stroke { path, stroke: stroke(one) };
        match &one.mark {
            Mark::Line { x, y } if one.dash == Dash::Solid => {
                lines.push(stroked(line(x, y, horizontal, vertical)));
            }
            Mark::Line { x, y } => theory.push(stroked(line(x, y, horizontal, vertical))),
            Mark::Band { x, low, high } => areas.push(fill(band(x, low, high, horizontal, vertical))),
            Mark::Points { .. } => {}
            Mark::ErrorBars { x, y, low, high } => {
                let (mut bars, mut heads) = (PathData::default(), PathData::default());
                for (i, (&x, &y)) in x.iter().zip(y).enumerate() {
                    let (x, y) = (horizontal.pixel(x), vertical.pixel(y));
                    if x.is_finite() && y.is_finite() {
                        heads.dot(x, y);
                        let (low, high) = (vertical.lower_pixel(low[i]), vertical.pixel(high[i]));
                        if low.is_finite() && high.is_finite() {
                            bar(&mut bars, x, low, high);
                        }
                    }
                }
                lines.push(stroked(bars));
                let head = Stroke { round: true, ..Stroke::solid(one.color, 5.0) };
                dots_of_bars.push(Item::Stroke { path: heads, stroke: head });
            }
            Mark::Histogram { edges, counts } => {
                let (outline, area) = steps(edges, counts, horizontal, vertical);
                areas.push(fill(area));
                lines.push(stroked(outline));
            }
            Mark::Ellipse { mean, covariance, sigmas } => {
                let outline = ellipse(*mean, *covariance, *sigmas, horizontal, vertical);
                let centre = (horizontal.pixel(mean[0]), vertical.pixel(mean[1]));
                let centre = Some(centre).filter(|(x, y)| x.is_finite() && y.is_finite());
                ellipses.extend(outlined(unbroken, one, outline, centre));
                unbroken += usize::from(one.dash == Dash::Solid);
            }
            Mark::Horizontal(y) => {
                let y = [*y, *y];
                references.push(stroked(line(&[horizontal.low, horizontal.high], &y, horizontal, vertical)));
            }
            Mark::Vertical(x) => {
                let x = [*x, *x];
                references.push(stroked(line(&x, &[vertical.low, vertical.high], horizontal, vertical)));
            }
        }
    }
    let clouds = cloud::items(series, horizontal, vertical);
    let layers = [areas, references, clouds, lines, dots_of_bars, casings(&ellipses), ellipses, theory];
    let empty = |item: &Item| match item {
        Item::Fill { path, .. } | Item::Stroke { path, .. } => path.is_empty(),
        _ => false,
    };
    layers.into_iter().flatten().filter(|item| !empty(item)).collect()
}
