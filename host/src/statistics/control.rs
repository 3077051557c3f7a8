//! Means of differences with control variates: the estimator of weak errors.

use nalgebra::{DMatrix, DVector};

use super::Estimate;

/// E Y from pairs of Y and C₁ … C_m over the same trajectories, where E C is known: mean(Y) − bᵀ(mean(C) − E C) with the b of least
/// variance, which is the regression of Y on C (Glasserman 2003, 4.1).
///
/// Over paired streams Y = h(x) − h(z), of two runs that drew the same numbers, is a weak error in itself; what C shares with it is
/// taken out besides. The standard error is that of the residuals with n − 1 − m degrees of freedom; b is estimated from the same
/// sample, which biases the mean by O(1/n).
///
/// ```
/// use polyak::statistics::Controlled;
/// // Y = 3 + 2C exactly, and E C = 0: no error is left.
/// let mut sums = Controlled::new(1);
/// [-1.0, 0.5, 2.0, 0.1].map(|c| sums.add(3.0 + 2.0 * c, &[c]));
/// let mean = sums.estimate(&[0.0]);
/// assert!((mean.value - 3.0).abs() < 1e-12 && mean.std_error < 1e-7);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Controlled {
    count: f64,
    /// Means of (Y, C…).
    mean: Vec<f64>,
    /// Σ of products of deviations from the means, row by row.
    products: Vec<f64>,
    /// Scratch.
    before: Vec<f64>,
}

impl Controlled {
    /// Nothing yet, with `controls` control variates; 0 is a plain mean.
    pub fn new(controls: usize) -> Self {
        Self {
            count: 0.0,
            mean: vec![0.0; 1 + controls],
            products: vec![0.0; (1 + controls) * (1 + controls)],
            before: vec![0.0; 1 + controls],
        }
    }

    /// Takes in Y and C of a trajectory (Welford's update).
    ///
    /// # Panics
    /// If there are not as many controls as `new` was told.
    pub fn add(&mut self, value: f64, controls: &[f64]) {
        self.count += 1.0;
        let width = self.mean.len();
        assert_eq!(controls.len() + 1, width, "control variates");
        // The usual case, which is called for every trajectory at every point of a path.
        if let ([mean], [product]) = (&mut self.mean[..], &mut self.products[..]) {
            let before = value - *mean;
            *mean += before / self.count;
            *product += (value - *mean) * before;
            return;
        }
        let numbers = || core::iter::once(&value).chain(controls);
        for ((mean, before), number) in self.mean.iter_mut().zip(&mut self.before).zip(numbers()) {
            *before = number - *mean;
            *mean += *before / self.count;
        }
        let rows = self.products.chunks_exact_mut(width);
        for ((row, mean), number) in rows.zip(&self.mean).zip(numbers()) {
            let after = number - mean;
            row.iter_mut().zip(&self.before).for_each(|(product, before)| *product += after * before);
        }
    }

    /// How many were taken in.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// E Y where E C is `expected`.
    pub fn estimate(&self, expected: &[f64]) -> Estimate {
        let controls = self.mean.len() - 1;
        let products = DMatrix::from_row_slice(1 + controls, 1 + controls, &self.products);
        let (n, own) = (self.count, products[(0, 0)]);
        let among = products.view((1, 1), (controls, controls)).clone_owned();
        let with = products.view((1, 0), (controls, 1)).column(0).clone_owned();
        // A control that does not vary, or that repeats another, says nothing: the pseudoinverse leaves it out.
        let weights = if controls == 0 {
            DVector::zeros(0)
        } else {
            let smallest = 1e-12 * among.amax();
            among
                .pseudo_inverse(smallest)
                .map_or_else(|_| DVector::zeros(controls), |inverse| inverse * &with)
        };
        let mut value = self.mean[0];
        for (i, &expected) in expected.iter().enumerate().take(controls) {
            value -= weights[i] * (self.mean[i + 1] - expected);
        }
        let left = super::estimate::not_below_zero(own - weights.dot(&with));
        let degrees = n - 1.0 - controls as f64;
        let variance = if degrees > 0.0 { left / degrees } else { f64::NAN };
        Estimate { value, std_error: (variance / n).sqrt() }
    }
}

/// Mean of `values`, which are independent and few, with the standard error of their scatter; its interval is Student's with the
/// degrees of freedom returned beside it.
pub fn mean_of(values: &[f64]) -> (Estimate, f64) {
    let mut sums = Controlled::new(0);
    values.iter().for_each(|&value| sums.add(value, &[]));
    (sums.estimate(&[]), values.len() as f64 - 1.0)
}

/// Mean of `a` over mean of `b`, paired, independent from pair to pair and few, with the degrees of freedom of its error: that of the mean of a − Rb, in
/// units of the mean of b, to first order in the scatter of b.
///
/// ```
/// use polyak::statistics::ratio_of_means;
/// let (ratio, degrees) = ratio_of_means(&[2.0, 4.0, 6.0], &[1.0, 2.0, 3.0]);
/// assert!(ratio.value == 2.0 && ratio.std_error == 0.0 && degrees == 2.0);
/// ```
pub fn ratio_of_means(a: &[f64], b: &[f64]) -> (Estimate, f64) {
    let [top, bottom] = [a, b].map(|values| mean_of(values).0.value);
    let ratio = top / bottom;
    let residuals: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - ratio * b).collect();
    let (residual, degrees) = mean_of(&residuals);
    (Estimate { value: ratio, std_error: residual.std_error / bottom.abs() }, degrees)
}
