//! Mean and covariance of a stream of points, without keeping the points.

use crate::real::Scalar;

/// Running mean and covariance of points of dimension `D` (Welford 1962; the covariance after Chan, Golub and LeVeque 1983).
///
/// δ = x − mean, mean ← mean + δ/n, C ← C + δ(x − mean)ᵀ.
///
/// ```
/// use polyak_core::observe::OnlineMoments;
/// let mut moments = OnlineMoments::<f64, 2>::new();
/// [[1.0, 2.0], [3.0, 2.0], [5.0, 8.0]].map(|point| moments.push(&point));
/// assert_eq!(moments.mean(), [3.0, 4.0]);
/// assert_eq!(moments.covariance(), [[4.0, 6.0], [6.0, 12.0]]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OnlineMoments<S, const D: usize> {
    count: u32,
    mean: [S; D],
    products: [[S; D]; D],
}

impl<S: Scalar, const D: usize> Default for OnlineMoments<S, D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Scalar, const D: usize> OnlineMoments<S, D> {
    /// No points yet.
    pub fn new() -> Self {
        Self { count: 0, mean: [S::ZERO; D], products: [[S::ZERO; D]; D] }
    }

    /// Takes in a point.
    pub fn push(&mut self, point: &[S; D]) {
        self.count = self.count.saturating_add(1);
        let n = S::from_u32(self.count);
        let mut before = [S::ZERO; D];
        let mut after = [S::ZERO; D];
        let deviations = before.iter_mut().zip(&mut after);
        for ((mean, &x), (before, after)) in self.mean.iter_mut().zip(point).zip(deviations) {
            *before = x - *mean;
            *mean = *mean + *before / n;
            *after = x - *mean;
        }
        for (row, &before) in self.products.iter_mut().zip(&before) {
            for (sum, &after) in row.iter_mut().zip(&after) {
                *sum = *sum + before * after;
            }
        }
    }

    /// How many points there were.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Their mean; zero of none.
    pub fn mean(&self) -> [S; D] {
        self.mean
    }

    /// Their unbiased covariance; zero of fewer than two.
    pub fn covariance(&self) -> [[S; D]; D] {
        let degrees = S::from_u32(self.count.saturating_sub(1).max(1));
        self.products.map(|row| row.map(|sum| sum / degrees))
    }
}
