//! What is observed on the way against the plainest way to compute it: sums of a chunk, watches, the recorder.

use polyak::experiment::model::{
    Covariance, Experiment, InitialMomentum, Landscape, Law, Optimizer, Precision,
};
use polyak_core::landscape::{Landscape as _, Rosenbrock};
use polyak_core::observe::{CHUNK, Recorder, chunk_sum};
use polyak_core::optimizer::{Coefficients, Method, Update};
use polyak_core::oracle::{Covariance as Factor, Ngos, NoDeck, Oracle};
use polyak_core::random::{Law as CoreLaw, Pcg32, PcgLane, Stream};
use polyak_core::real::{Lanes, Real, Scalar};
use polyak_tests::ensemble::simulate;
use polyak_tests::experiments::{additive, experiment, run};

/// Numbers of very different sizes and both signs.
fn numbers<S: Scalar>(seed: u64) -> Vec<S> {
    let mut words = PcgLane::new(seed, 0);
    let z: Vec<S> = (0..CHUNK / 2).flat_map(|_| CoreLaw::Gaussian.quad::<_>(&mut words)).collect();
    (0..CHUNK).map(|i| z[i] * (z[CHUNK + i] * S::from_f64(3.0)).exponential()).collect()
}

fn in_lanes<S: Scalar, const N: usize>(numbers: &[S]) -> u64 {
    chunk_sum(|p| Lanes::<S, N>::from_fn(|lane| numbers[p * N + lane])).to_canonical_bits()
}

/// The tree as it is promised, written out: number i goes to partial i mod 64, and partial i takes in i + 32, i + 16, … i + 1.
fn tree<S: Scalar>(numbers: &[S]) -> S {
    let mut partials: Vec<S> = numbers[..64].to_vec();
    for i in 64..CHUNK {
        partials[i % 64] = partials[i % 64] + numbers[i];
    }
    for half in [32, 16, 8, 4, 2, 1] {
        for i in 0..half {
            partials[i] = partials[i] + partials[i + half];
        }
    }
    partials[0]
}

fn sums<S: Scalar>(unit: f64) {
    for seed in 0..20 {
        let numbers = numbers::<S>(seed);
        let sum: S = chunk_sum(|i| numbers[i]);
        let bits = sum.to_canonical_bits();
        assert_eq!(tree(&numbers).to_canonical_bits(), bits);
        assert_eq!(in_lanes::<S, 1>(&numbers), bits);
        assert_eq!(in_lanes::<S, 2>(&numbers), bits);
        assert_eq!(in_lanes::<S, 4>(&numbers), bits);
        assert_eq!(in_lanes::<S, 8>(&numbers), bits);
        assert_eq!(in_lanes::<S, 16>(&numbers), bits);
        assert_eq!(in_lanes::<S, 32>(&numbers), bits);
        assert_eq!(in_lanes::<S, 64>(&numbers), bits);
        // Four additions in a partial and six folds: ten roundings on the way of each number.
        let exact: f64 = numbers.iter().map(|x| x.to_f64()).sum();
        let size: f64 = numbers.iter().map(|x| x.to_f64().abs()).sum();
        // The reference itself rounds, 256 times in f64.
        let bound = 10.0 * unit * size * 1.001 + 256.0 * f64::EPSILON / 2.0 * size;
        assert!((sum.to_f64() - exact).abs() <= bound, "{} for {exact}, bound {bound}", sum.to_f64());
    }
}

#[test]
fn a_chunk_sums_alike_in_any_lanes_and_closely() {
    sums::<f32>(f64::from(f32::EPSILON) / 2.0);
    sums::<f64>(f64::EPSILON / 2.0);
    // Every number once: powers of two that fit in one f64.
    let each: f64 = chunk_sum(|i| libm::scalbn(1.0, (i % 50) as i32));
    let expected: f64 = (0..CHUNK).map(|i| libm::scalbn(1.0, (i % 50) as i32)).sum();
    assert_eq!(each, expected);
}

#[test]
fn the_recorder_keeps_evenly_spaced_samples_of_the_whole_run() {
    for total in 0..200u32 {
        let mut recorder = Recorder::<u32, 8>::new();
        (0..total).for_each(|k| recorder.record(k));
        let stride = recorder.stride() as u32;
        assert!(stride.is_power_of_two());
        let expected: Vec<u32> = (0..total).step_by(stride as usize).collect();
        assert_eq!(recorder.samples(), expected, "{total} values");
        assert!(total < 8 || recorder.samples().len() > 4);
    }
    let mut none = Recorder::<u32, 0>::new();
    (0..100).for_each(|k| none.record(k));
    assert!(none.samples().is_empty());
    let mut one = Recorder::<u32, 1>::new();
    (0..100).for_each(|k| one.record(k));
    assert_eq!(one.samples(), [0]);
}

