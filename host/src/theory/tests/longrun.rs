//! Stationary moments against long recursions and closed forms; the parts of the loss change against the change.

use super::{close, experiment, initial_momenta, optimizers, run, schedules, svags};
use crate::experiment::model::{
    Covariance, Data, Experiment, LabelExamples, Landscape, Law, Matrix, Momentum, Noise, Optimizer, Run,
    Sampling, Svag, SvagMomentum,
};
use crate::schedule::Schedule;
use crate::theory::cumulants::cumulants;
use crate::theory::stationary::{sgdm, stationary};
use crate::theory::{Recursion, Unsolvable, exact, lemma24, lyapunov, transition};

fn additive(covariance: Covariance) -> Noise {
    Noise::Additive { law: Law::Laplace, covariance }
}

fn matrix(rows: usize, entries: &[f64]) -> Matrix {
    Matrix { rows, columns: entries.len() / rows, entries: entries.to_vec() }
}

fn cases() -> Vec<Experiment> {
    let points =
        || Data { inputs: matrix(3, &[1.0, 0.5, -0.7, 0.2, 0.4, -1.1]), targets: vec![0.6, -0.3, 1.2] };
    let dense = || Landscape::Dense { hessian: matrix(2, &[0.9, 0.3, 0.3, 0.5]) };
    let state = || Covariance::StateDependent { constant: vec![0.2, 0.1], quadratic: vec![0.5, 0.3] };
    let batch = |batch, sampling| Noise::MiniBatch { batch, sampling };
    let label = |examples| Noise::Label { law: Law::Rademacher, examples };
    let start = [1.0, -0.6];
    vec![
        experiment(Landscape::Diagonal { curvature: vec![0.9, 0.2] }, &start, additive(Covariance::Identity)),
        experiment(Landscape::Diagonal { curvature: vec![0.9, 0.2] }, &start, additive(state())),
        experiment(dense(), &start, additive(Covariance::Dense(matrix(2, &[1.0, -0.4, -0.4, 0.5])))),
        experiment(dense(), &start, additive(state())),
        experiment(Landscape::LeastSquares(points()), &start, additive(Covariance::Diagonal(vec![0.5, 0.1]))),
        experiment(Landscape::LeastSquares(points()), &start, label(LabelExamples::One)),
        experiment(Landscape::LeastSquares(points()), &start, batch(2, Sampling::WithReplacement)),
        experiment(Landscape::LeastSquares(points()), &start, batch(1, Sampling::WithoutReplacement)),
    ]
}

#[test]
fn stationary_is_where_the_recursion_goes() {
    for experiment in cases() {
        for optimizer in optimizers() {
            for svag in svags() {
                let mut run = run(optimizer, Schedule::Constant(0.2), Schedule::Constant(0.7), 800);
                run.svag = svag;
                run.weight_decay = 0.05;
                let limit = stationary(&experiment, &run).unwrap();
                let end = exact(&experiment, &run, &[run.total_steps()]).unwrap().moments.remove(0);
                let what = format!("{:?} {run:?}", experiment.landscape);
                close(limit.loss, end.loss, 1e-12, &what);
                let blocks = [
                    (limit.covariance, end.covariance),
                    (limit.position_momentum, end.position_momentum),
                    (limit.momentum_covariance, end.momentum_covariance),
                ];
                for (limit, end) in blocks {
                    let difference = (limit.unwrap() - end.unwrap()).amax();
                    assert!(difference < 1e-12, "{what}: {difference:e}");
                }
                for i in 0..2 {
                    close(limit.mean[i], end.mean[i], 1e-12, &what);
                    close(limit.variance[i], end.variance[i], 1e-12, &what);
                }
            }
        }
    }
}

