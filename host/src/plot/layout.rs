//! Where everything stands: titles, legend, panels, axes.
//!
//! Plot areas of one figure have one size, and their edges line up in rows and columns; titles and legends are
//! measured first and make the figure higher, so nothing is cut and nothing covers data.

use super::color::Color;
use super::font::{self, Weight};
use super::legend;
use super::panel::{Measured, measure};
use super::scene::{Anchor, Item, Rect, Scene, Text};
use super::series::Series;
use super::{Figure, Legend, Panel, PlotError};

const MARGIN: f64 = 16.0;
const TITLE: f64 = 15.0;
const SUBTITLE: f64 = 11.0;
/// Between two columns.
const GAP: f64 = 18.0;
/// The most pixels of a PNG's side.
const MOST_PIXELS: u32 = 30_000;

/// From one baseline to the next.
pub(super) fn line_height(size: f64) -> f64 {
    (1.3 * size).round()
}

fn check(figure: &Figure) -> Result<(), PlotError> {
    for (i, panel) in figure.panels.iter().enumerate() {
        for (name, axis) in [('x', &panel.x), ('y', &panel.y)] {
            if !axis.range_is_valid() {
                return Err(PlotError::Range { panel: i + 1, axis: name });
            }
        }
        for (j, series) in panel.series.iter().enumerate() {
            if let Some(found) = series.mismatch() {
                return Err(PlotError::Lengths { panel: i + 1, series: j + 1, found });
            }
        }
    }
    Ok(())
}

/// The figure as a list of paths and texts.
pub(super) fn scene(figure: &Figure) -> Result<Scene, PlotError> {
    check(figure)?;
    let count = figure.panels.len();
    let columns = match (figure.columns, count) {
        (0, 0 | 1) => 1,
        (0, 2..=4) => 2,
        (0, _) => 3,
        (wanted, _) => wanted.min(count.max(1)),
    };
    let finite = |value: Option<f64>| value.filter(|v| v.is_finite());
    let default = [640.0, 820.0, 1080.0].get(columns - 1).copied().unwrap_or(340.0 * columns as f64);
    let width = finite(figure.width).unwrap_or(default).max(240.0).ceil();
    let plot_height =
        finite(figure.plot_height).unwrap_or(if columns == 1 { 340.0 } else { 215.0 }).max(60.0);

    let measured: Vec<Measured> = figure.panels.iter().map(|panel| measure(panel, plot_height)).collect();
    let room = width - 2.0 * MARGIN;
    // Each column has the gutter that its tick labels need; all plot areas have the width that is left.
    let mut left = vec![0.0_f64; columns];
    for (i, panel) in measured.iter().enumerate() {
        left[i % columns] = left[i % columns].max(panel.left().ceil());
    }
    let gutters = left.iter().sum::<f64>() + GAP * (columns as f64 - 1.0);
    let share = |right: f64| ((room - gutters) / columns as f64 - right).floor().max(60.0);
    let right = measured.iter().map(|m| m.right(share(0.0))).fold(2.0, f64::max).ceil();
    let plot_width = share(right);

    let mut items = Vec::new();
    let mut top = MARGIN;
    for (text, size, weight, color) in [
        (&figure.title, TITLE, Weight::Bold, Color::INK),
        (&figure.subtitle, SUBTITLE, Weight::Regular, Color::GREY),
    ] {
        for line in font::wrap(text, size, weight, room) {
            let (x, y) = (MARGIN, top + 0.95 * size);
            let anchor = Anchor::Start;
            items.push(Item::Text(Text { x, y, text: line, size, weight, color, anchor, upwards: false }));
            top += line_height(size);
        }
        if !text.is_empty() {
            top += 3.0;
        }
    }
    let shared = |panel: &&Panel| panel.legend == Legend::Shared;
    let series = figure.panels.iter().filter(shared).flat_map(|panel: &Panel| &panel.series);
    let entries = legend::entries(series.collect::<Vec<&Series>>().into_iter());
    if !entries.is_empty() {
        top += 4.0;
        legend::draw(&mut items, &entries, MARGIN, top, room);
        top += legend::height(&entries, room);
    }
    if top > MARGIN {
        top += 10.0;
    }
    for row in measured.chunks(columns) {
        let above = row.iter().map(|m| m.above(plot_width)).fold(0.0, f64::max).ceil();
        let below = row.iter().map(|m| m.below(plot_width)).fold(0.0, f64::max).ceil();
        let mut x = MARGIN;
        for (gutter, panel) in left.iter().zip(row) {
            x += gutter;
            panel.draw(&mut items, Rect { x, y: top + above, width: plot_width, height: plot_height });
            x += plot_width + right + GAP;
        }
        top += above + plot_height + below + 14.0;
    }
    let title = if figure.title.is_empty() { "figure".to_string() } else { figure.title.clone() };
    let scene = Scene { width, height: (top - 14.0 + MARGIN).max(2.0 * MARGIN).ceil(), title, items };
    let (width, height) = scene.pixels();
    if width > MOST_PIXELS || height > MOST_PIXELS {
        return Err(PlotError::Size { width, height });
    }
    Ok(scene)
}
