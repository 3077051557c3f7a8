//! The schedules of one formula each.

use super::{Schedule, integer_power};
use crate::real::Scalar;

/// The same value at every step.
///
/// ```
/// use polyak_core::schedule::{Constant, Schedule};
/// assert_eq!(Constant(0.1).at(7), 0.1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Constant(
    /// The value.
    pub f64,
);

impl Schedule for Constant {
    fn at(&self, _: u64) -> f64 {
        self.0
    }
}

/// base · factor^n, n the number of entries of `at` that are ≤ k.
///
/// ```
/// use polyak_core::schedule::{Schedule, StepDecay};
/// let rate = StepDecay { base: 1.0, factor: 0.5, at: [10, 20] };
/// assert_eq!([rate.at(9), rate.at(10), rate.at(25)], [1.0, 0.5, 0.25]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StepDecay<A> {
    /// Value before the first decay.
    pub base: f64,
    /// Factor of each decay.
    pub factor: f64,
    /// Steps from which on each decay holds.
    pub at: A,
}

impl<A: AsRef<[u64]>> Schedule for StepDecay<A> {
    fn at(&self, k: u64) -> f64 {
        let passed = self.at.as_ref().iter().filter(|&&step| step <= k).count();
        self.base * integer_power(self.factor, passed as u64)
    }
}

/// from + (to − from)·k/steps, then `to`: the usual warm-up.
///
/// ```
/// use polyak_core::schedule::{Linear, Schedule};
/// let warm_up = Linear { from: 0.0, to: 1.0, steps: 4 };
/// assert_eq!([warm_up.at(0), warm_up.at(1), warm_up.at(9)], [0.0, 0.25, 1.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Linear {
    /// Value at k = 0.
    pub from: f64,
    /// Value from k = `steps` on.
    pub to: f64,
    /// Length of the ramp.
    pub steps: u64,
}

impl Schedule for Linear {
    fn at(&self, k: u64) -> f64 {
        if k >= self.steps {
            self.to
        } else {
            self.from + (self.to - self.from) * (k as f64 / self.steps as f64)
        }
    }
}

/// to + ½(from − to)(1 + cos(πk/steps)), then `to`.
///
/// ```
/// use polyak_core::schedule::{Cosine, Schedule};
/// let rate = Cosine { from: 1.0, to: 0.0, steps: 100 };
/// assert!((rate.at(50) - 0.5).abs() < 1e-15 && rate.at(100) == 0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cosine {
    /// Value at k = 0.
    pub from: f64,
    /// Value from k = `steps` on.
    pub to: f64,
    /// Length of the half wave.
    pub steps: u64,
}

impl Schedule for Cosine {
    fn at(&self, k: u64) -> f64 {
        if k >= self.steps {
            self.to
        } else {
            let (_, cosine) = (0.5 * (k as f64 / self.steps as f64)).sin_cos_turn();
            self.to + 0.5 * (self.from - self.to) * (1.0 + cosine)
        }
    }
}

/// base · factor^⌊(k − after)/every⌋ from k = `after` on, `base` before: with factor ½ the halving of LB.
///
/// ```
/// use polyak_core::schedule::{Exponential, Schedule};
/// let rate = Exponential { base: 1.0, factor: 0.5, every: 10, after: 100 };
/// assert_eq!([rate.at(99), rate.at(109), rate.at(110), rate.at(120)], [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Exponential {
    /// Value before and at `after`.
    pub base: f64,
    /// Factor of each decay.
    pub factor: f64,
    /// Steps between decays; 0 counts as 1.
    pub every: u64,
    /// Step from which the decays are counted.
    pub after: u64,
}

impl Schedule for Exponential {
    fn at(&self, k: u64) -> f64 {
        let decays = k.saturating_sub(self.after) / self.every.max(1);
        self.base * integer_power(self.factor, decays)
    }
}

/// base / (1 + decay·k).
///
/// ```
/// use polyak_core::schedule::{InverseTime, Schedule};
/// assert_eq!(InverseTime { base: 1.0, decay: 0.25 }.at(4), 0.5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InverseTime {
    /// Value at k = 0.
    pub base: f64,
    /// Rate of the decay, per step.
    pub decay: f64,
}

impl Schedule for InverseTime {
    fn at(&self, k: u64) -> f64 {
        self.base / (1.0 + self.decay * k as f64)
    }
}