/// Climbing a slope against a stronger weight decay settles too, on the other side.
/// 10¹² steps of every constant run that settles: the recursion ends on its last bit and the rest is not walked.
#[test]
fn a_run_without_end_is_soon_known() {
    let many = 1_000_000_000_000;
    let mut experiment = crate::theory::example::experiment();
    for optimizer in [Optimizer::Sgd, Optimizer::Sgdm, Optimizer::Qhm { nu: 0.5 }] {
        experiment.runs[0].optimizer = optimizer;
        experiment.runs[0].learning_rate = Schedule::Constant(0.01);
        experiment.runs[0].momentum = Momentum::Schedule(Schedule::Constant(0.9));
        experiment.runs[0].steps = many;
        let end = &exact(&experiment, &experiment.runs[0], &[many]).unwrap().moments[0];
        let limit = stationary(&experiment, &experiment.runs[0]).unwrap();
        assert!((end.variance[0] / limit.variance[0] - 1.0).abs() < 1e-12, "{optimizer:?}");
        assert!(end.step == many && (end.time / 1e10 - 1.0).abs() < 1e-12, "{end:?}");
        let kurtosis = cumulants(&experiment, &experiment.runs[0], 4, &[many]).unwrap()[0].kurtosis(0);
        assert!(kurtosis.abs() < 1e-12, "{optimizer:?}: {kurtosis}");
    }
}

#[test]
fn stationary_of_maximize() {
    let data = Data { inputs: matrix(2, &[1.0, 0.5, -0.7, 0.2]), targets: vec![0.6, -0.3] };
    let experiment = experiment(Landscape::LeastSquares(data), &[1.0, -0.6], additive(Covariance::Identity));
    for optimizer in optimizers() {
        let mut run = run(optimizer, Schedule::Constant(0.1), Schedule::Constant(0.5), 800);
        run.maximize = true;
        run.weight_decay = 1.5;
        let limit = stationary(&experiment, &run).unwrap();
        let end = exact(&experiment, &run, &[800]).unwrap().moments.remove(0);
        for i in 0..2 {
            close(limit.mean[i], end.mean[i], 1e-12, "mean");
            close(limit.variance[i], end.variance[i], 1e-12, "variance");
        }
        assert!(limit.mean[0].abs() > 0.1);
    }
}

/// The same from the 2d × 2d equation, without eigenvectors.
#[test]
fn stationary_solves_the_whole_lyapunov_equation() {
    let hessian = matrix(3, &[1.0, 0.3, -0.1, 0.3, 0.6, 0.2, -0.1, 0.2, 0.9]);
    let sigma = matrix(3, &[0.8, 0.1, 0.3, 0.1, 1.2, -0.2, 0.3, -0.2, 0.5]);
    let h = nalgebra::DMatrix::from_row_slice(3, 3, &hessian.entries);
    let n = nalgebra::DMatrix::from_row_slice(3, 3, &sigma.entries);
    let experiment = experiment(Landscape::Dense { hessian }, &[0.0; 3], additive(Covariance::Dense(sigma)));
    let (eta, beta) = (0.3, 0.6);
    let run = run(Optimizer::Sgdm, Schedule::Constant(eta), Schedule::Constant(beta), 10);
    let one = nalgebra::DMatrix::identity(3, 3);
    let mut a = nalgebra::DMatrix::zeros(6, 6);
    a.view_mut((0, 0), (3, 3)).copy_from(&(&one - &h * (eta * (1.0 - beta))));
    a.view_mut((0, 3), (3, 3)).copy_from(&(&one * (-eta * beta)));
    a.view_mut((3, 0), (3, 3)).copy_from(&(&h * (1.0 - beta)));
    a.view_mut((3, 3), (3, 3)).copy_from(&(&one * beta));
    let mut b = nalgebra::DMatrix::zeros(6, 3);
    b.view_mut((0, 0), (3, 3)).copy_from(&(&one * (-eta * (1.0 - beta))));
    b.view_mut((3, 0), (3, 3)).copy_from(&(&one * (1.0 - beta)));
    let p = lyapunov::solve(&a, &(&b * n * b.transpose())).unwrap();
    let limit = stationary(&experiment, &run).unwrap();
    assert!((limit.covariance.unwrap() - p.view((0, 0), (3, 3))).amax() < 1e-14);
    assert!((limit.position_momentum.unwrap() - p.view((0, 3), (3, 3))).amax() < 1e-14);
    assert!((limit.momentum_covariance.unwrap() - p.view((3, 3), (3, 3))).amax() < 1e-14);
}

