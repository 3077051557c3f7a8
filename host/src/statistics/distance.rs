//! Distances between ensembles as whole distributions: energy distance and sliced Wasserstein distance.

use polyak_core::random::{Law, Pcg32, Stream};

use super::Estimate;
use super::control::mean_of;

/// A law on the line that a sample is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// Mean.
    pub mean: f64,
    /// Standard deviation, above 0.
    pub deviation: f64,
}

impl Normal {
    /// E|x − Y|.
    fn mean_distance(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.deviation;
        let density = libm::exp(-0.5 * z * z) / (2.0 * core::f64::consts::PI).sqrt();
        self.deviation * (2.0 * density + z * libm::erf(z * core::f64::consts::FRAC_1_SQRT_2))
    }
}

/// Σ_{i<j} |xᵢ − xⱼ| · 2/(n(n−1)), the unbiased mean distance within a sorted sample.
fn within(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let sum: f64 = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 + 1.0 - n) * x).sum();
    2.0 * sum / (n * (n - 1.0))
}

/// Mean of |xᵢ − yⱼ| over all pairs of two sorted samples.
fn between(x: &[f64], y: &[f64]) -> f64 {
    let (mut below, mut sum_below) = (0usize, 0.0);
    let total: f64 = y.iter().sum();
    let mut sum = 0.0;
    for &value in x {
        while below < y.len() && y[below] <= value {
            sum_below += y[below];
            below += 1;
        }
        let above = (y.len() - below) as f64;
        sum += value * below as f64 - sum_below + (total - sum_below) - value * above;
    }
    sum / (x.len() as f64 * y.len() as f64)
}

/// Energy distance squared 2E|X−Y| − E|X−X'| − E|Y−Y'| of two samples on the line (Székely and Rizzo 2013), without bias: its
/// mean is 0 where the laws are equal, so it may be negative. Sorts both. O(n log n).
///
/// ```
/// use polyak::statistics::distance::energy;
/// // 2·1 − 0 − 0 for two certain numbers a unit apart.
/// assert_eq!(energy(&mut [0.0, 0.0], &mut [1.0, 1.0]), 2.0);
/// ```
pub fn energy(x: &mut [f64], y: &mut [f64]) -> f64 {
    x.sort_unstable_by(f64::total_cmp);
    y.sort_unstable_by(f64::total_cmp);
    2.0 * between(x, y) - within(x) - within(y)
}

/// [`energy`] of a sample and a normal law, for which E|Y − Y'| = 2s/√π and E|x − Y| are known: only the sample has an error.
pub fn energy_to_normal(x: &mut [f64], law: Normal) -> f64 {
    x.sort_unstable_by(f64::total_cmp);
    let cross = x.iter().map(|&x| law.mean_distance(x)).sum::<f64>() / x.len() as f64;
    2.0 * cross - within(x) - 2.0 * law.deviation / core::f64::consts::PI.sqrt()
}

/// W₂² = ∫₀¹ (F⁻¹ − G⁻¹)² dp of two samples of equal size on the line: the mean square between their order statistics. Sorts both.
pub fn wasserstein(x: &mut [f64], y: &mut [f64]) -> f64 {
    x.sort_unstable_by(f64::total_cmp);
    y.sort_unstable_by(f64::total_cmp);
    x.iter().zip(y.iter()).map(|(x, y)| (x - y) * (x - y)).sum::<f64>() / x.len() as f64
}

/// `count` directions of length 1 in ℝᵈ from a stream of their own: equal every time.
pub fn directions(d: usize, count: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::<f64, _>::new(Pcg32::new(0x5eed, 0));
    let direction = |_| {
        let mut direction = vec![0.0; d];
        stream.draw(Law::Gaussian, d, &mut |i: usize, z: f64| direction[i] = z);
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        direction.iter().map(|x| x / length).collect()
    };
    (0..count).map(direction).collect()
}

/// The points' coordinates along `direction`.
pub fn project(points: &[f64], direction: &[f64]) -> Vec<f64> {
    let dot = |point: &[f64]| point.iter().zip(direction).map(|(x, u)| x * u).sum();
    points.chunks_exact(direction.len()).map(dot).collect()
}

/// Mean of a distance over batches of independent points, with the scatter of the batches as its error and their degrees of
/// freedom: the distance of each batch is a number of its own. `distance` gets the points of a batch from either ensemble, d
/// numbers a point.
///
/// Where the laws are equal a batch's distance is skewed: a 95 % interval from 40 batches then covers 0 in 92 % to 93 % of cases
/// only, from 200 batches in 95 %.
pub fn batched(
    x: &[f64],
    y: &[f64],
    d: usize,
    batches: usize,
    distance: impl Fn(&[f64], &[f64]) -> f64,
) -> (Estimate, f64) {
    let part = |points: &[f64], batch: usize| {
        let size = points.len() / d / batches * d;
        batch * size..(batch + 1) * size
    };
    let values: Vec<f64> =
        (0..batches).map(|batch| distance(&x[part(x, batch)], &y[part(y, batch)])).collect();
    mean_of(&values)
}

/// Sliced [`energy`] distance in ℝᵈ: the mean over `directions` of that between projections.
pub fn sliced_energy(x: &[f64], y: &[f64], directions: &[Vec<f64>]) -> f64 {
    let one = |u: &Vec<f64>| energy(&mut project(x, u), &mut project(y, u));
    directions.iter().map(one).sum::<f64>() / directions.len() as f64
}

/// Sliced [`wasserstein`] distance in ℝᵈ (Bonneel et al. 2015).
pub fn sliced_wasserstein(x: &[f64], y: &[f64], directions: &[Vec<f64>]) -> f64 {
    let one = |u: &Vec<f64>| wasserstein(&mut project(x, u), &mut project(y, u));
    directions.iter().map(one).sum::<f64>() / directions.len() as f64
}

/// Sliced energy distance of points to the normal law of this mean and covariance (d × d, row by row).
pub fn sliced_energy_to_normal(x: &[f64], mean: &[f64], covariance: &[f64], directions: &[Vec<f64>]) -> f64 {
    let one = |u: &Vec<f64>| {
        let d = u.len();
        let variance: f64 =
            (0..d).map(|i| (0..d).map(|j| u[i] * covariance[i * d + j] * u[j]).sum::<f64>()).sum();
        let along: f64 = u.iter().zip(mean).map(|(u, m)| u * m).sum();
        energy_to_normal(&mut project(x, u), Normal { mean: along, deviation: variance.sqrt() })
    };
    directions.iter().map(one).sum::<f64>() / directions.len() as f64
}
