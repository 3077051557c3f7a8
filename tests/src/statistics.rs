//! Goodness of fit: distances between a sample and a law, as p-values.

#![allow(clippy::disallowed_methods, reason = "what a sample is held against may round as it likes")]

use statrs::function::gamma::gamma_ur;

/// P(D > d) of Kolmogorov and Smirnov's distance between n numbers and their law, Stephens' (1970) form of the limit.
pub fn kolmogorov(d: f64, n: usize) -> f64 {
    let root = (n as f64).sqrt();
    let lambda = (root + 0.12 + 0.11 / root) * d;
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |j: i32| (-2.0 * f64::from(j * j) * lambda * lambda).exp();
    2.0 * (1..100).map(|j| if j % 2 == 1 { term(j) } else { -term(j) }).sum::<f64>()
}

/// P(A² > a) of Anderson and Darling's statistic in the limit (Marsaglia and Marsaglia 2004, `adinf`).
pub fn anderson_darling(a: f64) -> f64 {
    let horner = |c: [f64; 6]| c.iter().rev().fold(0.0, |y, c| y * a + c);
    let below = if a < 2.0 {
        (-1.233_714_1 / a).exp() / a.sqrt()
            * horner([2.000_12, 0.247_105, -0.064_982_1, 0.034_796_2, -0.011_672, 0.001_686_91])
    } else {
        (-horner([1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146]).exp()).exp()
    };
    1.0 - below
}

/// P(χ² > x) with k degrees of freedom.
pub fn chi_square(x: f64, k: usize) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_ur(k as f64 / 2.0, x / 2.0) }
}

/// The p-values of Kolmogorov–Smirnov and of Anderson–Darling of a sample, which is sorted here, against a law symmetric
/// about 0; `tail(x)` is P(X > x) for x ≥ 0.
pub fn fit(sample: &mut [f64], tail: impl Fn(f64) -> f64) -> (f64, f64) {
    sample.sort_unstable_by(f64::total_cmp);
    let n = sample.len();
    // P(X ≤ x) and P(X > x), each without cancellation.
    let both: Vec<(f64, f64)> = sample
        .iter()
        .map(|&x| {
            let t = tail(x.abs());
            if x < 0.0 { (t, 1.0 - t) } else { (1.0 - t, t) }
        })
        .collect();
    let (mut distance, mut a) = (0f64, 0.0);
    for (i, (below, _)) in both.iter().enumerate() {
        let (before, after) = (i as f64 / n as f64, (i + 1) as f64 / n as f64);
        distance = distance.max((below - before).max(after - below));
        a += (2 * i + 1) as f64 / n as f64 * (below.ln() + both[n - 1 - i].1.ln());
    }
    (kolmogorov(distance, n), anderson_darling(-(n as f64) - a))
}

/// The p-value of counts against their expectations.
pub fn chi_square_of_counts(counts: &[u64], expected: f64) -> f64 {
    let x = counts.iter().map(|&c| (c as f64 - expected).powi(2) / expected).sum();
    chi_square(x, counts.len() - 1)
}

/// z of the mean of numbers whose mean is 0 and whose variance is known.
pub fn z_of_mean(numbers: impl Iterator<Item = f64>, variance: f64) -> f64 {
    let (sum, n) = numbers.fold((0.0, 0u64), |(sum, n), x| (sum + x, n + 1));
    sum / (variance * n as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_critical_values() {
        // Smirnov's table; Stephens (1974), case 0; any χ² table.
        assert!((kolmogorov(1.3581 / 1000.0, 1_000_000) - 0.05).abs() < 1e-4);
        assert!((kolmogorov(1.6276 / 1000.0, 1_000_000) - 0.01).abs() < 1e-4);
        assert!((anderson_darling(2.492) - 0.05).abs() < 1e-4);
        assert!((anderson_darling(3.878) - 0.01).abs() < 1e-4);
        assert!((anderson_darling(1.933) - 0.10).abs() < 1e-4);
        assert!((chi_square(18.307, 10) - 0.05).abs() < 1e-5);
    }

    #[test]
    fn an_even_grid_fits_its_law_too_well_and_a_shifted_one_not_at_all() {
        let n = 10_000;
        let tail = |x: f64| 0.5 - x;
        let mut grid: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64 - 0.5).collect();
        let (ks, ad) = fit(&mut grid, tail);
        assert!(ks > 0.999_999 && ad > 0.999_999);
        let mut shifted: Vec<f64> = grid.iter().map(|x| (x + 0.05).min(0.499_999)).collect();
        let (ks, ad) = fit(&mut shifted, tail);
        assert!(ks < 1e-9 && ad < 1e-9);
    }
}
