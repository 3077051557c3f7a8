//! Clouds of dots: how many are drawn, and in what order.

use super::axis::Map;
use super::scene::{Item, PathData, Stroke};
use super::series::{Mark, Series};

/// Dots of one cloud are drawn in this many turns, taking turns with the other clouds of the panel, so that none
/// hides another and crowded places are darker.
const TURNS: usize = 8;

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

/// All clouds of a panel.
pub(super) fn items(series: &[Series], horizontal: Map, vertical: Map) -> Vec<Item> {
    let mut items = Vec::new();
    for turn in 0..TURNS {
        for one in series {
            if let Mark::Points { x, y, radius } = &one.mark {
                let path = dots(x, y, turn, horizontal, vertical);
                let solid = Stroke::solid(one.color, 2.0 * radius);
                let stroke = Stroke { alpha: one.opacity(), round: true, ..solid };
                items.push(Item::Stroke { path, stroke });
            }
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::{Axis, Extent, Scale};

    #[test]
    fn clouds_are_thinned_with_a_note_and_take_turns() {
        let many = vec![1.0; 65_536];
        let clouds =
            [Series::points(many.clone(), many.clone()).label("SGD"), Series::points([1.0; 9], [1.0; 9])];
        assert_eq!(note(&clouds[0]).as_deref(), Some("SGD: 9363 of 65536 points drawn"));
        let map = Map::new(&Axis::linear(""), Extent::new(Scale::Linear), 0.0, false);
        // A dot is two segments: of the large cloud every seventh point, of the small one all nine.
        let drawn: Vec<usize> = items(&clouds, map, map)
            .iter()
            .map(|item| if let Item::Stroke { path, .. } = item { path.0.len() / 2 } else { 0 })
            .collect();
        assert_eq!(drawn.len(), 2 * TURNS);
        assert_eq!(drawn.iter().step_by(2).sum::<usize>(), 9363);
        assert_eq!(drawn.iter().skip(1).step_by(2).copied().collect::<Vec<_>>(), [2, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(note(&Series::points([1.0], [f64::NAN])).as_deref(), Some("1 not finite"));
        assert_eq!(note(&clouds[1]), None);
    }
}
