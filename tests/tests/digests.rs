//! The same bits on any number of threads, in any instruction set, in pieces or at once, in any build.
//!
//! `goldens/digests.json` holds the digest of every small experiment here. Debug, release and `-C target-cpu=native` builds must all
//! meet it, as must other machines. `POLYAK_GOLDENS=write cargo test -p polyak-tests --test digests` writes it anew:
//! that is a value-breaking change and belongs in the changelog.

use std::collections::BTreeMap;
use std::io::Write as _;

use polyak::backend::cpu::{Cpu, Width};
use polyak::experiment::model::{
    Activation, Covariance, Data, Experiment, InitialMomentum, LabelExamples, Landscape, Law, Momentum,
    Network, NetworkLoss, Noise, Optimizer, Precision, Rng, Run, Sampling, Svag, SvagMomentum,
};
use polyak::schedule::{Part, Schedule};
use polyak_tests::ensemble::{simulate, simulate_on};
use polyak_tests::experiments::{additive, data, experiment, matrix, run, svag};

/// Not a multiple of a chunk, nor of any number of lanes.
const TRAJECTORIES: u64 = 300;

/// Every optimiser with every option, some with schedules and with SVAG.
fn runs(d: usize) -> Vec<Run> {
    let heavy_ball =
        |dampening, nesterov, first_step| Optimizer::HeavyBall { dampening, nesterov, first_step };
    let step = Schedule::Step { base: 0.05, factor: 0.5, at: vec![7, 11] };
    let cosine = Schedule::Cosine { from: 0.05, to: 0.0, steps: 15 };
    let warm_up = Part { steps: Some(5), schedule: Schedule::Linear { from: 0.0, to: 0.05, steps: 5 } };
    let rest =
        Part { steps: None, schedule: Schedule::Exponential { base: 0.05, factor: 0.9, every: 2, after: 3 } };
    let inverse = Schedule::InverseTime { base: 0.05, decay: 0.1 };
    let mut runs = vec![
        run("sgd", Optimizer::Sgd, 0.05, 0.0, 20),
        Run { learning_rate: step, ..run("sgdm", Optimizer::Sgdm, 0.0, 0.9, 20) },
        Run { svag: svag(4.0), ..run("sgdm, svag 4", Optimizer::Sgdm, 0.05, 0.9, 5) },
        Run { svag: svag(2.5), ..run("sgd, svag 2.5", Optimizer::Sgd, 0.05, 0.0, 8) },
        Run { learning_rate: cosine, ..run("heavy ball", heavy_ball(0.0, false, true), 0.0, 0.8, 20) },
        Run { maximize: true, ..run("ascent", heavy_ball(0.2, false, true), 0.005, 0.8, 10) },
        Run { weight_decay: 0.3, ..run("nesterov", heavy_ball(0.0, true, true), 0.01, 0.8, 20) },
        Run {
            learning_rate: Schedule::Join(vec![warm_up, rest]),
            ..run("qhm", Optimizer::Qhm { nu: 0.7 }, 0.0, 0.9, 20)
        },
        Run {
            momentum: Momentum::Power { lambda: 1.5, alpha: 0.5 },
            initial_momentum: InitialMomentum::Stationary,
            learning_rate: inverse,
            ..run("sgdm, power, drawn", Optimizer::Sgdm, 0.0, 0.0, 20)
        },
        Run {
            initial_momentum: InitialMomentum::Given((0..d).map(|i| 0.1 * i as f64 - 0.2).collect()),
            momentum: Momentum::FlatterFaster { constant: 2.0 },
            svag: Some(Svag { ell: 2.0, momentum: SvagMomentum::Scale }),
            ..run("heavy ball, flatter", heavy_ball(0.0, false, false), 0.02, 0.0, 10)
        },
        // Leaves the numbers of f32, in time those of f64.
        run("diverging", Optimizer::Sgd, 1e30, 0.0, 20),
    ];
    for run in &mut runs {
        run.noise_scale = 0.4;
    }
    runs
}

