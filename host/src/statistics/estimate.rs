//! Estimates of moments from sums of powers about a fixed centre.

use serde::Serialize;

/// A number with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate; NaN if nothing was left to estimate from.
    #[serde(rename = "mean")]
    pub value: f64,
    /// Its standard error.
    pub std_error: f64,
}

impl Estimate {
    /// Mean and standard error from n numbers' sum and sum of squares about `centre`.
    pub fn of_mean(n: u64, centre: f64, sum: f64, squares: f64) -> Self {
        let n = n as f64;
        let mean = sum / n;
        let variance = not_below_zero(squares / n - mean * mean) * unbiased(n);
        Self { value: centre + mean, std_error: (variance / n).sqrt() }
    }

    /// Nothing was left to estimate from.
    pub const MISSING: Self = Self { value: f64::NAN, std_error: f64::NAN };

    /// `factor` times the number.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self { value: factor * self.value, std_error: factor.abs() * self.std_error }
    }

    /// The difference from an independent estimate. Where both rest on the same random numbers and go up together, its error is less
    /// than this says.
    #[must_use]
    pub fn less(&self, other: &Self) -> Self {
        Self { value: self.value - other.value, std_error: hypotenuse(self.std_error, other.std_error) }
    }

    /// The ratio to an independent estimate, its error to first order; as for [`less`](Self::less).
    ///
    /// ```
    /// use polyak::statistics::Estimate;
    /// let [six, two] = [6.0, 2.0].map(|value| Estimate { value, std_error: 0.4 });
    /// let ratio = six.over(&two);
    /// assert!(ratio.value == 3.0 && (ratio.std_error - 0.2 * 10f64.sqrt()).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        let value = self.value / other.value;
        let std_error = hypotenuse(self.std_error, value * other.std_error) / other.value.abs();
        Self { value, std_error }
    }
}

fn hypotenuse(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

/// What is estimated at one observation point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointEstimates {
    /// Trajectories it rests on.
    pub count: u64,
    /// Mean of each coordinate.
    pub mean: Vec<Estimate>,
    /// Unbiased variance of each coordinate.
    pub variance: Vec<Estimate>,
    /// Skewness of each coordinate; the error is that of a normal sample.
    pub skewness: Vec<Estimate>,
    /// Excess kurtosis of each coordinate; the error is that of a normal sample.
    pub kurtosis: Vec<Estimate>,
    /// Central moments of the order asked for: (order, one for each coordinate), errors from the scatter between chunks.
    pub moments: Vec<(u32, Vec<Estimate>)>,
    /// Loss.
    pub loss: Estimate,
    /// Path length.
    pub path_length: Option<Estimate>,
    /// Loss variation.
    pub loss_variation: Option<Estimate>,
    /// A network's loss over held-out examples.
    pub test_loss: Option<Estimate>,
    /// The part of the held-out examples that it classifies right.
    pub test_accuracy: Option<Estimate>,
}

/// `x`, and 0 where rounding took it below. A NaN stays one: `f64::max` would make it 0.
pub(super) fn not_below_zero(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}

/// n/(n − 1), by which a mean square about the sample's own mean becomes unbiased; a NaN below n = 2, where there is none.
pub(super) fn unbiased(n: f64) -> f64 {
    if n < 2.0 { f64::NAN } else { n / (n - 1.0) }
}

/// Central moments of orders 0 … r from the mean powers E yᵏ about a centre, k = 0 … r, by the binomial theorem.
pub fn central_moments(raw: &[f64]) -> Vec<f64> {
    let shift = -raw.get(1).copied().unwrap_or(0.0);
    (0..raw.len())
        .map(|order| {
            let mut sum = 0.0;
            let mut binomial = 1.0;
            // Horner in the shift: Σ C(r, k) E y^{r−k} shiftᵏ.
            let mut power = 1.0;
            for k in 0..=order {
                sum += binomial * raw[order - k] * power;
                power *= shift;
                binomial *= (order - k) as f64 / (k + 1) as f64;
            }
            sum
        })
        .collect()
}

/// Mean, variance, skewness and excess kurtosis of one coordinate from its mean powers E yᵏ, k = 0 … 4.
pub(super) fn coordinate(n: u64, centre: f64, raw: &[f64]) -> [Estimate; 4] {
    let count = n as f64;
    let central = central_moments(raw);
    // One number has no spread, not one of some rounding errors.
    let spread = if n < 2 { f64::NAN } else { not_below_zero(central[2]) };
    let (m2, m3, m4) = (spread, central[3], central[4]);
    let variance = m2 * unbiased(count);
    [
        Estimate { value: centre + raw[1], std_error: (variance / count).sqrt() },
        Estimate { value: variance, std_error: (not_below_zero(m4 - m2 * m2) / count).sqrt() },
        Estimate { value: m3 / (m2 * m2.sqrt()), std_error: (6.0 / count).sqrt() },
        Estimate { value: m4 / (m2 * m2) - 3.0, std_error: (24.0 / count).sqrt() },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn central_moments_do_not_depend_on_the_centre() {
        let sample = [0.3, -1.2, 2.5, 0.9, -0.4, 1.7];
        let central = |centre: f64| {
            let raw: Vec<f64> = (0..=8)
                .map(|k| sample.iter().map(|x| (0..k).fold(1.0, |p, _| p * (x - centre))).sum::<f64>() / 6.0)
                .collect();
            central_moments(&raw)
        };
        let mean = sample.iter().sum::<f64>() / 6.0;
        for (a, b) in central(0.7).into_iter().zip(central(mean)) {
            assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{a} {b}");
        }
    }

    #[test]
    fn no_numbers_have_no_moments_and_one_number_only_a_mean() {
        let none = coordinate(0, 2.0, &[1.0, f64::NAN, f64::NAN, f64::NAN, f64::NAN]);
        assert!(none.iter().all(|estimate| estimate.value.is_nan()), "{none:?}");
        assert!(Estimate::of_mean(0, 2.0, 0.0, 0.0).value.is_nan());
        let [mean, variance, ..] = coordinate(1, 2.0, &[1.0, 3.0, 9.0, 27.0, 81.0]);
        assert_eq!(mean.value, 5.0);
        assert!(mean.std_error.is_nan() && variance.value.is_nan() && variance.std_error.is_nan());
        // Up to rounding: 0.1² is not the nearest number to 0.01.
        assert!(Estimate::of_mean(1, 0.0, 0.1, 0.010000001).std_error.is_nan());
    }

    #[test]
    fn four_numbers_have_the_moments_computed_by_hand() {
        // 1, 2, 3, 6 about centre 2: y = −1, 0, 1, 4.
        let raw = [1.0, 1.0, 18.0 / 4.0, 64.0 / 4.0, 258.0 / 4.0];
        let [mean, variance, skewness, kurtosis] = coordinate(4, 2.0, &raw);
        assert_eq!(mean.value, 3.0);
        assert!((variance.value - 14.0 / 3.0).abs() < 1e-14);
        assert!((skewness.value - 4.5 / (3.5 * 3.5f64.sqrt())).abs() < 1e-14);
        assert!((kurtosis.value - (24.5 / 12.25 - 3.0)).abs() < 1e-14);
    }
}
