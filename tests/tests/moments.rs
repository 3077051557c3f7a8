//! What the papers state in closed form, measured: MV section 3.1, MV lemma 2.4, and cumulants beyond the second.

use polyak::experiment::model::{
    Covariance, Experiment, InitialMomentum, Landscape, Law, Optimizer, Precision, Run,
};
use polyak::theory::cumulants::cumulants;
use polyak::theory::linear::Linear;
use polyak::theory::sampling::variance_error;
use polyak::theory::{Recursion, lemma24};
use polyak_tests::ensemble::simulate;
use polyak_tests::experiments::{additive, experiment, matrix, run, svag};

const TRAJECTORIES: u64 = 400_000;

fn close(measured: f64, error: f64, exact: f64, what: &str) {
    let z = (measured - exact) / error;
    assert!(z.abs() < 4.0, "{what}: {measured} for {exact}, z = {z:.2}");
}

fn sgdm(name: &str, momentum: f64, steps: u64, m0: InitialMomentum) -> Run {
    Run { initial_momentum: m0, ..run(name, Optimizer::Sgdm, RATE, momentum, steps) }
}

const RATE: f64 = 0.1;
const NOISE: f64 = 1.5;

/// Constant gradient c, g ~ N(c, v): mean, variance, the variance of one step, and the bound on the difference to SGD.
#[test]
fn constant_gradient_has_the_moments_of_mv_3_1() {
    let c = 0.8;
    for (m0, stationary) in [(InitialMomentum::Zero, false), (InitialMomentum::Stationary, true)] {
        for (seed, momentum) in [0.5, 0.9, 0.98].into_iter().enumerate() {
            // The same paths, a step apart.
            let runs =
                [20, 21].map(|k| Run { noise_scale: NOISE, ..sgdm(&k.to_string(), momentum, k, m0.clone()) });
            let sgd = Run { noise_scale: NOISE, ..run("sgd", Optimizer::Sgd, RATE, 0.0, 20) };
            let runs = [&runs[..], &[sgd]].concat();
            let landscape = Landscape::Linear { gradient: vec![c] };
            let noise = additive(Law::Gaussian, Covariance::Identity);
            let outcome = simulate(&experiment(seed as u64, TRAJECTORIES, landscape, &[0.0], noise, runs));
            let what = |name: &str| format!("β = {momentum}, m₀ {m0:?}: {name}");
            let closed = Linear { rate: RATE, momentum, gradient: c, variance: NOISE * NOISE, stationary };
            for (index, k) in [(0, 20), (1, 21)] {
                let last = outcome.runs[index].last();
                close(last.mean[0].value, last.mean[0].std_error, closed.mean(k), &what("mean"));
                close(
                    last.variance[0].value,
                    last.variance[0].std_error,
                    closed.variance(k),
                    &what("variance"),
                );
            }
            let [before, end, sgd] = [0, 1, 2].map(|index| &outcome.runs[index]);
            if stationary {
                let steps: Vec<f64> = end.states.iter().zip(&before.states).map(|(x, y)| x - y).collect();
                let mean = steps.iter().sum::<f64>() / steps.len() as f64;
                let variance =
                    steps.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / steps.len() as f64;
                let exact = closed.step_variance();
                close(variance, variance_error(exact, 0.0, TRAJECTORIES), exact, &what("variance of a step"));
                close(mean, (exact / TRAJECTORIES as f64).sqrt(), -RATE * c, &what("mean of a step"));
            }
            let (a, b) = (sgd.last().variance[0], before.last().variance[0]);
            let difference = a.value - b.value;
            let error = (a.std_error * a.std_error + b.std_error * b.std_error).sqrt();
            assert!(difference > 4.0 * error, "{}", what("SGDM's variance is smaller"));
            assert!(difference < closed.difference_bound(), "{}", what("and not by more than the bound"));
        }
    }
}

