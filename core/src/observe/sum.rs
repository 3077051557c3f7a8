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
pub fn chunk_sum<F: Real>(value: impl FnMut(usize) -> F) -> F::Scalar {
    let [sum] = chunk_powers(value);
    sum
}

/// [`chunk_sum`] of a number per trajectory, of its square, and so on to the power `N`, each power the one before times the number.
///
/// ```
/// use polyak_core::observe::{chunk_powers, chunk_sum};
/// let [sum, squares] = chunk_powers(|i| i as f64);
/// assert_eq!((sum, squares), (chunk_sum(|i| i as f64), chunk_sum(|i| (i * i) as f64)));
/// ```
#[inline(always)]
pub fn chunk_powers<F: Real, const N: usize>(mut value: impl FnMut(usize) -> F) -> [F::Scalar; N] {
    let mut rounds = [[F::Scalar::ZERO; PARTIALS]; CHUNK / PARTIALS];
    let numbers = rounds.as_flattened_mut();
    for (pack, numbers) in numbers.chunks_exact_mut(F::LANES).enumerate() {
        let value = value(pack).to_array();
        for (number, value) in numbers.iter_mut().zip(value.as_slice()) {
            *number = *value;
        }
    }
    // The first two levels of the tree, lane by lane and in registers.
    let mut folded = [[F::Scalar::ZERO; N]; PARTIALS / 4];
    for (lane, folded) in folded.iter_mut().enumerate() {
        let mut quarters = [[F::Scalar::ZERO; N]; 4];
        for (quarter, partials) in quarters.iter_mut().enumerate() {
            for numbers in &rounds {
                let number = numbers.get(lane + quarter * (PARTIALS / 4));
                let mut power = number;
                for partial in partials.iter_mut() {
                    *partial = *partial + power;
                    power = power * number;
                }
            }
        }
        let [first, second, third, fourth] = &quarters;
        for (n, folded) in folded.iter_mut().enumerate() {
            *folded = (first.get(n) + third.get(n)) + (second.get(n) + fourth.get(n));
        }
    }
    fold(folded)
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

/// What is left folded in halves, all powers of a lane side by side, so that halves are halves of the array.
#[inline(always)]
fn fold<S: Scalar, const N: usize>(mut partials: [[S; N]; PARTIALS / 4]) -> [S; N] {
    for level in 1..=(PARTIALS / 4).ilog2() {
        let (low, high) = partials.as_flattened_mut().split_at_mut(((PARTIALS / 4) >> level) * N);
        for (low, high) in low.iter_mut().zip(high) {
            *low = *low + *high;
        }
    }
    let [sums, ..] = partials;
    sums
}