/// (name, landscape, start, noise): every landscape and every noise at least once.
fn settings() -> Vec<(&'static str, Landscape, Vec<f64>, Noise)> {
    use Landscape::*;
    let student = Law::StudentT { degrees_of_freedom: 5.0 };
    let rows = [
        [1.0, 0.5, -0.3],
        [0.2, -1.1, 0.7],
        [-0.6, 0.4, 0.9],
        [0.8, 0.1, -0.2],
        [0.3, 0.3, 1.2],
        [-0.9, 1.0, 0.0],
    ];
    let examples = data(&rows, &[0.5, -0.2, 1.0, 0.3, 0.0, 0.8]);
    let batch = |batch, sampling| Noise::MiniBatch { batch, sampling };
    let label = |law, examples| Noise::Label { law, examples };
    let identity = |law| additive(law, Covariance::Identity);
    let correlated = Covariance::Dense(matrix([[2.0, 0.5], [0.5, 1.0]]));
    let state = Covariance::StateDependent { constant: vec![0.2; 2], quadratic: vec![0.5, 0.1] };
    vec![
        ("linear, no noise", Linear { gradient: vec![1.0, -0.5] }, vec![0.1, 0.2], Noise::None),
        ("linear, t", Linear { gradient: vec![1.0, -0.5, 0.2] }, vec![0.0; 3], identity(student)),
        (
            "diagonal, gaussian",
            Diagonal { curvature: vec![0.1, 0.3, 1.0, 2.0, 3.0] },
            vec![1.0; 5],
            identity(Law::Gaussian),
        ),
        ("diagonal, rademacher", Diagonal { curvature: vec![0.7] }, vec![1.0], identity(Law::Rademacher)),
        (
            "dense, laplace",
            Dense { hessian: matrix([[1.0, 0.4], [0.4, 0.6]]) },
            vec![1.0, 2.0],
            additive(Law::Laplace, correlated),
        ),
        (
            "valley, uniform",
            Valley,
            vec![0.5, 1.5],
            additive(Law::Uniform, Covariance::Diagonal(vec![1.0, 0.0])),
        ),
        ("hyperbola, label", Hyperbola, vec![2.0, 0.5], label(Law::Rademacher, LabelExamples::One)),
        ("rosenbrock, state", Rosenbrock { a: 1.0, b: 5.0 }, vec![-0.5, 0.5], additive(Law::Gaussian, state)),
        (
            "double well, gaussian",
            DoubleWell { width: 1.0 },
            vec![0.1, -0.2, 0.0, 0.3],
            identity(Law::Gaussian),
        ),
        (
            "network, label one",
            DiagonalNetwork(examples.clone()),
            vec![0.8; 3],
            label(Law::Gaussian, LabelExamples::One),
        ),
        (
            "network, label all",
            DiagonalNetwork(examples.clone()),
            vec![0.8; 3],
            label(Law::Uniform, LabelExamples::All),
        ),
        (
            "least squares, batch",
            LeastSquares(examples.clone()),
            vec![0.0; 3],
            batch(2, Sampling::WithReplacement),
        ),
        (
            "least squares, fresh",
            LeastSquares(examples.clone()),
            vec![0.0; 3],
            batch(4, Sampling::WithoutReplacement),
        ),
        ("network, epochs", DiagonalNetwork(examples.clone()), vec![0.8; 3], batch(3, Sampling::Epochs)),
        (
            "sensing, label",
            MatrixSensing { rank: 2, data: sensed() },
            vec![0.7, -0.3, 0.2, 0.5],
            label(Law::Gaussian, LabelExamples::One),
        ),
        (
            "dense network, batch",
            dense(&[3, 4, 1], Activation::Tanh, NetworkLoss::Squared, examples.clone()),
            weights(21),
            batch(3, Sampling::WithReplacement),
        ),
        (
            "dense network, epochs",
            dense(&[3, 2, 3], Activation::Relu, NetworkLoss::Reconstruction, examples),
            weights(17),
            batch(5, Sampling::Epochs),
        ),
    ]
}

/// Measurements of a symmetric matrix of 2 × 2 numbers.
fn sensed() -> Data {
    let rows = [[1.0, 0.5, 0.5, -0.3], [0.2, -1.1, -1.1, 0.7], [-0.6, 0.4, 0.4, 0.9], [0.8, 0.1, 0.1, 1.2]];
    data(&rows, &[0.5, -0.2, 1.0, 0.3])
}

