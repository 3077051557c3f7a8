//! Curves, bands and histograms as paths: gaps where a value has no place, no more points than the eye can tell.

use super::axis::Map;
use super::scene::PathData;

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

/// Of each half pixel's column the first, lowest, highest and last point.
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

/// A curve through the points (xᵢ, yᵢ), one stretch after the other.
pub(super) fn line(x: &[f64], y: &[f64], horizontal: Map, vertical: Map) -> PathData {
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

/// The area between two curves, one stretch after the other.
pub(super) fn band(x: &[f64], low: &[f64], high: &[f64], horizontal: Map, vertical: Map) -> PathData {
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
pub(super) fn steps(edges: &[f64], counts: &[f64], horizontal: Map, vertical: Map) -> (PathData, PathData) {
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
            (0..1000).map(|i| (f64::from(i) * 1e-4, f64::from((i * 37 + 50) % 101))).collect();
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
}