#[test]
fn sgdm_closed_form() {
    for (eta, beta, h, sigma) in [(0.1, 0.9, 1.0, 2.0), (1.5, 0.5, 2.0, 0.3), (0.2, 0.0, 0.7, 1.0)] {
        let experiment =
            experiment(Landscape::Diagonal { curvature: vec![h] }, &[0.0], additive(Covariance::Identity));
        for ell in [1.0, 4.0] {
            let mut run = run(Optimizer::Sgdm, Schedule::Constant(eta), Schedule::Constant(beta), 10);
            run.noise_scale = sigma;
            run.svag = Some(Svag { ell, momentum: SvagMomentum::Keep });
            let limit = stationary(&experiment, &run).unwrap();
            let [x, xm, m] = sgdm(eta / ell, beta, h, ell * sigma * sigma).unwrap();
            close(limit.variance[0], x, 1e-13, "Var x");
            close(limit.position_momentum.unwrap()[(0, 0)], xm, 1e-13, "Cov(x, m)");
            close(limit.momentum_covariance.unwrap()[(0, 0)], m, 1e-13, "Var m");
        }
        // SVAG's limit is the SDE's: ηc/2h.
        let [x, ..] = sgdm(eta / 1e9, beta, h, 1e9 * sigma * sigma).unwrap();
        close(x, eta * sigma * sigma / (2.0 * h), 1e-8, "SVAG to the limit");
        assert_eq!(sgdm(2.0 * (1.0 + beta) / ((1.0 - beta) * h) * 1.001, beta, h, 1.0), None);
    }
}

#[test]
fn settling_is_the_step_that_a_recursion_finds() {
    for optimizer in optimizers() {
        for (rate, h, beta) in [(0.05, 1.0, 0.9), (0.3, 1.2, 0.6), (0.9, 1.0, 0.97), (0.02, 0.1, 0.2)] {
            let experiment = experiment(
                Landscape::Diagonal { curvature: vec![h] },
                &[1.0],
                additive(Covariance::Identity),
            );
            let run = run(optimizer, Schedule::Constant(rate), Schedule::Constant(beta), 1_000_000);
            let run = &Run { optimizer: without_first_step(run.optimizer), ..run };
            let limit = stationary(&experiment, run).unwrap();
            let mut recursion = Recursion::new(&experiment, run).unwrap();
            while recursion.moments().variance[0] < 0.99 * limit.variance[0] {
                recursion.advance();
            }
            assert_eq!(limit.settling, recursion.step(), "{run:?} h = {h}");
        }
    }
}

fn without_first_step(optimizer: Optimizer) -> Optimizer {
    match optimizer {
        Optimizer::HeavyBall { dampening, nesterov, .. } => {
            Optimizer::HeavyBall { dampening, nesterov, first_step: false }
        }
        other => other,
    }
}

#[test]
fn no_stationary_law_is_said_so() {
    let experiment_of =
        |covariance| experiment(Landscape::Diagonal { curvature: vec![1.0] }, &[1.0], additive(covariance));
    let sgd = |rate| run(Optimizer::Sgd, Schedule::Constant(rate), Schedule::Constant(0.0), 10);
    let plain = experiment_of(Covariance::Identity);
    assert!(stationary(&plain, &sgd(1.99)).is_ok());
    assert_eq!(stationary(&plain, &sgd(2.01)).unwrap_err(), Unsolvable::Unstable);
    let linear =
        experiment(Landscape::Linear { gradient: vec![1.0] }, &[1.0], additive(Covariance::Identity));
    assert_eq!(stationary(&linear, &sgd(0.1)).unwrap_err(), Unsolvable::Unstable);
    // SGD: E x² shrinks by (1−η)² + η²q, so q < (2−η)/η is the limit: 3 at η = ½.
    let noisy = |q| experiment_of(Covariance::StateDependent { constant: vec![0.1], quadratic: vec![q] });
    assert!(stationary(&noisy(2.99), &sgd(0.5)).is_ok());
    assert_eq!(stationary(&noisy(3.01), &sgd(0.5)).unwrap_err(), Unsolvable::NoiseTooStrong);
}

