//! Ensembles against exact moments: every optimiser, covariance and SVAG factor, a million trajectories each.
//!
//! A z-score is (measured − exact)/(standard error as measured). Every case has a seed of its own, so the cases are independent
//! and their z-scores, taken together, have a distribution to be held against the normal one: a bias far too small
//! to lift any one of them above 4 shifts their mean or their mean square.

use polyak::experiment::model::{
    Covariance, Experiment, InitialMomentum, Landscape, Law, Momentum, Optimizer, Precision, Rng, Run,
};
use polyak::schedule::Schedule;
use polyak::theory;
use polyak_tests::ensemble::simulate;
use polyak_tests::experiments::{additive, experiment, matrix, run, svag};

const TRAJECTORIES: u64 = 1_000_000;

/// One run of one experiment.
struct Case {
    name: String,
    experiment: Experiment,
}

/// Rate and momentum change at every base step: a value taken one step early or late is seen.
fn scheduled(name: &str, optimizer: Optimizer, rates: [f64; 2], momenta: [f64; 2]) -> Run {
    let ramp = |[from, to]: [f64; 2]| Schedule::Linear { from, to, steps: 8 };
    let mut run = run(name, optimizer, 0.0, 0.0, 0);
    run.learning_rate = ramp(rates);
    run.momentum = Momentum::Schedule(ramp(momenta));
    run.noise_scale = 0.7;
    run
}

/// Every optimiser and option.
fn methods(d: usize) -> Vec<Run> {
    let heavy_ball =
        |dampening, nesterov, first_step| Optimizer::HeavyBall { dampening, nesterov, first_step };
    let (rates, small, momenta) = ([0.1, 0.4], [0.02, 0.1], [0.5, 0.85]);
    let mut runs = vec![
        scheduled("sgd", Optimizer::Sgd, rates, [0.0, 0.0]),
        scheduled("sgdm", Optimizer::Sgdm, rates, momenta),
        scheduled("sgdm, m₀ given", Optimizer::Sgdm, rates, momenta),
        scheduled("sgdm, m₀ drawn", Optimizer::Sgdm, rates, momenta),
        scheduled("sgdm, weight decay", Optimizer::Sgdm, rates, momenta),
        scheduled("heavy ball", heavy_ball(0.0, false, false), small, momenta),
        scheduled("heavy ball, m₀ drawn", heavy_ball(0.0, false, false), small, momenta),
        scheduled("heavy ball, dampening", heavy_ball(0.3, false, false), small, momenta),
        scheduled("heavy ball, dampening, first step", heavy_ball(0.3, false, true), small, momenta),
        scheduled("nesterov", heavy_ball(0.0, true, true), small, momenta),
        scheduled("heavy ball, maximize", heavy_ball(0.0, false, true), small, momenta),
        scheduled("qhm", Optimizer::Qhm { nu: 0.7 }, rates, momenta),
    ];
    runs[2].initial_momentum = InitialMomentum::Given((0..d).map(|i| 0.4 - 0.9 * i as f64).collect());
    runs[3].initial_momentum = InitialMomentum::Stationary;
    runs[4].weight_decay = 0.25;
    runs[6].initial_momentum = InitialMomentum::Stationary;
    // Climbing, with a weight decay that keeps it from running away.
    runs[10].maximize = true;
    runs[10].weight_decay = 1.5;
    runs
}

/// (landscape, start, its four covariances).
fn settings() -> Vec<(&'static str, Landscape, Vec<f64>, [Covariance; 4])> {
    let diagonal = Landscape::Diagonal { curvature: vec![0.3, 1.0, 2.2] };
    let dense = Landscape::Dense { hessian: matrix([[1.5, 0.6], [0.6, 0.7]]) };
    vec![
        (
            "diagonal H",
            diagonal,
            vec![1.0, -0.5, 2.0],
            [
                Covariance::Identity,
                Covariance::Diagonal(vec![0.5, 2.0, 1.2]),
                Covariance::Dense(matrix([[2.0, 0.6, -0.4], [0.6, 1.0, 0.3], [-0.4, 0.3, 0.5]])),
                Covariance::StateDependent { constant: vec![0.5, 1.0, 0.2], quadratic: vec![0.3, 0.1, 0.4] },
            ],
        ),
        (
            "dense H",
            dense,
            vec![1.5, -1.0],
            [
                Covariance::Identity,
                Covariance::Diagonal(vec![0.0, 1.4]),
                // Singular.
                Covariance::Dense(matrix([[0.5, 1.0], [1.0, 2.0]])),
                Covariance::StateDependent { constant: vec![0.4, 0.0], quadratic: vec![0.2, 0.5] },
            ],
        ),
    ]
}

/// SVAG factor and number of base steps.
const SVAG: [(f64, u64); 3] = [(1.0, 24), (4.0, 6), (16.0, 2)];

