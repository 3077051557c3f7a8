//! Legends: one entry a name, in rows that break where they must.

use super::color::Color;
use super::draw;
use super::font::{self, Weight};
use super::scene::{Anchor, Item, PathData, Rect, Stroke, Text};
use super::series::{Dash, Mark, Series};

const SIZE: f64 = 10.5;
const ROW: f64 = 17.0;
const SWATCH: f64 = 24.0;
const GAP: f64 = 6.0;
const BETWEEN: f64 = 20.0;

/// A name and the different looks that go by it.
pub(super) struct Entry<'a> {
    label: &'a str,
    looks: Vec<&'a Series>,
}

fn same_look(a: &Series, b: &Series) -> bool {
    std::mem::discriminant(&a.mark) == std::mem::discriminant(&b.mark)
        && (a.color, a.dash, a.width) == (b.color, b.dash, b.width)
}

/// Whether a look is a broken line: theory or a threshold.
fn broken(series: &Series) -> bool {
    series.dash != Dash::Solid && !matches!(series.mark, Mark::Ellipse { .. })
}

/// The entries of all `series` that have a name, in the order of first appearance, broken lines last.
pub(super) fn entries<'a>(series: impl Iterator<Item = &'a Series>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for one in series {
        let Some(label) = one.label.as_deref() else { continue };
        match entries.iter_mut().find(|entry| entry.label == label) {
            Some(entry) if entry.looks.iter().any(|look| same_look(look, one)) => {}
            Some(entry) => entry.looks.push(one),
            None => entries.push(Entry { label, looks: vec![one] }),
        }
    }
    entries.sort_by_key(|entry| entry.looks.iter().all(|look| broken(look)));
    entries
}

fn text_width(entry: &Entry, room: f64) -> (String, f64) {
    let label = font::shorten(entry.label, SIZE, Weight::Regular, room - SWATCH - GAP);
    let width = font::width(&label, SIZE, Weight::Regular);
    (label, width)
}

/// Where each entry stands in `room` pixels of width, and the height of all rows.
fn flow(entries: &[Entry], room: f64) -> (Vec<(f64, f64)>, f64) {
    let (mut x, mut y) = (0.0, 0.0);
    let mut places = Vec::new();
    for entry in entries {
        let width = SWATCH + GAP + text_width(entry, room).1;
        if x > 0.0 && x + width > room {
            (x, y) = (0.0, y + ROW);
        }
        places.push((x, y));
        x += width + BETWEEN;
    }
    (places, if entries.is_empty() { 0.0 } else { y + ROW })
}

/// The height of a legend of these entries in `room` pixels of width.
pub(super) fn height(entries: &[Entry], room: f64) -> f64 {
    flow(entries, room).1
}

fn swatch(series: &Series, x: f64, y: f64) -> Vec<Item> {
    let fill = |rect: Rect| Item::Fill { path: rect.path(), color: series.color, alpha: series.opacity() };
    let through = || PathData::polyline(&[(x, y), (x + SWATCH, y)], false);
    let middle = x + 0.5 * SWATCH;
    let dots = |offsets: &[(f64, f64)], width: f64| {
        let mut path = PathData::default();
        offsets.iter().for_each(|(right, down)| path.dot(middle + right, y + down));
        Item::Stroke { path, stroke: Stroke { round: true, ..Stroke::solid(series.color, width) } }
    };
    let lined = |path| Item::Stroke { path, stroke: draw::stroke(series) };
    match &series.mark {
        Mark::Line { .. } | Mark::Horizontal(_) | Mark::Vertical(_) => vec![lined(through())],
        Mark::Band { .. } => vec![fill(Rect { x, y: y - 5.0, width: SWATCH, height: 10.0 })],
        Mark::Points { .. } => vec![dots(&[(-4.5, 0.8), (-0.8, -1.8), (1.0, 1.9), (4.8, -0.4)], 2.6)],
        Mark::ErrorBars { .. } => {
            let mut path = PathData::default();
            draw::bar(&mut path, middle, y - 5.0, y + 5.0);
            vec![lined(path), dots(&[(0.0, 0.0)], 5.0)]
        }
        Mark::Histogram { .. } => {
            let rect = Rect { x: x + 2.0, y: y - 4.5, width: SWATCH - 4.0, height: 9.0 };
            vec![fill(rect), lined(rect.path())]
        }
        Mark::Ellipse { .. } => {
            let points: Vec<(f64, f64)> = (0..36)
                .map(|side| {
                    let angle = std::f64::consts::TAU * f64::from(side) / 36.0;
                    (middle + 10.5 * libm::cos(angle), y + 6.0 * libm::sin(angle))
                })
                .collect();
            vec![lined(PathData::polyline(&points, true))]
        }
    }
}

/// Draws the legend with its top left corner at (`left`, `top`), `room` pixels wide.
pub(super) fn draw(items: &mut Vec<Item>, entries: &[Entry], left: f64, top: f64, room: f64) {
    for (entry, (x, y)) in entries.iter().zip(flow(entries, room).0) {
        let (x, middle) = (left + x, top + y + 0.5 * ROW);
        // Areas first, so that a line and its error band share one entry.
        let area = |look: &&&Series| matches!(look.mark, Mark::Band { .. });
        for look in entry.looks.iter().filter(area).chain(entry.looks.iter().filter(|look| !area(look))) {
            items.extend(swatch(look, x, middle));
        }
        items.push(Item::Text(Text {
            x: x + SWATCH + GAP,
            y: middle + 0.36 * SIZE,
            text: text_width(entry, room).0,
            size: SIZE,
            weight: Weight::Regular,
            color: Color::INK,
            anchor: Anchor::Start,
            upwards: false,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(label: &str) -> Series {
        Series::line([], []).label(label)
    }

    #[test]
    fn one_entry_a_name_and_one_swatch_a_look() {
        let series = [
            named("SGD"),
            Series::band([], [], []).label("SGD"),
            named("SGD"),
            Series::line([], []),
            named("SGDM"),
        ];
        let entries = entries(series.iter());
        assert_eq!(
            entries.iter().map(|e| (e.label, e.looks.len())).collect::<Vec<_>>(),
            [("SGD", 2), ("SGDM", 1)]
        );
    }

    #[test]
    fn rows_break_and_no_entry_leaves_the_room() {
        let series: Vec<Series> =
            (0..12).map(|i| named(&format!("run {i} with a name of some length"))).collect();
        let mut long = series.clone();
        long.push(named(&"endless ".repeat(40)));
        let entries = entries(long.iter());
        let (places, height) = flow(&entries, 400.0);
        assert!(height > 4.0 * ROW);
        for (entry, (x, y)) in entries.iter().zip(places) {
            assert!(x + SWATCH + GAP + text_width(entry, 400.0).1 <= 400.0 && y + ROW <= height);
        }
    }
}
