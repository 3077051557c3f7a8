//! Measured against exact: the z-score of every moment.

use std::fmt::Write as _;

use super::RunResult;
use super::moments::quoted;
use crate::statistics::Estimate;

/// One moment measured, exact, and how many standard errors lie between.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Step of the observation point.
    pub step: u64,
    /// `mean`, `variance`, `covariance` or `loss`.
    pub quantity: &'static str,
    /// Coordinate, pair of coordinates, or nothing.
    pub index: String,
    /// The estimate.
    pub measured: Estimate,
    /// The exact value.
    pub exact: f64,
    /// (measured − exact)/error.
    pub z: f64,
}

/// z with the arithmetic's own rounding beside the sampling error: `rounding` is the unit roundoff of the simulation times the
/// size of the numbers it works on, times a small factor for the steps it accumulates over.
fn z(measured: Estimate, exact: f64, rounding: f64) -> f64 {
    let error = (measured.std_error * measured.std_error + rounding * rounding).sqrt();
    if measured.value == exact && error.is_finite() { 0.0 } else { (measured.value - exact) / error }
}

/// Every moment of a run for which there is an exact value; empty where there is no theory.
///
/// `epsilon` is the machine epsilon of the simulation's precision.
pub fn compare(run: &RunResult, epsilon: f64) -> Vec<Comparison> {
    let Ok(theory) = &run.theory else { return Vec::new() };
    let mut all = Vec::new();
    for (point, exact) in run.points.iter().zip(theory) {
        let mut add = |quantity, index: String, measured: Estimate, exact_value: f64, size: f64| {
            let z = z(measured, exact_value, ROUNDINGS * epsilon * size);
            // One trajectory has no error to count in, none has no moments.
            if z.is_finite() {
                all.push(Comparison { step: exact.step, quantity, index, measured, exact: exact_value, z });
            }
        };
        // A dense Hessian mixes the coordinates: what one rounds, all feel.
        let largest = exact.mean.iter().fold(0.0, |largest: f64, mean| largest.max(mean.abs()));
        for (i, (&mean, &variance)) in exact.mean.iter().zip(&exact.variance).enumerate() {
            let scale = largest + variance.sqrt();
            add("mean", i.to_string(), point.mean[i], mean, scale);
            add("variance", i.to_string(), point.variance[i], variance, scale * variance.sqrt());
        }
        add("loss", String::new(), point.loss, exact.loss, exact.loss.abs());
    }
    let last = theory.last().and_then(|exact| Some((exact, exact.covariance.as_ref()?)));
    if let (Some(measured), Some((exact, covariance))) = (&run.covariance, last) {
        for i in 0..measured.len() {
            for j in 0..i {
                let (estimate, exact_value) = (measured[i][j], covariance[(i, j)]);
                let size = (exact.variance[i] * exact.variance[j]).sqrt();
                let z = z(estimate, exact_value, ROUNDINGS * epsilon * size);
                if !z.is_finite() {
                    continue;
                }
                all.push(Comparison {
                    step: exact.step,
                    quantity: "covariance",
                    index: format!("{i}:{j}"),
                    measured: estimate,
                    exact: exact_value,
                    z,
                });
            }
        }
    }
    all
}

/// Roundings of the state that add up to a bias in the same direction; a contraction forgets the older ones.
const ROUNDINGS: f64 = 64.0;

/// `zscores.csv`: `run,step,quantity,index,value,std_error,exact,z`.
pub fn csv(runs: &[(String, Vec<Comparison>)]) -> String {
    let mut text = String::from("run,step,quantity,index,value,std_error,exact,z\n");
    for (run, comparisons) in runs {
        let run = quoted(run);
        for Comparison { step, quantity, index, measured, exact, z } in comparisons {
            let Estimate { value, std_error } = measured;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{run},{step},{quantity},{index},{value},{std_error},{exact},{z}");
        }
    }
    text
}
