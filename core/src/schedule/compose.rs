//! Schedules made of values or of other schedules.

use super::Schedule;

/// Value k of a list, the last one from its end on; an empty list is 0.
///
/// ```
/// use polyak_core::schedule::{Schedule, Table};
/// let table = Table([3.0, 2.0]);
/// assert_eq!([table.at(0), table.at(1), table.at(5)], [3.0, 2.0, 2.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Table<A>(
    /// The values.
    pub A,
);

impl<A: AsRef<[f64]>> Schedule for Table<A> {
    fn at(&self, k: u64) -> f64 {
        let values = self.0.as_ref();
        let value = usize::try_from(k).ok().and_then(|k| values.get(k)).or(values.last());
        value.copied().unwrap_or(0.0)
    }
}

/// `first` for `steps` steps, then `second`, which starts at its own k = 0.
///
/// ```
/// use polyak_core::schedule::{Constant, Join, Linear, Schedule};
/// let rate = Join { first: Constant(1.0), steps: 10, second: Linear { from: 1.0, to: 0.0, steps: 2 } };
/// assert_eq!([rate.at(9), rate.at(10), rate.at(11), rate.at(12)], [1.0, 1.0, 0.5, 0.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Join<A, B> {
    /// Schedule of the first steps.
    pub first: A,
    /// How many steps it lasts.
    pub steps: u64,
    /// Schedule of the rest.
    pub second: B,
}

impl<A: Schedule, B: Schedule> Schedule for Join<A, B> {
    fn at(&self, k: u64) -> f64 {
        match k.checked_sub(self.steps) {
            None => self.first.at(k),
            Some(rest) => self.second.at(rest),
        }
    }
}

/// SVAG's protocol (MV 5.2): step k uses `inner` at ⌊k/ℓ⌋, divided by `divisor` (ℓ for a rate, 1 for a momentum).
///
/// ```
/// use polyak_core::schedule::{Schedule, Stretched, Table};
/// let rate = Stretched { inner: Table([8.0, 4.0]), ell: 4.0, divisor: 4.0 };
/// assert_eq!([rate.at(0), rate.at(3), rate.at(4)], [2.0, 2.0, 1.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stretched<A> {
    /// The schedule of the base steps.
    pub inner: A,
    /// ℓ ≥ ½.
    pub ell: f64,
    /// What the value is divided by.
    pub divisor: f64,
}

impl<A: Schedule> Schedule for Stretched<A> {
    fn at(&self, k: u64) -> f64 {
        self.inner.at((k as f64 / self.ell) as u64) / self.divisor
    }
}
