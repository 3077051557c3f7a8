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

/// One glyph of a line of text, `x` font units from the line's start.
pub(super) struct Placed {
    pub glyph: u16,
    pub x: i32,
}

/// Font units in one em.
pub(super) fn units_per_em(weight: Weight) -> f64 {
    f64::from(face(weight).units_per_em())
}

/// The glyphs of one line of text, with pair kerning, and the line's width in font units.
pub(super) fn shape(text: &str, weight: Weight) -> (Vec<Placed>, i32) {
    let face = face(weight);
    let mut x = 0_i32;
    let mut last: Option<GlyphId> = None;
    let mut line = Vec::with_capacity(text.len());
    for character in text.chars() {
        // Glyph 0 is the empty box: a character that the font lacks stays visible.
        let glyph = face.glyph_index(character).unwrap_or(GlyphId(0));
        if let (Some(last), Some(table)) = (last, face.tables().kern) {
            x += table
                .subtables
                .into_iter()
                .find_map(|subtable| subtable.glyphs_kerning(last, glyph))
                .map_or(0, i32::from);
        }
        line.push(Placed { glyph: glyph.0, x });
        x += face.glyph_hor_advance(glyph).map_or(0, i32::from);
        last = Some(glyph);
    }
    (line, x)
}

/// The width of one line of text at `size` pixels an em.
pub(super) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    f64::from(shape(text, weight).1) * size / units_per_em(weight)
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
