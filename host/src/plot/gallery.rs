//! Tests of whole figures, on the kinds that this program draws. `POLYAK_GALLERY=DIR` keeps the pictures there.

use super::*;

/// A deterministic stand-in for noise: normal-looking numbers from a small linear congruential generator.
fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
}

const RUNS: [&str; 4] = ["SGD", "SGDM (β = 0.9)", "SGD, SVAG(4)", "SGDM (β = 0.9), SVAG(4)"];

fn curves() -> Figure {
    let steps: Vec<f64> = (0..=1000).map(f64::from).collect();
    let mut figure = Figure::new("Momentum and plain SGD: the same cloud by different paths").subtitle(
        "quadratic in 8 dimensions, η = 0.01, σ = 1/√η, 65 536 trajectories; bands: ±2 standard errors",
    );
    let quantities = [("Mean loss", "E L(x)", true), ("Mean, coordinate 1", "E x₁", false)];
    let more = [("Variance, coordinate 1", "Var x₁", false), ("‖E x‖², logarithmic", "‖E x‖²", true)];
    for (which, (title, label, log)) in quantities.into_iter().chain(more).enumerate() {
        let axis = if log { Axis::log(label) } else { Axis::linear(label) };
        let mut panel = Panel::new(title, Axis::linear("time ηk"), axis);
        for (run, name) in RUNS.iter().enumerate() {
            let rate = 0.004 * (1.0 + 0.4 * run as f64);
            let shape = |k: f64| {
                let decay = libm::exp(-rate * k) * if run % 2 == 1 { libm::cos(0.02 * k) } else { 1.0 };
                match which {
                    0 => 0.5 * decay * decay + 0.02 + 0.002 * run as f64,
                    1 => decay,
                    2 => 0.05 * (1.0 - libm::exp(-2.0 * rate * k)),
                    _ => decay * decay + 1e-9,
                }
            };
            let exact: Vec<f64> = steps.iter().map(|&k| shape(k)).collect();
            let wobble = noise((which * 4 + run) as u64 + 1, steps.len());
            let mean: Vec<f64> = exact.iter().zip(&wobble).map(|(e, w)| e + 0.006 * e.abs() * w).collect();
            let error: Vec<f64> = exact.iter().map(|e| 0.006 + 0.02 * e.abs()).collect();
            let time: Vec<f64> = steps.iter().map(|k| 0.01 * k).collect();
            panel = panel
                .with_all(Series::banded(name, Color::cycle(run), time.clone(), mean, &error))
                .with(Series::theory(time, exact).label("exact recursion"));
        }
        figure = figure.with(panel);
    }
    figure
}

fn clouds() -> Figure {
    let mut panels = Vec::new();
    for (title, slope) in [("Halfway: k = 100", 0.8), ("At the end: k = 1000", 0.0)] {
        let mut panel = Panel::new(title, Axis::linear("x₁"), Axis::linear("x₂"));
        let mut ellipses = Vec::new();
        for (run, name) in ["SGD", "SGDM (β = 0.9)"].into_iter().enumerate() {
            let sign = if run == 0 { 1.0 } else { -1.0 };
            let (a, b) = (noise(run as u64 + 11, 4000), noise(run as u64 + 21, 4000));
            let x: Vec<f64> = a.iter().map(|a| 0.3 * a + sign * slope * 0.3).collect();
            let y: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 0.1 * (sign * slope * a + 0.6 * b)).collect();
            let covariance =
                [[0.09, 0.03 * sign * slope], [0.03 * sign * slope, 0.01 * (slope * slope + 0.36)]];
            let color = Color::cycle(run);
            panel = panel.with(Series::points(x, y).label(name).color(color));
            ellipses
                .push(Series::ellipse([sign * slope * 0.3, 0.0], covariance, 2.0).label(name).color(color));
        }
        panel.series.extend(ellipses);
        panels.push(panel);
    }
    let figure =
        Figure::new("Final states of two ensembles").subtitle("4000 of each; ellipses: mean and 2 σ");
    Figure { panels, ..figure }
}

