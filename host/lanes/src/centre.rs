//! The points that deviations are taken from.

use std::fmt::Debug;
use std::mem::take;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use polyak_core::real::Scalar;

/// A path that goes from one observed step to the next.
pub trait Follow<S>: Debug + Send {
    /// Goes on to the next observed step, which is `step`; appends the point there, and returns the loss.
    fn follow(&mut self, step: u64, points: &mut Vec<S>) -> S;
}

/// A path near the ensemble, at each observed step: moments are summed about it, so that they do not cancel. It is followed when a point of it
/// is first asked for: a run begins with its ensemble, however long the path is.
#[derive(Debug, Clone)]
pub struct Centre<S>(Arc<Path<S>>);

#[derive(Debug)]
struct Path<S> {
    dimension: usize,
    observed: Arc<[u64]>,
    /// All of it, once it has been followed to its end: then no thread waits for another.
    whole: OnceLock<Points<S>>,
    begun: Mutex<Begun<S>>,
}

/// The points in a row, d numbers each, and the losses there.
pub type Points<S> = (Vec<S>, Vec<S>);

/// As far as it has been followed.
#[derive(Debug)]
struct Begun<S> {
    follow: Box<dyn Follow<S>>,
    points: Points<S>,
}

/// A path that stays where point and loss are 0.
#[derive(Debug)]
struct Zero(usize);

impl<S: Scalar> Follow<S> for Zero {
    fn follow(&mut self, _step: u64, points: &mut Vec<S>) -> S {
        points.resize(points.len() + self.0, S::ZERO);
        S::ZERO
    }
}

impl<S: Scalar> Centre<S> {
    /// A path in `dimension` dimensions at the steps `observed`, ascending.
    pub fn new(dimension: usize, observed: Arc<[u64]>, follow: Box<dyn Follow<S>>) -> Self {
        let begun = Mutex::new(Begun { follow, points: Points::default() });
        Self(Arc::new(Path { dimension, observed, whole: OnceLock::new(), begun }))
    }

    /// Zeros, whatever is observed.
    pub fn zero(dimension: usize, observed: Arc<[u64]>) -> Self {
        Self::new(dimension, observed, Box::new(Zero(dimension)))
    }

    /// Writes the centre at observation point `point` to `x`, of d numbers; returns the loss there.
    pub fn at(&self, point: usize, x: &mut [S]) -> S {
        if let Some(whole) = self.whole() {
            return copy(whole, point, x);
        }
        let path = &*self.0;
        let mut begun = path.begun.lock().unwrap_or_else(PoisonError::into_inner);
        // While this thread waited, another may have come to the end.
        if let Some(whole) = self.whole() {
            return copy(whole, point, x);
        }
        let Begun { follow, points } = &mut *begun;
        for &step in path.observed[..=point].iter().skip(points.1.len()) {
            let loss = follow.follow(step, &mut points.0);
            points.1.push(loss);
        }
        let loss = copy(points, point, x);
        if point + 1 == path.observed.len() {
            path.whole.get_or_init(|| take(points));
        }
        loss
    }

    /// The whole path, if it has been followed to its end.
    pub fn whole(&self) -> Option<&Points<S>> {
        self.0.whole.get()
    }

    /// The whole path, followed to its end.
    pub fn all(&self) -> &Points<S> {
        let path = &*self.0;
        if let Some(last) = path.observed.len().checked_sub(1) {
            self.at(last, &mut vec![S::ZERO; path.dimension]);
        }
        path.whole.get_or_init(Points::default)
    }
}

/// A point of d numbers, and the loss there.
#[inline(always)]
pub fn look_up<S: Copy>((points, losses): &Points<S>, point: usize, d: usize) -> (&[S], S) {
    (&points[point * d..][..d], losses[point])
}

/// Copies a point to `x`; gives the loss there.
fn copy<S: Scalar>(path: &Points<S>, point: usize, x: &mut [S]) -> S {
    let (numbers, loss) = look_up(path, point, x.len());
    x.copy_from_slice(numbers);
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is at (k, −k) after k steps, where the loss is 2k; notes how far it was asked to go.
    #[derive(Debug)]
    struct Line(Arc<Mutex<Vec<u64>>>);

    impl Follow<f64> for Line {
        fn follow(&mut self, step: u64, points: &mut Vec<f64>) -> f64 {
            self.0.lock().unwrap().push(step);
            // So long that others wait for the path meanwhile.
            std::thread::sleep(std::time::Duration::from_millis(5));
            points.extend([step as f64, -(step as f64)]);
            2.0 * step as f64
        }
    }

    fn line() -> (Centre<f64>, Arc<Mutex<Vec<u64>>>) {
        let asked = Arc::default();
        (Centre::new(2, [0, 3, 10].into(), Box::new(Line(Arc::clone(&asked)))), asked)
    }

    #[test]
    fn a_path_is_followed_as_far_as_it_is_asked_for_and_once() {
        let (centre, asked) = line();
        let mut x = [0.0; 2];
        assert_eq!(*asked.lock().unwrap(), []);
        assert_eq!((centre.at(1, &mut x), x), (6.0, [3.0, -3.0]));
        assert_eq!(*asked.lock().unwrap(), [0, 3]);
        // By a clone too.
        let clone = centre.clone();
        assert_eq!((clone.at(0, &mut x), x), (0.0, [0.0, 0.0]));
        assert_eq!(clone.whole(), None);
        assert_eq!(*clone.all(), (vec![0.0, 0.0, 3.0, -3.0, 10.0, -10.0], vec![0.0, 6.0, 20.0]));
        assert_eq!(centre.whole(), Some(clone.all()));
        assert_eq!((clone.at(1, &mut x), x), (6.0, [3.0, -3.0]));
        assert_eq!((centre.at(2, &mut x), x), (20.0, [10.0, -10.0]));
        assert_eq!(*asked.lock().unwrap(), [0, 3, 10]);
    }

    #[test]
    fn threads_that_ask_in_any_order_find_the_same_path() {
        let (centre, asked) = line();
        std::thread::scope(|scope| {
            for first in 0..3 {
                let centre = &centre;
                scope.spawn(move || {
                    for point in (0..3).map(|i| (first + i) % 3) {
                        let mut x = [0.0; 2];
                        let step = [0.0, 3.0, 10.0][point];
                        assert_eq!((centre.at(point, &mut x), x), (2.0 * step, [step, -step]));
                    }
                });
            }
        });
        assert_eq!(*asked.lock().unwrap(), [0, 3, 10]);
    }
}
