//! The largest of many differences, without the bias of having chosen it.

use super::{Controlled, Estimate};

/// max over points of |E Y_k|, from sums of Y_k over the trajectories: the estimator of a weak error, maxₖ |E h(x_k) − E h(z_k)|.
///
/// The largest of several noisy numbers lies above the largest of what they estimate. So one half of the trajectories says at which point the
/// difference is largest, and of which sign; the other half says how large it is there. Given the choice that estimate has no bias and its error is
/// that of [`Controlled`]; where the choice missed the largest, it is an estimate of a smaller difference. (The mean of both ways would have a
/// smaller error, but not an independent one: where both halves choose one point, both numbers are large.)
///
/// ```
/// use polyak::statistics::LargestGap;
/// // Differences of 0.1, −0.5 and 0.2, and a little noise.
/// let mut gaps = LargestGap::new(3, 0);
/// for noise in [0.01, -0.01, -0.01, 0.01] {
///     gaps.next_trajectory();
///     [0.1, -0.5, 0.2].iter().enumerate().for_each(|(point, gap)| gaps.add(point, gap + noise, &[]));
/// }
/// let (largest, point) = gaps.largest(&[]);
/// assert!(point == 1 && (largest.value - 0.5).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LargestGap {
    halves: [Vec<Controlled>; 2],
    half: usize,
}

impl LargestGap {
    /// Nothing yet, of `points` points, with `controls` control variates.
    pub fn new(points: usize, controls: usize) -> Self {
        Self { halves: [(); 2].map(|()| vec![Controlled::new(controls); points]), half: 1 }
    }

    /// Goes on to the next trajectory, which is of the other half.
    pub fn next_trajectory(&mut self) {
        self.half = 1 - self.half;
    }

    /// Takes in the trajectory's Y and C at `point`.
    ///
    /// # Panics
    /// If there is no such point, or not as many controls as `new` was told.
    pub fn add(&mut self, point: usize, value: f64, controls: &[f64]) {
        self.halves[self.half][point].add(value, controls);
    }

    /// How many points there are.
    pub fn points(&self) -> usize {
        self.halves[0].len()
    }

    /// E Y at `point` over both halves, where E C is `expected`.
    pub fn at(&self, point: usize, expected: &[f64]) -> Estimate {
        let [a, b] = [0, 1].map(|half: usize| self.halves[half][point].estimate(expected));
        Estimate {
            value: 0.5 * (a.value + b.value),
            std_error: 0.5 * (a.std_error * a.std_error + b.std_error * b.std_error).sqrt(),
        }
    }

    /// The largest difference, positive up to its error, and its point.
    pub fn largest(&self, expected: &[f64]) -> (Estimate, usize) {
        self.largest_from(0, expected)
    }

    /// The same among the points from number `first` on.
    pub fn largest_from(&self, first: usize, expected: &[f64]) -> (Estimate, usize) {
        let estimate = |half: usize, point: usize| self.halves[half][point].estimate(expected);
        let size = |point: &usize| estimate(0, *point).value.abs();
        let peak = (first..self.points()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0);
        (estimate(1, peak).times(estimate(0, peak).value.signum()), peak)
    }
}
