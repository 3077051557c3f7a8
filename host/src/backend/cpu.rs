//! The CPU: chunks in SIMD lanes, the widest instruction set that the machine has.

pub use polyak_lanes::{LaneScalar, Width};

use super::ChunkResult;
use crate::engine::{Executor, Fault};
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
    fn run_chunk(&self, job: &Job<S>, run: usize, first: u64, count: usize) -> Result<ChunkResult<S>, Fault> {
        Ok(S::run_chunk(self.width, job.chunk(run, &job.layout(), first, count)))
    }

    fn workers(&self) -> usize {
        self.threads
    }
}
