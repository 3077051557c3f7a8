//! Where two back ends first differ.

use polyak_core::observe::CHUNK;
use polyak_core::real::Scalar;
use serde::Serialize;

use crate::backend::ChunkResult;
use crate::engine::{Executor, Fault, trajectories};
use crate::job::Job;

/// The first step after which a trajectory differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FirstDifference {
    /// The trajectory: the first of the ensemble that differs at the end.
    pub trajectory: u64,
    /// Steps taken.
    pub step: u64,
    /// The coordinate, the first that differs there.
    pub coordinate: usize,
    /// Both values.
    pub values: [f64; 2],
    /// Their bits, in hexadecimal digits.
    pub bits: [String; 2],
}

/// Up to this many steps each is looked at; beyond, halves are.
const ALL_STEPS: u64 = 64;

/// The first trajectory of a chunk whose final states differ.
pub fn trajectory<S: Scalar>(
    job: &Job<S>,
    chunk: u64,
    a: &ChunkResult<S>,
    b: &ChunkResult<S>,
) -> Option<u64> {
    let (first, _) = trajectories(job, chunk);
    let pairs = a.final_states.iter().zip(&b.final_states);
    let place =
        pairs.map(|(a, b)| a.to_canonical_bits() != b.to_canonical_bits()).position(|differs| differs);
    place.map(|place| first + (place / job.dimension) as u64)
}

/// Looks for the first step after which a trajectory of a run differs between two executors.
///
/// # Errors
/// A fault of an executor.
pub fn first_difference<S: Scalar>(
    job: &Job<S>,
    run: usize,
    trajectory: u64,
    executors: [&dyn Executor<S>; 2],
) -> Result<Option<FirstDifference>, Fault> {
    let at = |steps| difference(job, run, trajectory, steps, executors);
    let total = job.runs[run].plan.steps;
    if total <= ALL_STEPS {
        for steps in 0..=total {
            if let Some(found) = at(steps)? {
                return Ok(Some(found));
            }
        }
        return Ok(None);
    }
    let Some(mut found) = at(total)? else { return Ok(None) };
    let mut equal = 0;
    while found.step - equal > 1 {
        let middle = equal + (found.step - equal) / 2;
        match at(middle)? {
            Some(earlier) => found = earlier,
            None => equal = middle,
        }
    }
    Ok(Some(at(equal)?.unwrap_or(found)))
}

/// The first coordinate of a trajectory that differs after `steps` steps.
fn difference<S: Scalar>(
    job: &Job<S>,
    run: usize,
    trajectory: u64,
    steps: u64,
    executors: [&dyn Executor<S>; 2],
) -> Result<Option<FirstDifference>, Fault> {
    let mut short = Job { runs: vec![job.runs[run].clone()], ..job.clone() };
    let plan = &mut short.runs[0].plan;
    plan.observed = if steps == 0 { vec![0] } else { vec![0, steps] };
    plan.steps = steps;
    // Sums are taken about zero.
    short.runs[0].centre = vec![S::ZERO; 2 * job.dimension];
    short.runs[0].centre_loss.resize(2, S::ZERO);
    let chunk = trajectory / CHUNK as u64;
    let place = (trajectory % CHUNK as u64) as usize * job.dimension;
    let mut points = Vec::new();
    for executor in executors {
        let finished = executor.run_chunks(&short, chunk..chunk + 1)?;
        let states = finished.first().and_then(|finished| finished.results.first());
        let states = states.and_then(|result| result.final_states.get(place..place + job.dimension));
        points.push(states.ok_or_else(|| Fault("a back end left out a trajectory".to_owned()))?.to_vec());
    }
    let [a, b] = [&points[0], &points[1]];
    let differs = |(a, b): (&S, &S)| a.to_canonical_bits() != b.to_canonical_bits();
    Ok(a.iter().zip(b).position(differs).map(|coordinate| {
        let values = [a[coordinate], b[coordinate]];
        let digits = 2 * S::BYTES;
        FirstDifference {
            trajectory,
            step: steps,
            coordinate,
            values: values.map(Scalar::to_f64),
            bits: values.map(|value| format!("{:0digits$x}", value.to_canonical_bits())),
        }
    }))
}
