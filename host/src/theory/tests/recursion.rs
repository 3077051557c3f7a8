//! The recursion against the enumerated law.

use super::brute::{Law2, loss};
use super::{close, experiment, initial_momenta, optimizers, run, schedules, svags};
use crate::experiment::model::{
    Covariance, Data, Experiment, InitialMomentum, LabelExamples, Landscape, Law, Matrix, Noise, Run,
    Sampling,
};
use crate::schedule::Schedule;
use crate::theory::cumulants::cumulants;
use crate::theory::exact;

const TOLERANCE: f64 = 4e-13;

fn additive(covariance: Covariance) -> Noise {
    Noise::Additive { law: Law::Rademacher, covariance }
}

fn matrix(rows: usize, entries: &[f64]) -> Matrix {
    Matrix { rows, columns: entries.len() / rows, entries: entries.to_vec() }
}

fn points() -> Data {
    Data { inputs: matrix(3, &[1.0, 0.5, -0.7, 0.2, 0.4, -1.1]), targets: vec![0.6, -0.3, 1.2] }
}

/// Mean, every covariance and the loss after each of the first steps.
fn check(experiment: &Experiment, run: &Run, most: u64) {
    let total = run.total_steps().min(most);
    let all: Vec<u64> = (0..=total).collect();
    let exact = exact(experiment, run, &all).unwrap();
    let d = experiment.dimension();
    for (k, moments) in all.iter().zip(&exact.moments) {
        let law = Law2::of(experiment, run, *k);
        let what = format!("{run:?} step {k}");
        close(moments.loss, law.expect(|a| loss(&experiment.landscape, &a.x)), TOLERANCE, &what);
        let blocks = [&moments.covariance, &moments.position_momentum, &moments.momentum_covariance]
            .map(|block| block.as_ref().unwrap());
        for i in 0..d {
            close(moments.mean[i], law.expect(|a| a.x[i]), TOLERANCE, &what);
            close(moments.momentum_mean[i], law.expect(|a| a.m[i]), TOLERANCE, &what);
            close(moments.variance[i], law.covariance(|a| a.x[i], |a| a.x[i]), TOLERANCE, &what);
            for j in 0..d {
                close(blocks[0][(i, j)], law.covariance(|a| a.x[i], |a| a.x[j]), TOLERANCE, &what);
                close(blocks[1][(i, j)], law.covariance(|a| a.x[i], |a| a.m[j]), TOLERANCE, &what);
                close(blocks[2][(i, j)], law.covariance(|a| a.m[i], |a| a.m[j]), TOLERANCE, &what);
            }
        }
    }
}

/// Calls `f` with every combination of optimiser, rate, momentum, SVAG, m₀, weight decay and sign.
fn every_run(d: usize, steps: u64, mut f: impl FnMut(&Run)) {
    for optimizer in optimizers() {
        for (index, rate) in schedules().into_iter().enumerate() {
            for svag in svags() {
                for initial_momentum in initial_momenta(d) {
                    let momentum = if index == 1 {
                        Schedule::Table(vec![0.9, 0.5, 0.7])
                    } else {
                        Schedule::Constant(0.8)
                    };
                    let mut run = run(optimizer, rate.clone(), momentum, steps);
                    run.svag = svag;
                    run.initial_momentum = initial_momentum;
                    run.noise_scale = 1.3;
                    if index == 2 {
                        run.weight_decay = 0.15;
                        run.maximize = true;
                    }
                    f(&run);
                }
            }
        }
    }
}

#[test]
fn scalar_quadratic_with_every_run() {
    let experiment =
        experiment(Landscape::Diagonal { curvature: vec![0.9] }, &[1.5], additive(Covariance::Identity));
    every_run(1, 3, |run| check(&experiment, run, 5));
}

#[test]
fn linear_with_every_run() {
    let experiment = experiment(
        Landscape::Linear { gradient: vec![0.7] },
        &[-0.5],
        additive(Covariance::Diagonal(vec![0.49])),
    );
    every_run(1, 3, |run| check(&experiment, run, 5));
}

