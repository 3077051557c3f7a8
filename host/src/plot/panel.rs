//! One panel: its axes fitted to the data, the room it needs around its plot area, and its drawing.

use super::axis::{Extent, Map};
use super::cloud;
use super::color::Color;
use super::draw;
use super::font::{self, Weight};
use super::layout::line_height;
use super::legend::{self, Entry};
use super::scene::{Anchor, Item, PathData, Rect, Stroke, Text};
use super::series::Mark;
use super::ticks::Ticks;
use super::{Legend, Panel};

const HEADING: f64 = 12.0;
const LABEL: f64 = 11.0;
const TICK: f64 = 10.0;
const NOTE: f64 = 9.0;
const TICK_LENGTH: f64 = 4.0;

/// A panel with its maps, and what stands around its plot area.
pub(super) struct Measured<'a> {
    panel: &'a Panel,
    x: Map,
    y: Map,
    y_ticks: Ticks,
    y_label: Vec<String>,
    entries: Vec<Entry<'a>>,
    notes: String,
    empty: bool,
}

/// As many ticks as have room below a plot area `width` pixels wide, labels apart.
fn fitting_ticks(map: Map, width: f64) -> Ticks {
    let map = map.onto(0.0, width);
    let mut count = (width / 55.0).ceil() as usize;
    loop {
        let ticks = map.ticks(count);
        let mut free = f64::NEG_INFINITY;
        let apart = ticks.major.iter().all(|(value, label)| {
            let (middle, half) = (map.pixel(*value), 0.5 * font::width(label, TICK, Weight::Regular));
            let fits = middle - half >= free;
            free = middle + half + 8.0;
            fits
        });
        if apart || count <= 1 {
            return ticks;
        }
        count -= 1;
    }
}

/// Fits a panel's axes to its data, for a plot area of this height.
pub(super) fn measure(panel: &Panel, height: f64) -> Measured<'_> {
    let (mut horizontal, mut vertical) = (Extent::new(panel.x.scale), Extent::new(panel.y.scale));
    panel.series.iter().for_each(|series| series.extend(&mut horizontal, &mut vertical));
    let grounded = panel.series.iter().any(|series| matches!(series.mark, Mark::Histogram { .. }));
    let cloud = panel.series.iter().any(|s| matches!(s.mark, Mark::Points { .. } | Mark::Ellipse { .. }));
    let x = Map::new(&panel.x, horizontal, if cloud { 0.04 } else { 0.02 }, false);
    let y = Map::new(&panel.y, vertical, 0.05, grounded);
    let entries = if panel.legend == Legend::Own { legend::entries(panel.series.iter()) } else { Vec::new() };
    let notes: Vec<String> = panel.series.iter().filter_map(cloud::note).collect();
    Measured {
        panel,
        x,
        y,
        y_ticks: y.ticks((height / 42.0).round().max(2.0) as usize),
        y_label: font::wrap(&panel.y.label, LABEL, Weight::Regular, height),
        entries,
        notes: notes.join("; "),
        empty: horizontal.is_empty() || vertical.is_empty(),
    }
}