fn cases() -> Vec<Case> {
    let laws = [Law::Gaussian, Law::Uniform, Law::Rademacher, Law::Gaussian];
    let mut cases = Vec::new();
    for (which, (landscape_name, landscape, start, covariances)) in settings().into_iter().enumerate() {
        for (kind, (covariance, law)) in covariances.into_iter().zip(laws).enumerate() {
            for run in methods(start.len()) {
                for (ell, steps) in SVAG {
                    let mut run = Run { steps, ..run.clone() };
                    // SVAG(1) itself over one landscape, no SVAG over the other.
                    run.svag = svag(ell).filter(|_| ell > 1.0 || which == 1);
                    let name = format!("{landscape_name}, covariance {kind}, SVAG {ell}, {}", run.name);
                    let seed = 1000 + cases.len() as u64;
                    let noise = additive(law, covariance.clone());
                    let runs = vec![run];
                    let mut experiment =
                        experiment(seed, TRAJECTORIES, landscape.clone(), &start, noise, runs);
                    experiment.precision =
                        if which == 1 && kind == 0 { Precision::F64 } else { Precision::F32 };
                    experiment.rng = if kind == 1 { Rng::Philox } else { Rng::Pcg32 };
                    cases.push(Case { name, experiment });
                }
            }
        }
    }
    cases
}

/// z-scores of a case: means, variances, covariances, loss.
struct Scores {
    means: Vec<f64>,
    variances: Vec<f64>,
    covariances: Vec<f64>,
    loss: f64,
}

impl Scores {
    fn of(case: &Case) -> Self {
        let run = &case.experiment.runs[0];
        let outcome = &simulate(&case.experiment).runs[0];
        assert_eq!(outcome.diverged, 0, "{}", case.name);
        let exact = theory::exact(&case.experiment, run, &[run.total_steps()]).unwrap();
        let exact = &exact.moments[0];
        let covariance = exact.covariance.as_ref().unwrap();
        let (last, d) = (outcome.last(), exact.mean.len());
        let z = |estimate: &polyak::statistics::Estimate, exact| {
            theory::sampling::z(estimate.value, estimate.std_error, exact)
        };
        let pairs = (0..d).flat_map(|i| (0..i).map(move |j| (i, j)));
        Self {
            means: (0..d).map(|i| z(&last.mean[i], exact.mean[i])).collect(),
            variances: (0..d).map(|i| z(&outcome.covariance[i][i], covariance[(i, i)])).collect(),
            covariances: pairs.map(|(i, j)| z(&outcome.covariance[i][j], covariance[(i, j)])).collect(),
            loss: z(&last.loss, exact.loss),
        }
    }

    fn all(&self) -> Vec<f64> {
        [&self.means[..], &self.variances, &self.covariances, &[self.loss]].concat()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// (mean of independent `values` − `expected`) in standard errors.
fn score_of_mean(values: &[f64], expected: f64) -> f64 {
    let (n, mean) = (values.len() as f64, mean(values));
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean - expected) / (variance / n).sqrt()
}

#[test]
fn every_optimiser_covariance_and_svag_factor() {
    let scores: Vec<(String, Scores)> =
        cases().into_iter().map(|case| (case.name.clone(), Scores::of(&case))).collect();
    assert_eq!(scores.len(), 2 * 4 * 12 * 3);
    let mut largest = 0.0f64;
    for (name, scores) in &scores {
        for z in scores.all() {
            assert!(z.abs() < 4.0, "z = {z:.2} in {name}");
            largest = largest.max(z.abs());
        }
    }
    // Some 2300 normal numbers stay below 2.8 with probability 10⁻⁵: smaller ones would mean errors overestimated.
    assert!(largest > 2.8, "largest |z| is only {largest}");
    // Each case counts as one number, whatever the correlations in it.
    let by_case = |f: &dyn Fn(&Scores) -> Vec<f64>| -> Vec<f64> {
        scores.iter().map(|(_, scores)| mean(&f(scores))).collect()
    };
    let checks: [(&str, Vec<f64>, f64); 6] = [
        ("mean of z²", by_case(&|s| s.all().iter().map(|z| z * z).collect()), 1.0),
        (
            "share of |z| > 2",
            by_case(&|s| s.all().iter().map(|z| f64::from(u8::from(z.abs() > 2.0))).collect()),
            0.045_500_264,
        ),
        ("z of means", by_case(&|s| s.means.clone()), 0.0),
        ("z of variances", by_case(&|s| s.variances.clone()), 0.0),
        ("z of covariances", by_case(&|s| s.covariances.clone()), 0.0),
        ("z of losses", by_case(&|s| vec![s.loss]), 0.0),
    ];
    for (what, values, expected) in checks {
        let z = score_of_mean(&values, expected);
        println!("{what}: {:.4} for {expected:.4}, z = {z:.2}", mean(&values));
        assert!(z.abs() < 4.0, "{what}: {} for {expected}, z = {z:.2}", mean(&values));
    }
}
