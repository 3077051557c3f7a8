//! The generators of a thread, and how their state is kept between launches.

use polyak_core::random::{FromRng, Generator, PcgLane, Philox};
use polyak_core::real::Scalar;

/// A generator of one trajectory whose state is two words.
pub trait Resume<S: Scalar>: Generator<S> + Copy {
    /// The stream of a trajectory at its beginning.
    fn begin(seed: u64, trajectory: u64) -> Self;

    /// What must be kept.
    fn save(&self) -> [u64; 2];

    /// The generator of [`save`](Self::save).
    fn resume(seed: u64, trajectory: u64, saved: [u64; 2]) -> Self;
}

/// PCG32 as one lane: the same words as [`Pcg32`](polyak_core::random::Pcg32), with its state in registers.
impl<S: Scalar> Resume<S> for FromRng<PcgLane> {
    #[inline(always)]
    fn begin(seed: u64, trajectory: u64) -> Self {
        Self(PcgLane::new(seed, trajectory))
    }

    #[inline(always)]
    fn save(&self) -> [u64; 2] {
        [self.0.state, self.0.increment]
    }

    #[inline(always)]
    fn resume(_: u64, _: u64, [state, increment]: [u64; 2]) -> Self {
        Self(PcgLane { state, increment })
    }
}

impl<S: Scalar> Resume<S> for Philox<S> {
    #[inline(always)]
    fn begin(seed: u64, trajectory: u64) -> Self {
        Self::new(seed, trajectory)
    }

    #[inline(always)]
    fn save(&self) -> [u64; 2] {
        [self.blocks(), 0]
    }

    #[inline(always)]
    fn resume(seed: u64, trajectory: u64, [blocks, _]: [u64; 2]) -> Self {
        Self::resume(seed, trajectory, blocks)
    }
}
