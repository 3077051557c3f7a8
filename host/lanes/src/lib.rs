//! Chunks of trajectories on the CPU in SIMD lanes, with the widest instruction set that the machine has.
//!
//! A crate of its own because it is what takes long to compile: the core's loop for every landscape, noise and law, in two
//! precisions and for every instruction set.

mod centre;
mod chunk;
mod coordinates;
mod result;
mod sets;
mod steps;
mod width;

pub use centre::{Centre, Follow};
pub use result::{COVARIANCE_DIMENSION, ChunkResult, Layout};
pub use sets::{Avx2, Avx512, Baseline};
pub use steps::{KEPT_STEPS, Lots, Rule, Steps};
pub use width::Width;

use std::sync::Arc;

use polyak_core::landscape::{AnyLandscape, AnyNetwork};
use polyak_core::optimizer::{Coefficients, Update};
use polyak_core::oracle::AnyOracle;
use polyak_core::random::{AnyGenerator, Pcg32, Philox};
use polyak_core::real::{Lanes, Real, Scalar};

/// Numbers shared by all threads.
pub type Numbers<S> = Arc<[S]>;

/// Most units of a network, its inputs counted: what a pass through it works on lies on the stack, half a kilobyte a unit.
pub const UNITS: usize = 512;

/// The landscape of an ensemble.
pub type JobLandscape<S> = AnyLandscape<Numbers<S>, S, UNITS>;

/// A network over a data set.
pub type JobNetwork<S> = AnyNetwork<Numbers<S>, UNITS>;

/// The oracle of a run.
pub type JobOracle<S> = AnyOracle<Numbers<S>, S, UNITS>;

/// Generator of the streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rng {
    /// PCG XSH RR 64/32.
    Pcg32,
    /// Philox 4x32-10.
    Philox,
}

impl Rng {
    /// The streams of the trajectories `first`, `first` + 1, …, one in each lane.
    #[inline(always)]
    fn streams<F: Real>(self, seed: u64, first: u64) -> AnyGenerator<F> {
        match self {
            Self::Pcg32 => AnyGenerator::Pcg32(Pcg32::new(seed, first)),
            Self::Philox => AnyGenerator::Philox(Philox::new(seed, first)),
        }
    }
}

/// A chunk of trajectories to be run: `count` of them, from `first` on.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a, S> {
    /// Seed of every stream.
    pub seed: u64,
    /// Generator of the streams.
    pub rng: Rng,
    /// First trajectory.
    pub first: u64,
    /// Number of trajectories, at most [`CHUNK`](polyak_core::observe::CHUNK).
    pub count: usize,
    /// What is summed.
    pub layout: &'a Layout,
    /// L.
    pub landscape: &'a JobLandscape<S>,
    /// The network over examples that are not trained on.
    pub test: Option<&'a JobNetwork<S>>,
    /// Cards that an oracle without replacement needs a lane; 0 for the others.
    pub deck: u32,
    /// The loss whose first passage is looked for.
    pub loss_below: Option<f64>,
    /// The oracle.
    pub oracle: &'a JobOracle<S>,
    /// The update rule.
    pub update: &'a Update<S>,
    /// Its coefficients.
    pub steps: &'a Steps<S>,
    /// Numbers of steps after which the chunk is looked at, ascending from 0.
    pub observed: &'a [u64],
    /// x₀.
    pub start: &'a [S],
    /// m₀ where it is given.
    pub initial_momentum: &'a [S],
    /// The step that draws m₀ where it is not.
    pub draw_momentum: Option<&'a Coefficients<S>>,
    /// The point that deviations are taken from at each observed step.
    pub centre: &'a Centre<S>,
}

/// A precision that there are lanes of.
pub trait LaneScalar: Scalar {
    /// Lanes of it: four registers of the widest instruction set.
    type Wide: Real<Scalar = Self>;

    /// One of these registers.
    type Quarter: Real<Scalar = Self>;

    /// Runs a chunk. Not a generic function but one of each precision, so that the simulation is compiled once, in this crate,
    /// and not again in everything that uses it.
    fn run_chunk(width: Width, chunk: Chunk<'_, Self>) -> ChunkResult<Self>;
}

macro_rules! lanes {
    ($scalar:ident, $lanes:literal) => {
        impl LaneScalar for $scalar {
            type Wide = Lanes<$scalar, $lanes>;
            type Quarter = Lanes<$scalar, { $lanes / 4 }>;

            #[inline(never)]
            fn run_chunk(width: Width, chunk: Chunk<'_, Self>) -> ChunkResult<Self> {
                width.dispatch(chunk)
            }
        }
    };
}

lanes!(f32, 64);
lanes!(f64, 32);