impl Measured<'_> {
    /// Room for the vertical axis' label, tick labels and ticks.
    pub fn left(&self) -> f64 {
        let label = self.y_label.len() as f64 * line_height(LABEL);
        let widest = self
            .y_ticks
            .major
            .iter()
            .map(|(_, label)| label.as_str())
            .chain([self.y_ticks.factor.as_str()])
            .map(|text| font::width(text, TICK, Weight::Regular))
            .fold(0.0, f64::max);
        label + if label > 0.0 { 6.0 } else { 0.0 } + widest + TICK_LENGTH + 3.0
    }

    /// Half of the widest tick label of the horizontal axis: it may stand at the very end.
    pub fn right(&self, width: f64) -> f64 {
        let ticks = fitting_ticks(self.x, width);
        let map = self.x.onto(0.0, width);
        let over = |(value, label): &(f64, String)| {
            map.pixel(*value) + 0.5 * font::width(label, TICK, Weight::Regular) - width
        };
        ticks.major.iter().map(over).fold(0.0, f64::max)
    }

    fn heading(&self, width: f64) -> Vec<String> {
        font::wrap(&self.panel.title, HEADING, Weight::Bold, width)
    }

    /// Room for the heading and the panel's own legend.
    pub fn above(&self, width: f64) -> f64 {
        let heading = self.heading(width).len() as f64 * line_height(HEADING);
        let legend = legend::height(&self.entries, width);
        let factor: f64 = if self.y_ticks.factor.is_empty() { 0.0 } else { 8.0 };
        (heading + legend + if heading + legend > 0.0 { 6.0 } else { 0.0 }).max(factor)
    }

    /// The horizontal axis' label, in the middle between two places for the factor of the tick labels.
    fn x_label(&self, width: f64) -> Vec<String> {
        let factor = font::width(&fitting_ticks(self.x, width).factor, TICK, Weight::Regular);
        let room = if factor > 0.0 { width - 2.0 * (factor + 6.0) } else { width };
        font::wrap(&self.panel.x.label, LABEL, Weight::Regular, room)
    }

    fn note_lines(&self, width: f64) -> Vec<String> {
        font::wrap(&self.notes, NOTE, Weight::Regular, width)
    }

    /// Room for ticks, tick labels, the axis' label and notes.
    pub fn below(&self, width: f64) -> f64 {
        let factor = !fitting_ticks(self.x, width).factor.is_empty();
        let labels = self.x_label(width).len().max(usize::from(factor));
        let notes = self.note_lines(width).len() as f64 * line_height(NOTE);
        TICK_LENGTH + 3.0 + TICK + 5.0 + labels as f64 * line_height(LABEL) + notes
    }

    /// Draws everything with the plot area at `plot`.
    pub fn draw(&self, items: &mut Vec<Item>, plot: Rect) {
        let text = |x: f64, y: f64, size: f64, anchor: Anchor, text: &str| Text {
            x,
            y,
            text: text.to_string(),
            size,
            weight: Weight::Regular,
            color: Color::INK,
            anchor,
            upwards: false,
        };
        let (x, y) = (self.x.onto(plot.x, plot.right()), self.y.onto(plot.bottom(), plot.y));
        let x_ticks = fitting_ticks(self.x, plot.width);
        let mut top = plot.y - self.above(plot.width);
        for line in self.heading(plot.width) {
            let baseline = top + 0.95 * HEADING;
            let bold = text(plot.x, baseline, HEADING, Anchor::Start, &line);
            items.push(Item::Text(Text { weight: Weight::Bold, ..bold }));
            top += line_height(HEADING);
        }
        legend::draw(items, &self.entries, plot.x, top, plot.width);

        let (mut grid, mut ticks, mut minor) =
            (PathData::default(), PathData::default(), PathData::default());
        for (value, _) in &x_ticks.major {
            let at = x.pixel(*value);
            grid.0.extend(PathData::polyline(&[(at, plot.y), (at, plot.bottom())], false).0);
            ticks.0.extend(
                PathData::polyline(&[(at, plot.bottom()), (at, plot.bottom() + TICK_LENGTH)], false).0,
            );
        }
        for (value, _) in &self.y_ticks.major {
            let at = y.pixel(*value);
            grid.0.extend(PathData::polyline(&[(plot.x, at), (plot.right(), at)], false).0);
            ticks.0.extend(PathData::polyline(&[(plot.x - TICK_LENGTH, at), (plot.x, at)], false).0);
        }
        for at in x_ticks.minor.iter().map(|&value| x.pixel(value)) {
            minor.0.extend(PathData::polyline(&[(at, plot.bottom()), (at, plot.bottom() + 2.0)], false).0);
        }
        for at in self.y_ticks.minor.iter().map(|&value| y.pixel(value)) {
            minor.0.extend(PathData::polyline(&[(plot.x - 2.0, at), (plot.x, at)], false).0);
        }
        items.push(Item::Stroke { path: grid, stroke: Stroke::solid(Color::GRID, 0.7) });
        items.push(Item::Clip { rect: plot, items: draw::items(&self.panel.series, x, y) });
        let frame = PathData::polyline(
            &[(plot.x, plot.y), (plot.x, plot.bottom()), (plot.right(), plot.bottom())],
            false,
        );
        ticks.0.extend(frame.0);
        items.push(Item::Stroke { path: minor, stroke: Stroke::solid(Color::GREY, 0.6) });
        items.push(Item::Stroke { path: ticks, stroke: Stroke::solid(Color::GREY, 0.9) });
        if self.empty {
            let middle = (plot.x + 0.5 * plot.width, plot.y + 0.5 * plot.height);
            let empty = text(middle.0, middle.1, LABEL, Anchor::Middle, "no data");
            items.push(Item::Text(Text { color: Color::GREY, ..empty }));
        }

        let baseline = plot.bottom() + TICK_LENGTH + 3.0 + 0.8 * TICK;
        for (value, label) in &x_ticks.major {
            items.push(Item::Text(text(x.pixel(*value), baseline, TICK, Anchor::Middle, label)));
        }
        let gutter = plot.x - TICK_LENGTH - 3.0;
        for (value, label) in &self.y_ticks.major {
            items.push(Item::Text(text(gutter, y.pixel(*value) + 0.36 * TICK, TICK, Anchor::End, label)));
        }
        let mut below = plot.bottom() + TICK_LENGTH + 3.0 + TICK + 5.0 + 0.85 * LABEL;
        if !x_ticks.factor.is_empty() {
            items.push(Item::Text(text(plot.right(), below, TICK, Anchor::End, &x_ticks.factor)));
        }
        if !self.y_ticks.factor.is_empty() {
            items.push(Item::Text(text(gutter, plot.y - 8.0, TICK, Anchor::End, &self.y_ticks.factor)));
        }
        let labels = self.x_label(plot.width);
        for line in &labels {
            let middle = plot.x + 0.5 * plot.width;
            items.push(Item::Text(text(middle, below, LABEL, Anchor::Middle, line)));
            below += line_height(LABEL);
        }
        if labels.is_empty() && !x_ticks.factor.is_empty() {
            below += line_height(LABEL);
        }
        for line in self.note_lines(plot.width) {
            let note = text(plot.right(), below, NOTE, Anchor::End, &line);
            items.push(Item::Text(Text { color: Color::GREY, ..note }));
            below += line_height(NOTE);
        }
        let mut across = plot.x - self.left() + 0.8 * LABEL;
        for line in &self.y_label {
            let label = text(across, plot.y + 0.5 * plot.height, LABEL, Anchor::Middle, line);
            items.push(Item::Text(Text { upwards: true, ..label }));
            across += line_height(LABEL);
        }
    }
}
