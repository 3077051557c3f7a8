//! The claims, a file for each.

mod autoencoder;
mod averaged_schedule;
mod diagonal_network;
mod few_shot;
mod large_batch;
mod loss_change;
mod marginal_value;
mod memory;
mod momentum_optimum;
mod momentum_optimum_models;
mod noise_scale;
mod sde_limit;
mod slow_manifold;
mod smoother_path;
mod stationary_covariance;
mod summed_noise;
mod svag_large_batch;
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
        memory::CLAIM,
        noise_scale::CLAIM,
        sde_limit::CLAIM,
        svag_order::CLAIM,
        stationary_covariance::CLAIM,
        slow_manifold::CLAIM,
        diagonal_network::CLAIM,
        svag_large_batch::CLAIM,
        marginal_value::CLAIM,
        few_shot::CLAIM,
        large_batch::CLAIM,
        summed_noise::CLAIM,
        autoencoder::CLAIM,
        momentum_optimum::CLAIM,
        momentum_optimum_models::CLAIM,
    ]
}
