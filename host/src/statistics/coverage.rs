//! Coverage of the confidence intervals: of many repeated simulations, 95 % must contain the truth. Each test has a fixed seed, says
//! how often it repeats, and asks for a binomial z-score below 3.5.

use polyak_core::random::{Law, Pcg32, Stream};

use super::distance::{Normal, batched, energy, energy_to_normal, sliced_energy, sliced_energy_to_normal};
use super::distance::{directions, sliced_wasserstein, wasserstein};
use super::{
    Controlled, Estimate, Interval, LargestGap, Line, exponents, mean_of, ratio_of_means, richardson,
};
use crate::experiment::model::{
    Activation, Covariance, Data, Experiment, Landscape, Law as NoiseLaw, Matrix, Network, NetworkLoss,
    Noise, Sampling,
};
use crate::reproduce::{Budget, Ensemble, Laboratory};
use crate::theory;

const LEVEL: f64 = 0.95;

/// Standard normal numbers.
struct Normals(Stream<f64, Pcg32<f64>>);

impl Normals {
    fn take(&mut self, n: usize) -> Vec<f64> {
        let mut numbers = vec![0.0; n];
        self.0.draw(Law::Gaussian, n, &mut |i: usize, z: f64| numbers[i] = z);
        numbers
    }
}

/// The z-score of how many of `repeats` intervals contain the truth.
fn z(seed: u64, repeats: u64, mut covers: impl FnMut(&mut Normals) -> bool) -> f64 {
    let mut hits = 0.0;
    for repeat in 0..repeats {
        let mut numbers = Normals(Stream::new(Pcg32::new(seed, repeat)));
        hits += f64::from(u8::from(covers(&mut numbers)));
    }
    let n = repeats as f64;
    (hits - LEVEL * n) / (n * LEVEL * (1.0 - LEVEL)).sqrt()
}

fn covered(estimate: &Estimate, degrees: Option<f64>, truth: f64) -> bool {
    Interval::of(estimate, degrees, LEVEL).contains(truth)
}

#[test]
fn means_of_few_need_student() {
    let batches =
        |numbers: &mut Normals| mean_of(&numbers.take(5).iter().map(|z| 3.0 + z).collect::<Vec<_>>());
    let student = z(1, 20_000, |numbers| {
        let (mean, degrees) = batches(numbers);
        covered(&mean, Some(degrees), 3.0)
    });
    assert!(student.abs() < 3.5, "{student}");
    // The test sees an interval that is too narrow.
    let normal = z(1, 20_000, |numbers| covered(&batches(numbers).0, None, 3.0));
    assert!(normal < -20.0, "{normal}");
}

#[test]
fn controlled_means() {
    // Y = 1 + a² + 2a − b + noise, controls a, b and a² − 1 with known means 0, and one that repeats another.
    let weak = |numbers: &mut Normals| {
        let mut sums = Controlled::new(4);
        for triple in numbers.take(3 * 200).chunks_exact(3) {
            let [a, b, c] = [triple[0], triple[1], triple[2]];
            sums.add(1.0 + a * a + 2.0 * a - b + 0.5 * c, &[a, b, a * a - 1.0, 2.0 * a]);
        }
        sums.estimate(&[0.0; 4])
    };
    let score = z(2, 20_000, |numbers| covered(&weak(numbers), None, 2.0));
    assert!(score.abs() < 3.5, "{score}");
    let mut numbers = Normals(Stream::new(Pcg32::new(3, 0)));
    let error = weak(&mut numbers).std_error;
    assert!((error - 0.5 / 200f64.sqrt()).abs() < 0.005, "only the noise is left: {error}");
}

/// Twenty points with one and the same gap, where its choice would bias the largest most.
#[test]
fn the_largest_of_equal_gaps() {
    // Signs alternate; forty numbers a half, so Student's t.
    let truth = 0.3;
    let simulate = |numbers: &mut Normals| {
        let mut gaps = LargestGap::new(20, 0);
        for trajectory in numbers.take(20 * 80).chunks_exact(20) {
            gaps.next_trajectory();
            for (point, z) in trajectory.iter().enumerate() {
                gaps.add(point, if point % 2 == 0 { truth } else { -truth } + z, &[]);
            }
        }
        gaps
    };
    let split = z(21, 4000, |numbers| covered(&simulate(numbers).largest(&[]).0, Some(39.0), truth));
    // The largest of the whole sample is too large.
    let chosen = z(21, 4000, |numbers| {
        let gaps = simulate(numbers);
        let size = |estimate: Estimate| estimate.times(estimate.value.signum());
        let all = (0..20).map(|point| size(gaps.at(point, &[])));
        covered(&all.max_by(|a, b| a.value.total_cmp(&b.value)).unwrap(), Some(78.0), truth)
    });
    assert!(split.abs() < 3.5 && chosen < -20.0, "{split} {chosen}");
}

