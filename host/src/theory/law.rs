//! Cumulants of the noise laws, and what SVAG does to them.

use crate::experiment::model::Law;

/// Cumulant κ_n of a law of variance 1, n = 1 … 6; every law here is symmetric, so the odd ones are 0.
///
/// | law | κ₄ | κ₆ |
/// | --- | --- | --- |
/// | Gaussian | 0 | 0 |
/// | Rademacher | −2 | 16 |
/// | uniform | −6/5 | 48/7 |
/// | Laplace | 3 | 30 |
/// | Student t | 6/(ν−4), ν > 4 | 240/((ν−4)(ν−6)), ν > 6 |
///
/// `None`: infinite or undefined, or n is not in 1 … 6.
///
/// ```
/// use polyak::experiment::model::Law;
/// use polyak::theory::law::cumulant;
/// assert_eq!(cumulant(Law::Laplace, 4), Some(3.0));
/// assert_eq!(cumulant(Law::StudentT { degrees_of_freedom: 4.0 }, 4), None);
/// ```
pub fn cumulant(law: Law, order: u32) -> Option<f64> {
    match (order, law) {
        (1 | 3 | 5, Law::StudentT { degrees_of_freedom }) => {
            (degrees_of_freedom > f64::from(order)).then_some(0.0)
        }
        (1 | 3 | 5, _) => Some(0.0),
        (2, _) => Some(1.0),
        (4 | 6, Law::Gaussian) => Some(0.0),
        (4, Law::Rademacher) => Some(-2.0),
        (6, Law::Rademacher) => Some(16.0),
        (4, Law::Uniform) => Some(-1.2),
        (6, Law::Uniform) => Some(48.0 / 7.0),
        (4, Law::Laplace) => Some(3.0),
        (6, Law::Laplace) => Some(30.0),
        (4, Law::StudentT { degrees_of_freedom: nu }) => (nu > 4.0).then(|| 6.0 / (nu - 4.0)),
        (6, Law::StudentT { degrees_of_freedom: nu }) => {
            (nu > 6.0).then(|| 240.0 / ((nu - 4.0) * (nu - 6.0)))
        }
        _ => None,
    }
}

/// r₁ⁿ + r₂ⁿ, rᵢ = ½(1 ± √(2ℓ−1)): what SVAG(ℓ) multiplies the nth cumulant of the noise with, as it adds up two independent
/// draws (MV 5.1). 1 for n = 1, ℓ for n = 2.
pub fn svag_factor(ell: f64, order: u32) -> f64 {
    let root = (2.0 * ell - 1.0).max(0.0).sqrt();
    let power = |r: f64| (0..order).fold(1.0, |product, _| product * r);
    power(0.5 * (1.0 - root)) + power(0.5 * (1.0 + root))
}

/// (3ℓ−1)/(2ℓ^{3/2}): what SVAG(ℓ) multiplies skewness with.
///
/// ```
/// use polyak::theory::law::{svag_factor, svag_skewness_factor};
/// assert_eq!(svag_skewness_factor(4.0), 0.6875);
/// assert!((svag_factor(4.0, 3) / 8.0 - 0.6875).abs() < 1e-15);
/// ```
pub fn svag_skewness_factor(ell: f64) -> f64 {
    (3.0 * ell - 1.0) / (2.0 * ell * ell.sqrt())
}

/// (ℓ²+2ℓ−1)/(2ℓ²): what SVAG(ℓ) multiplies excess kurtosis with.
///
/// ```
/// use polyak::theory::law::{svag_factor, svag_kurtosis_factor};
/// assert_eq!(svag_kurtosis_factor(4.0), 0.71875);
/// assert!((svag_factor(4.0, 4) / 16.0 - 0.71875).abs() < 1e-15);
/// ```
pub fn svag_kurtosis_factor(ell: f64) -> f64 {
    (ell * ell + 2.0 * ell - 1.0) / (2.0 * ell * ell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// κ₄ = m₄ − 3 and κ₆ = m₆ − 15m₄ + 30 of a symmetric law of variance 1.
    fn check(law: Law, m4: f64, m6: f64) {
        let (k4, k6) = (cumulant(law, 4).unwrap(), cumulant(law, 6).unwrap());
        assert!((k4 - (m4 - 3.0)).abs() < 1e-13, "{law:?}: {k4}");
        assert!((k6 - (m6 - 15.0 * m4 + 30.0)).abs() < 1e-12, "{law:?}: {k6}");
    }

    #[test]
    fn cumulants_are_those_of_the_moments() {
        check(Law::Gaussian, 3.0, 15.0);
        check(Law::Rademacher, 1.0, 1.0);
        // Uniform on ±√3: mₙ = 3^{n/2}/(n+1). Laplace with b² = ½: mₙ = n! bⁿ.
        check(Law::Uniform, 9.0 / 5.0, 27.0 / 7.0);
        check(Law::Laplace, 24.0 / 4.0, 720.0 / 8.0);
        // Student t: m₄ = 3(ν−2)/(ν−4), m₆ = 15(ν−2)²/((ν−4)(ν−6)) at variance 1.
        let nu = 11.0;
        let law = Law::StudentT { degrees_of_freedom: nu };
        check(law, 3.0 * (nu - 2.0) / (nu - 4.0), 15.0 * (nu - 2.0) * (nu - 2.0) / ((nu - 4.0) * (nu - 6.0)));
    }

    #[test]
    fn svag_factors_are_those_of_two_weighted_draws() {
        for ell in [0.5, 1.0, 2.0, 3.7, 64.0] {
            assert!((svag_factor(ell, 1) - 1.0).abs() < 1e-14);
            assert!((svag_factor(ell, 2) - ell).abs() < 1e-13 * ell);
            let skewness = svag_factor(ell, 3) / (ell * ell.sqrt());
            assert!((skewness - svag_skewness_factor(ell)).abs() < 1e-13, "{ell}");
            let kurtosis = svag_factor(ell, 4) / (ell * ell);
            assert!((kurtosis - svag_kurtosis_factor(ell)).abs() < 1e-13, "{ell}");
        }
    }
}
