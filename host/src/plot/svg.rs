//! A scene as SVG text: glyphs as shared outlines, clipping by nested viewports, no style sheet, no script.

use super::font::{self, Weight};
use super::scene::{Anchor, Item, PathData, Scene, Segment, Stroke, Text};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// `value` to a hundredth, without trailing zeros or a negative zero.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// `text` for an attribute or an element: markup escaped, characters that XML forbids left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}

/// `value` as the next number of a path: no zero before the point, no space before a minus sign.
fn push_number(out: &mut String, value: f64) {
    let text = number(value);
    let short = match text.strip_prefix("-0.") {
        Some(places) => format!("-.{places}"),
        None => text.strip_prefix("0.").map_or(text.clone(), |places| format!(".{places}")),
    };
    if !short.starts_with('-') && out.ends_with(|last: char| last.is_ascii_digit()) {
        out.push(' ');
    }
    out.push_str(&short);
}

/// A path's commands; lines go by differences, which are shorter to write.
fn path_data(path: &PathData) -> String {
    let mut out = String::new();
    let mut last = (0.0, 0.0);
    let mut command = |letter: char, numbers: &[f64]| {
        out.push(letter);
        numbers.iter().for_each(|&value| push_number(&mut out, value));
    };
    for segment in &path.0 {
        match *segment {
            Segment::Move(x, y) => {
                command('M', &[x, y]);
                last = (x, y);
            }
            Segment::Line(x, y) => {
                let (right, down) = (x - last.0, y - last.1);
                match (number(right).as_str(), number(down).as_str()) {
                    (_, "0") => command('h', &[right]),
                    ("0", _) => command('v', &[down]),
                    _ => command('l', &[right, down]),
                }
                last = (x, y);
            }
            Segment::Quad(x1, y1, x, y) => {
                command('q', &[x1 - last.0, y1 - last.1, x - last.0, y - last.1]);
                last = (x, y);
            }
            Segment::Close => command('Z', &[]),
        }
    }
    out
}

fn opacity(name: &str, alpha: f64) -> String {
    if alpha < 1.0 { format!(" {name}=\"{}\"", number(alpha)) } else { String::new() }
}

fn stroke_attributes(stroke: &Stroke) -> String {
    let mut out = format!(
        "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}",
        stroke.color.hex(),
        number(stroke.width),
        opacity("stroke-opacity", stroke.alpha)
    );
    if !stroke.dashes.is_empty() {
        let dashes: Vec<String> = stroke.dashes.iter().map(|&d| number(d)).collect();
        let _ = write!(out, " stroke-dasharray=\"{}\"", dashes.join(" "));
    }
    if stroke.round {
        out.push_str(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
    }
    out
}

fn glyph_name(glyph: u16, weight: Weight) -> String {
    // The outlines are the same in every figure of this program, so equal names in one page do no harm.
    match weight {
        Weight::Regular => format!("pg{glyph}"),
        Weight::Bold => format!("pb{glyph}"),
    }
}

fn draw_text(out: &mut String, used: &mut BTreeSet<(Weight, u16)>, text: &Text) {
    let (line, width) = font::shape(&text.text, text.weight);
    let scale = text.size / font::units_per_em(text.weight);
    let shift = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * width,
        Anchor::End => -width,
    };
    let turn = if text.upwards { "rotate(-90)" } else { "" };
    let _ = write!(
        out,
        "<g role=\"img\" aria-label=\"{}\" fill=\"{}\" transform=\"translate({} {}){turn}scale({scale:.6} {:.6})\">",
        escape(&text.text),
        text.color.hex(),
        number(text.x),
        number(text.y),
        -scale
    );
    for placed in line {
        if font::outline(placed.glyph, text.weight).is_empty() {
            continue;
        }
        used.insert((text.weight, placed.glyph));
        let (name, x) = (glyph_name(placed.glyph, text.weight), number(placed.x + shift));
        let _ = if placed.scale == 1.0 {
            write!(out, "<use href=\"#{name}\" x=\"{x}\"/>")
        } else {
            let (y, scale) = (number(placed.y), placed.scale);
            write!(out, "<use href=\"#{name}\" transform=\"translate({x} {y})scale({scale})\"/>")
        };
    }
    out.push_str("</g>\n");
}

fn draw(out: &mut String, used: &mut BTreeSet<(Weight, u16)>, items: &[Item]) {
    for item in items {
        match item {
            Item::Fill { path, color, alpha } => {
                let fade = opacity("fill-opacity", *alpha);
                let _ = writeln!(out, "<path fill=\"{}\"{fade} d=\"{}\"/>", color.hex(), path_data(path));
            }
            Item::Stroke { path, stroke } => {
                let _ = writeln!(out, "<path {} d=\"{}\"/>", stroke_attributes(stroke), path_data(path));
            }
            Item::Text(text) => draw_text(out, used, text),
            Item::Clip { rect, items } => {
                let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(number);
                let _ = writeln!(
                    out,
                    "<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
                     viewBox=\"{x} {y} {width} {height}\" overflow=\"hidden\">"
                );
                draw(out, used, items);
                out.push_str("</svg>\n");
            }
        }
    }
}

/// The scene as a complete SVG document.
pub(super) fn render(scene: &Scene) -> String {
    let mut body = String::new();
    let mut used = BTreeSet::new();
    draw(&mut body, &mut used, &scene.items);
    let (width, height) = (number(scene.width), number(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<defs>\n",
        escape(&scene.title)
    );
    for (weight, glyph) in used {
        let outline = path_data(&font::outline(glyph, weight));
        let _ = writeln!(out, "<path id=\"{}\" d=\"{outline}\"/>", glyph_name(glyph, weight));
    }
    let _ = writeln!(out, "</defs>\n<path fill=\"#ffffff\" d=\"M0 0H{width}V{height}H0Z\"/>");
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Rect;

    #[test]
    fn numbers_are_short_and_never_a_negative_zero() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(12.340), "12.34");
        assert_eq!(number(-100.0), "-100");
    }

    #[test]
    fn markup_and_control_characters_are_harmless() {
        assert_eq!(escape("a<b & \"c\"\u{7}\n"), "a&lt;b &amp; &quot;c&quot; ");
    }

    #[test]
    fn paths_use_the_short_commands() {
        let rect = Rect { x: 1.0, y: 2.0, width: 3.0, height: 4.5 };
        assert_eq!(path_data(&rect.path()), "M1 2h3v4.5h-3Z");
        let mut dot = PathData::default();
        dot.dot(1.234, 5.0);
        assert_eq!(path_data(&dot), "M1.23 5h0");
        let line = PathData::polyline(&[(0.5, 0.25), (0.75, 0.0), (0.25, 2.0)], false);
        assert_eq!(path_data(&line), "M.5 .25l.25-.25l-.5 2");
    }
}