#[test]
fn state_dependent_with_every_run() {
    let covariance = Covariance::StateDependent { constant: vec![0.2], quadratic: vec![0.5] };
    let experiment = experiment(Landscape::Diagonal { curvature: vec![0.9] }, &[1.5], additive(covariance));
    every_run(1, 3, |run| check(&experiment, run, 4));
}

#[test]
fn coupled_planes_with_every_run() {
    let hessian = || Landscape::Dense { hessian: matrix(2, &[0.9, 0.3, 0.3, 0.5]) };
    let sigma = || Covariance::Dense(matrix(2, &[1.0, -0.4, -0.4, 0.5]));
    let state = Covariance::StateDependent { constant: vec![0.2, 0.1], quadratic: vec![0.5, 0.3] };
    let diagonal = Landscape::Diagonal { curvature: vec![0.9, 0.4] };
    let cases = [
        (hessian(), sigma()),
        (hessian(), Covariance::Identity),
        (hessian(), Covariance::Diagonal(vec![0.3, 1.1])),
        (hessian(), state),
        (diagonal, sigma()),
    ];
    for (landscape, covariance) in cases {
        let experiment = experiment(landscape, &[1.0, -0.6], additive(covariance));
        every_run(2, 2, |run| check(&experiment, run, 2));
    }
}

#[test]
fn least_squares_with_every_noise_and_run() {
    let noises = [
        Noise::Label { law: Law::Rademacher, examples: LabelExamples::One },
        Noise::Label { law: Law::Rademacher, examples: LabelExamples::All },
        Noise::MiniBatch { batch: 2, sampling: Sampling::WithReplacement },
        Noise::MiniBatch { batch: 2, sampling: Sampling::WithoutReplacement },
        Noise::MiniBatch { batch: 3, sampling: Sampling::WithoutReplacement },
        additive(Covariance::Identity),
    ];
    for noise in noises {
        let experiment = experiment(Landscape::LeastSquares(points()), &[1.0, -0.6], noise);
        every_run(2, 2, |run| {
            // Up to 81 outcomes of each draw: two draws are as many as can be enumerated.
            let drawn = run.svag.is_some() && run.initial_momentum == InitialMomentum::Stationary;
            check(&experiment, run, if drawn { 1 } else { 2 });
        });
    }
}

#[test]
fn cumulants_of_every_order_with_every_run() {
    let experiment = experiment(
        Landscape::Diagonal { curvature: vec![0.9] },
        &[1.5],
        additive(Covariance::Diagonal(vec![0.6])),
    );
    every_run(1, 3, |run| {
        let total = run.total_steps().min(5);
        let measured = &cumulants(&experiment, run, 6, &[total]).unwrap()[0];
        let law = Law2::of(&experiment, run, total);
        close(measured.coordinates[0][0], law.expect(|a| a.x[0]), TOLERANCE, "mean");
        for order in 2..=6 {
            // In units of the standard deviation.
            let unit = libm::pow(law.central_moment(0, 2), 0.5 * f64::from(order));
            let (measured, brute) =
                (measured.central_moment(0, order).unwrap(), law.central_moment(0, order));
            close(measured / unit, brute / unit, TOLERANCE, &format!("order {order} {run:?}"));
        }
    });
}

/// Ten steps without SVAG: 2¹⁰ paths.
#[test]
fn ten_steps() {
    let experiment =
        experiment(Landscape::Diagonal { curvature: vec![0.9] }, &[1.5], additive(Covariance::Identity));
    for optimizer in optimizers() {
        let run =
            run(optimizer, Schedule::Linear { from: 0.9, to: 0.1, steps: 8 }, Schedule::Constant(0.9), 10);
        check(&experiment, &run, 10);
        let measured = &cumulants(&experiment, &run, 6, &[10]).unwrap()[0];
        let law = Law2::of(&experiment, &run, 10);
        for order in 2..=6 {
            let unit = libm::pow(law.central_moment(0, 2), 0.5 * f64::from(order));
            let (measured, brute) =
                (measured.central_moment(0, order).unwrap(), law.central_moment(0, order));
            close(measured / unit, brute / unit, TOLERANCE, "ten steps");
        }
    }
}