#[test]
fn slopes_of_points_with_errors() {
    let x = [0.0, 0.5, 1.0, 2.0, 4.0];
    let errors = [0.1, 0.3, 0.2, 0.1, 0.5];
    let points = |numbers: &mut Normals| -> Vec<Estimate> {
        let noise = numbers.take(5);
        let point =
            |i: usize| Estimate { value: 1.0 - 2.0 * x[i] + errors[i] * noise[i], std_error: errors[i] };
        (0..5).map(point).collect()
    };
    let slope = z(4, 20_000, |n| covered(&Line::through(&x, &points(n)).unwrap().slope, None, -2.0));
    let height = z(5, 20_000, |n| covered(&Line::through(&x, &points(n)).unwrap().intercept, None, 1.0));
    assert!(slope.abs() < 3.5 && height.abs() < 3.5, "{slope} {height}");
    let scattered = z(6, 20_000, |numbers| {
        let y: Vec<f64> = numbers.take(5).iter().zip(x).map(|(z, x)| 1.0 - 2.0 * x + 0.7 * z).collect();
        let line = Line::through_scattered(&x, &y).unwrap();
        covered(&line.slope, Some(line.degrees), -2.0) && line.degrees == 3.0
    });
    assert!(scattered.abs() < 3.5, "{scattered}");
}

#[test]
fn exponents_of_power_laws() {
    let x = [0.1, 0.05, 0.025, 0.0125];
    let score = z(7, 20_000, |numbers| {
        let noise = numbers.take(4);
        let y: Vec<Estimate> = x
            .iter()
            .zip(noise)
            .map(|(x, z)| {
                let truth = 3.0 * libm::pow(*x, 2.0 / 3.0);
                Estimate { value: truth * (1.0 + 0.02 * z), std_error: 0.02 * truth }
            })
            .collect();
        covered(&Line::power_law(&x, &y).unwrap().slope, None, 2.0 / 3.0)
    });
    assert!(score.abs() < 3.5, "{score}");
}

#[test]
fn limits_by_richardson() {
    let score = z(8, 20_000, |numbers| {
        let noise = numbers.take(2);
        let at = |eta: f64, z: f64| Estimate { value: 1.5 + 4.0 * eta + 0.1 * z, std_error: 0.1 };
        covered(&richardson(&at(0.2, noise[0]), &at(0.1, noise[1])), None, 1.5)
    });
    assert!(score.abs() < 3.5, "{score}");
}

#[test]
fn differences_and_ratios() {
    let mean = |numbers: &mut Normals, centre: f64| {
        let sample = numbers.take(400);
        let (sum, squares) = sample.iter().fold((0.0, 0.0), |(sum, squares), z| (sum + z, squares + z * z));
        Estimate::of_mean(400, centre, sum, squares)
    };
    let difference = z(12, 10_000, |numbers| {
        let (a, b) = (mean(numbers, 3.0), mean(numbers, 2.0));
        covered(&a.less(&b), None, 1.0)
    });
    let ratio = z(13, 10_000, |numbers| {
        let (a, b) = (mean(numbers, 3.0).times(2.0), mean(numbers, 2.0));
        covered(&a.over(&b), None, 3.0)
    });
    assert!(difference.abs() < 3.5 && ratio.abs() < 3.5, "{difference} {ratio}");
}

#[test]
fn ratios_of_paired_means() {
    // Eight pairs that share what b has.
    let score = z(14, 20_000, |numbers| {
        let noise = numbers.take(16);
        let b: Vec<f64> = noise[..8].iter().map(|z| 2.0 + 0.3 * z).collect();
        let a: Vec<f64> = b.iter().zip(&noise[8..]).map(|(b, z)| 1.5 * b + 3.0 + 0.2 * z).collect();
        let (ratio, degrees) = ratio_of_means(&a, &b);
        covered(&ratio, Some(degrees), 3.0)
    });
    assert!(score.abs() < 3.5, "{score}");
}

