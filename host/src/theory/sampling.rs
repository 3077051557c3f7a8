//! How far a sample's moments may be from the exact ones.

/// (measured − exact)/std_error: standard normal for a correct simulation of many trajectories. 0 where all is certain and equal,
/// infinite where it is certain and different.
///
/// ```
/// use polyak::theory::sampling::z;
/// assert_eq!(z(1.2, 0.1, 1.0).round(), 2.0);
/// assert_eq!((z(1.0, 0.0, 1.0), z(1.5, 0.0, 1.0)), (0.0, f64::INFINITY));
/// ```
pub fn z(measured: f64, std_error: f64, exact: f64) -> f64 {
    let difference = measured - exact;
    if std_error > 0.0 {
        difference / std_error
    } else if difference == 0.0 {
        0.0
    } else {
        f64::INFINITY.copysign(difference)
    }
}

/// Standard deviation of the mean of `count` independent values: √(variance/n); for any law.
pub fn mean_error(variance: f64, count: u64) -> f64 {
    (variance / count as f64).sqrt()
}

/// Standard deviation of the unbiased sample variance of `count` ≥ 2 values with excess kurtosis κ:
/// Var·√(2/(n−1) + κ/n); for any law, κ = 0 for the Gaussian.
pub fn variance_error(variance: f64, kurtosis: f64, count: u64) -> f64 {
    let n = count as f64;
    variance * (2.0 / (n - 1.0) + kurtosis / n).max(0.0).sqrt()
}

/// Standard deviation of the unbiased sample covariance of `count` ≥ 2 pairs of a Gaussian law: √((vᵢvⱼ + cᵢⱼ²)/(n−1)).
pub fn covariance_error(variance_i: f64, variance_j: f64, covariance: f64, count: u64) -> f64 {
    ((variance_i * variance_j + covariance * covariance) / (count as f64 - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All samples of size 4 from ±1, or of pairs from a small table: the sampling variances by enumeration.
    #[test]
    fn errors_are_those_of_every_sample() {
        let n = 4_usize;
        let samples: Vec<Vec<f64>> = (0..1 << n)
            .map(|bits: usize| (0..n).map(|i| if bits >> i & 1 == 0 { 1.0 } else { -1.0 }).collect())
            .collect();
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let variance =
            |v: &[f64]| v.iter().map(|x| libm::pow(x - mean(v), 2.0)).sum::<f64>() / (v.len() as f64 - 1.0);
        let spread = |values: Vec<f64>| {
            let m = mean(&values);
            values.iter().map(|x| libm::pow(x - m, 2.0)).sum::<f64>() / values.len() as f64
        };
        let means = spread(samples.iter().map(|s| mean(s)).collect());
        assert!((means.sqrt() - mean_error(1.0, 4)).abs() < 1e-15);
        // ±1 has excess kurtosis −2.
        let variances = spread(samples.iter().map(|s| variance(s)).collect());
        assert!((variances.sqrt() - variance_error(1.0, -2.0, 4)).abs() < 1e-15);
    }

    /// Cov of a pair with itself is its variance.
    #[test]
    fn covariance_error_agrees_with_variance_error() {
        assert!((covariance_error(2.0, 2.0, 2.0, 50) - variance_error(2.0, 0.0, 50)).abs() < 1e-15);
    }
}
