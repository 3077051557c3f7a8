//! Momenta tied to the learning rate.

use super::Schedule;
use crate::real::double;

/// β_k = 1 − λ η_k^α, kept in \[0, 1): MV 3.1's regime 1 − β = Θ(η^α); with α = 2/3 and λ = C it is FF's
/// 1 − β = Cγ^{2/3}, γ the heavy-ball rate.
///
/// ```
/// use polyak_core::schedule::{Constant, Power, Schedule};
/// let momentum = Power { rate: Constant(0.01), lambda: 2.0, alpha: 0.5 };
/// assert!((momentum.at(3) - 0.8).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Power<A> {
    /// η (or γ).
    pub rate: A,
    /// λ > 0.
    pub lambda: f64,
    /// α.
    pub alpha: f64,
}

impl<A: Schedule> Schedule for Power<A> {
    fn at(&self, k: u64) -> f64 {
        (1.0 - self.lambda * double::pow(self.rate.at(k), self.alpha)).clamp(0.0, ONE_BELOW)
    }
}

/// The largest number below 1: a momentum of exactly 1 would never forget.
const ONE_BELOW: f64 = 1.0 - f64::EPSILON / 2.0;

/// β' with 1 − β' = (1 − β)/ℓ (Malladi et al. 2022): the momentum whose memory keeps its length in time under SVAG(ℓ).
///
/// ```
/// assert_eq!(polyak_core::schedule::scaled_momentum(0.5, 4.0), 0.875);
/// ```
pub fn scaled_momentum(momentum: f64, ell: f64) -> f64 {
    1.0 - (1.0 - momentum) / ell
}

/// [`scaled_momentum`] of a schedule.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scaled<A> {
    /// β.
    pub inner: A,
    /// ℓ.
    pub ell: f64,
}

impl<A: Schedule> Schedule for Scaled<A> {
    fn at(&self, k: u64) -> f64 {
        scaled_momentum(self.inner.at(k), self.ell)
    }
}
