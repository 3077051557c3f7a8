//! Why there is no exact answer.

use thiserror::Error;

/// Largest dimension of a full covariance that changes from step to step in the eigenbasis of H.
pub const FULL_LIMIT: usize = 512;

/// Largest dimension at which covariances are reported whole, and at which noise may depend on the state through a dense
/// matrix.
pub const WHOLE_LIMIT: usize = 64;

/// The reason that exact moments are not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unsolvable {
    /// The gradient is not linear in x, so the moments of order n need those of higher order.
    #[error("the gradient of the {0} landscape is not linear, so its moments do not close")]
    NotLinear(&'static str),
    /// The batches of one epoch depend on each other.
    #[error("the batches of a shuffled epoch depend on each other, so (x, m) is not a Markov chain")]
    Epochs,
    /// Label noise or mini-batches on a landscape that has no examples.
    #[error("{0} noise needs a landscape that is a sum over examples")]
    NoExamples(&'static str),
    /// A matrix would be too large.
    #[error("dimension {dimension} is above {limit}, the largest for {what}")]
    TooLarge {
        /// d.
        dimension: usize,
        /// The largest d.
        limit: usize,
        /// For what.
        what: &'static str,
    },
    /// Higher cumulants need directions that do not mix.
    #[error("higher cumulants need a diagonal Hessian and independent noise components of constant size")]
    Coupled,
    /// The diffusion of the limit depends on the state.
    #[error("the noise depends on the state, so the limit is not an Ornstein-Uhlenbeck process")]
    NotGaussian,
    /// The law has no such cumulant.
    #[error("the noise law has no finite cumulant of order {0}")]
    NoCumulant(u32),
    /// No stationary law: some direction does not contract.
    #[error("no stationary law: the state does not contract in every direction")]
    Unstable,
    /// No stationary law: A contracts but the noise grows with the state faster.
    #[error("no stationary variance: the noise grows with the state faster than the steps contract")]
    NoiseTooStrong,
}