/// Two dimensions without drift: a step of stationary SGDM has a Rayleigh length, so E length = K s √(π/2), s = ησ√((1−β)/(1+β)).
/// Under the gradient (c, 0) the loss moves by c·Δx₁, a folded normal number.
#[test]
fn the_path_is_smoother_and_the_end_is_not() {
    let (steps, momenta) = (400, [0.0, 0.5, 0.9, 0.98]);
    let runs = momenta.map(|beta| sgdm(&beta.to_string(), beta, steps, InitialMomentum::Stationary));
    for (seed, c) in [(1, 0.0), (2, 0.3)] {
        let noise = additive(Law::Gaussian, Covariance::Identity);
        let landscape = Landscape::Linear { gradient: vec![c, 0.0] };
        let mut experiment = experiment(seed, 20_000, landscape, &[0.0, 0.0], noise, runs.to_vec());
        (experiment.observe.path_length, experiment.observe.loss_variation) = (true, true);
        let outcome = simulate(&experiment);
        let mut previous = f64::INFINITY;
        for (beta, run) in momenta.iter().zip(&outcome.runs) {
            let last = run.last();
            let deviation = RATE * ((1.0 - beta) / (1.0 + beta)).sqrt();
            let (length, variation) = (last.path_length.unwrap(), last.loss_variation.unwrap());
            let what = format!("β = {beta}, c = {c}");
            if c == 0.0 {
                let exact = steps as f64 * deviation * (std::f64::consts::PI / 2.0).sqrt();
                close(length.value, length.std_error, exact, &format!("{what}: path length"));
            } else {
                let drift = RATE * c / deviation;
                let folded = drift * libm::erf(drift / 2f64.sqrt())
                    + (2.0 / std::f64::consts::PI).sqrt() * libm::exp(-drift * drift / 2.0);
                let exact = c * steps as f64 * deviation * folded;
                close(variation.value, variation.std_error, exact, &format!("{what}: loss variation"));
            }
            assert!(length.value + 50.0 * length.std_error < previous, "{what}: the path is not shorter");
            previous = length.value;
            for i in 0..2 {
                let closed = Linear {
                    rate: RATE,
                    momentum: *beta,
                    gradient: if i == 0 { c } else { 0.0 },
                    variance: 1.0,
                    stationary: true,
                };
                let (mean, variance) = (last.mean[i], last.variance[i]);
                close(mean.value, mean.std_error, closed.mean(steps), &format!("{what}: end"));
                close(
                    variance.value,
                    variance.std_error,
                    closed.variance(steps),
                    &format!("{what}: variance of the end"),
                );
                // The bound as a share of SGD's variance: the end is the same.
                let share = closed.difference_bound() / closed.sgd_variance(steps);
                assert!((variance.value / closed.sgd_variance(steps) - 1.0).abs() < share + 0.05);
            }
        }
    }
}

/// E L(x_{k+1}) − E L(x_k) is the sum of lemma 2.4's terms; measured by two runs of the same streams, a step apart.
#[test]
fn lemma_2_4_is_an_equality_on_quadratics() {
    let heavy_ball =
        |dampening, nesterov, first_step| Optimizer::HeavyBall { dampening, nesterov, first_step };
    let methods = [
        (Optimizer::Sgd, 0.3, 0.0),
        (Optimizer::Sgdm, 0.3, 0.8),
        (heavy_ball(0.2, false, true), 0.06, 0.8),
        (heavy_ball(0.0, true, true), 0.06, 0.8),
        (Optimizer::Qhm { nu: 0.6 }, 0.3, 0.8),
    ];
    let covariances = [Covariance::Identity, Covariance::Dense(matrix([[1.0, 0.5], [0.5, 2.0]]))];
    let mut seed = 40;
    for (optimizer, rate, momentum) in methods {
        for covariance in &covariances {
            for ell in [1.0, 4.0] {
                let first = Run {
                    svag: svag(ell).filter(|_| ell > 1.0),
                    ..run("first", optimizer, rate, momentum, 5)
                };
                for k in [1, 4] {
                    let mut runs = vec![first.clone(), first.clone()];
                    for (run, steps) in runs.iter_mut().zip([k, k + 1]) {
                        run.steps = steps;
                    }
                    seed += 1;
                    let landscape = Landscape::Dense { hessian: matrix([[1.2, 0.4], [0.4, 0.5]]) };
                    let noise = additive(Law::Gaussian, covariance.clone());
                    // A base step is ℓ steps under SVAG(ℓ): the lemma's changes add up.
                    let experiment = experiment(seed, 100_000, landscape, &[1.5, -1.0], noise, runs);
                    let outcome = simulate(&experiment);
                    let mut recursion = Recursion::new(&experiment, &experiment.runs[1]).unwrap();
                    let (from, to) = (experiment.runs[0].total_steps(), experiment.runs[1].total_steps());
                    recursion.advance_to(from);
                    let mut predicted = 0.0;
                    while recursion.step() < to {
                        predicted += lemma24::terms(&recursion).total();
                        recursion.advance();
                    }
                    let change = outcome.pairs[0].2.loss;
                    close(
                        change.value,
                        change.std_error,
                        predicted,
                        &format!("{optimizer:?}, {covariance:?}, SVAG {ell}, step {k}"),
                    );
                }
            }
        }
    }
}