/// The exponents of batches, as claims take those of the best momentum: of one variable, of two, and with what the points of a batch have in common,
/// which an error propagated from the points' own would miss.
#[test]
fn exponents_by_batches() {
    let x = [[0.1], [0.05], [0.025], [0.0125]];
    let y = |numbers: &mut Normals| -> Vec<Vec<f64>> {
        let (own, common) = (numbers.take(8 * 4), numbers.take(8));
        let y =
            |i: usize, b: usize| 2.0 / 3.0 * libm::log(x[i][0]) + 0.1 * own[8 * i + b] + common[b] * x[i][0];
        (0..4).map(|i| (0..8).map(|b| libm::exp(y(i, b))).collect()).collect()
    };
    let one = z(15, 20_000, |numbers| {
        let [(exponent, degrees)] = exponents(&x, &y(numbers));
        covered(&exponent, Some(degrees), 2.0 / 3.0)
    });
    let propagated = z(15, 20_000, |numbers| {
        let means: Vec<Estimate> = y(numbers).iter().map(|y| mean_of(y).0).collect();
        let line = Line::power_law(&x.map(|[x]| x), &means);
        covered(&line.unwrap().slope, None, 2.0 / 3.0)
    });
    assert!(one.abs() < 3.5 && propagated.abs() > 20.0, "{one} {propagated}");
    let plane = [[1.0, 1.0], [2.0, 1.0], [1.0, 0.25], [2.0, 0.25], [4.0, 0.5]];
    let two = [0, 1].map(|which| {
        z(21 + which as u64, 20_000, |numbers| {
            let noise = numbers.take(8 * 5);
            let y = |i: usize, b: usize| {
                let [a, c] = plane[i].map(|x: f64| libm::log(x));
                libm::exp(2.0 * a - 3.0 * c + 0.1 * noise[8 * i + b])
            };
            let y: Vec<Vec<f64>> = (0..5).map(|i| (0..8).map(|b| y(i, b)).collect()).collect();
            let (exponent, degrees) = exponents(&plane, &y)[which];
            covered(&exponent, Some(degrees), [2.0, -3.0][which])
        })
    });
    assert!(two.iter().all(|score| score.abs() < 3.5), "{two:?}");
}

/// The z-scores of how many of `repeats` ensembles' intervals contain the truths.
fn of_ensembles<const N: usize>(
    experiment: &Experiment,
    repeats: u64,
    truths: [f64; N],
    found: impl Fn(&Ensemble) -> [Estimate; N],
) -> [f64; N] {
    let stop = core::sync::atomic::AtomicBool::new(false);
    let mut hits = [0.0; N];
    for seed in 0..repeats {
        let ensemble = Laboratory::new(Budget::Reduced, 1, &stop).seeded(seed).run(experiment).unwrap();
        for ((hits, found), truth) in hits.iter_mut().zip(found(&ensemble)).zip(truths) {
            *hits += f64::from(u8::from(covered(&found, None, truth)));
        }
    }
    let n = repeats as f64;
    hits.map(|hits| (hits - LEVEL * n) / (n * LEVEL * (1.0 - LEVEL)).sqrt())
}

/// What claims take from the engine: means, variances, covariances and losses of whole ensembles, and the differences of two runs, 2000 of
/// 1024 trajectories each, against the exact ones.
#[test]
fn what_ensembles_report() {
    let matrix = |entries: [f64; 4]| Matrix { rows: 2, columns: 2, entries: entries.to_vec() };
    let mut experiment = theory::example::experiment();
    experiment.landscape = Landscape::Dense { hessian: matrix([1.0, 0.3, 0.3, 0.5]) };
    experiment.start = vec![1.0, -0.5];
    let covariance = Covariance::Dense(matrix([1.0, 0.6, 0.6, 0.8]));
    experiment.noise = Noise::Additive { law: NoiseLaw::Gaussian, covariance };
    experiment.trajectories = 1024;
    experiment.runs[0].steps = 4;
    let mut second = experiment.runs[0].clone();
    second.learning_rate = crate::schedule::Schedule::Constant(0.5 * second.hyperparameters(0).0);
    experiment.runs.truncate(1);
    experiment.runs.push(second);
    let exact =
        |run: usize| theory::exact(&experiment, &experiment.runs[run], &[4]).unwrap().moments.remove(0);
    let [first, second] = [0, 1].map(exact);
    let truths = [
        first.mean[0],
        first.variance[1],
        first.covariance.unwrap()[(0, 1)],
        first.loss,
        second.mean[1] - first.mean[1],
        second.loss - first.loss,
    ];
    let scores = of_ensembles(&experiment, 2000, truths, |ensemble| {
        let run = &ensemble.runs[0];
        let pair = &ensemble.pairs[0].2;
        let last = run.last();
        [last.mean[0], last.variance[1], run.covariance[0][1], last.loss, pair.mean[1], pair.loss]
    });
    assert!(
        scores.iter().all(|score| score.abs() < 3.5),
        "mean, variance, covariance, loss, differences of mean and loss: {scores:?}"
    );
}

