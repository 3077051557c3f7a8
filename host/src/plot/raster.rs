//! A scene as PNG: the same paths as the SVG's, drawn by tiny-skia.

use super::PlotError;
use super::color::Color;
use super::font;
use super::scene::{Anchor, Item, PathData, Scene, Segment, Stroke, Text};
use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, StrokeDash, Transform};

fn paint(color: Color, alpha: f64) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    let alpha = (alpha.clamp(0.0, 1.0) * 255.0).round() as u8;
    paint.set_color_rgba8(color.0, color.1, color.2, alpha);
    paint
}

/// Adds `path`, `scale` times as large and moved by (`right`, `down`).
fn append(builder: &mut PathBuilder, path: &PathData, scale: f64, (right, down): (f64, f64)) {
    let point = |x: f64, y: f64| ((scale * x + right) as f32, (scale * y + down) as f32);
    for segment in &path.0 {
        match *segment {
            Segment::Move(x, y) => {
                let (x, y) = point(x, y);
                builder.move_to(x, y);
            }
            Segment::Line(x, y) => {
                let (x, y) = point(x, y);
                builder.line_to(x, y);
            }
            Segment::Quad(x1, y1, x, y) => {
                let ((x1, y1), (x, y)) = (point(x1, y1), point(x, y));
                builder.quad_to(x1, y1, x, y);
            }
            Segment::Close => builder.close(),
        }
    }
}

fn finished(path: &PathData) -> Option<Path> {
    let mut builder = PathBuilder::new();
    append(&mut builder, path, 1.0, (0.0, 0.0));
    builder.finish()
}

fn skia_stroke(stroke: &Stroke) -> tiny_skia::Stroke {
    tiny_skia::Stroke {
        width: stroke.width as f32,
        line_cap: if stroke.round { LineCap::Round } else { LineCap::Butt },
        line_join: if stroke.round { LineJoin::Round } else { LineJoin::Miter },
        dash: StrokeDash::new(stroke.dashes.iter().map(|&d| d as f32).collect(), 0.0),
        ..tiny_skia::Stroke::default()
    }
}

fn draw_text(map: &mut Pixmap, text: &Text, base: Transform, mask: Option<&Mask>) {
    let (line, width) = font::shape(&text.text, text.weight);
    let shift = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * width,
        Anchor::End => -width,
    };
    let mut builder = PathBuilder::new();
    for placed in line {
        append(
            &mut builder,
            &font::outline(placed.glyph, text.weight),
            placed.scale,
            (placed.x + shift, placed.y),
        );
    }
    let Some(path) = builder.finish() else { return };
    let scale = (text.size / font::units_per_em(text.weight)) as f32;
    let (x, y) = (text.x as f32, text.y as f32);
    let place = if text.upwards {
        // A quarter turn to the left after flipping y: (u, v) goes to (x - v·s, y - u·s).
        Transform::from_row(0.0, -scale, -scale, 0.0, x, y)
    } else {
        Transform::from_row(scale, 0.0, 0.0, -scale, x, y)
    };
    map.fill_path(&path, &paint(text.color, 1.0), FillRule::Winding, base.pre_concat(place), mask);
}

fn draw(map: &mut Pixmap, items: &[Item], base: Transform, mask: Option<&Mask>) {
    for item in items {
        match item {
            Item::Fill { path, color, alpha } => {
                if let Some(path) = finished(path) {
                    map.fill_path(&path, &paint(*color, *alpha), FillRule::Winding, base, mask);
                }
            }
            Item::Stroke { path, stroke } => {
                if let Some(path) = finished(path) {
                    let paint = paint(stroke.color, stroke.alpha);
                    map.stroke_path(&path, &paint, &skia_stroke(stroke), base, mask);
                }
            }
            Item::Text(text) => draw_text(map, text, base, mask),
            Item::Clip { rect, items } => {
                let inner = Mask::new(map.width(), map.height()).zip(finished(&rect.path()));
                if let Some((mut inner, path)) = inner {
                    inner.fill_path(&path, FillRule::Winding, true, base);
                    draw(map, items, base, Some(&inner));
                }
            }
        }
    }
}

/// The scene as a PNG file's bytes, eight bits of red, green and blue a pixel.
pub(super) fn render(scene: &Scene) -> Result<Vec<u8>, PlotError> {
    let (width, height) = scene.pixels();
    let mut map = Pixmap::new(width, height).ok_or(PlotError::Size { width, height })?;
    map.fill(tiny_skia::Color::WHITE);
    let scale = Scene::SCALE as f32;
    draw(&mut map, &scene.items, Transform::from_scale(scale, scale), None);
    // On a white ground every pixel is opaque: the fourth channel says nothing.
    let rgb: Vec<u8> = map.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Flat colours and repeated glyphs: the compressor finds more without a filter.
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::font::Weight;
    use crate::plot::scene::Rect;

    /// Whether the pixel at (x, y) of the scene's coordinates is dark, in a picture 40 by 40.
    fn dark(items: Vec<Item>) -> impl Fn(usize, usize) -> bool {
        let scene = Scene { width: 40.0, height: 40.0, title: String::new(), items };
        let file = render(&scene).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        move |x, y| pixels[3 * (2 * y * 80 + 2 * x)] < 0x80
    }

    fn letter(upwards: bool) -> Item {
        let (text, weight, anchor) = ("L".to_string(), Weight::Bold, Anchor::Start);
        Item::Text(Text { x: 20.0, y: 30.0, text, size: 20.0, weight, color: Color::INK, anchor, upwards })
    }

    #[test]
    fn text_stands_on_its_baseline_or_reads_upwards() {
        let upright = dark(vec![letter(false)]);
        assert!(upright(23, 17) && upright(23, 28) && upright(30, 28), "stem and foot");
        assert!(!upright(30, 17) && !upright(23, 32) && !upright(17, 28));
        let upwards = dark(vec![letter(true)]);
        assert!(upwards(7, 26) && upwards(18, 26) && upwards(18, 19), "stem and foot");
        assert!(!upwards(7, 19) && !upwards(22, 26) && !upwards(18, 33));
    }

    #[test]
    fn clipped_items_end_at_the_rectangle() {
        let all = Rect { x: 0.0, y: 0.0, width: 40.0, height: 40.0 };
        let rect = Rect { x: 10.0, y: 5.0, width: 20.0, height: 10.0 };
        let fill = Item::Fill { path: all.path(), color: Color::INK, alpha: 1.0 };
        let inside = dark(vec![Item::Clip { rect, items: vec![fill] }]);
        assert!(inside(10, 5) && inside(29, 14));
        assert!(!inside(9, 10) && !inside(30, 10) && !inside(20, 4) && !inside(20, 15));
    }
}