fn histograms() -> Figure {
    let mut panel = Panel::new("", Axis::linear("loss L(x) at the last step"), Axis::linear("density"));
    for (run, name) in ["SGD", "SGDM (β = 0.9)", "SGDM (β = 0.99)"].into_iter().enumerate() {
        let edges: Vec<f64> = (0..=60).map(|i| f64::from(i) * 2e-6).collect();
        let mut counts = vec![0.0; 60];
        for z in noise(run as u64 + 31, 20_000) {
            let loss = (0.5 + 0.1 * run as f64) * z * z * 2e-5 + 1e-5 * run as f64;
            if let Some(bin) = counts.get_mut((loss / 2e-6) as usize) {
                *bin += 1.0 / (20_000.0 * 2e-6);
            }
        }
        panel = panel.with(Series::histogram(edges, counts).label(name).color(Color::cycle(run)));
    }
    Figure::new("Loss at the end").with(panel.with(Series::vertical(2.4e-5).label("mean of theory")))
}

fn slopes() -> Figure {
    let rates: Vec<f64> = (0..8).map(|i| libm::exp2(-f64::from(i) - 2.0)).collect();
    let mut panel = Panel::new(
        "Weak error against the learning rate",
        Axis::log("learning rate η"),
        Axis::log("largest difference of second moments  maxₖ |E xxᵀ − E x̃x̃ᵀ|"),
    )
    .legend(Legend::Own);
    for (run, (name, order)) in
        [("α = 0: slope 1.02 ± 0.03", 1.0), ("α = ½: slope 0.49 ± 0.02", 0.5)].iter().enumerate()
    {
        let wobble = noise(run as u64 + 41, rates.len());
        let value: Vec<f64> =
            rates.iter().zip(&wobble).map(|(&r, w)| libm::pow(r, *order) * 0.3 * (1.0 + 0.08 * w)).collect();
        let error: Vec<f64> = rates.iter().zip(&value).map(|(&r, v)| v * (0.05 + 0.004 / r)).collect();
        let law: Vec<f64> = rates.iter().map(|&r| libm::pow(r, *order) * 0.3).collect();
        panel = panel
            .with(Series::error_bars(rates.clone(), value, &error).label(*name).color(Color::cycle(run)))
            .with(Series::theory(rates.clone(), law).label(if *order == 1.0 {
                "∝ η"
            } else {
                "∝ η^{1/2}"
            }));
    }
    Figure::new("").with(panel)
}

