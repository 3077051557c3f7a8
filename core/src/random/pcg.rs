//! PCG XSH RR 64/32 (O'Neill 2014), one stream in each lane.
//!
//! `rand_pcg::Pcg32` hides its state, so it can be neither laid out in lanes nor written to flash; this is the same
//! generator, word for word, with its state open. [`rand_pcg`](fn@rand_pcg) gives the crate's own type for a trajectory.

use core::convert::Infallible;
use core::iter::zip;

use rand_core::{Rng, TryRng};

use super::{Generator, Resumable, TOGETHER, stream_hash};
use crate::real::{LaneArray, Real, Scalar};

const MULTIPLIER: u64 = 6_364_136_223_846_793_005;

/// The state of PCG32 in every lane of `F`; state *and* increment come from a hash of (seed, trajectory), because
/// neighbouring increments alone give correlated streams.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pcg32<F: Real> {
    state: F::Array<u64>,
    increment: F::Array<u64>,
}

/// One lane of [`Pcg32`], a generator of `rand_core`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PcgLane {
    /// State of the underlying linear congruential generator.
    pub state: u64,
    /// Its increment, odd.
    pub increment: u64,
}

impl PcgLane {
    /// The stream of a trajectory.
    #[inline(always)]
    pub fn new(seed: u64, trajectory: u64) -> Self {
        let (state, stream) = (stream_hash(seed, trajectory, 0), stream_hash(seed, trajectory, 1));
        let increment = stream << 1 | 1;
        let state = state.wrapping_add(increment).wrapping_mul(MULTIPLIER).wrapping_add(increment);
        Self { state, increment }
    }
}

impl TryRng for PcgLane {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let state = self.state;
        self.state = state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
        let rotation = (state >> 59) as u32;
        let word = (((state >> 18) ^ state) >> 27) as u32;
        Ok(word.rotate_right(rotation))
    }

    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_u64_via_u32(self)
    }

    #[inline]
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        rand_core::utils::fill_bytes_via_next_word(bytes, || self.try_next_u32())
    }
}

/// `rand_pcg`'s generator for a trajectory: the same words as [`Pcg32`].
///
/// ```
/// use polyak_core::random::{PcgLane, rand_pcg};
/// use rand_core::Rng;
/// let (mut ours, mut theirs) = (PcgLane::new(1, 7), rand_pcg(1, 7));
/// assert!((0..9).all(|_| ours.next_u32() == theirs.next_u32()));
/// ```
pub fn rand_pcg(seed: u64, trajectory: u64) -> rand_pcg::Pcg32 {
    rand_pcg::Pcg32::new(stream_hash(seed, trajectory, 0), stream_hash(seed, trajectory, 1))
}

impl<F: Real> Pcg32<F> {
    /// The streams of the trajectories `first`, `first` + 1, …, one in each lane.
    #[inline(always)]
    pub fn new(seed: u64, first: u64) -> Self {
        let lane = |lane: usize| PcgLane::new(seed, first.wrapping_add(lane as u64));
        Self {
            state: F::Array::from_fn(|i| lane(i).state),
            increment: F::Array::from_fn(|i| lane(i).increment),
        }
    }
}

#[cfg(feature = "defmt")]
impl<F: Real> defmt::Format for Pcg32<F> {
    fn format(&self, out: defmt::Formatter) {
        let (state, increment) = (self.state.as_slice(), self.increment.as_slice());
        defmt::write!(out, "Pcg32 {{ state: {}, increment: {} }}", state, increment);
    }
}

impl<F: Scalar> Resumable for Pcg32<F> {
    const TAG: u8 = 1;

    fn to_words(&self) -> [u64; 3] {
        let first = |lanes: &[u64]| lanes.first().copied().unwrap_or(0);
        [first(self.state.as_slice()), first(self.increment.as_slice()), 0]
    }

    fn from_words([state, increment, _]: [u64; 3]) -> Self {
        Self { state: F::Array::from_fn(|_| state), increment: F::Array::from_fn(|_| increment) }
    }
}

