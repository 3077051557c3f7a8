//! The sum over a chunk of trajectories, the same tree for any number of lanes.

use crate::real::{Real, Scalar};

/// Trajectories in a chunk: the unit of work of a thread, a GPU block or a shard, and of every sum.
pub const CHUNK: usize = 256;

/// Partial sums of a chunk: trajectory i of it goes to partial i mod 64.
pub const PARTIALS: usize = 64;

/// Σ of one number per trajectory over a chunk: the 64 partials run through the chunk in index order, then are folded in
/// halves, 64 → 32 → … → 1. `value(p)` gives the numbers of trajectories p·LANES … of the chunk; trajectories that do not count
/// give 0.
///
/// The tree depends on nothing but the chunk, so the sum has the same bits for 1 lane and 64 and for a GPU block. `LANES` must
/// divide 64.
///
/// ```
/// use polyak_core::observe::chunk_sum;
/// use polyak_core::real::{Lanes, Real};
/// let one_by_one: f32 = chunk_sum(|i| 1.0 / (1 + i) as f32);
/// let sixteen: f32 = chunk_sum(|p| Lanes::<f32, 16>::from_fn(|lane| 1.0 / (1 + 16 * p + lane) as f32));
/// assert_eq!(one_by_one.to_bits(), sixteen.to_bits());
/// ```
#[inline(always)]
pub fn chunk_sum<F: Real>(mut value: impl FnMut(usize) -> F) -> F::Scalar {
    let mut partials = [F::Scalar::ZERO; PARTIALS];
    let mut pack = 0;
    while pack * F::LANES < CHUNK {
        for group in partials.chunks_exact_mut(F::LANES) {
            let value = value(pack);
            for (lane, partial) in group.iter_mut().enumerate() {
                *partial = *partial + value.lane(lane);
            }
            pack += 1;
        }
    }
    fold(partials)
}

/// The partials folded in halves.
#[inline(always)]
fn fold<S: Scalar>(mut partials: [S; PARTIALS]) -> S {
    let mut half = PARTIALS / 2;
    while half > 0 {
        let (low, high) = partials.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low = *low + *high;
        }
        half /= 2;
    }
    let [sum, ..] = partials;
    sum
}
