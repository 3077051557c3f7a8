//! The sum over a chunk of trajectories, the same tree for any number of lanes.

use core::hint::black_box;

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
/// The tree is walked leaf by leaf, a leaf being the partials in the lanes of one `F`, and only the sums that wait for their other half
/// are kept: no array of all partials, which in a GPU's thread would lie in slow memory.
///
/// ```
/// use polyak_core::observe::{chunk_powers, chunk_sum};
/// let [sum, squares] = chunk_powers(|i| i as f64);
/// assert_eq!((sum, squares), (chunk_sum(|i| i as f64), chunk_sum(|i| (i * i) as f64)));
/// ```
#[inline(always)]
pub fn chunk_powers<F: Real, const N: usize>(mut value: impl FnMut(usize) -> F) -> [F::Scalar; N] {
    const LEVELS: usize = PARTIALS.ilog2() as usize;
    const { assert!(PARTIALS.is_multiple_of(F::LANES), "lanes must divide 64") };
    let leaves = PARTIALS / F::LANES;
    let levels = leaves.ilog2();
    let mut waiting = [[F::ZERO; N]; LEVELS];
    let mut sums = [F::ZERO; N];
    for leaf in 0..leaves as u32 {
        // Folding in halves joins neighbours in the order of the reversed bits.
        let first = leaf.reverse_bits().checked_shr(u32::BITS - levels).unwrap_or(0) as usize;
        sums = [F::ZERO; N];
        for round in 0..CHUNK / PARTIALS {
            let number = value(first + round * leaves);
            let mut power = number;
            for sum in &mut sums {
                *sum = *sum + power;
                power = power * number;
            }
        }
        let mut carry = true;
        for (level, waiting) in waiting.iter_mut().enumerate().take(levels as usize) {
            let joins = leaf >> level & 1 == 1;
            for (sum, waiting) in sums.iter_mut().zip(waiting) {
                let joined = *waiting + *sum;
                if carry && joins {
                    *sum = joined;
                } else if carry {
                    *waiting = *sum;
                }
            }
            carry &= joins;
        }
    }
    let mut folded = [F::Scalar::ZERO; N];
    for (folded, sum) in folded.iter_mut().zip(sums) {
        *folded = fold(sum);
    }
    folded
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

/// The lanes folded in halves.
#[inline(always)]
fn fold<F: Real>(sum: F) -> F::Scalar {
    let mut lanes = sum.to_array();
    let lanes = lanes.as_mut_slice();
    let mut half = F::LANES / 2;
    while half > 0 {
        if let Some((low, high)) = lanes.split_at_mut_checked(half) {
            for (low, high) in low.iter_mut().zip(high) {
                *low = *low + *high;
            }
        }
        half /= 2;
    }
    let folded = lanes.first().copied().unwrap_or(F::Scalar::ZERO);
    // Hidden where several are folded: else the compiler joins them to a vector, whose parts it gathers one by one.
    if F::LANES > 1 { black_box(folded) } else { folded }
}
