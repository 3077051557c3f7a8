//! Coverage of the confidence intervals: of many repeated simulations, 95 % must contain the truth. Each test has a fixed seed, says
//! how often it repeats, and asks for a binomial z-score below 3.5.

use polyak_core::random::{Law, Pcg32, Stream};

use super::distance::{Normal, batched, energy, energy_to_normal, sliced_energy, sliced_energy_to_normal};
use super::distance::{directions, sliced_wasserstein, wasserstein};
use super::{Controlled, Estimate, Interval, Line, mean_of, richardson};
use crate::experiment::model::{Covariance, Landscape, Law as NoiseLaw, Matrix, Noise};
use crate::reproduce::{Budget, Laboratory};
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

/// What claims take from the engine: means, variances, covariances and losses of whole ensembles, 2000 of 1024 trajectories each,
/// against the exact ones.
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
    let exact = theory::exact(&experiment, &experiment.runs[0], &[4]).unwrap().moments.remove(0);
    let truths = [exact.mean[0], exact.variance[1], exact.covariance.unwrap()[(0, 1)], exact.loss];
    let stop = core::sync::atomic::AtomicBool::new(false);
    let (repeats, mut hits) = (2000, [0.0; 4]);
    for seed in 0..repeats {
        let laboratory = Laboratory::new(Budget::Reduced, 1, &stop).seeded(seed);
        let run = laboratory.run(&experiment).unwrap().runs.remove(0);
        let found = [run.last().mean[0], run.last().variance[1], run.covariance[0][1], run.last().loss];
        for ((hits, found), truth) in hits.iter_mut().zip(found).zip(truths) {
            *hits += f64::from(u8::from(covered(&found, None, truth)));
        }
    }
    let n = repeats as f64;
    let scores = hits.map(|hits| (hits - LEVEL * n) / (n * LEVEL * (1.0 - LEVEL)).sqrt());
    assert!(scores.iter().all(|score| score.abs() < 3.5), "mean, variance, covariance, loss: {scores:?}");
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
