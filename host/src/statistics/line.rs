//! Straight lines through points with errors, and the power laws they are in logarithms.

use super::Estimate;

/// y = intercept + slope·x fitted by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Value at x = 0.
    pub intercept: Estimate,
    /// Slope.
    pub slope: Estimate,
    /// Σ ((y − fit)/error)², about `degrees` if the points lie on a line and their errors are right.
    pub chi_square: f64,
    /// Points less two.
    pub degrees: f64,
}

impl Line {
    /// Through independent points (x, y ± error), each weighted by 1/error²: errors of slope and intercept are the propagated ones
    /// (Numerical Recipes, 15.2). `None` of fewer than two different x, or where an error is not positive.
    ///
    /// ```
    /// use polyak::statistics::{Estimate, Line};
    /// let y = [1.0, 3.0, 5.0].map(|value| Estimate { value, std_error: 0.1 });
    /// let line = Line::through(&[0.0, 1.0, 2.0], &y).unwrap();
    /// assert!((line.slope.value - 2.0).abs() < 1e-12 && (line.slope.std_error - 0.1 / 2f64.sqrt()).abs() < 1e-12);
    /// ```
    pub fn through(x: &[f64], y: &[Estimate]) -> Option<Self> {
        if y.iter().any(|y| !(y.std_error > 0.0 && y.std_error.is_finite() && y.value.is_finite())) {
            return None;
        }
        let weights: Vec<f64> = y.iter().map(|y| 1.0 / (y.std_error * y.std_error)).collect();
        let fit = Fit::new(x, y, &weights)?;
        Some(fit.line(1.0))
    }

    /// Through points of equal but unknown error, which is taken from their scatter about the line: intervals of slope and intercept
    /// are Student's with [`degrees`](Self::degrees). `None` of fewer than three points.
    pub fn through_scattered(x: &[f64], y: &[f64]) -> Option<Self> {
        let points: Vec<Estimate> = y.iter().map(|&value| Estimate { value, std_error: 1.0 }).collect();
        let fit = Fit::new(x, &points, &vec![1.0; x.len()])?;
        let degrees = x.len() as f64 - 2.0;
        if degrees < 1.0 {
            return None;
        }
        let scatter = (fit.line(1.0).chi_square / degrees).sqrt();
        let mut line = fit.line(scatter);
        line.chi_square = degrees;
        Some(line)
    }

    /// y = e^{intercept}·x^{slope}: the line in (ln x, ln y), errors of ln y from error/y. `None` as for
    /// [`through`](Self::through), and where x or y is not positive.
    pub fn power_law(x: &[f64], y: &[Estimate]) -> Option<Self> {
        if x.iter().any(|&x| x <= 0.0) || y.iter().any(|y| y.value <= 0.0) {
            return None;
        }
        let abscissae: Vec<f64> = x.iter().map(|&x| libm::log(x)).collect();
        let logs: Vec<Estimate> = y
            .iter()
            .map(|y| Estimate { value: libm::log(y.value), std_error: y.std_error / y.value })
            .collect();
        Self::through(&abscissae, &logs)
    }

    /// The value at `x`.
    pub fn at(&self, x: f64) -> f64 {
        self.intercept.value + self.slope.value * x
    }
}

/// Weighted sums about the weighted mean of x, so that slope and height there do not correlate.
struct Fit {
    centre: f64,
    height: f64,
    weight: f64,
    spread: f64,
    slope: f64,
    residuals: f64,
    degrees: f64,
}

impl Fit {
    fn new(x: &[f64], y: &[Estimate], weights: &[f64]) -> Option<Self> {
        let weight: f64 = weights.iter().sum();
        let mean = |values: &dyn Fn(usize) -> f64| {
            weights.iter().enumerate().map(|(i, w)| w * values(i)).sum::<f64>() / weight
        };
        let (centre, height) = (mean(&|i| x[i]), mean(&|i| y[i].value));
        let spread = weight * mean(&|i| (x[i] - centre) * (x[i] - centre));
        if x.len() != y.len() || x.len() < 2 || spread.is_nan() || spread <= 0.0 {
            return None;
        }
        let slope = weight * mean(&|i| (x[i] - centre) * (y[i].value - height)) / spread;
        let off = |i: usize| y[i].value - height - slope * (x[i] - centre);
        let residuals = weight * mean(&|i| off(i) * off(i));
        Some(Self { centre, height, weight, spread, slope, residuals, degrees: x.len() as f64 - 2.0 })
    }

    /// The line, with errors `scale` times those that the weights say.
    fn line(&self, scale: f64) -> Line {
        let slope_variance = 1.0 / self.spread;
        let intercept_variance = 1.0 / self.weight + self.centre * self.centre * slope_variance;
        Line {
            slope: Estimate { value: self.slope, std_error: scale * slope_variance.sqrt() },
            intercept: Estimate {
                value: self.height - self.slope * self.centre,
                std_error: scale * intercept_variance.sqrt(),
            },
            chi_square: self.residuals,
            degrees: self.degrees,
        }
    }
}

/// The limit at step 0 of a quantity whose error goes like the step: 2·f(η/2) − f(η) (Richardson), errors of independent estimates
/// added in quadrature.
pub fn richardson(full: &Estimate, half: &Estimate) -> Estimate {
    let std_error = (4.0 * half.std_error * half.std_error + full.std_error * full.std_error).sqrt();
    Estimate { value: 2.0 * half.value - full.value, std_error }
}