/// Path length and loss variation of independent steps N(−ηc, η²) on the line: k E|Δx| and |c| times that.
#[test]
fn lengths_of_paths() {
    let (rate, gradient, steps) = (0.1, 0.7, 5);
    let mut experiment = theory::example::experiment();
    experiment.landscape = Landscape::Linear { gradient: vec![gradient] };
    experiment.start = vec![0.0];
    experiment.noise = Noise::Additive { law: NoiseLaw::Gaussian, covariance: Covariance::Identity };
    experiment.trajectories = 512;
    experiment.runs.truncate(1);
    experiment.runs[0].learning_rate = crate::schedule::Schedule::Constant(rate);
    experiment.runs[0].noise_scale = 1.0;
    experiment.runs[0].steps = steps;
    experiment.observe.path_length = true;
    experiment.observe.loss_variation = true;
    let length = steps as f64 * folded(rate * gradient, rate);
    let scores = of_ensembles(&experiment, 2000, [length, gradient * length], |ensemble| {
        let last = ensemble.runs[0].last();
        [last.path_length.unwrap(), last.loss_variation.unwrap()]
    });
    assert!(scores.iter().all(|score| score.abs() < 3.5), "path length, loss variation: {scores:?}");
}

/// The part of held-out examples that a network classifies right, against that of two hundred times as many trajectories.
#[test]
fn accuracies_of_networks() {
    let mut numbers = Normals(Stream::new(Pcg32::new(16, 0)));
    let mut cloud = |each: usize| {
        let targets: Vec<f64> = (0..2 * each).map(|i| (i % 2) as f64).collect();
        let noise = numbers.take(4 * each);
        let entries = noise.iter().enumerate().map(|(i, z)| z + (i / 2 % 2) as f64).collect();
        Data { inputs: Matrix { rows: 2 * each, columns: 2, entries }, targets }
    };
    let (data, test) = (cloud(16), Some(cloud(16)));
    let mut experiment = theory::example::experiment();
    let (activation, loss) = (Activation::Tanh, NetworkLoss::CrossEntropy);
    experiment.landscape = Landscape::Network(Network { layers: vec![2, 2], activation, loss, data, test });
    experiment.noise = Noise::MiniBatch { batch: 1, sampling: Sampling::WithReplacement };
    experiment.start = vec![0.0; 6];
    experiment.runs.truncate(1);
    experiment.runs[0].learning_rate = crate::schedule::Schedule::Constant(0.3);
    experiment.runs[0].steps = 6;
    let accuracy = |ensemble: &Ensemble| [ensemble.runs[0].last().test_accuracy.unwrap()];
    let stop = core::sync::atomic::AtomicBool::new(false);
    experiment.trajectories = 256 * 200;
    let truth =
        accuracy(&Laboratory::new(Budget::Reduced, 2, &stop).seeded(1 << 40).run(&experiment).unwrap());
    experiment.trajectories = 256;
    let [score] = of_ensembles(&experiment, 500, [truth[0].value], accuracy);
    assert!(score.abs() < 3.5 && truth[0].value > 0.5, "{score} {truth:?}");
}

/// E|Z| for Z ~ N(δ, s²).
fn folded(delta: f64, s: f64) -> f64 {
    let z = delta / s;
    let density = libm::exp(-0.5 * z * z) / (2.0 * core::f64::consts::PI).sqrt();
    s * 2.0 * density + delta * libm::erf(z / 2f64.sqrt())
}

