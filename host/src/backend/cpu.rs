//! The CPU: chunks in SIMD lanes, the widest instruction set that the machine has.

use std::ops::{Range, RangeInclusive};
use std::time::Instant;

pub use polyak_lanes::{LaneScalar, Width};

use crate::engine::{Executor, Fault, Finished, chunks, trajectories};
use crate::job::Job;

/// The CPU as an executor of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    /// Instruction set.
    pub width: Width,
    /// Threads.
    pub threads: usize,
}

impl Cpu {
    /// All runs of the chunks of a range; `paths` trajectories of the chunk that begins with trajectory `first` are recorded.
    pub fn run_recording<S: LaneScalar>(
        self,
        job: &Job<S>,
        range: Range<u64>,
        paths: impl Fn(u64) -> usize,
    ) -> Vec<Finished<S>> {
        let mut layout = job.layout();
        let all_runs = |chunk| {
            let (first, count) = trajectories(job, chunk);
            layout.paths = paths(first);
            let mut finished = Finished { results: Vec::new(), seconds: Vec::new() };
            for run in 0..job.runs.len() {
                let start = Instant::now();
                finished.results.push(S::run_chunk(self.width, job.chunk(run, &layout, first, count)));
                finished.seconds.push(start.elapsed().as_secs_f64());
            }
            finished
        };
        range.map(all_runs).collect()
    }
}

impl<S: LaneScalar> Executor<S> for Cpu {
    fn run_chunks(&self, job: &Job<S>, range: Range<u64>) -> Result<Vec<Finished<S>>, Fault> {
        // Recorded trajectories are the first ones of the ensemble.
        let paths = job.layout().paths;
        Ok(self.run_recording(job, range, |first| if first == 0 { paths } else { 0 }))
    }

    fn workers(&self) -> usize {
        self.threads
    }

    fn batch(&self, job: &Job<S>) -> RangeInclusive<u64> {
        // Few enough that no thread waits long for the last ones of an ensemble.
        let share = chunks(job.trajectories) / (16 * self.threads.max(1) as u64);
        1..=share.clamp(1, 64)
    }
}
