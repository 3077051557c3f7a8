//! Conversions, momenta tied to a rate, and the schedules outside their ranges.

use polyak_core::optimizer::{
    heavy_ball_from_sgdm, heavy_ball_momentum, sgdm_from_heavy_ball, sgdm_momentum,
};
use polyak_core::schedule::{
    Constant, Cosine, Exponential, InverseTime, Linear, Power, Schedule, StepDecay, scaled_momentum,
};
use polyak_replay::Digest;

/// In the order of C's.
pub fn all(digest: &mut Digest) {
    let (ramp, wave) = (Linear { from: 0.1, to: 0.3, steps: 7 }, Cosine { from: 0.3, to: 0.1, steps: 7 });
    let values = [
        heavy_ball_from_sgdm(0.3, 0.7),
        sgdm_from_heavy_ball(0.3, 0.7),
        heavy_ball_momentum(0.3, 0.7),
        sgdm_momentum(0.3, 0.7),
        Power { rate: Constant(0.05), lambda: 1.3, alpha: 2.0 / 3.0 }.at(3),
        scaled_momentum(0.6, 3.0),
        ramp.at(9),
        ramp.at(3),
        wave.at(8),
        wave.at(2),
        Exponential { base: 0.3, factor: 0.7, every: 0, after: 2 }.at(9),
        Exponential { base: 0.3, factor: 0.7, every: 3, after: 20 }.at(9),
        InverseTime { base: 0.3, decay: 0.07 }.at(11),
        StepDecay { base: 0.3, factor: 0.7, at: [2, 3] }.at(9),
    ];
    values.iter().for_each(|&value| digest.update(value));
    // Step 1000 under SVAG(2.7) uses the schedule at floor(1000/2.7).
    digest.update_bytes(&370u64.to_le_bytes());
}