impl<F: Real> Generator<F> for Pcg32<F> {
    #[inline(always)]
    fn words(&mut self, out: &mut [F::Array<u32>; 4]) {
        if super::together(F::LANES) {
            self.words_together(out);
        } else if F::LANES > 1 {
            // By a copy of its own: of what lies beside the states the compiler asks at run time whether it overlaps them.
            let mut words = *out;
            self.words_by_lane(&mut words);
            *out = words;
        } else {
            self.words_by_lane(out);
        }
    }
}

impl<F: Real> Pcg32<F> {
    #[inline(always)]
    fn words_by_lane(&mut self, [a, b, c, d]: &mut [F::Array<u32>; 4]) {
        let (ab, cd) = (zip(a.as_mut_slice(), b.as_mut_slice()), zip(c.as_mut_slice(), d.as_mut_slice()));
        for ((state, increment), ((a, b), (c, d))) in self.lanes().zip(ab.zip(cd)) {
            let mut lane = PcgLane { state: *state, increment: *increment };
            [*a, *b, *c, *d] = [lane.next_u32(), lane.next_u32(), lane.next_u32(), lane.next_u32()];
            *state = lane.state;
        }
    }

    /// The same words for vectors, several of which take each step together, as the steps of one wait for each other. What is left of a state is the
    /// word in the lower half of 64 bits and its rotation in the upper one, and reading the halves back from memory is one permutation of two vectors
    /// each, where shifts and conversions are six instructions.
    #[inline(always)]
    fn words_together(&mut self, out: &mut [F::Array<u32>; 4]) {
        // All of it is written below. Not from zeros, which the compiler has set by a call at every draw.
        let states = self.state.as_slice();
        let unset = F::Array::from_fn(|lane| states.get(lane).map_or([0; 8], |state| state.to_le_bytes()));
        let mut halves = [unset; 4];
        let [a, b, c, d] = halves.each_mut().map(|words| words.as_mut_slice().as_chunks_mut().0);
        let states = self.state.as_mut_slice().as_chunks_mut().0;
        let increments = self.increment.as_slice().as_chunks::<TOGETHER>().0;
        for ((states, increments), ((a, b), (c, d))) in
            zip(zip(states, increments), zip(zip(a, b), zip(c, d)))
        {
            // s' − s, where s' = sM + c is the next state.
            let mut differences = [0; TOGETHER];
            for (difference, (state, increment)) in zip(&mut differences, zip(&*states, increments)) {
                *difference = state.wrapping_mul(MULTIPLIER - 1).wrapping_add(*increment);
            }
            for words in [a, b, c, d] {
                step_together(states, &mut differences, words);
            }
        }
        for (out, halves) in zip(out, &halves) {
            for (out, bytes) in zip(out.as_mut_slice(), halves.as_slice()) {
                let word = bytes.first_chunk().map_or(0, |&word| u32::from_le_bytes(word));
                let rotation = bytes.last_chunk().map_or(0, |&rotation| u32::from_le_bytes(rotation));
                *out = word.rotate_right(rotation);
            }
        }
    }

    #[inline(always)]
    fn lanes(&mut self) -> impl Iterator<Item = (&mut u64, &u64)> {
        zip(self.state.as_mut_slice(), self.increment.as_slice())
    }
}

/// One step of every state. What is to be rotated goes to the lower half of `words`, by how much to the upper one: XSH RR takes the bits 27 to 58 of
/// s ^ (s >> 18) and the upper five of s, and these are what the shift has left above bit 58.
///
/// The difference of a state from the one before it is multiplied as states are. So a product lives on, in a register of its own; products to which the
/// increment is added at once shared one, and some processors (Intel's from Golden Cove on) do not begin AVX-512's product of 64-bit numbers until what was in
/// its target before is there.
#[inline(always)]
fn step_together(
    states: &mut [u64; TOGETHER],
    differences: &mut [u64; TOGETHER],
    words: &mut [[u8; 8]; TOGETHER],
) {
    for ((state, difference), word) in zip(zip(states, differences), words) {
        *word = (((*state >> 18) ^ *state) >> 27).to_le_bytes();
        *state = state.wrapping_add(*difference);
        *difference = difference.wrapping_mul(MULTIPLIER);
    }
}