/// One trajectory step by step, with what is watched summed up by hand: (path length, loss variation, first passage).
fn by_hand(experiment: &Experiment, trajectory: u64) -> (f64, f64, u32) {
    let run = &experiment.runs[0];
    let landscape = Rosenbrock { a: 1.0, b: 2.0, dimension: 3 };
    let covariance = Factor::<[f64; 3]>::Identity;
    let oracle = Ngos { landscape, covariance, law: CoreLaw::Gaussian, scale: run.noise_scale };
    let method = run.method();
    let update = Update { form: method.form(), maximize: false, weight_decay: None };
    let mut stream = Stream::<f64, _>::new(Pcg32::new(experiment.seed, trajectory));
    let mut x: [f64; 3] = experiment.start.clone().try_into().unwrap();
    let (mut m, mut g) = ([0.0; 3], [0.0; 3]);
    if run.initial_momentum == InitialMomentum::Stationary {
        let beta = 0.8;
        assert_eq!(method, Method::Sgdm);
        let draw = Coefficients::draw_momentum(beta, 1.0);
        oracle.mean(&x, &mut g);
        oracle.add_noise(draw.noise, &x, &mut stream, &mut NoDeck, &mut g);
        m = g;
    }
    let below = experiment.observe.loss_below.unwrap();
    let mut loss: f64 = landscape.loss(&x);
    let (mut length, mut variation) = (0.0, 0.0);
    let mut passage = if loss < below { 0 } else { u32::MAX };
    for k in 0..run.steps {
        let before = (x, loss);
        oracle.sample(&x, &mut stream, &mut NoDeck, &mut g);
        update.step(&run.coefficients(k), &mut x, &mut m, &g);
        loss = landscape.loss(&x);
        length += before.0.iter().zip(&x).map(|(a, b)| (b - a) * (b - a)).sum::<f64>().sqrt();
        variation += (loss - before.1).abs();
        if loss < below && passage == u32::MAX {
            passage = k as u32 + 1;
        }
    }
    (length, variation, passage)
}

/// The step that draws m₀ neither moves nor counts.
#[test]
fn watches_see_what_a_plain_loop_sees() {
    for (m0, start) in [
        (InitialMomentum::Zero, [-0.5, 0.5, 0.2]),
        (InitialMomentum::Stationary, [-0.5, 0.5, 0.2]),
        // Below from the start.
        (InitialMomentum::Stationary, [1.0, 1.0, 1.0]),
    ] {
        let mut run = run("sgdm", Optimizer::Sgdm, 0.05, 0.8, 60);
        (run.initial_momentum, run.noise_scale) = (m0.clone(), 0.4);
        let noise = additive(Law::Gaussian, Covariance::Identity);
        let landscape = Landscape::Rosenbrock { a: 1.0, b: 2.0 };
        let mut experiment = experiment(17, 300, landscape, &start, noise, vec![run]);
        experiment.precision = Precision::F64;
        experiment.observe.every = 7;
        (experiment.observe.path_length, experiment.observe.loss_variation) = (true, true);
        experiment.observe.loss_below = Some(0.6);
        let outcome = simulate(&experiment);
        let by_hand: Vec<_> = (0..300).map(|trajectory| by_hand(&experiment, trajectory)).collect();
        let last = outcome.runs[0].last();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / 300.0;
        let length = mean(by_hand.iter().map(|seen| seen.0).collect());
        let variation = mean(by_hand.iter().map(|seen| seen.1).collect());
        assert!((last.path_length.unwrap().value / length - 1.0).abs() < 1e-13, "{m0:?}");
        assert!((last.loss_variation.unwrap().value / variation - 1.0).abs() < 1e-13, "{m0:?}");
        let passages: Vec<u32> = by_hand.iter().map(|seen| seen.2).collect();
        assert_eq!(outcome.runs[0].passages, passages, "{m0:?}");
        let passed: Vec<f64> = passages.iter().filter(|&&k| k != u32::MAX).map(|&k| f64::from(k)).collect();
        assert!(!passed.is_empty());
        let mean_passage = passed.iter().sum::<f64>() / passed.len() as f64;
        assert!((outcome.runs[0].passage.value - mean_passage).abs() < 1e-12 * mean_passage.max(1.0));
    }
}
