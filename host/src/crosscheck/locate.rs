//! Where two back ends first differ.

use std::sync::Arc;

use polyak_core::observe::CHUNK;
use polyak_core::real::Scalar;
use polyak_lanes::Centre;
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

/// Each of the first steps is looked at, up to this one; of those beyond, halves are. A trajectory is run from its start for each, as it was
/// when it was found to differ: with an observation point at each step a GPU would be launched for each step, and might not do what it did.
const ALL_STEPS: u64 = 1000;

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

/// Looks for the first step after which a trajectory of a run differs between two executors. It is the first if it is at most 1000; beyond,
/// it is a step where a difference begins that is there to the end of the interval that was halved, and an earlier one that healed, as at a
/// discontinuity of the gradient, may be passed over.
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
    for steps in 0..=total.min(ALL_STEPS) {
        if let Some(found) = at(steps)? {
            return Ok(Some(found));
        }
    }
    if total <= ALL_STEPS {
        return Ok(None);
    }
    let Some(mut found) = at(total)? else { return Ok(None) };
    let mut equal = ALL_STEPS;
    while found.step - equal > 1 {
        let middle = equal + (found.step - equal) / 2;
        match at(middle)? {
            Some(earlier) => found = earlier,
            None => equal = middle,
        }
    }
    Ok(Some(found))
}

/// The first coordinate of a trajectory that differs after `steps` steps.
fn difference<S: Scalar>(
    job: &Job<S>,
    run: usize,
    trajectory: u64,
    steps: u64,
    executors: [&dyn Executor<S>; 2],
) -> Result<Option<FirstDifference>, Fault> {
    // Those after it in its chunk are left out.
    let mut short = Job { runs: vec![job.runs[run].clone()], trajectories: trajectory + 1, ..job.clone() };
    short.observe.paths = 0;
    let plan = &mut short.runs[0].plan;
    plan.observed = if steps == 0 { [0].into() } else { [0, steps].into() };
    plan.steps = steps;
    // Sums are taken about zero.
    short.runs[0].centre = Centre::zero(job.dimension, Arc::clone(&short.runs[0].plan.observed));
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

#[cfg(test)]
mod tests {
    use std::ops::{Range, RangeInclusive};
    use std::path::Path;

    use super::*;
    use crate::backend::cpu::{Cpu, Width};
    use crate::engine::Finished;
    use crate::experiment::model::Experiment;

    /// A back end that gives another number for one coordinate of one trajectory after some numbers of steps.
    struct Wrong<'a> {
        cpu: &'a Cpu,
        after: &'a [RangeInclusive<u64>],
    }

    const TRAJECTORY: u64 = 259;
    const COORDINATE: usize = 1;

    impl Executor<f32> for Wrong<'_> {
        fn run_chunks(&self, job: &Job<f32>, chunks: Range<u64>) -> Result<Vec<Finished<f32>>, Fault> {
            let mut finished = self.cpu.run_chunks(job, chunks.clone())?;
            for (chunk, finished) in chunks.zip(&mut finished) {
                for (run, result) in job.runs.iter().zip(&mut finished.results) {
                    if chunk == TRAJECTORY / CHUNK as u64
                        && self.after.iter().any(|after| after.contains(&run.plan.steps))
                    {
                        let place = (TRAJECTORY % CHUNK as u64) as usize * job.dimension + COORDINATE;
                        result.final_states[place] = -result.final_states[place];
                    }
                }
            }
            Ok(finished)
        }

        fn workers(&self) -> usize {
            1
        }
    }

    fn found(steps: u64, after: &[RangeInclusive<u64>]) -> Option<FirstDifference> {
        let text = format!(
            "trajectories = 300\nsteps = {steps}\n[landscape]\nkind = \"quadratic\"\ncurvature = [0.5, 1.0, 2.0]\nstart = 1.0\n\
             [noise]\nkind = \"gaussian\"\nscale = 0.1\n[observe]\npaths = 2\n\
             [[run]]\noptimizer = \"sgd\"\nlearning_rate = 0.1\n"
        );
        let experiment = Experiment::parse(&text, Path::new("experiment.toml"), &[]).unwrap();
        let job = Job::<f32>::new(&experiment);
        let cpu = Cpu { width: Width::detect(), threads: 1 };
        first_difference(&job, 0, TRAJECTORY, [&cpu, &Wrong { cpu: &cpu, after }]).unwrap()
    }

    #[test]
    fn a_difference_that_heals_is_the_first() {
        for (steps, after, first) in [
            (200, &[70..=90, 150..=200][..], 70),
            (200, &[0..=0, 199..=200], 0),
            (200, &[200..=200], 200),
            (1500, &[120..=121, 1400..=1500], 120),
            // Beyond what is looked at step by step.
            (1500, &[1234..=1500], 1234),
            (1001, &[1001..=1001], 1001),
        ] {
            let found = found(steps, after).unwrap();
            assert_eq!(
                (found.trajectory, found.step, found.coordinate),
                (TRAJECTORY, first, COORDINATE),
                "{after:?}"
            );
            assert_eq!(found.values[0], -found.values[1]);
            assert_ne!(found.bits[0], found.bits[1]);
        }
        assert_eq!(found(200, &[]), None);
        assert_eq!(found(1500, &[]), None);
    }
}
