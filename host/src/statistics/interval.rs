//! Confidence intervals: quantiles of the normal and of Student's law, and the intervals made of them.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// low ≤ · ≤ high.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The two-sided interval of `estimate` that covers the truth with probability `level`: value ± q·std_error, q the
    /// (1 + level)/2 quantile of Student's law with `degrees` degrees of freedom, of the normal law where there are none to
    /// count (a large sample).
    ///
    /// ```
    /// use polyak::statistics::{Estimate, Interval};
    /// let interval = Interval::of(&Estimate { value: 1.0, std_error: 0.1 }, None, 0.95);
    /// assert!((interval.high - 1.1959964).abs() < 1e-7);
    /// let few = Interval::of(&Estimate { value: 1.0, std_error: 0.1 }, Some(4.0), 0.95);
    /// assert!((few.high - 1.2776445).abs() < 1e-7);
    /// ```
    pub fn of(estimate: &Estimate, degrees: Option<f64>, level: f64) -> Self {
        let p = 0.5 * (1.0 + level);
        let quantile = match degrees {
            None => normal_quantile(p),
            Some(degrees) => student_quantile(p, degrees),
        };
        // A certain number stays one at every level.
        let half = if estimate.std_error == 0.0 { 0.0 } else { quantile * estimate.std_error };
        Self { low: estimate.value - half, high: estimate.value + half }
    }

    /// Whether `x` lies in it.
    pub fn contains(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }
}

/// The `p`-quantile of the standard normal law, 0 < p < 1.
pub fn normal_quantile(p: f64) -> f64 {
    // Of the smaller tail, which does not cancel.
    let tail = p.min(1.0 - p);
    let x = solve(|x| 0.5 * libm::erfc(x * core::f64::consts::FRAC_1_SQRT_2), tail);
    if p < 0.5 { -x } else { x }
}

/// The `p`-quantile of Student's law with `degrees` > 0 degrees of freedom, 0 < p < 1.
pub fn student_quantile(p: f64, degrees: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let x = solve(|x| 0.5 * incomplete_beta(degrees / (degrees + x * x), 0.5 * degrees, 0.5), tail);
    if p < 0.5 { -x } else { x }
}

/// x ≥ 0 at which the falling function `tail` is `value`, by bisection to the last bits.
fn solve(tail: impl Fn(f64) -> f64, value: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while tail(high) > value && high < 1e300 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if tail(middle) > value { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// I_x(a, b), the regularised incomplete beta function, by Lentz's continued fraction (Numerical Recipes, 6.4).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x),
    );
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(x, a, b) / a
    } else {
        1.0 - front * continued_fraction(1.0 - x, b, a) / b
    }
}

fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    let guard = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, x) in
            [(0.975, 1.959_963_984_540_054), (0.995, 2.575_829_303_548_901), (0.1, -1.281_551_565_544_6)]
        {
            assert!((normal_quantile(p) - x).abs() < 1e-12, "{p}");
        }
        // Abramowitz and Stegun, table 26.10.
        for (p, degrees, x) in [
            (0.975, 1.0, 12.706_205),
            (0.975, 10.0, 2.228_139),
            (0.995, 30.0, 2.749_996),
            (0.05, 5.0, -2.015_048),
        ] {
            assert!((student_quantile(p, degrees) - x).abs() < 1e-6, "{p} {degrees}");
        }
        assert!((student_quantile(0.975, 1e7) - normal_quantile(0.975)).abs() < 1e-6);
    }
}
