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

    /// One run of the chunk of `count` trajectories from `first` on. Not a generic function but one of each precision, so that the
    /// simulation is compiled once, in this crate, and not again in everything that uses it.
    fn run_chunk(
        width: Width,
        job: &Job<Self>,
        run: &RunJob<Self>,
        first: u64,
        count: usize,
    ) -> ChunkResult<Self>;
}

macro_rules! lanes {
    ($scalar:ident, $lanes:literal) => {
        impl LaneScalar for $scalar {
            type Wide = Lanes<$scalar, $lanes>;

            #[inline(never)]
            fn run_chunk(
                width: Width,
                job: &Job<Self>,
                run: &RunJob<Self>,
                first: u64,
                count: usize,
            ) -> ChunkResult<Self> {
                width.dispatch(Task { job, run, first, count })
            }
        }
    };
}

lanes!(f32, 64);
lanes!(f64, 32);

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
        Ok(S::run_chunk(self.width, job, &job.runs[run], first, count))
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
