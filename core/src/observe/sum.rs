//! The sum over a chunk of trajectories, the same tree for any number of lanes.

use crate::real::{LaneArray, Real, Scalar};
use crate::vector::Vector;

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
    let [sum] = chunk_sums(|pack| [value(pack)]);
    sum
}

/// [`chunk_sum`] of `N` numbers per trajectory that are made together.
///
/// ```
/// use polyak_core::observe::{chunk_sum, chunk_sums};
/// let [sum, squares] = chunk_sums(|i| [i as f64, (i * i) as f64]);
/// assert_eq!((sum, squares), (chunk_sum(|i| i as f64), chunk_sum(|i| (i * i) as f64)));
/// ```
#[inline(always)]
pub fn chunk_sums<F: Real, const N: usize>(mut values: impl FnMut(usize) -> [F; N]) -> [F::Scalar; N] {
    let mut partials = [[F::Scalar::ZERO; PARTIALS]; N];
    for pack in 0..CHUNK / F::LANES {
        let first = pack * F::LANES % PARTIALS;
        let values = values(pack);
        for (partials, value) in partials.iter_mut().zip(&values) {
            let value = value.to_array();
            for (partial, value) in partials.iter_mut().skip(first).zip(value.as_slice()) {
                *partial = *partial + *value;
            }
        }
    }
    // Loops over references and not `map`, which would not be compiled for the caller's instruction set, nor by value, which copies.
    let mut sums = [F::Scalar::ZERO; N];
    for (sum, partials) in sums.iter_mut().zip(&partials) {
        *sum = fold(*partials);
    }
    sums
}

/// [`chunk_sum`] of one number at a time without the array of partials: its tree is walked leaf by leaf, and only the sums that wait
/// for their other half are kept. For a GPU thread, whose arrays lie in slow memory.
///
/// ```
/// use polyak_core::observe::{chunk_sum, chunk_sum_by_leaf};
/// let value = |i: usize| 1.0 / (1 + i) as f32;
/// assert_eq!(chunk_sum::<f32>(value).to_bits(), chunk_sum_by_leaf(value).to_bits());
/// ```
#[inline(always)]
pub fn chunk_sum_by_leaf<S: Scalar>(mut value: impl FnMut(usize) -> S) -> S {
    const LEVELS: usize = PARTIALS.ilog2() as usize;
    let mut waiting = [S::ZERO; LEVELS];
    let mut sum = S::ZERO;
    for leaf in 0..PARTIALS as u32 {
        // Folding in halves joins neighbours in the order of the reversed bits.
        let partial = (leaf.reverse_bits() >> (u32::BITS - LEVELS as u32)) as usize;
        sum = S::ZERO;
        for round in 0..CHUNK / PARTIALS {
            sum = sum + value(partial + round * PARTIALS);
        }
        let mut carry = true;
        for (level, waiting) in waiting.iter_mut().enumerate() {
            let joined = *waiting + sum;
            if carry && leaf >> level & 1 == 1 {
                sum = joined;
            } else if carry {
                *waiting = sum;
                carry = false;
            }
        }
    }
    sum
}

/// 1 in every lane whose trajectory `exists` and whose coordinates are all finite, 0 in the others.
#[inline(always)]
pub fn alive<F: Real, X: Vector<F> + ?Sized>(x: &X, exists: impl Fn(usize) -> bool) -> F {
    let mut zero = F::ZERO;
    for i in 0..x.len() {
        zero = zero + x.get(i) * F::ZERO;
    }
    let mut lanes = zero.to_array();
    for (lane, value) in lanes.as_mut_slice().iter_mut().enumerate() {
        let counts = exists(lane) && *value == F::Scalar::ZERO;
        *value = if counts { F::Scalar::ONE } else { F::Scalar::ZERO };
    }
    F::from_array(lanes)
}

/// `value` where `alive` is not 0, else 0: a number that is not finite must not touch a sum.
#[inline(always)]
pub fn masked<F: Real>(value: F, alive: F) -> F {
    value.zip(alive, |value, alive| if alive == F::Scalar::ZERO { F::Scalar::ZERO } else { value })
}

/// The partials folded in halves.
#[inline(always)]
fn fold<S: Scalar>(mut partials: [S; PARTIALS]) -> S {
    for level in 1..=PARTIALS.ilog2() {
        let (low, high) = partials.split_at_mut(PARTIALS >> level);
        for (low, high) in low.iter_mut().zip(high) {
            *low = *low + *high;
        }
    }
    let [sum, ..] = partials;
    sum
}
