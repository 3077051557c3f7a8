//! The CPU: chunks in SIMD lanes, the widest instruction set that the machine has.

use std::ops::Range;
use std::time::Instant;

pub use polyak_lanes::{LaneScalar, Width};

use crate::engine::{Executor, Fault, Finished, trajectories};
use crate::job::Job;

/// The CPU as an executor of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    /// Instruction set.
    pub width: Width,
    /// Threads.
    pub threads: usize,
}

impl<S: LaneScalar> Executor<S> for Cpu {
    fn run_chunks(&self, job: &Job<S>, chunks: Range<u64>) -> Result<Vec<Finished<S>>, Fault> {
        let layout = job.layout();
        let all_runs = |chunk| {
            let (first, count) = trajectories(job, chunk);
            let mut finished = Finished { results: Vec::new(), seconds: Vec::new() };
            for run in 0..job.runs.len() {
                let start = Instant::now();
                finished.results.push(S::run_chunk(self.width, job.chunk(run, &layout, first, count)));
                finished.seconds.push(start.elapsed().as_secs_f64());
            }
            finished
        };
        Ok(chunks.map(all_runs).collect())
    }

    fn workers(&self) -> usize {
        self.threads
    }
}
