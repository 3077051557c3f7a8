//! The CPU: chunks in SIMD lanes, the widest instruction set that the machine has.

mod chunk;
mod width;

pub use width::Width;

use polyak_core::random::{Pcg32, Philox};
use polyak_core::real::{Lanes, Real, Scalar};

use super::ChunkResult;
use crate::engine::{Executor, Fault};
use crate::experiment::model::Rng;
use crate::job::{Job, RunJob};

/// A precision that the CPU back end has lanes of.
pub trait LaneScalar: Scalar {
    /// Lanes of it: four registers of the widest instruction set.
    type Wide: Real<Scalar = Self>;
}

impl LaneScalar for f32 {
    type Wide = Lanes<f32, 64>;
}

impl LaneScalar for f64 {
    type Wide = Lanes<f64, 32>;
}

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
        Ok(self.width.dispatch(Task { job, run: &job.runs[run], first, count }))
    }

    fn workers(&self) -> usize {
        self.threads
    }
}

/// The arguments of [`chunk::simulate`].
#[derive(Clone, Copy)]
struct Task<'a, S> {
    job: &'a Job<S>,
    run: &'a RunJob<S>,
    first: u64,
    count: usize,
}

impl<S: LaneScalar> Task<'_, S> {
    /// In lanes of `F`; compiled anew inside each caller, with the caller's instruction set.
    #[inline(always)]
    fn simulate<F: Real<Scalar = S>>(self) -> ChunkResult<S> {
        let Self { job, run, first, count } = self;
        match job.rng {
            Rng::Pcg32 => chunk::simulate::<S, F, _>(job, run, first, count, Pcg32::<F>::new),
            Rng::Philox => chunk::simulate::<S, F, _>(job, run, first, count, Philox::<F>::new),
        }
    }
}
