//! Whether two back ends agree in every bit, and where they first differ if they do not.

mod cases;
mod locate;

pub use cases::{Case, FOR_THE_GPU, Matrix, cases, cases_for_the_emulator};
pub use locate::FirstDifference;

use std::ops::Range;

use polyak_core::real::Scalar;
use serde::Serialize;

use crate::backend::ChunkResult;
use crate::engine::{Executor, Fault, Finished, chunks};
use crate::job::Job;
use crate::statistics::Digest;

/// A back end and its name.
pub struct Named<'a, S> {
    /// Its name, as on the command line.
    pub name: String,
    /// What computes.
    pub executor: &'a dyn Executor<S>,
}

/// What two back ends made of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The case, or experiment and run.
    pub case: String,
    /// The two back ends.
    pub backends: [String; 2],
    /// n.
    pub trajectories: u64,
    /// n·d·K, of one of them.
    pub updates: f64,
    /// Digests of the final states.
    pub digests: [String; 2],
    /// Bits that differ, in the final states, losses and passages, the recorded paths and every sum; NaNs are equal.
    pub differing_bits: u64,
    /// Where the first trajectory that differs first does so; `None` if none does, or the sums alone differ.
    pub first_difference: Option<FirstDifference>,
}

impl Comparison {
    /// Whether every bit agrees.
    pub fn agrees(&self) -> bool {
        self.differing_bits == 0 && self.digests[0] == self.digests[1]
    }
}

/// Runs a job on each back end and compares each with each, run by run; `label` names a run.
///
/// # Errors
/// The first fault of a back end.
pub fn crosscheck<S: Scalar>(
    job: &Job<S>,
    backends: &[Named<S>],
    label: impl Fn(usize) -> String,
) -> Result<Vec<Comparison>, Fault> {
    // Whatever the experiment asks for, every final state is compared.
    let job = &Job { final_states: true, ..job.clone() };
    let pairs: Vec<(usize, usize)> = (0..backends.len())
        .flat_map(|first| (first + 1..backends.len()).map(move |second| (first, second)))
        .collect();
    let mut digests = vec![vec![Digest::default(); job.runs.len()]; backends.len()];
    let mut bits = vec![vec![0; job.runs.len()]; pairs.len()];
    let mut first: Vec<Vec<Option<u64>>> = vec![vec![None; job.runs.len()]; pairs.len()];
    let batch = backends.iter().map(|backend| *backend.executor.batch(job).start()).max().unwrap_or(1).max(1);
    let mut done = 0;
    while done < chunks(job.trajectories) {
        let range = done..chunks(job.trajectories).min(done + batch);
        let finished: Vec<Vec<Finished<S>>> = backends
            .iter()
            .map(|backend| compute(job, backend.executor, range.clone()))
            .collect::<Result<_, _>>()?;
        for (digests, finished) in digests.iter_mut().zip(&finished) {
            for finished in finished {
                for (digest, result) in digests.iter_mut().zip(&finished.results) {
                    digest.update(&result.final_states);
                }
            }
        }
        for (pair, &(a, b)) in pairs.iter().enumerate() {
            for (chunk, (a, b)) in range.clone().zip(finished[a].iter().zip(&finished[b])) {
                for (run, (a, b)) in a.results.iter().zip(&b.results).enumerate() {
                    bits[pair][run] += differing_bits(a, b);
                    if first[pair][run].is_none() {
                        first[pair][run] = locate::trajectory(job, chunk, a, b);
                    }
                }
            }
        }
        done = range.end;
    }
    let mut comparisons = Vec::new();
    for run in 0..job.runs.len() {
        for (pair, &(a, b)) in pairs.iter().enumerate() {
            let executors = [a, b].map(|side| backends[side].executor);
            let first_difference = match first[pair][run] {
                Some(trajectory) => locate::first_difference(job, run, trajectory, executors)?,
                None => None,
            };
            let (n, steps) = (job.trajectories, job.runs[run].plan.steps);
            comparisons.push(Comparison {
                case: label(run),
                backends: [a, b].map(|side| backends[side].name.clone()),
                trajectories: n,
                updates: n as f64 * steps as f64 * job.dimension as f64,
                digests: [a, b].map(|side| digests[side][run].to_string()),
                differing_bits: bits[pair][run],
                first_difference,
            });
        }
    }
    Ok(comparisons)
}

/// The chunks of a range, dealt to as many threads as the back end has workers.
fn compute<S: Scalar>(
    job: &Job<S>,
    executor: &dyn Executor<S>,
    range: Range<u64>,
) -> Result<Vec<Finished<S>>, Fault> {
    let (batch, workers) = ((*executor.batch(job).start()).max(1), executor.workers().max(1) as u64);
    let each = (range.end - range.start).div_ceil(workers).max(batch);
    let share = |worker: u64| {
        let begin = range.end.min(range.start + worker * each);
        begin..range.end.min(begin + each)
    };
    std::thread::scope(|scope| {
        let shares: Vec<_> = (0..workers).map(share).filter(|share| !share.is_empty()).collect();
        let threads: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || one_by_one(job, executor, share, batch)))
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            let finished = thread.join().map_err(|_| Fault("a worker thread failed".to_owned()))?;
            all.extend(finished?);
        }
        Ok(all)
    })
}

fn one_by_one<S>(
    job: &Job<S>,
    executor: &dyn Executor<S>,
    share: Range<u64>,
    batch: u64,
) -> Result<Vec<Finished<S>>, Fault> {
    let mut all = Vec::new();
    let mut begin = share.start;
    while begin < share.end {
        let end = share.end.min(begin + batch);
        all.extend(executor.run_chunks(job, begin..end)?);
        begin = end;
    }
    Ok(all)
}

/// Bits in which two chunks' results differ.
fn differing_bits<S: Scalar>(a: &ChunkResult<S>, b: &ChunkResult<S>) -> u64 {
    let words = |a: &[u32], b: &[u32]| {
        let common: u64 = a.iter().zip(b).map(|(a, b)| u64::from((a ^ b).count_ones())).sum();
        common + 32 * a.len().abs_diff(b.len()) as u64
    };
    let numbers = |a: &[S], b: &[S]| {
        let different =
            |(a, b): (&S, &S)| u64::from((a.to_canonical_bits() ^ b.to_canonical_bits()).count_ones());
        a.iter().zip(b).map(different).sum::<u64>() + 8 * (S::BYTES * a.len().abs_diff(b.len())) as u64
    };
    words(&a.alive, &b.alive)
        + words(&a.passages, &b.passages)
        + numbers(&a.sums, &b.sums)
        + numbers(&a.final_states, &b.final_states)
        + numbers(&a.final_losses, &b.final_losses)
        + numbers(&a.paths, &b.paths)
}
