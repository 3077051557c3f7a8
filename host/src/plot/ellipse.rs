//! Covariance ellipses.

use super::axis::Map;
use super::color::Color;
use super::draw::dashes;
use super::scene::{Item, PathData, Stroke};
use super::series::{Dash, Series};

/// The ellipse mean + sigmas · L·(cos t, sin t) with L·Lᵀ = covariance; empty where there is none.
pub(super) fn ellipse(
    mean: [f64; 2],
    covariance: [[f64; 2]; 2],
    sigmas: f64,
    horizontal: Map,
    vertical: Map,
) -> PathData {
    const SIDES: u32 = 120;
    let first = covariance[0][0].sqrt();
    let cross = if first > 0.0 { covariance[0][1] / first } else { 0.0 };
    let rest = covariance[1][1] - cross * cross;
    let second = if rest < 0.0 { 0.0 } else { rest.sqrt() };
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

/// The outline and centre of an ellipse, the panel's `order`-th. Ellipses that coincide show in turns: the first is
/// unbroken, each later one has wider gaps, and every other centre is turned.
pub(super) fn outlined(
    order: usize,
    series: &Series,
    outline: PathData,
    centre: Option<(f64, f64)>,
) -> [Item; 2] {
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
pub(super) fn casings(items: &[Item]) -> Vec<Item> {
    let casing = |item: &Item| match item {
        Item::Stroke { path, stroke } => Some(Item::Stroke {
            path: path.clone(),
            stroke: Stroke { alpha: 0.75, ..Stroke::solid(Color::WHITE, stroke.width + 2.0) },
        }),
        _ => None,
    };
    items.iter().filter_map(casing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::{Axis, Extent, Scale};
    use crate::plot::scene::Segment;

    #[test]
    fn an_ellipse_touches_its_extremes() {
        let axis = Axis::linear("").range(0.0, 10.0);
        let linear = Map::new(&axis, Extent::new(Scale::Linear), 0.0, false).onto(0.0, 100.0);
        let path = ellipse([5.0, 5.0], [[1.0, 0.6], [0.6, 1.0]], 2.0, linear, linear);
        let xs = path.0.iter().filter_map(|s| match s {
            Segment::Move(x, _) | Segment::Line(x, _) => Some(*x),
            _ => None,
        });
        let (low, high) = xs.fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(x), h.max(x)));
        assert_eq!((low, high), (30.0, 70.0));
        assert!(ellipse([0.0; 2], [[-1.0, 0.0], [0.0, 1.0]], 1.0, linear, linear).is_empty());
        assert!(ellipse([0.0; 2], [[1.0, 0.0], [0.0, f64::NAN]], 1.0, linear, linear).is_empty());
        // A covariance of rank one is a line, of rank zero a point; neither panics.
        assert!(!ellipse([5.0; 2], [[0.0; 2]; 2], 1.0, linear, linear).is_empty());
    }
}
