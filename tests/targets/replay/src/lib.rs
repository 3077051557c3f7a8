//! A fixed set of trajectories, run in lanes of any width, and the digest of how they end.
//!
//! The set meets every optimiser, landscape (networks among them), oracle, law, generator and schedule of polyak-core in both precisions, plain and under
//! SVAG, and the elementary functions themselves. What it prints on a board must be what it prints on a desk.
#![no_std]
#![forbid(unsafe_code)]

mod data;
mod digest;
mod elementary;
mod network;
mod setting;
mod trajectory;
mod width;

pub use data::Data;
pub use digest::Digest;
pub use setting::{SETTINGS, Setting, setting};
pub use trajectory::coefficients;
pub use width::{Few, Scalars, Wide, Width};

use polyak_core::random::{AnyGenerator, Pcg32, Philox};
use polyak_core::real::Real;

/// The trajectories of each setting that every target runs: two that lie in different places of any group of lanes.
pub const EVERYWHERE: [u64; 2] = [3, 30];

/// A trajectory for each lane of the widest group.
pub const EVERY_LANE: [u64; 64] = {
    let mut all = [0; 64];
    let mut i = 0;
    while i < all.len() {
        all[i] = i as u64;
        i += 1;
    }
    all
};

/// The digest that is compared between targets, computed one lane at a time.
pub fn digest() -> u64 {
    digest_of(&EVERYWHERE)
}

/// The digest of `trajectories` of every setting, computed one lane at a time.
pub fn digest_of(trajectories: &[u64]) -> u64 {
    digest_in::<Scalars>(trajectories)
}

/// The digest of `trajectories` of every setting, in the lanes of `W`. It does not depend on `W`.
#[inline(always)]
pub fn digest_in<W: Width>(trajectories: &[u64]) -> u64 {
    let mut digest = Digest::default();
    both::<W::Single>(trajectories, &mut digest);
    both::<W::Double>(trajectories, &mut digest);
    digest.value()
}

/// Both generators, then the elementary functions, in one precision.
#[inline(always)]
fn both<F: Real>(trajectories: &[u64], digest: &mut Digest) {
    let streams: [fn(u64, u64) -> AnyGenerator<F>; 2] = [
        |seed, first| AnyGenerator::Pcg32(Pcg32::new(seed, first)),
        |seed, first| AnyGenerator::Philox(Philox::new(seed, first)),
    ];
    // In a loop, so that what simulates is compiled once for both.
    for generator in streams {
        trajectory::run_all::<F>(trajectories, generator, digest);
    }
    elementary::run_all::<F>(digest);
}

#[cfg(test)]
mod tests;
