//! All that a trajectory is between two steps.

use crate::random::Stream;
use crate::real::Real;

/// Position, momentum, random stream and deck: with the step number, everything that the future depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct State<X, M, F: Real, R, D> {
    /// x.
    pub x: X,
    /// m.
    pub m: M,
    /// Random numbers to come.
    pub stream: Stream<F, R>,
    /// Cards of an oracle without replacement.
    pub deck: D,
}
