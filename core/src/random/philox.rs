//! Philox 4x32-10 (Salmon et al. 2011, Random123): counter-based, four words a block.

use core::convert::Infallible;
use core::iter::zip;
use core::marker::PhantomData;

use rand_core::TryRng;

use super::{Generator, Resumable, TOGETHER, stream_hash};
use crate::real::{LaneArray, Real, Scalar};

/// One stream in every lane of `F`: the key is a hash of the seed, the counter is (block, trajectory).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Philox<F: Real> {
    key: [u32; 2],
    block: u64,
    /// That of the first lane; the others follow.
    trajectory: u64,
    lanes: PhantomData<F>,
}

/// One lane of [`Philox`], a generator of `rand_core`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PhiloxLane {
    key: [u32; 2],
    block: u64,
    trajectory: u64,
    words: [u32; 4],
    used: u32,
}

const MULTIPLIERS: [u64; 2] = [0xd251_1f53, 0xcd9e_8d57];

/// The bijection: ten rounds on a counter of four words under a key of two.
#[inline(always)]
fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    // Written out, not a loop: a loop over lanes with a loop inside is not vectorised.
    let five = |(counter, key)| round(round(round(round(round((counter, key))))));
    five(five((counter, key))).0
}

/// One round, and the key of the next.
#[inline(always)]
fn round(([a, b, c, d], [k, l]): ([u32; 4], [u32; 2])) -> ([u32; 4], [u32; 2]) {
    let [p, q] = [u64::from(a) * MULTIPLIERS[0], u64::from(c) * MULTIPLIERS[1]];
    let counter = [(q >> 32) as u32 ^ b ^ k, q as u32, (p >> 32) as u32 ^ d ^ l, p as u32];
    (counter, next([k, l]))
}

/// The key of the next round.
#[inline(always)]
fn next([k, l]: [u32; 2]) -> [u32; 2] {
    [k.wrapping_add(0x9e37_79b9), l.wrapping_add(0xbb67_ae85)]
}

impl PhiloxLane {
    /// The stream of a trajectory.
    #[inline(always)]
    pub fn new(seed: u64, trajectory: u64) -> Self {
        Self { key: key(seed), block: 0, trajectory, words: [0; 4], used: 4 }
    }

    /// The words of one block: Philox 4x32-10 of a counter under a key.
    ///
    /// ```
    /// use polyak_core::random::PhiloxLane;
    /// // Random123's known answer for the zero counter and key.
    /// let words = PhiloxLane::block([0; 4], [0; 2]);
    /// assert_eq!(words, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    /// ```
    #[inline(always)]
    pub fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
        philox(counter, key)
    }
}

#[inline(always)]
fn counter(block: u64, trajectory: u64) -> [u32; 4] {
    [block as u32, (block >> 32) as u32, trajectory as u32, (trajectory >> 32) as u32]
}

#[inline(always)]
fn key(seed: u64) -> [u32; 2] {
    let hash = stream_hash(seed, 0, 2);
    [hash as u32, (hash >> 32) as u32]
}

impl TryRng for PhiloxLane {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.used >= 4 {
            let (block, trajectory) = (self.block, self.trajectory);
            let counter = [block as u32, (block >> 32) as u32, trajectory as u32, (trajectory >> 32) as u32];
            self.words = philox(counter, self.key);
            self.block = block.wrapping_add(1);
            self.used = 0;
        }
        let [a, b, c, d] = self.words;
        let word = match self.used {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        };
        self.used += 1;
        Ok(word)
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

impl<F: Real> Philox<F> {
    /// The streams of the trajectories `first`, `first` + 1, …, one in each lane.
    #[inline(always)]
    pub fn new(seed: u64, first: u64) -> Self {
        Self { key: key(seed), block: 0, trajectory: first, lanes: PhantomData }
    }

    /// Blocks drawn so far.
    #[inline(always)]
    pub fn blocks(&self) -> u64 {
        self.block
    }

    /// As [`new`](Self::new), after `blocks` blocks.
    #[inline(always)]
    pub fn resume(seed: u64, first: u64, blocks: u64) -> Self {
        Self { block: blocks, ..Self::new(seed, first) }
    }
}

#[cfg(feature = "defmt")]
impl<F: Real> defmt::Format for Philox<F> {
    fn format(&self, out: defmt::Formatter) {
        let Self { key, block, trajectory, .. } = self;
        defmt::write!(out, "Philox {{ key: {}, block: {}, trajectory: {} }}", key, block, trajectory);
    }
}

impl<F: Scalar> Resumable for Philox<F> {
    const TAG: u8 = 2;

    fn to_words(&self) -> [u64; 3] {
        let [low, high] = self.key;
        [u64::from(low) | u64::from(high) << 32, self.block, self.trajectory]
    }

