//! Every formula against another way to the same number.

mod brute;
mod longrun;
mod recursion;
mod reports;
mod simulation;

use crate::experiment::model::{
    InitialMomentum, Landscape, Momentum, Noise, Optimizer, Run, Svag, SvagMomentum,
};
use crate::schedule::{Part, Schedule};

/// A run of `steps` steps on top of the example's.
pub fn run(optimizer: Optimizer, rate: Schedule, momentum: Schedule, steps: u64) -> Run {
    let mut run = super::example::experiment().runs.remove(0);
    run.optimizer = optimizer;
    run.learning_rate = rate;
    run.momentum = Momentum::Schedule(momentum);
    run.steps = steps;
    run
}

/// Every optimiser with the options that change its recurrence.
pub fn optimizers() -> Vec<Optimizer> {
    let heavy_ball =
        |dampening, nesterov, first_step| Optimizer::HeavyBall { dampening, nesterov, first_step };
    vec![
        Optimizer::Sgd,
        Optimizer::Sgdm,
        heavy_ball(0.0, false, false),
        heavy_ball(0.3, false, true),
        heavy_ball(0.3, false, false),
        heavy_ball(0.0, true, true),
        Optimizer::Qhm { nu: 0.7 },
    ]
}

/// A few schedules of different shape.
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::Constant(0.4),
        Schedule::Step { base: 0.5, factor: 0.5, at: vec![1, 3] },
        Schedule::Join(vec![
            Part { steps: Some(2), schedule: Schedule::Linear { from: 0.1, to: 0.6, steps: 2 } },
            Part { steps: None, schedule: Schedule::InverseTime { base: 0.6, decay: 0.5 } },
        ]),
    ]
}

/// No SVAG and three kinds of it.
pub fn svags() -> Vec<Option<Svag>> {
    let svag = |ell, momentum| Some(Svag { ell, momentum });
    vec![None, svag(1.0, SvagMomentum::Keep), svag(1.7, SvagMomentum::Keep), svag(2.0, SvagMomentum::Scale)]
}

/// m₀ of every kind, for dimension `d`.
pub fn initial_momenta(d: usize) -> Vec<InitialMomentum> {
    let given = (0..d).map(|i| 0.3 - 0.5 * i as f64).collect();
    vec![InitialMomentum::Zero, InitialMomentum::Given(given), InitialMomentum::Stationary]
}

/// The example with another landscape, start and noise.
pub fn experiment(landscape: Landscape, start: &[f64], noise: Noise) -> crate::experiment::model::Experiment {
    let mut experiment = super::example::experiment();
    experiment.landscape = landscape;
    experiment.start = start.to_vec();
    experiment.noise = noise;
    experiment
}

/// Within `tolerance` of each other, relative above 1.
#[track_caller]
pub fn close(measured: f64, exact: f64, tolerance: f64, what: &str) {
    let error = (measured - exact).abs() / exact.abs().max(1.0);
    assert!(error <= tolerance, "{what}: {measured} against {exact}, off by {error:e}");
}