/// Central moment of order r with the standard error of its estimate from n values:
/// √((μ₂ᵣ − μᵣ² − 2rμᵣ₋₁μᵣ₊₁ + r²μᵣ₋₁²μ₂)/n).
fn central_moment(values: &[f64], r: usize) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment =
        |order: usize| values.iter().map(|x| (0..order).fold(1.0, |p, _| p * (x - mean))).sum::<f64>() / n;
    let (below, above) = (moment(r - 1), moment(r + 1));
    let order = r as f64;
    let variance = moment(2 * r) - moment(r) * moment(r) - 2.0 * order * below * above
        + order * order * below * below * moment(2);
    (moment(r), (variance / n).sqrt())
}

fn check_cumulants(experiment: &Experiment) {
    let outcome = simulate(experiment);
    for (run, measured) in experiment.runs.iter().zip(&outcome.runs) {
        let exact = cumulants(experiment, run, 6, &[run.total_steps()]).unwrap().remove(0);
        let d = experiment.dimension();
        for i in 0..d {
            let values: Vec<f64> = measured.states.iter().copied().skip(i).step_by(d).collect();
            for r in [2, 3, 4, 5, 6] {
                let (value, error) = central_moment(&values, r);
                let expected = exact.central_moment(i, r as u32).unwrap();
                close(value, error, expected, &format!("{}, coordinate {i}, moment {r}", run.name));
            }
            // What the tables show is the same, by other sums.
            let last = measured.last();
            let n = values.len() as f64;
            let ratio = |r: usize| central_moment(&values, r).0;
            let m2 = ratio(2);
            assert!((last.skewness[i].value - ratio(3) / (m2 * m2.sqrt())).abs() < 1e-3 / n.sqrt() + 1e-5);
            assert!((last.kurtosis[i].value - (ratio(4) / (m2 * m2) - 3.0)).abs() < 1e-3 / n.sqrt() + 1e-5);
        }
    }
}

/// After few steps the noise's law still shows: moments to the sixth under Rademacher and Laplace noise, plain and SVAG.
#[test]
fn moments_to_the_sixth_are_those_of_the_cumulants() {
    for (seed, law) in [(70, Law::Rademacher), (71, Law::Laplace), (72, Law::Uniform)] {
        let mut runs = vec![
            run("sgd", Optimizer::Sgd, 0.4, 0.0, 3),
            run("sgdm", Optimizer::Sgdm, 0.5, 0.6, 4),
            run(
                "nesterov",
                Optimizer::HeavyBall { dampening: 0.0, nesterov: true, first_step: true },
                0.1,
                0.7,
                4,
            ),
            run("sgdm, svag 2", Optimizer::Sgdm, 0.5, 0.6, 2),
            run("sgdm, m₀ drawn", Optimizer::Sgdm, 0.5, 0.6, 3),
        ];
        runs[3].svag = svag(2.0);
        runs[4].initial_momentum = InitialMomentum::Stationary;
        let landscape = Landscape::Diagonal { curvature: vec![0.5, 1.3] };
        let noise = additive(law, Covariance::Diagonal(vec![1.0, 0.4]));
        let mut experiment = experiment(seed, TRAJECTORIES, landscape, &[0.5, -1.0], noise, runs);
        experiment.precision = Precision::F64;
        check_cumulants(&experiment);
    }
}
