//! The embedded typeface: widths, line breaking and glyph outlines.
//!
//! Text is drawn from the outlines of a font inside the program, so that a figure looks the same with no font
//! installed, in the SVG and in the PNG alike.

use super::scene::{PathData, Segment};
use std::sync::LazyLock;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Regular or bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Regular,
    Bold,
}

static REGULAR: LazyLock<Face<'static>> =
    LazyLock::new(|| parse(include_bytes!("../../assets/fonts/DejaVuSans.ttf")));
static BOLD: LazyLock<Face<'static>> =
    LazyLock::new(|| parse(include_bytes!("../../assets/fonts/DejaVuSans-Bold.ttf")));

fn parse(data: &'static [u8]) -> Face<'static> {
    Face::parse(data, 0).expect("the font inside the program is a TrueType file")
}

fn face(weight: Weight) -> &'static Face<'static> {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    }
}

/// One glyph of a line of text, its origin `x` to the right of the line's start and `y` above the baseline in font
/// units, drawn at `scale` times the size of the line.
pub(super) struct Placed {
    pub glyph: u16,
    pub x: f64,
    pub y: f64,
    pub scale: f64,
}

/// Font units in one em.
pub(super) fn units_per_em(weight: Weight) -> f64 {
    f64::from(face(weight).units_per_em())
}

/// The glyphs of one line of text, with pair kerning, and the line's width in font units; what stands between
/// `^{` or `_{` and the next `}` is small and raised or lowered.
pub(super) fn shape(text: &str, weight: Weight) -> (Vec<Placed>, f64) {
    let face = face(weight);
    let mut x = 0.0;
    let mut last: Option<GlyphId> = None;
    let mut line = Vec::with_capacity(text.len());
    let (mut y, mut scale) = (0.0, 1.0);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let level = match character {
            '^' if rest.peek() == Some(&'{') => Some(0.36),
            '_' if rest.peek() == Some(&'{') => Some(-0.16),
            '}' if scale < 1.0 => None,
            _ => {
                // Glyph 0 is the empty box: a character that the font lacks stays visible.
                let glyph = face.glyph_index(character).unwrap_or(GlyphId(0));
                x += scale * last.map_or(0.0, |last| kerning(face, last, glyph));
                line.push(Placed { glyph: glyph.0, x, y, scale });
                x += scale * face.glyph_hor_advance(glyph).map_or(0.0, f64::from);
                last = Some(glyph);
                continue;
            }
        };
        if level.is_some() {
            rest.next();
        }
        y = level.unwrap_or(0.0) * units_per_em(weight);
        scale = if level.is_some() { 0.7 } else { 1.0 };
        last = None;
    }
    (line, x)
}

fn kerning(face: &Face, left: GlyphId, right: GlyphId) -> f64 {
    let table = face.tables().kern.map(|table| table.subtables);
    let pair = table.into_iter().flatten().find_map(|subtable| subtable.glyphs_kerning(left, right));
    pair.map_or(0.0, f64::from)
}

/// The width of one line of text at `size` pixels an em.
pub(super) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    shape(text, weight).1 * size / units_per_em(weight)
}

/// Breaks `text` at spaces (inside a word where it must) into lines of at most `room` pixels.
pub(super) fn wrap(text: &str, size: f64, weight: Weight, room: f64) -> Vec<String> {
    let fits = |line: &str| width(line, size, weight) <= room;
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
            if fits(&longer) {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for character in word.chars() {
                line.push(character);
                if !fits(&line) && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, character.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// `text`, shortened by an ellipsis where it is wider than `room` pixels.
pub(super) fn shorten(text: &str, size: f64, weight: Weight, room: f64) -> String {
    if width(text, size, weight) <= room {
        return text.to_string();
    }
    let mut short = text.to_string();
    while short.pop().is_some() {
        let candidate = format!("{}…", short.trim_end());
        if width(&candidate, size, weight) <= room {
            return candidate;
        }
    }
    "…".to_string()
}

/// The outline of a glyph in font units, y upwards; empty for a space.
pub(super) fn outline(glyph: u16, weight: Weight) -> PathData {
    let mut pen = Pen(PathData::default());
    face(weight).outline_glyph(GlyphId(glyph), &mut pen);
    pen.0
}

struct Pen(PathData);

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.0.push(Segment::Move(f64::from(x), f64::from(y)));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.0.push(Segment::Line(f64::from(x), f64::from(y)));
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.0.push(Segment::Quad(f64::from(x1), f64::from(y1), f64::from(x), f64::from(y)));
    }
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, x: f32, y: f32) {
        // TrueType outlines have no cubic curves; the end point keeps the path whole all the same.
        self.0.0.push(Segment::Line(f64::from(x), f64::from(y)));
    }
    fn close(&mut self) {
        self.0.0.push(Segment::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_have_the_signs_of_the_papers() {
        for weight in [Weight::Regular, Weight::Bold] {
            for character in "ηβσγλθΣµ√∞∂∇ℓ⟨⟩‖²³⁻⁰¹ⁿ₀₁ᵢᵀ−×·≈≤±→…".chars()
            {
                let glyph = face(weight).glyph_index(character);
                assert!(glyph.is_some(), "{character} is missing");
                assert!(!outline(glyph.unwrap().0, weight).0.is_empty(), "{character} has no outline");
            }
        }
    }

    #[test]
    fn widths_add_up_and_kerning_narrows() {
        // DejaVu Sans: the digit zero is 1303 of 2048 units wide.
        assert!((width("0", 2048.0, Weight::Regular) - 1303.0).abs() < 1e-9);
        assert_eq!(width("00", 10.0, Weight::Regular), 2.0 * width("0", 10.0, Weight::Regular));
        let apart = width("A", 10.0, Weight::Regular) + width("V", 10.0, Weight::Regular);
        assert!(width("AV", 10.0, Weight::Regular) < apart);
    }

    #[test]
    fn braces_raise_and_lower() {
        let (line, width) = shape("γ^{2/3}x_{k}}", Weight::Regular);
        let levels: Vec<_> =
            line.iter().map(|placed| (placed.y > 0.0, placed.y < 0.0, placed.scale)).collect();
        let (flat, up, down) = ((false, false, 1.0), (true, false, 0.7), (false, true, 0.7));
        assert_eq!(levels, [flat, up, up, up, flat, down, flat]);
        assert!(width < shape("γ2/3xk}", Weight::Regular).1);
        // Without a brace, or without its end, nothing is lost.
        assert_eq!(shape("a^b_c", Weight::Regular).0.len(), 5);
        assert_eq!(shape("a^{b", Weight::Regular).0.len(), 2);
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing() {
        let text = "a long title with a Wörterbuchverzeichniszeichenfolge and an end";
        let lines = wrap(text, 12.0, Weight::Bold, 90.0);
        assert!(lines.len() > 3);
        assert!(lines.iter().all(|line| width(line, 12.0, Weight::Bold) <= 90.0), "{lines:?}");
        let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(letters(&lines.concat()), letters(text));
        assert_eq!(wrap("", 12.0, Weight::Bold, 90.0).len(), 0);
    }

    #[test]
    fn a_shortened_label_fits_and_says_so() {
        let short = shorten("a label that is far too long", 10.0, Weight::Regular, 60.0);
        assert!(short.ends_with('…') && width(&short, 10.0, Weight::Regular) <= 60.0);
        assert_eq!(shorten("short", 10.0, Weight::Regular, 60.0), "short");
    }
}