    fn from_words([key, block, trajectory]: [u64; 3]) -> Self {
        Self { key: [key as u32, (key >> 32) as u32], block, trajectory, lanes: PhantomData }
    }
}

impl<F: Real> Generator<F> for Philox<F> {
    #[inline(always)]
    fn words(&mut self, out: &mut [F::Array<u32>; 4]) {
        let last = self.trajectory.wrapping_add(F::LANES as u64 - 1);
        if super::together(F::LANES) && last >> 32 == self.trajectory >> 32 {
            self.words_together(out);
        } else {
            self.words_by_lane(out);
        }
        self.block = self.block.wrapping_add(1);
    }
}

impl<F: Real> Philox<F> {
    #[inline(always)]
    fn words_by_lane(&self, [a, b, c, d]: &mut [F::Array<u32>; 4]) {
        let (ab, cd) = (zip(a.as_mut_slice(), b.as_mut_slice()), zip(c.as_mut_slice(), d.as_mut_slice()));
        // Not read through `self`: what is written might be thought to change it, and the keys of the rounds were made for every vector.
        let Self { key, block, trajectory, .. } = *self;
        for (lane, ((a, b), (c, d))) in ab.zip(cd).enumerate() {
            let trajectory = trajectory.wrapping_add(lane as u64);
            [*a, *b, *c, *d] = philox(counter(block, trajectory), key);
        }
    }

    /// The same words for vectors, of trajectories whose numbers have one upper half.
    #[inline(always)]
    fn words_together(&self, [a, b, c, d]: &mut [F::Array<u32>; 4]) {
        let Self { key, block, trajectory, .. } = *self;
        let mut halves = [F::Array::from_fn(|_| [0u8; 8]); 2];
        let [ab, cd] = &mut halves;
        let (ab, cd) = (ab.as_mut_slice().as_chunks_mut().0, cd.as_mut_slice().as_chunks_mut().0);
        for (i, (ab, cd)) in zip(ab, cd).enumerate() {
            blocks_together(block, trajectory.wrapping_add((i * TOGETHER) as u64), key, [ab, cd]);
        }
        // Read back from memory as halves of 64 bits, two vectors become one by one permutation, where conversions to 32 bits are five instructions.
        for ((upper, lower), halves) in [(a, b), (c, d)].into_iter().zip(&halves) {
            let words = zip(upper.as_mut_slice(), lower.as_mut_slice());
            for ((upper, lower), bytes) in words.zip(halves.as_slice()) {
                *lower = bytes.first_chunk().map_or(0, |&word| u32::from_le_bytes(word));
                *upper = bytes.last_chunk().map_or(0, |&word| u32::from_le_bytes(word));
            }
        }
    }
}

/// A word of each lane in the lower half of 64 bits, where a product leaves it; what is above does not count.
type Row = [u64; TOGETHER];

/// The words of `TOGETHER` trajectories from `first` on, two in 64 bits: the first above the second, the third above the fourth. So the last
/// products hold them.
#[inline(always)]
fn blocks_together(block: u64, first: u64, key: [u32; 2], [ab, cd]: [&mut [[u8; 8]; TOGETHER]; 2]) {
    // Two rounds of what the lanes share, with 0 for what they do not: a product is of one word, and joined to the rest by exclusive or.
    let shared = counter(block, first & !u64::from(u32::MAX));
    let ([first_a, _, c, d], key) = round((shared, key));
    let ([second_a, b, second_c, _], key) = round(([0, 0, c, d], key));
    let mut rows = [[0; TOGETHER], [b.into(); TOGETHER], [0; TOGETHER], [0; TOGETHER]];
    let [a, _, c, d] = &mut rows;
    for (lane, ((a, c), d)) in a.iter_mut().zip(c).zip(d).enumerate() {
        let p = low(first.wrapping_add(lane as u64)) * MULTIPLIERS[1];
        let q = low((p >> 32) ^ u64::from(first_a)) * MULTIPLIERS[0];
        (*a, *c, *d) = (p ^ u64::from(second_a), (q >> 32) ^ u64::from(second_c), q);
    }
    let mut key = key;
    for _ in 2..9 {
        key = round_together(&mut rows, key);
    }
    let [a, b, c, d] = &rows;
    let words = zip(zip(a, b), zip(c, d));
    for ((ab, cd), ((a, b), (c, d))) in zip(zip(ab, cd), words) {
        let [p, q] = [low(*a) * MULTIPLIERS[0], low(*c) * MULTIPLIERS[1]];
        *ab = (q ^ ((b ^ u64::from(key[0])) << 32)).to_le_bytes();
        *cd = (p ^ ((d ^ u64::from(key[1])) << 32)).to_le_bytes();
    }
}

/// One [`round`] of every lane, and the key of the next.
#[inline(always)]
fn round_together([a, b, c, d]: &mut [Row; 4], [k, l]: [u32; 2]) -> [u32; 2] {
    let (mut p, mut q) = ([0; TOGETHER], [0; TOGETHER]);
    for ((p, q), (a, c)) in zip(zip(&mut p, &mut q), zip(&*a, &*c)) {
        (*p, *q) = (low(*a) * MULTIPLIERS[0], low(*c) * MULTIPLIERS[1]);
    }
    for ((a, c), ((p, q), (b, d))) in zip(zip(a, c), zip(zip(&p, &q), zip(&*b, &*d))) {
        (*a, *c) = ((q >> 32) ^ b ^ u64::from(k), (p >> 32) ^ d ^ u64::from(l));
    }
    (*b, *d) = (q, p);
    next([k, l])
}

#[inline(always)]
fn low(word: u64) -> u64 {
    word & u64::from(u32::MAX)
}
