//! The claims, a file for each.

mod averaged_schedule;
mod diagonal_network;
mod large_batch;
mod loss_change;
mod momentum_optimum;
mod noise_scale;
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
        averaged_schedule::CLAIM,
        noise_scale::CLAIM,
        sde_limit::CLAIM,
        svag_order::CLAIM,
        stationary_covariance::CLAIM,
        slow_manifold::CLAIM,
        diagonal_network::CLAIM,
        large_batch::CLAIM,
        momentum_optimum::CLAIM,
    ]
}
