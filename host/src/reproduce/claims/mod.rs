//! The claims, a file for each.

mod loss_change;
mod momentum_optimum;
mod sde_limit;
mod slow_manifold;
mod smoother_path;
mod stationary_covariance;
mod svag_order;
mod weak_error;

use super::Claim;

/// All claims, in the order of the papers.
pub fn all() -> &'static [Claim] {
    &[
        smoother_path::CLAIM,
        loss_change::CLAIM,
        weak_error::CLAIM,
        sde_limit::CLAIM,
        slow_manifold::CLAIM,
        svag_order::CLAIM,
        stationary_covariance::CLAIM,
        momentum_optimum::CLAIM,
    ]
}
