//! Any of the generators.

use polyak_core::random::{Generator, Pcg32, Philox};
use polyak_core::real::Real;

use crate::Rng;

/// Words of either generator, chosen anew for every four words of all lanes. So the simulation is compiled once for both and not once
/// for each: it is the bulk of what this crate takes to compile, and words are a branch in many hundred operations.
#[derive(Clone, Copy)]
pub enum AnyGenerator<F: Real> {
    Pcg32(Pcg32<F>),
    Philox(Philox<F>),
}

impl<F: Real> AnyGenerator<F> {
    /// The streams of the trajectories `first`, `first` + 1, …, one in each lane.
    #[inline(always)]
    pub fn new(rng: Rng, seed: u64, first: u64) -> Self {
        match rng {
            Rng::Pcg32 => Self::Pcg32(Pcg32::new(seed, first)),
            Rng::Philox => Self::Philox(Philox::new(seed, first)),
        }
    }
}

impl<F: Real> Generator<F> for AnyGenerator<F> {
    #[inline(always)]
    fn words(&mut self, out: &mut [F::Array<u32>; 4]) {
        match self {
            Self::Pcg32(generator) => generator.words(out),
            Self::Philox(generator) => generator.words(out),
        }
    }
}
