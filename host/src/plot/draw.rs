//! From series to paths.

use super::axis::Map;
use super::color::Color;
use super::scene::{Item, PathData, Stroke};
use super::series::{Dash, Mark, Series};

/// Dots of one cloud are drawn in this many turns, taking turns with the other clouds of the panel, so that none
/// hides another and crowded places are darker.
const TURNS: usize = 8;

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

/// The outline and centre of an ellipse, the panel's `order`-th. Ellipses that coincide show in turns: the first is
/// unbroken, each later one has wider gaps, and every other centre is turned.
fn outlined(order: usize, series: &Series, outline: PathData, centre: Option<(f64, f64)>) -> [Item; 2] {
    let dashes: &[f64] = match order {
        _ if series.dash != Dash::Solid => dashes(series.dash),
        0 => &[],
        1 => &[7.0, 7.0],
        2 => &[4.0, 10.0],
        _ => &[2.0, 12.0],
    };
    let mut cross = PathData::default();
    if let Some((x, y)) = centre {
        let (straight, slanted) = if order.is_multiple_of(2) { (4.0, 0.0) } else { (3.0, 3.0) };
        cross.move_to(x - straight, y - slanted);
        cross.line_to(x + straight, y + slanted);
        cross.move_to(x + slanted, y - straight);
        cross.line_to(x - slanted, y + straight);
    }
    [
        Item::Stroke {
            path: outline,
            stroke: Stroke { dashes, ..Stroke::solid(series.color, series.width) },
        },
        Item::Stroke { path: cross, stroke: Stroke::solid(series.color, series.width) },
    ]
}

/// White lines under `items` keep them visible over a cloud.
fn casings(items: &[Item]) -> Vec<Item> {
    let casing = |item: &Item| match item {
        Item::Stroke { path, stroke } => Some(Item::Stroke {
            path: path.clone(),
            stroke: Stroke { alpha: 0.75, ..Stroke::solid(Color::WHITE, stroke.width + 2.0) },
        }),
        _ => None,
    };
    items.iter().filter_map(casing).collect()
}

