//! The averaged schedule of MV theorem 3.5.

use super::Schedule;

/// Fills `averaged` with η̄_k = Σ_{s≥k} η_s (1 − β_k) Π_{τ=k+1..s} β_τ for k = 0, 1, …: the rate at which the
/// gradient of step k acts in the end under momentum, hence the SGD that theorem 3.5 compares SGDM with.
///
/// The sum is taken backwards, A_k = η_k + β_{k+1}A_{k+1}, η̄_k = (1 − β_k)A_k, from a step so far beyond the end that
/// the remainder is below one part in 10¹⁸ when the momentum there stays below 1 − 10⁻⁶.
///
/// ```
/// use polyak_core::schedule::{averaged, Constant};
/// let mut rates = [0.0; 3];
/// averaged(&Constant(0.1), &Constant(0.9), &mut rates);
/// assert!(rates.iter().all(|rate| (rate - 0.1).abs() < 1e-15));
/// ```
pub fn averaged<A: Schedule, B: Schedule>(rate: &A, momentum: &B, averaged: &mut [f64]) {
    let end = averaged.len() as u64;
    let horizon = end.saturating_add(tail(momentum, end));
    let mut weight = 0.0;
    let mut next = momentum.at(horizon);
    for k in (end..horizon).rev() {
        weight = rate.at(k) + next * weight;
        next = momentum.at(k);
    }
    for (k, value) in averaged.iter_mut().enumerate().rev() {
        let k = k as u64;
        weight = rate.at(k) + next * weight;
        next = momentum.at(k);
        *value = (1.0 - next) * weight;
    }
}

/// Steps after `end` until the product of momenta is below 10⁻¹⁸, at most 5·10⁷.
fn tail<B: Schedule>(momentum: &B, end: u64) -> u64 {
    let mut product = 1.0;
    let mut steps = 0;
    while product > 1e-18 && steps < 50_000_000 {
        product *= momentum.at(end.saturating_add(steps));
        steps += 1;
    }
    steps
}
