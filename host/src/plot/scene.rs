//! What both outputs draw: filled and stroked paths, text, and groups clipped to a rectangle.

use super::color::Color;
use super::font::Weight;

/// One step of a path, in pixels from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Segment {
    Move(f64, f64),
    Line(f64, f64),
    Quad(f64, f64, f64, f64),
    Close,
}

/// A path of lines and quadratic curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PathData(pub Vec<Segment>);

/// Coordinates are kept to a hundredth of a pixel, so that the SVG and the PNG have the very same ones.
fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

impl PathData {
    pub fn move_to(&mut self, x: f64, y: f64) {
        self.0.push(Segment::Move(hundredth(x), hundredth(y)));
    }

    pub fn line_to(&mut self, x: f64, y: f64) {
        self.0.push(Segment::Line(hundredth(x), hundredth(y)));
    }

    pub fn close(&mut self) {
        self.0.push(Segment::Close);
    }

    /// A dot: a line of no length, round-capped by its stroke.
    pub fn dot(&mut self, x: f64, y: f64) {
        self.move_to(x, y);
        self.line_to(x, y);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An open or closed polygon line through `points`.
    pub fn polyline(points: &[(f64, f64)], closed: bool) -> Self {
        let mut path = Self::default();
        for (i, &(x, y)) in points.iter().enumerate() {
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if closed && !points.is_empty() {
            path.close();
        }
        path
    }
}

/// An axis-parallel rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
    pub fn path(&self) -> PathData {
        let (x, y, right, bottom) = (self.x, self.y, self.right(), self.bottom());
        PathData::polyline(&[(x, y), (right, y), (right, bottom), (x, bottom)], true)
    }
}

/// How a line is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stroke {
    pub color: Color,
    pub alpha: f64,
    pub width: f64,
    /// Lengths of strokes and gaps in turn; empty for a solid line.
    pub dashes: &'static [f64],
    pub round: bool,
}

impl Stroke {
    pub fn solid(color: Color, width: f64) -> Self {
        Self { color, alpha: 1.0, width, dashes: &[], round: false }
    }
}

/// Which point of a line of text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text; `x`, `y` is on its baseline.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub x: f64,
    pub y: f64,
    pub text: String,
    pub size: f64,
    pub weight: Weight,
    pub color: Color,
    pub anchor: Anchor,
    /// Turned by a quarter to read upwards.
    pub upwards: bool,
}

/// One thing to draw; later ones cover earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Fill { path: PathData, color: Color, alpha: f64 },
    Stroke { path: PathData, stroke: Stroke },
    Text(Text),
    Clip { rect: Rect, items: Vec<Item> },
}

/// A whole picture on white.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scene {
    pub width: f64,
    pub height: f64,
    /// What a screen reader says.
    pub title: String,
    pub items: Vec<Item>,
}

impl Scene {
    /// Pixels of the PNG: twice the SVG's, for sharp print and dense screens.
    pub const SCALE: f64 = 2.0;

    pub fn pixels(&self) -> (u32, u32) {
        ((self.width * Self::SCALE) as u32, (self.height * Self::SCALE) as u32)
    }
}