/// The stretches of `points` between gaps.
fn runs<P: Copy>(points: impl Iterator<Item = P>, whole: impl Fn(P) -> bool) -> Vec<Vec<P>> {
    let mut runs = vec![Vec::new()];
    for point in points {
        if !whole(point) {
            runs.push(Vec::new());
        } else if let Some(run) = runs.last_mut() {
            run.push(point);
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// The most pixels by which a simplified curve leaves the true one.
const TOLERANCE: f64 = 0.03;

/// Fewer points for the same picture: of each half pixel's column the first, lowest, highest and last, and of
/// those none that lies on the line between its neighbours.
fn thin(run: &[(f64, f64)]) -> Vec<(f64, f64)> {
    straighten(&columns(run))
}

/// Ramer, Douglas and Peucker: keeps the point farthest from the chord where it is off by more than the tolerance.
fn straighten(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = vec![false; points.len()];
    let mut open = vec![(0, points.len().saturating_sub(1))];
    while let Some((first, last)) = open.pop() {
        let (Some(&a), Some(&b)) = (points.get(first), points.get(last)) else { break };
        (kept[first], kept[last]) = (true, true);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let square = dx * dx + dy * dy;
        let distance = |p: (f64, f64)| {
            let along = if square > 0.0 { ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square } else { 0.0 };
            let along = along.clamp(0.0, 1.0);
            let (x, y) = (p.0 - a.0 - along * dx, p.1 - a.1 - along * dy);
            x * x + y * y
        };
        let mut farthest = (TOLERANCE * TOLERANCE, None);
        for (i, &point) in points.iter().enumerate().take(last).skip(first + 1) {
            let off = distance(point);
            if off > farthest.0 {
                farthest = (off, Some(i));
            }
        }
        if let Some(i) = farthest.1 {
            open.push((first, i));
            open.push((i, last));
        }
    }
    points.iter().zip(kept).filter_map(|(&point, kept)| kept.then_some(point)).collect()
}

fn columns(run: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    for column in run.chunk_by(|a, b| (2.0 * a.0).floor() == (2.0 * b.0).floor()) {
        if column.len() <= 4 {
            out.extend_from_slice(column);
            continue;
        }
        let mut kept = [0, 0, 0, column.len() - 1];
        for (i, point) in column.iter().enumerate() {
            if point.1 < column[kept[1]].1 {
                kept[1] = i;
            }
            if point.1 > column[kept[2]].1 {
                kept[2] = i;
            }
        }
        kept.sort_unstable();
        let mut last = usize::MAX;
        for i in kept {
            if i != last {
                out.push(column[i]);
            }
            last = i;
        }
    }
    out
}

fn line(x: &[f64], y: &[f64], horizontal: Map, vertical: Map) -> PathData {
    let pixels = x.iter().zip(y).map(|(&x, &y)| (horizontal.pixel(x), vertical.pixel(y)));
    let mut path = PathData::default();
    for run in runs(pixels, |(x, y)| x.is_finite() && y.is_finite()) {
        match run[..] {
            [(x, y)] => path.dot(x, y),
            _ => path.0.extend(PathData::polyline(&thin(&run), false).0),
        }
    }
    path
}

fn band(x: &[f64], low: &[f64], high: &[f64], horizontal: Map, vertical: Map) -> PathData {
    let pixels = x
        .iter()
        .zip(low.iter().zip(high))
        .map(|(&x, (&low, &high))| (horizontal.pixel(x), vertical.lower_pixel(low), vertical.pixel(high)));
    let mut path = PathData::default();
    for run in runs(pixels, |(x, low, high)| x.is_finite() && low.is_finite() && high.is_finite()) {
        let mut edge = thin(&run.iter().map(|p| (p.0, p.2)).collect::<Vec<_>>());
        edge.extend(thin(&run.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>()).into_iter().rev());
        path.0.extend(PathData::polyline(&edge, true).0);
    }
    path
}

/// The outline of a histogram and the area below it.
fn steps(edges: &[f64], counts: &[f64], horizontal: Map, vertical: Map) -> (PathData, PathData) {
    let ground = vertical.lower_pixel(0.0);
    let bins = edges.windows(2).zip(counts).map(|(edge, &count)| {
        (horizontal.pixel(edge[0]), horizontal.pixel(edge[1]), vertical.lower_pixel(count))
    });
    let (mut outline, mut area) = (PathData::default(), PathData::default());
    // Empty bins have neither outline nor area: each stretch between them is drawn from the ground up.
    for run in runs(bins, |(left, right, top)| {
        left.is_finite() && right.is_finite() && top.is_finite() && top != ground
    }) {
        let mut points = vec![(run[0].0, ground)];
        for &(left, right, top) in &run {
            if points.last().is_none_or(|&(_, y)| y != top) {
                points.push((left, top));
            }
            points.push((right, top));
        }
        points.push((run[run.len() - 1].1, ground));
        outline.0.extend(PathData::polyline(&points, false).0);
        area.0.extend(PathData::polyline(&points, true).0);
    }
    (outline, area)
}

/// The ellipse mean + sigmas · L·(cos t, sin t) with L·Lᵀ = covariance; empty where there is none.
fn ellipse(
    mean: [f64; 2],
    covariance: [[f64; 2]; 2],
    sigmas: f64,
    horizontal: Map,
    vertical: Map,
) -> PathData {
    const SIDES: u32 = 120;
    let first = covariance[0][0].sqrt();
    let cross = if first > 0.0 { covariance[0][1] / first } else { 0.0 };
    let second = (covariance[1][1] - cross * cross).max(0.0).sqrt();
    let points: Vec<_> = (0..SIDES)
        .map(|side| {
            let angle = std::f64::consts::TAU * f64::from(side) / f64::from(SIDES);
            let (sin, cos) = (libm::sin(angle), libm::cos(angle));
            let x = mean[0] + sigmas * first * cos;
            let y = mean[1] + sigmas * (cross * cos + second * sin);
            (horizontal.pixel(x), vertical.pixel(y))
        })
        .collect();
    if points.iter().all(|(x, y)| x.is_finite() && y.is_finite()) {
        PathData::polyline(&points, true)
    } else {
        PathData::default()
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

/// Every how manieth dot of a cloud of `count` is drawn.
fn stride(count: usize) -> usize {
    count.div_ceil(Series::MOST_POINTS).max(1)
}

/// What a reader must know about dots that are not drawn.
pub(super) fn note(series: &Series) -> Option<String> {
    let Mark::Points { x, y, .. } = &series.mark else { return None };
    let name = series.label.as_deref().map(|label| format!("{label}: ")).unwrap_or_default();
    let lost = x.iter().zip(y).filter(|(x, y)| !x.is_finite() || !y.is_finite()).count();
    let thinned = (stride(x.len()) > 1)
        .then(|| format!("{} of {} points drawn", x.len().div_ceil(stride(x.len())), x.len()));
    let lost = (lost > 0).then(|| format!("{lost} not finite"));
    let notes: Vec<String> = thinned.into_iter().chain(lost).collect();
    (!notes.is_empty()).then(|| format!("{name}{}", notes.join(", ")))
}

/// The dots of one turn of a cloud.
fn dots(x: &[f64], y: &[f64], turn: usize, horizontal: Map, vertical: Map) -> PathData {
    let mut path = PathData::default();
    let drawn = x.iter().zip(y).step_by(stride(x.len()));
    for (&x, &y) in drawn.skip(turn).step_by(TURNS) {
        let (x, y) = (horizontal.pixel(x), vertical.pixel(y));
        if x.is_finite() && y.is_finite() {
            path.dot(x, y);
        }
    }
    path
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
    let mut clouds = Vec::new();
    for turn in 0..TURNS {
        for one in series {
            if let Mark::Points { x, y, radius } = &one.mark {
                let path = dots(x, y, turn, horizontal, vertical);
                let solid = Stroke::solid(one.color, 2.0 * radius);
                clouds.push(Item::Stroke {
                    path,
                    stroke: Stroke { alpha: one.opacity(), round: true, ..solid },
                });
            }
        }
    }
    let layers = [areas, references, clouds, lines, dots_of_bars, casings(&ellipses), ellipses, theory];
    let empty = |item: &Item| match item {
        Item::Fill { path, .. } | Item::Stroke { path, .. } => path.is_empty(),
        _ => false,
    };
    layers.into_iter().flatten().filter(|item| !empty(item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::{Axis, Extent, Scale};
    use crate::plot::scene::Segment;

    fn unit(scale: Scale) -> Map {
        let range = if scale == Scale::Log { (0.1, 10.0) } else { (0.0, 10.0) };
        let axis = Axis { scale, range: Some(range), ..Axis::default() };
        Map::new(&axis, Extent::new(scale), 0.0, false).onto(0.0, 100.0)
    }

    fn moves(path: &PathData) -> usize {
        path.0.iter().filter(|s| matches!(s, Segment::Move(..))).count()
    }

    #[test]
    fn a_value_that_is_not_finite_makes_a_gap() {
        let linear = unit(Scale::Linear);
        let x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let path = line(&x, &[1.0, 2.0, f64::NAN, 3.0, f64::INFINITY, 4.0], linear, linear);
        assert_eq!(moves(&path), 3);
        assert_eq!(path.0[..2], [Segment::Move(0.0, 10.0), Segment::Line(10.0, 20.0)]);
        // A point between two gaps is a dot.
        assert_eq!(path.0[2..4], [Segment::Move(30.0, 30.0), Segment::Line(30.0, 30.0)]);
        assert!(line(&x, &[f64::NAN; 6], linear, linear).is_empty());
        let area = band(&x, &[0.0, 0.0, f64::NAN, 0.0, 0.0, 0.0], &[1.0; 6], linear, linear);
        assert_eq!(moves(&area), 2);
    }

    #[test]
    fn a_logarithmic_axis_drops_what_is_not_positive() {
        let (linear, log) = (unit(Scale::Linear), unit(Scale::Log));
        let path = line(&[0.0, 1.0, 2.0, 3.0, 4.0], &[1.0, 1.0, 0.0, 1.0, 1.0], linear, log);
        assert_eq!(moves(&path), 2);
        // A band that reaches zero runs off the lower end instead of vanishing.
        let area = band(&[0.0, 1.0], &[0.0, 0.0], &[1.0, 1.0], linear, log);
        assert!(area.0.contains(&Segment::Line(0.0, -200.0)), "{area:?}");
    }

    #[test]
    fn thinning_keeps_extremes_and_ends() {
        let run: Vec<(f64, f64)> =
            (0..1000).map(|i| (f64::from(i) * 1e-4, f64::from((i * 37) % 101))).collect();
        let kept = thin(&run);
        assert!(kept.len() <= 4);
        assert_eq!((kept[0], kept[kept.len() - 1]), (run[0], run[999]));
        assert!(kept.iter().any(|p| p.1 == 0.0) && kept.iter().any(|p| p.1 == 100.0));
        let zigzag: Vec<(f64, f64)> = (0..50).map(|i| (f64::from(i), f64::from(i % 2))).collect();
        assert_eq!(thin(&zigzag), zigzag);
        assert_eq!(thin(&[(1.0, 2.0)]), [(1.0, 2.0)]);
    }

    #[test]
    fn a_simplified_curve_stays_within_the_tolerance() {
        let run: Vec<(f64, f64)> =
            (0..=600).map(|i| (f64::from(i), 100.0 * libm::sin(f64::from(i) / 60.0))).collect();
        let kept = straighten(&run);
        assert!(kept.len() < 300, "{}", kept.len());
        for pair in kept.windows(2) {
            for point in run.iter().filter(|p| p.0 >= pair[0].0 && p.0 <= pair[1].0) {
                let slope = (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
                let off = (point.1 - pair[0].1 - slope * (point.0 - pair[0].0)).abs();
                assert!(off <= TOLERANCE * (1.0 + slope * slope).sqrt() + 1e-9, "{point:?}");
            }
        }
    }

    #[test]
    fn a_histogram_rises_from_its_ground_and_returns() {
        let linear = unit(Scale::Linear);
        let (outline, _) = steps(&[0.0, 1.0, 2.0], &[3.0, 5.0], linear, linear);
        let expected =
            PathData::polyline(&[(0., 0.), (0., 30.), (10., 30.), (10., 50.), (20., 50.), (20., 0.)], false);
        assert_eq!(outline, expected);
        let (gap, _) = steps(&[0.0, 1.0, 2.0, 3.0], &[1.0, 0.0, 1.0], linear, linear);
        assert_eq!(moves(&gap), 2);
    }

    #[test]
    fn an_ellipse_touches_its_extremes() {
        let linear = unit(Scale::Linear);
        let path = ellipse([5.0, 5.0], [[1.0, 0.6], [0.6, 1.0]], 2.0, linear, linear);
        let xs = path.0.iter().filter_map(|s| match s {
            Segment::Move(x, _) | Segment::Line(x, _) => Some(*x),
            _ => None,
        });
        let (low, high) = xs.fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(x), h.max(x)));
        assert_eq!((low, high), (30.0, 70.0));
        assert!(ellipse([0.0; 2], [[-1.0, 0.0], [0.0, 1.0]], 1.0, linear, linear).is_empty());
        // A covariance of rank one is a line, of rank zero a point; neither panics.
        assert!(!ellipse([5.0; 2], [[0.0; 2]; 2], 1.0, linear, linear).is_empty());
    }

    #[test]
    fn clouds_are_thinned_with_a_note_and_take_turns() {
        let many = vec![1.0; 65_536];
        let cloud = Series::points(many.clone(), many).label("SGD");
        assert_eq!(note(&cloud).as_deref(), Some("SGD: 9363 of 65536 points drawn"));
        let linear = unit(Scale::Linear);
        let drawn = items(std::slice::from_ref(&cloud), linear, linear);
        let dots: usize =
            drawn.iter().map(|i| if let Item::Stroke { path, .. } = i { moves(path) } else { 0 }).sum();
        assert_eq!((drawn.len(), dots), (TURNS, 9363));
        assert_eq!(note(&Series::points([1.0], [f64::NAN])).as_deref(), Some("1 not finite"));
        assert_eq!(note(&Series::points([1.0], [1.0])), None);
    }
}