fn dense(layers: &[usize], activation: Activation, loss: NetworkLoss, data: Data) -> Landscape {
    Landscape::Network(Network { layers: layers.to_vec(), activation, loss, data, test: None })
}

/// Numbers of either sign.
fn weights(count: usize) -> Vec<f64> {
    (0..count).map(|i| ((7 * i + 3) % 11) as f64 / 8.0 - 0.6).collect()
}

fn matrix_of_experiments() -> Vec<(String, Experiment)> {
    let mut all = Vec::new();
    for (i, (name, landscape, start, noise)) in settings().into_iter().enumerate() {
        for precision in [Precision::F32, Precision::F64] {
            for rng in [Rng::Pcg32, Rng::Philox] {
                let mut experiment = experiment(
                    7 + i as u64,
                    TRAJECTORIES,
                    landscape.clone(),
                    &start,
                    noise.clone(),
                    runs(start.len()),
                );
                (experiment.precision, experiment.rng) = (precision, rng);
                (experiment.observe.every, experiment.observe.path_length) = (6, true);
                experiment.observe.loss_below = Some(0.1);
                let label = format!("{name}, {}, {}", name_of(precision), name_of_rng(rng));
                all.push((label, experiment));
            }
        }
    }
    all
}

fn name_of(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "f32",
        Precision::F64 => "f64",
    }
}

fn name_of_rng(rng: Rng) -> &'static str {
    match rng {
        Rng::Pcg32 => "pcg32",
        Rng::Philox => "philox",
    }
}

fn cpu(width: Width, threads: usize) -> Cpu {
    Cpu { width, threads }
}