#[test]
fn lemma_24_adds_up_to_the_change_of_the_loss() {
    for experiment in cases() {
        for optimizer in optimizers() {
            for (rate, (svag, initial_momentum)) in
                schedules().into_iter().zip(svags().into_iter().skip(1).zip(initial_momenta(2)))
            {
                let mut run = run(optimizer, rate, Schedule::Constant(0.8), 6);
                run.svag = svag;
                run.initial_momentum = initial_momentum;
                run.weight_decay = 0.1;
                let mut recursion = Recursion::new(&experiment, &run).unwrap();
                for _ in 0..6 {
                    let (before, terms) = (recursion.loss(), lemma24::terms(&recursion));
                    recursion.advance();
                    close(terms.total(), recursion.loss() - before, 1e-13, &format!("{run:?}"));
                    assert!(terms.noise >= 0.0 && terms.noise <= terms.curvature + 1e-15);
                }
            }
        }
    }
}

/// For SGDM the terms are those of the lemma: −η(1−β) E|∇L|², −ηβ E⟨∇L, m⟩, ½η² E m'ᵀHm'.
#[test]
fn lemma_24_terms_of_sgdm() {
    let experiment =
        experiment(Landscape::Diagonal { curvature: vec![1.3] }, &[1.5], additive(Covariance::Identity));
    let (eta, beta, h) = (0.4, 0.8, 1.3);
    let run = run(Optimizer::Sgdm, Schedule::Constant(eta), Schedule::Constant(beta), 6);
    let mut recursion = Recursion::new(&experiment, &run).unwrap();
    recursion.advance_to(3);
    let terms = lemma24::terms(&recursion);
    let [before, after] = [recursion.moments(), {
        recursion.advance();
        recursion.moments()
    }];
    let second = |p: &Option<nalgebra::DMatrix<f64>>, a: f64, b: f64| p.as_ref().unwrap()[(0, 0)] + a * b;
    let x2 = second(&before.covariance, before.mean[0], before.mean[0]);
    let xm = second(&before.position_momentum, before.mean[0], before.momentum_mean[0]);
    let m2 = second(&after.momentum_covariance, after.momentum_mean[0], after.momentum_mean[0]);
    close(terms.alignment, -eta * (1.0 - beta) * h * h * x2, 1e-15, "alignment");
    close(terms.momentum, -eta * beta * h * xm, 1e-15, "momentum");
    close(terms.curvature, 0.5 * eta * eta * h * m2, 1e-15, "curvature");
    close(terms.noise, 0.5 * h * (eta * (1.0 - beta)) * (eta * (1.0 - beta)), 1e-15, "noise");
}

#[test]
fn transition_is_the_matrix_of_the_derivation() {
    let run = run(Optimizer::Sgdm, Schedule::Constant(0.3), Schedule::Constant(0.6), 6);
    let c = run.coefficients(2);
    let (eta, beta, h) = (0.3, 0.6, 2.0);
    let t = transition::Transition::new(&c, transition::Direction::of(&run), h);
    let expected = [[1.0 - eta * (1.0 - beta) * h, -eta * beta], [(1.0 - beta) * h, beta]];
    for (row, expected) in t.a.iter().zip(expected) {
        close(row[0], expected[0], 1e-15, "A");
        close(row[1], expected[1], 1e-15, "A");
    }
    close(t.b[0], -eta * (1.0 - beta), 1e-15, "b");
    close(t.b[1], 1.0 - beta, 1e-15, "b");
}
