//! FF's two times on the hyperbola, each alone: that of the memory, 1/(1−β), and that of the drift, (1−β)²/(εγ)².

use polyak_core::real::double::pow;

use super::laboratory::{Failure, Laboratory};
use super::settling_time::{BatchSums, Start, settling};
use super::setup::{heavy_ball, with_noise};
use crate::experiment::model::Experiment;

/// Memories that the sum has, those after which L is taken for stationary, and all that are watched.
const MEMORIES: [f64; 3] = [3.0, 6.0, 12.0];
/// Observation points a memory.
const EVERY: f64 = 0.08;

/// Relaxation times of L in steps at 1−β = `gap`, one of each batch, from the minimiser where the experiment starts: of L(1 − e^{−k/τ}) the sum of
/// 1 − L_k/L_∞ over three τ is (1 − e⁻³)τ. At the flattest nothing drifts; of the many turns across the valley in that time, what oscillates sums to
/// nothing.
///
/// # Errors
/// [`Failure`].
pub fn relaxation(
    laboratory: &Laboratory<'_>,
    experiment: &Experiment,
    batches: usize,
    ([rate, noise], gap): ([f64; 2], f64),
) -> Result<Vec<f64>, Failure> {
    let mut experiment = experiment.clone();
    let every = (EVERY / gap) as u64;
    let [points, stationary, all] = MEMORIES.map(|memories| (memories / (gap * every as f64)) as usize);
    experiment.runs = vec![with_noise(heavy_ball("heavy ball", rate, 1.0 - gap, all as u64 * every), noise)];
    experiment.observe.every = every;
    let mut sums = BatchSums::new(batches, all + 1);
    laboratory.sample(&experiment, |sample| {
        sums.add(|point| {
            let [u, v] = [0, 1].map(|i| sample.at(0, point)[i]);
            (u * v - 1.0) * (u * v - 1.0)
        });
    })?;
    let seen = 1.0 - libm::exp(-MEMORIES[0]);
    let of = |sums: &Vec<f64>| {
        let (before, after) = (&sums[..points], &sums[stationary..]);
        let settled = after.iter().sum::<f64>() / after.len() as f64;
        // Half of the first, which is 1: a sum in place of an integral.
        let sum = before.iter().map(|sum| 1.0 - sum / settled).sum::<f64>() - 0.5;
        sum * every as f64 / seen
    };
    Ok(sums.sums.iter().map(of).collect())
}

/// Steps of the drift to within 5 % at C = (1−β)/(εγ)^{2/3}, one of each batch: for C ≫ 1 the memory is over long before.
///
/// # Errors
/// [`Failure`].
pub fn drift(
    laboratory: &Laboratory<'_>,
    start: &Start<'_>,
    batches: usize,
    ([rate, noise], c): ([f64; 2], f64),
) -> Result<Vec<f64>, Failure> {
    let unit = pow(rate * noise, 2.0 / 3.0);
    let run = heavy_ball("heavy ball", rate, 1.0 - c * unit, (2.5 * c * c / unit) as u64);
    settling(laboratory, start, batches, with_noise(run, noise))
}