#[test]
fn energy_distances_equal_and_different() {
    let itself = 2.0 / core::f64::consts::PI.sqrt();
    // At equal laws the distance of a batch is skewed (a sum of squares): it takes more batches for Student's interval to be right.
    for (seed, delta, batches) in [(9, 0.0, 200), (10, 0.5, 40)] {
        let truth = 2.0 * folded(delta, 2f64.sqrt()) - 2.0 * itself;
        let two = z(seed, 4_000, |numbers| {
            let (x, mut y) = (numbers.take(1600), numbers.take(1600));
            y.iter_mut().for_each(|y| *y += delta);
            let (d, degrees) = batched(&x, &y, 1, batches, |x, y| energy(&mut x.to_vec(), &mut y.to_vec()));
            covered(&d, Some(degrees), truth)
        });
        let exact = z(seed + 10, 4_000, |numbers| {
            let law = Normal { mean: delta, deviation: 1.0 };
            let (d, degrees) =
                batched(&numbers.take(1600), &[], 1, batches, |x, _| energy_to_normal(&mut x.to_vec(), law));
            covered(&d, Some(degrees), truth)
        });
        assert!(two.abs() < 3.5 && exact.abs() < 3.5, "δ = {delta}: {two} {exact}");
    }
}

/// Clouds in the plane that are δ apart, in batches: sliced energy distances, and W₂² of two points each, which is (δ·u)² + 2 − 2/π along u (the
/// larger of two normal numbers has the mean 1/√π).
#[test]
fn sliced_distances_in_batches() {
    let (axes, delta) = (directions(2, 6), 1.5);
    let mean = |of: &dyn Fn(f64) -> f64| axes.iter().map(|u| of(delta * u[0])).sum::<f64>() / 6.0;
    let pi = core::f64::consts::PI;
    let truths = [
        mean(&|shift| 2.0 * folded(shift, 2f64.sqrt()) - 4.0 / pi.sqrt()),
        mean(&|shift| shift * shift + 2.0 - 2.0 / pi),
    ];
    let clouds = |numbers: &mut Normals, n: usize| {
        let (x, mut y) = (numbers.take(2 * n), numbers.take(2 * n));
        y.iter_mut().step_by(2).for_each(|y| *y += delta);
        (x, y)
    };
    let energies = z(17, 1_000, |numbers| {
        let (x, y) = clouds(numbers, 800);
        let (d, degrees) = batched(&x, &y, 2, 40, |x, y| sliced_energy(x, y, &axes));
        covered(&d, Some(degrees), truths[0])
    });
    // The cloud at its own place against a normal law that is δ away.
    let exact = z(19, 1_000, |numbers| {
        let x = numbers.take(2 * 800);
        let law = ([delta, 0.0], [1.0, 0.0, 0.0, 1.0]);
        let (d, degrees) = batched(&x, &[], 2, 40, |x, _| sliced_energy_to_normal(x, &law.0, &law.1, &axes));
        covered(&d, Some(degrees), truths[0])
    });
    let transports = z(18, 4_000, |numbers| {
        let (x, y) = clouds(numbers, 200);
        let (d, degrees) = batched(&x, &y, 2, 100, |x, y| sliced_wasserstein(x, y, &axes));
        covered(&d, Some(degrees), truths[1])
    });
    assert!(
        energies.abs() < 3.5 && exact.abs() < 3.5 && transports.abs() < 3.5,
        "{energies} {exact} {transports}"
    );
}

#[test]
fn sliced_distances_of_shifted_clouds_are_those_of_the_shift() {
    let mut numbers = Normals(Stream::new(Pcg32::new(11, 0)));
    let (x, axes) = (numbers.take(2 * 20_000), directions(2, 64));
    let y: Vec<f64> = x.chunks_exact(2).flat_map(|p| [p[0] + 3.0, p[1]]).collect();
    // A shift s in the plane: W₂² along u is (s·u)², exactly.
    let mean_square = axes.iter().map(|u| 9.0 * u[0] * u[0]).sum::<f64>() / 64.0;
    assert!((sliced_wasserstein(&x, &y, &axes) - mean_square).abs() < 1e-9);
    assert!((wasserstein(&mut [1.0, 3.0], &mut [4.0, 0.0]) - 1.0).abs() < 1e-15);
    let one = |u: &Vec<f64>| 2.0 * folded(3.0 * u[0], 2f64.sqrt()) - 4.0 / core::f64::consts::PI.sqrt();
    let truth = axes.iter().map(one).sum::<f64>() / 64.0;
    let two = sliced_energy(&x, &y, &axes);
    let exact = sliced_energy_to_normal(&x, &[3.0, 0.0], &[1.0, 0.0, 0.0, 1.0], &axes);
    assert!((two / truth - 1.0).abs() < 0.02 && (exact / truth - 1.0).abs() < 0.02, "{two} {exact} {truth}");
}