#[test]
fn goldens() {
    let mut digests = BTreeMap::new();
    for (name, experiment) in matrix_of_experiments() {
        let outcome = simulate(&experiment);
        for (run, result) in experiment.runs.iter().zip(outcome.runs) {
            let expected = if run.name == "diverging" && name.contains("f32") && !name.starts_with("linear") {
                TRAJECTORIES
            } else {
                result.diverged
            };
            assert_eq!(result.diverged, expected, "{name}, {}", run.name);
            digests.insert(format!("{name}, {}", run.name), result.digest);
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/goldens/digests.json");
    if std::env::var_os("POLYAK_GOLDENS").is_some_and(|value| value == "write") {
        let text = serde_json::to_string_pretty(&digests).unwrap() + "\n";
        std::fs::write(path, text).unwrap();
    }
    let goldens: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(goldens.len(), 17 * 4 * 11);
    let different: Vec<&String> = goldens
        .iter()
        .filter(|&(name, digest)| digests.get(name) != Some(digest))
        .map(|(name, _)| name)
        .collect();
    assert!(different.is_empty(), "{} of {} digests differ: {different:#?}", different.len(), goldens.len());
    assert_eq!(digests.len(), goldens.len());
    // Different experiments have different digests: nothing is computed from an experiment's neighbour.
    let distinct: std::collections::BTreeSet<&String> = goldens.values().collect();
    // Not so where there is no noise: both generators then give the same, and all diverged states are NaN alike.
    assert!(distinct.len() > goldens.len() - 100, "{} of {}", distinct.len(), goldens.len());
}

/// Those that the back end has on processors of this kind.
const INSTRUCTION_SETS: &[&str] = if cfg!(target_arch = "x86_64") {
    &["scalar", "sse2", "avx2", "avx512"]
} else if cfg!(target_arch = "aarch64") {
    &["scalar", "neon"]
} else {
    &["scalar", "baseline"]
};

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let widths = Width::available();
    let names: Vec<&str> = widths.iter().map(|width| width.name()).collect();
    let missing: Vec<&str> = INSTRUCTION_SETS.iter().copied().filter(|set| !names.contains(set)).collect();
    assert_eq!(names.len() + missing.len(), INSTRUCTION_SETS.len(), "{names:?}");
    // What this machine cannot run, another must: tests/targets says so too.
    // Past the test harness, which keeps what a passing test prints to itself.
    let said = format!(
        "instruction sets compared: {}; not on this machine: {}",
        names.join(", "),
        missing.join(", ")
    );
    writeln!(std::io::stderr(), "{said}").unwrap();
    assert!(widths.len() >= 2, "there is nothing to compare: {names:?}");
    for (name, experiment) in matrix_of_experiments() {
        let reference = simulate_on(&experiment, cpu(widths[0], 1), &[]);
        for &width in &widths[1..] {
            let outcome = simulate_on(&experiment, cpu(width, 1), &[]);
            same(&outcome, &reference, &format!("{name} on {}", width.name()));
        }
    }
}

/// A chunk whose lanes are full though it is not: 64 lanes at most, 256 trajectories.
#[test]
fn a_chunk_that_ends_with_the_lanes_counts_its_trajectories() {
    let (_, landscape, start, noise) = settings().swap_remove(0);
    for trajectories in [32, 64, 256 + 128] {
        let experiment =
            experiment(5, trajectories, landscape.clone(), &start, noise.clone(), runs(start.len()));
        let outcomes =
            Width::available().into_iter().map(|width| simulate_on(&experiment, cpu(width, 1), &[]));
        for outcome in outcomes {
            for run in &outcome.runs {
                let counts: Vec<u64> = run.points.iter().map(|point| point.count).collect();
                assert!(counts.iter().all(|&count| count == trajectories), "{trajectories}: {counts:?}");
            }
        }
    }
}

/// Equal to the last bit, NaN equal to NaN.
fn same(a: &polyak_tests::ensemble::Outcome, b: &polyak_tests::ensemble::Outcome, what: &str) {
    for (a, b) in a.runs.iter().zip(&b.runs) {
        assert_eq!(a.digest, b.digest, "{what}");
        assert_eq!(a.passages, b.passages, "{what}");
    }
    // A checkpoint holds every sum as its bits.
    assert_eq!(
        serde_json::to_string(&a.progress).unwrap(),
        serde_json::to_string(&b.progress).unwrap(),
        "{what}"
    );
}

/// Eleven chunks, the last one not full.
fn longer() -> Experiment {
    let (_, landscape, start, noise) = settings().swap_remove(4);
    let mut experiment = experiment(3, 10 * 256 + 77, landscape, &start, noise, runs(2));
    experiment.observe.paths = 3;
    experiment.observe.loss_variation = true;
    experiment
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let experiment = longer();
    let reference = simulate_on(&experiment, cpu(Width::detect(), 1), &[]);
    for threads in [2, 3, 7] {
        let outcome = simulate_on(&experiment, cpu(Width::detect(), threads), &[]);
        same(&outcome, &reference, &format!("{threads} threads"));
    }
}

#[test]
fn interrupted_and_resumed_gives_the_same_bits() {
    let experiment = longer();
    let reference = simulate(&experiment);
    for interruptions in [&[1][..], &[4], &[2, 3, 9]] {
        for threads in [1, 3] {
            let outcome = simulate_on(&experiment, cpu(Width::detect(), threads), interruptions);
            same(&outcome, &reference, &format!("interrupted at {interruptions:?}, {threads} threads"));
        }
    }
}

#[test]
fn a_trajectory_does_not_depend_on_how_many_there_are() {
    for index in [4, 13] {
        let (_, landscape, start, noise) = settings().swap_remove(index);
        let with = |trajectories| {
            simulate(&experiment(
                5,
                trajectories,
                landscape.clone(),
                &start,
                noise.clone(),
                runs(start.len()),
            ))
        };
        let all = with(900);
        for trajectories in [1, 255, 256, 257, 700] {
            let fewer = with(trajectories);
            for (run, (fewer, all)) in runs(start.len()).iter().zip(fewer.runs.iter().zip(&all.runs)) {
                let n = trajectories as usize * start.len();
                assert_eq!(fewer.states.len(), n);
                let bits = |states: &[f64]| states.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&fewer.states), bits(&all.states[..n]), "{trajectories}, {}", run.name);
            }
        }
    }
}

#[test]
fn seed_generator_and_precision_count() {
    let base = longer();
    let digest = |experiment: &Experiment| simulate(experiment).runs[0].digest.clone();
    let reference = digest(&base);
    assert_ne!(digest(&Experiment { seed: 4, ..base.clone() }), reference);
    assert_ne!(digest(&Experiment { rng: Rng::Philox, ..base.clone() }), reference);
    assert_ne!(digest(&Experiment { precision: Precision::F64, ..base }), reference);
}