/// Everything awkward at once.
fn trouble() -> Figure {
    let nan = f64::NAN;
    Figure::new("A very long title ".repeat(9))
        .subtitle("markup <b>&amp;</b> \"quoted\" and 漢字 that the font lacks")
        .with(Panel::new("", Axis::linear(""), Axis::log("")))
        .with(
            Panel::new("All NaN", Axis::log("x"), Axis::linear("y"))
                .with(
                    Series::line([1.0, nan], [nan, 1.0])
                        .label("a run with a name that never ends ".repeat(8)),
                )
                .with(Series::band([nan], [1.0], [2.0]))
                .with(Series::points([], []))
                .with(Series::histogram([], [])),
        )
        .with(
            Panel::new(
                "Gaps and infinities",
                Axis::linear("x"),
                Axis::linear("a label as long as this ".repeat(4)),
            )
            .with(Series::line(
                [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
                [1.0, 2.0, nan, 3.0, f64::INFINITY, -1.0, 0.0],
            ))
            .with(Series::line([0.0, 6.0], [1e250, -1e250]).color(Color::cycle(1)))
            .with(Series::ellipse([3.0, 0.0], [[nan, 0.0], [0.0, 1.0]], 2.0)),
        )
        .with(
            Panel::new(
                "Log axis, values ≤ 0",
                Axis::log("x, a label as long as this one ".repeat(3)),
                Axis::log("y"),
            )
            .with(Series::line([-1.0, 0.0, 1.0, 1e9], [1.0, 1.0, 1e-12, 1e12]))
            .with(Series::error_bars([1.0, 1e3, 1e6], [1.0, 1e3, -1.0], &[2.0, 10.0, 1.0])),
        )
        .with(
            Panel::new("Narrow", Axis::linear("a label that would run into the factor"), Axis::linear("y"))
                .with(Series::line([0.0, 1e-9], [1.000_000_1, 1.000_000_2])),
        )
        .with(
            Panel::new("A long heading, its own legend, a crowd", Axis::linear("x"), Axis::linear("y"))
                .legend(Legend::Own)
                .with(Series::points(noise(51, 70_000), noise(52, 70_000)).label("seventy thousand of a run"))
                .with_all((1..4).map(|i| {
                    let shift = 1e-3 * i as f64;
                    let ellipse = Series::ellipse([shift, 0.0], [[1.0, 0.0], [0.0, 1.0]], 2.0);
                    ellipse.label(format!("ensemble {i}")).color(Color::cycle(i))
                })),
        )
}

fn all() -> [(&'static str, Figure); 5] {
    [
        ("curves", curves()),
        ("clouds", clouds()),
        ("histograms", histograms()),
        ("slopes", slopes()),
        ("trouble", trouble()),
    ]
}

fn decode(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width, info.height, pixels)
}

#[test]
fn both_files_are_whole_and_repeatable() {
    for (name, figure) in all() {
        let (svg, file) = (figure.to_svg().unwrap(), figure.to_png().unwrap());
        assert!(svg == figure.to_svg().unwrap() && file == figure.to_png().unwrap(), "{name} changes");
        if let Some(folder) = std::env::var_os("POLYAK_GALLERY") {
            figure.write(Path::new(&folder).join(name)).unwrap();
        }
        let document = roxmltree::Document::parse(&svg).unwrap();
        let root = document.root_element();
        let (width, height, _) = decode(&file);
        assert_eq!(figure.pixels().unwrap(), (width, height));
        assert_eq!(root.attribute("width"), Some((width / 2).to_string().as_str()));
        assert_eq!(root.attribute("height"), Some((height / 2).to_string().as_str()));
        for path in document.descendants().filter_map(|node| node.attribute("d")) {
            assert!(!path.contains("NaN") && !path.contains("inf"), "{name}: {path}");
        }
        // Every glyph that is used is there.
        let ids: std::collections::HashSet<_> =
            document.descendants().filter_map(|node| node.attribute("id")).collect();
        for used in document.descendants().filter(|node| node.tag_name().name() == "use") {
            let target = used.attribute("href").and_then(|href| href.strip_prefix('#')).unwrap();
            assert!(ids.contains(target), "{name}: {target}");
        }
    }
}

/// Pixels of nearly `color` in the PNG within a rectangle of the SVG's coordinates.
fn count(file: &[u8], color: Color, [x, y, width, height]: [f64; 4]) -> usize {
    let (across, _, pixels) = decode(file);
    let near = |a: u8, b: u8| a.abs_diff(b) < 12;
    let mut found = 0;
    for row in (2.0 * y) as usize..(2.0 * (y + height)) as usize {
        for column in (2.0 * x) as usize..(2.0 * (x + width)) as usize {
            let at = 3 * (row * across as usize + column);
            let pixel = &pixels[at..at + 3];
            found +=
                usize::from(near(pixel[0], color.0) && near(pixel[1], color.1) && near(pixel[2], color.2));
        }
    }
    found
}

/// The plot areas, as the SVG says.
fn plots(svg: &str) -> Vec<[f64; 4]> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let nested =
        document.descendants().filter(|n| n.tag_name().name() == "svg" && n.attribute("x").is_some());
    nested.map(|n| ["x", "y", "width", "height"].map(|a| n.attribute(a).unwrap().parse().unwrap())).collect()
}

#[test]
fn every_run_leaves_its_colour_in_every_panel() {
    let figure = curves();
    let (svg, file) = (figure.to_svg().unwrap(), figure.to_png().unwrap());
    let areas = plots(&svg);
    assert_eq!(areas.len(), 4);
    for area in areas {
        for run in 0..4 {
            let seen = count(&file, Color::cycle(run), area);
            assert!(seen > 150, "run {run} in {area:?}: {seen} pixels");
        }
        assert!(count(&file, Color::INK, area) > 150, "theory in {area:?}");
        assert_eq!(count(&file, Color::cycle(4), area), 0);
    }
}

