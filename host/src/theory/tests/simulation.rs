//! Ensembles on the CPU against the exact moments, in standard errors.

use std::sync::atomic::AtomicBool;

use super::{experiment, optimizers, run, svags};
use crate::backend::ChunkResult;
use crate::backend::cpu::{Cpu, Width};
use crate::engine::{Fault, Listener, Progress, drive};
use crate::experiment::model::{
    Covariance, Data, Experiment, InitialMomentum, LabelExamples, Landscape, Law, Matrix, Noise, Optimizer,
    Sampling,
};
use crate::job::Job;
use crate::schedule::Schedule;
use crate::theory::cumulants::cumulants;
use crate::theory::sampling::{covariance_error, mean_error, variance_error, z};
use crate::theory::{Unsolvable, exact};

/// Trajectories of each run.
const COUNT: u64 = 4_096;

/// About 4 000 z-scores are looked at in all: beyond 5 there should be 0.002 of them.
const LIMIT: f64 = 5.0;

struct Silent;

impl<S> Listener<S> for Silent {
    fn merged(&mut self, _: &Progress, _: &[ChunkResult<S>]) -> Result<(), Fault> {
        Ok(())
    }
}

fn matrix(rows: usize, entries: &[f64]) -> Matrix {
    Matrix { rows, columns: entries.len() / rows, entries: entries.to_vec() }
}

/// Runs the experiment in `f64` and checks every coordinate's mean and variance, the covariance and the loss at its end.
/// Kurtosis enters the error of a variance where it is known.
fn check(experiment: &Experiment) {
    let job = Job::<f64>::new(experiment);
    let mut progress = Progress::new(&job);
    let cpu = Cpu { width: Width::available().pop().unwrap(), threads: 1 };
    drive(&job, &cpu, &mut progress, &mut Silent, &AtomicBool::new(false)).unwrap();
    let layout = job.layout();
    for (index, run) in experiment.runs.iter().enumerate() {
        let total = run.total_steps();
        let end = exact(experiment, run, &[total]).unwrap().moments.remove(0);
        let higher = cumulants(experiment, run, 4, &[total]);
        let estimates = progress.runs[index].estimates(&layout, &job.runs[index], &[]);
        let last = estimates.last().unwrap();
        let covariance = progress.runs[index].covariance(&layout, &job.runs[index]).unwrap();
        let whole = end.covariance.as_ref().unwrap();
        let mut scores = Vec::new();
        for i in 0..experiment.dimension() {
            let variance = end.variance[i];
            scores.push((z(last.mean[i].value, mean_error(variance, COUNT), end.mean[i]), "mean"));
            let error = match &higher {
                Ok(all) => variance_error(variance, all[0].kurtosis(i), COUNT),
                Err(_) => last.variance[i].std_error,
            };
            scores.push((z(last.variance[i].value, error, variance), "variance"));
            for j in 0..i {
                let error = covariance_error(variance, end.variance[j], whole[(i, j)], COUNT)
                    .max(covariance[i][j].std_error);
                scores.push((z(covariance[i][j].value, error, whole[(i, j)]), "covariance"));
            }
        }
        scores.push((z(last.loss.value, last.loss.std_error, end.loss), "loss"));
        for (score, what) in scores {
            assert!(score.abs() < LIMIT, "{what} is {score:.1} errors off: {run:?}");
        }
    }
}

/// Every optimiser under every kind of SVAG.
fn with_every_run(mut experiment: Experiment) -> Experiment {
    experiment.trajectories = COUNT;
    experiment.observe.every = 1_000;
    experiment.runs.clear();
    for (index, optimizer) in optimizers().into_iter().enumerate() {
        for svag in svags() {
            let rate = Schedule::Cosine { from: 0.5, to: 0.1, steps: 8 };
            let mut run = run(optimizer, rate, Schedule::Constant(0.8), 12);
            run.name = format!("{index} {svag:?}");
            run.svag = svag;
            run.noise_scale = 0.7;
            if matches!(optimizer, Optimizer::Sgdm) {
                run.weight_decay = 0.1;
                run.initial_momentum = InitialMomentum::Stationary;
            }
            if matches!(optimizer, Optimizer::Qhm { .. }) {
                run.maximize = true;
                run.learning_rate = Schedule::Constant(0.05);
                run.initial_momentum = InitialMomentum::Stationary;
            }
            experiment.runs.push(run);
        }
    }
    experiment
}

#[test]
fn independent_directions_with_every_law() {
    let laws = [
        Law::Gaussian,
        Law::Rademacher,
        Law::Uniform,
        Law::Laplace,
        Law::StudentT { degrees_of_freedom: 9.0 },
    ];
    for law in laws {
        let noise = Noise::Additive { law, covariance: Covariance::Diagonal(vec![1.0, 0.3]) };
        let landscape = Landscape::Diagonal { curvature: vec![0.9, 0.2] };
        check(&with_every_run(experiment(landscape, &[1.0, -0.6], noise)));
    }
    let noise = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity };
    check(&with_every_run(experiment(Landscape::Linear { gradient: vec![0.4, 0.0] }, &[1.0, -0.6], noise)));
}

#[test]
fn coupled_and_state_dependent_directions() {
    let dense = || Landscape::Dense { hessian: matrix(2, &[0.9, 0.3, 0.3, 0.5]) };
    let sigma = Covariance::Dense(matrix(2, &[1.0, -0.4, -0.4, 0.5]));
    let state = Covariance::StateDependent { constant: vec![0.2, 0.1], quadratic: vec![0.1, 0.2] };
    for covariance in [sigma, state] {
        let noise = Noise::Additive { law: Law::Gaussian, covariance };
        check(&with_every_run(experiment(dense(), &[1.0, -0.6], noise)));
    }
}

#[test]
fn least_squares_with_labels_and_batches() {
    let points = || {
        let inputs = matrix(4, &[1.0, 0.5, -0.7, 0.2, 0.4, -1.1, 0.3, 0.3]);
        Landscape::LeastSquares(Data { inputs, targets: vec![0.6, -0.3, 1.2, 0.1] })
    };
    let noises = [
        Noise::Label { law: Law::Rademacher, examples: LabelExamples::One },
        Noise::Label { law: Law::Gaussian, examples: LabelExamples::All },
        Noise::MiniBatch { batch: 2, sampling: Sampling::WithReplacement },
        Noise::MiniBatch { batch: 3, sampling: Sampling::WithoutReplacement },
    ];
    for noise in noises {
        let mut experiment = with_every_run(experiment(points(), &[1.0, -0.6], noise));
        for run in &mut experiment.runs {
            run.initial_momentum = InitialMomentum::Zero;
        }
        check(&experiment);
    }
    let epochs =
        experiment(points(), &[1.0, -0.6], Noise::MiniBatch { batch: 2, sampling: Sampling::Epochs });
    assert_eq!(exact(&epochs, &epochs.runs[0], &[1]).unwrap_err(), Unsolvable::Epochs);
}
