//! Experiments as data, in a few words.

use polyak_core::real::double::pow;

use crate::experiment::model::{
    Covariance, Experiment, Landscape, Law, Momentum, Noise, Optimizer, Precision, Run, Svag, SvagMomentum,
};
use crate::schedule::Schedule;
use crate::theory::example;

/// SGD at a constant rate.
pub fn sgd(name: &str, rate: f64, steps: u64) -> Run {
    let mut run = example::experiment().runs.remove(0);
    run.name = name.to_owned();
    run.learning_rate = Schedule::Constant(rate);
    run.steps = steps;
    run
}

/// SGDM at constant rate and momentum.
pub fn sgdm(name: &str, rate: f64, momentum: f64, steps: u64) -> Run {
    Run {
        optimizer: Optimizer::Sgdm,
        momentum: Momentum::Schedule(Schedule::Constant(momentum)),
        ..sgd(name, rate, steps)
    }
}

/// The heavy ball at constant rate γ and momentum, from rest.
pub fn heavy_ball(name: &str, rate: f64, momentum: f64, steps: u64) -> Run {
    let optimizer = Optimizer::HeavyBall { dampening: 0.0, nesterov: false, first_step: false };
    Run { optimizer, ..sgdm(name, rate, momentum, steps) }
}

/// The same run under SVAG(ℓ), β kept.
pub fn svag(run: &Run, ell: f64) -> Run {
    Run {
        name: format!("{}, SVAG {ell}", run.name),
        svag: Some(Svag { ell, momentum: SvagMomentum::Keep }),
        ..run.clone()
    }
}

/// The same run with noise of scale σ.
pub fn with_noise(run: Run, sigma: f64) -> Run {
    Run { noise_scale: sigma, ..run }
}

/// Gaussian noise of covariance 1.
pub fn gaussian() -> Noise {
    Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity }
}

/// An experiment in `f64` that is looked at at its start and its end.
pub fn experiment(
    seed: u64,
    trajectories: u64,
    landscape: Landscape,
    start: &[f64],
    noise: Noise,
) -> Experiment {
    let mut experiment = example::experiment();
    experiment.seed = seed;
    experiment.trajectories = trajectories;
    experiment.precision = Precision::F64;
    experiment.landscape = landscape;
    experiment.start = start.to_vec();
    experiment.noise = noise;
    experiment.runs.clear();
    experiment.observe.every = u64::MAX;
    experiment
}

/// `dimension` curvatures from 0.01 to 1, evenly in their logarithm.
pub fn curvatures(dimension: usize) -> Vec<f64> {
    let last = (dimension.max(2) - 1) as f64;
    (0..dimension).map(|i| pow(10.0, 2.0 * i as f64 / last - 2.0)).collect()
}