/// Where a line of text is: left, top, right, bottom.
fn bounds(text: &scene::Text) -> [f64; 4] {
    let width = font::width(&text.text, text.size, text.weight);
    let back = match text.anchor {
        scene::Anchor::Start => 0.0,
        scene::Anchor::Middle => 0.5 * width,
        scene::Anchor::End => width,
    };
    let (low, high) = (-0.22 * text.size, 0.75 * text.size);
    if text.upwards {
        [text.x - high, text.y + back - width, text.x - low, text.y + back]
    } else {
        [text.x - back, text.y - high, text.x - back + width, text.y - low]
    }
}

fn apart(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] >= b[2] || a[2] <= b[0] || a[1] >= b[3] || a[3] <= b[1]
}

#[test]
fn no_text_is_cut_or_covers_data_or_other_text() {
    for (name, figure) in all() {
        let areas = plots(&figure.to_svg().unwrap()).into_iter().map(|[x, y, w, h]| [x, y, x + w, y + h]);
        let areas: Vec<_> = areas.collect();
        let scene = layout::scene(&figure).unwrap();
        let texts = scene.items.iter().filter_map(|item| match item {
            scene::Item::Text(text) if text.text != "no data" => Some((bounds(text), &text.text)),
            _ => None,
        });
        let texts: Vec<_> = texts.collect();
        assert!(texts.len() > 10);
        for (i, &(at, text)) in texts.iter().enumerate() {
            let inside = at[0] >= 0.0 && at[1] >= 0.0 && at[2] <= scene.width && at[3] <= scene.height;
            assert!(inside, "{name}: {text:?} is cut");
            assert!(areas.iter().all(|&area| apart(at, area)), "{name}: {text:?} covers data");
            for &(other, words) in &texts[..i] {
                assert!(apart(at, other), "{name}: {text:?} covers {words:?}");
            }
        }
    }
}

#[test]
fn every_text_is_ink_in_the_png_where_the_layout_put_it() {
    for (name, figure) in [("curves", curves()), ("slopes", slopes()), ("trouble", trouble())] {
        let (across, _, pixels) = decode(&figure.to_png().unwrap());
        for item in layout::scene(&figure).unwrap().items {
            let scene::Item::Text(text) = item else { continue };
            let [left, top, right, bottom] = bounds(&text).map(|at| (2.0 * at) as usize);
            let dark = (top..bottom)
                .flat_map(|row| (left..right).map(move |column| 3 * (row * across as usize + column)))
                .filter(|&at| pixels[at..at + 3].iter().all(|&channel| channel < 0xb0))
                .count();
            let letters = text.text.chars().filter(|c| !c.is_whitespace()).count();
            assert!(dark >= 4 * letters, "{name}: {dark} dark pixels of {text:?}");
        }
    }
}

#[test]
fn a_figure_that_cannot_be_drawn_says_why() {
    let panel = |series| Figure::new("").with(Panel::default()).with(Panel::default().with(series));
    let message = panel(Series::line([1.0], [])).to_svg().unwrap_err().to_string();
    assert_eq!(message, "panel 2, series 1: lengths disagree: 1 x, 0 y");
    let reversed = Figure::new("").with(Panel::new("", Axis::linear("").range(1.0, 0.0), Axis::linear("")));
    assert!(matches!(reversed.to_png(), Err(PlotError::Range { panel: 1, axis: 'x' })));
    let endless = Figure { panels: vec![Panel::default(); 400], columns: 1, ..Figure::default() };
    assert!(matches!(endless.to_svg(), Err(PlotError::Size { .. })));
    assert!(Figure::default().to_png().is_ok());
}

#[test]
fn files_appear_whole_or_not_at_all() {
    let folder = std::env::temp_dir().join(format!("polyak-plot-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let figure = slopes();
    let [svg, png] = figure.write(folder.join("η 0.1")).unwrap();
    assert!(svg.ends_with("η 0.1.svg") && png.ends_with("η 0.1.png"));
    assert_eq!(std::fs::read_to_string(&svg).unwrap(), figure.to_svg().unwrap());
    assert_eq!(std::fs::read(&png).unwrap(), figure.to_png().unwrap());
    // A folder stands where the file should be: an error with its name, and nothing left behind.
    std::fs::create_dir(folder.join("taken.svg")).unwrap();
    let error = figure.write(folder.join("taken")).unwrap_err();
    assert!(error.to_string().contains("taken.svg"), "{error}");
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}
