//! The smallest experiment, to begin an example with.

use crate::experiment::model::{
    Covariance, Experiment, InitialMomentum, Landscape, Law, Momentum, Noise, Observe, Optimizer, Output,
    Precision, Rng, Run,
};
use crate::schedule::Schedule;

/// L = ½x² from x₀ = 1 with standard normal noise: a thousand trajectories, one run of SGD with η = ½, ten steps.
pub fn experiment() -> Experiment {
    Experiment {
        name: "example".into(),
        seed: 1,
        trajectories: 1000,
        precision: Precision::F64,
        rng: Rng::Pcg32,
        landscape: Landscape::Diagonal { curvature: vec![1.0] },
        start: vec![1.0],
        noise: Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity },
        runs: vec![Run {
            name: "sgd".into(),
            optimizer: Optimizer::Sgd,
            learning_rate: Schedule::Constant(0.5),
            momentum: Momentum::Schedule(Schedule::Constant(0.0)),
            weight_decay: 0.0,
            maximize: false,
            initial_momentum: InitialMomentum::Zero,
            svag: None,
            steps: 10,
            noise_scale: 1.0,
        }],
        observe: Observe {
            every: 1,
            moments: Vec::new(),
            path_length: false,
            loss_variation: false,
            loss_below: None,
            histograms: Vec::new(),
            paths: 0,
        },
        output: Output { directory: None, final_states: false, plots: false, digest: true },
    }
}
