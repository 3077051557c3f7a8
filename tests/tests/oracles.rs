//! Every oracle's draws against their exact mean, covariance, skewness and kurtosis; decks and epochs card by card.
//!
//! A million draws each at fixed seeds; a z-score is (measured − exact)/(standard error as measured), and each must stay below 4.

use polyak::experiment::model::Matrix;
use polyak::job::cholesky;
use polyak_core::landscape::{
    AnyFiniteSum, AnyLandscape, Diagonal, DiagonalNetwork, FiniteSum, Hyperbola, Landscape, LeastSquares,
};
use polyak_core::oracle::{
    AnyNoise, AnyOracle, Cards, Covariance, Deck, Exact, LabelExamples, LabelNoise, MiniBatch, Ngos, NoDeck,
    Oracle, Sampling, Svag, svag_weights,
};
use polyak_core::random::{Law, Pcg32, Stream, StudentT};
use polyak_core::real::{LaneArray, Lanes, Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};
use polyak_lanes::{Avx2, Avx512};
use polyak_tests::has;

type Wide = Lanes<f64, 32>;
type Words = Lanes<u32, 32>;
const DRAWS: usize = 1_000_000;

fn stream(seed: u64) -> Stream<Wide, Pcg32<Wide>> {
    Stream::new(Pcg32::new(seed, 0))
}

fn deck(n: u32) -> Cards<Vec<Words>> {
    Cards { cards: (0..n).map(|card| Lanes([card; 32])).collect(), dealt: 0 }
}

/// Successive draws of the oracle at x, one vector of d numbers a draw.
fn draws<O: Oracle<f64>>(oracle: &O, x: &[f64], cards: u32, seed: u64) -> Vec<Vec<f64>> {
    let (mut stream, mut deck) = (stream(seed), deck(cards));
    let x: Vec<Wide> = x.iter().map(|&x| Wide::splat(x)).collect();
    let mut g = vec![Wide::ZERO; x.len()];
    let mut all = Vec::with_capacity(DRAWS);
    while all.len() < DRAWS {
        oracle.sample(x.as_slice(), &mut stream, &mut deck, g.as_mut_slice());
        all.extend((0..32).map(|lane| g.iter().map(|g| g.lane(lane)).collect::<Vec<f64>>()));
    }
    all
}

/// (mean of the values, its standard error).
fn mean(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// A value that never varies must be exact but for the roundings of a sum of a million; any other has |z| < 4.
fn close((measured, error): (f64, f64), exact: f64, what: &str) {
    let difference = measured - exact;
    if error < 1e-12 {
        let rounding = DRAWS as f64 * f64::EPSILON * exact.abs().max(1.0);
        assert!(difference.abs() < rounding, "{what}: {measured} for {exact}");
    } else {
        assert!(difference.abs() < 4.0 * error, "{what}: {measured} for {exact}, z = {}", difference / error);
    }
}

/// Mean and covariance of the draws.
fn check(draws: &[Vec<f64>], expected: &[f64], covariance: &[Vec<f64>], what: &str) {
    let d = expected.len();
    for i in 0..d {
        close(mean(draws.iter().map(|g| g[i])), expected[i], &format!("{what}: mean {i}"));
        for j in 0..=i {
            let products = draws.iter().map(|g| (g[i] - expected[i]) * (g[j] - expected[j]));
            close(mean(products), covariance[i][j], &format!("{what}: covariance {i} {j}"));
        }
    }
}

fn gradient<L: Landscape<f64>>(landscape: &L, x: &[f64]) -> Vec<f64> {
    let mut g = vec![0.0; x.len()];
    landscape.gradient::<f64, _, _>(x, g.as_mut_slice());
    g
}

fn scaled(matrix: &[Vec<f64>], by: f64) -> Vec<Vec<f64>> {
    matrix.iter().map(|row| row.iter().map(|x| x * by).collect()).collect()
}

fn diagonal(entries: &[f64]) -> Vec<Vec<f64>> {
    (0..entries.len())
        .map(|i| (0..entries.len()).map(|j| if i == j { entries[i] } else { 0.0 }).collect())
        .collect()
}

fn rows(sigma: &[Vec<f64>]) -> Matrix {
    Matrix { rows: sigma.len(), columns: sigma.len(), entries: sigma.concat() }
}

/// Positive definite, singular (rank 1 and 2), zero.
fn covariances() -> Vec<Vec<Vec<f64>>> {
    vec![
        vec![vec![2.0, 0.6, -0.4], vec![0.6, 1.0, 0.3], vec![-0.4, 0.3, 0.5]],
        vec![vec![1.0, -2.0, 3.0], vec![-2.0, 4.0, -6.0], vec![3.0, -6.0, 9.0]],
        vec![vec![0.0, 0.0, 0.0], vec![0.0, 2.0, 1.0], vec![0.0, 1.0, 0.5]],
        vec![vec![1.0, 1.0, 0.0], vec![1.0, 2.0, 1.0], vec![0.0, 1.0, 1.0]],
        vec![vec![0.0; 3]; 3],
    ]
}

#[test]
fn cholesky_factors_multiply_to_the_covariance() {
    for sigma in covariances() {
        let factor = cholesky(&rows(&sigma));
        for i in 0..3 {
            for j in 0..3 {
                // Column by column.
                let product: f64 = (0..3).map(|k| factor[k * 3 + i] * factor[k * 3 + j]).sum();
                assert!((product - sigma[i][j]).abs() < 1e-14, "{sigma:?}: {product} at {i} {j}");
                assert!(j <= i || factor[j * 3 + i] == 0.0, "{sigma:?}: not triangular");
            }
        }
    }
    // A larger one, Σ = A Aᵀ of rank 5 in 9 dimensions, with scales from 10⁻³ to 10³.
    let d = 9;
    let a =
        |i: usize, k: usize| libm::pow(10.0, (i as f64 - 4.0) * 0.75) * (((i * 7 + k * 3) % 11) as f64 - 5.0);
    let entry = |i: usize, j: usize| (0..5).map(|k| a(i, k) * a(j, k)).sum::<f64>();
    let sigma: Vec<Vec<f64>> = (0..d).map(|i| (0..d).map(|j| entry(i, j)).collect()).collect();
    let factor = cholesky(&rows(&sigma));
    for i in 0..d {
        for j in 0..d {
            let product: f64 = (0..d).map(|k| factor[k * d + i] * factor[k * d + j]).sum();
            let size = (sigma[i][i] * sigma[j][j]).sqrt();
            assert!((product - sigma[i][j]).abs() < 1e-6 * size, "{product} for {} at {i} {j}", sigma[i][j]);
        }
    }
}

#[test]
fn additive_noise_of_every_covariance() {
    let landscape = Diagonal([0.5, 1.0, 2.0]);
    let x = [1.0, -2.0, 0.5];
    let (g, scale) = (gradient(&landscape, &x), 0.7);
    let check_one = |covariance: Covariance<Vec<f64>>, law, sigma: Vec<Vec<f64>>, what: &str| {
        let oracle = Ngos { landscape, covariance, law, scale };
        check(&draws(&oracle, &x, 0, 1), &g, &scaled(&sigma, scale * scale), what);
    };
    check_one(Covariance::Identity, Law::Gaussian, diagonal(&[1.0; 3]), "identity");
    check_one(
        Covariance::Diagonal(vec![0.5, 0.0, 2.0]),
        Law::Laplace,
        diagonal(&[0.25, 0.0, 4.0]),
        "diagonal",
    );
    for sigma in covariances() {
        check_one(Covariance::Dense(cholesky(&rows(&sigma))), Law::Uniform, sigma, "dense");
    }
    let state = Covariance::StateDependent { constant: vec![0.5, 0.0, 1.0], quadratic: vec![0.2, 0.3, 0.0] };
    check_one(state, Law::Rademacher, diagonal(&[0.5 + 0.2, 0.3 * 4.0, 1.0]), "state");
}

/// Three draws of a dense Σ in each lane of `F`, as bits.
fn dense_draws<F: Real>(dimension: usize, first: u64) -> Vec<Vec<u64>> {
    let number = |k: usize| F::Scalar::from_f64(libm::sin(1.0 + k as f64));
    let oracle = Ngos {
        landscape: Diagonal((0..dimension).map(number).collect::<Vec<_>>()),
        covariance: Covariance::Dense((0..dimension * dimension).map(number).collect::<Vec<_>>()),
        law: Law::Gaussian,
        scale: number(0),
    };
    let mut stream: Stream<F, Pcg32<F>> = Stream::new(Pcg32::new(7, first));
    let (x, mut g) = (vec![F::splat(number(1)); dimension], vec![F::ZERO; dimension]);
    let mut bits = vec![Vec::new(); F::LANES];
    for _ in 0..3 {
        oracle.sample(x.as_slice(), &mut stream, &mut NoDeck, g.as_mut_slice());
        for (lane, bits) in bits.iter_mut().enumerate() {
            bits.extend(g.iter().map(|g| g.lane(lane).to_canonical_bits()));
        }
    }
    bits
}

/// Four columns at a time, and what is left of a block of four by a dimension that 4 does not divide: the bits of column after column.
#[test]
fn columns_of_a_dense_covariance_in_any_lanes() {
    fn the_same<F: Real>(dimension: usize) {
        for (lane, bits) in dense_draws::<F>(dimension, 0).into_iter().enumerate() {
            let one = dense_draws::<F::Scalar>(dimension, lane as u64);
            assert_eq!(one, [bits], "d = {dimension}, {} lanes, lane {lane}", F::LANES);
        }
    }
    for dimension in 1..=13 {
        if has("avx512") {
            the_same::<Avx512<Lanes<f32, 64>>>(dimension);
            the_same::<Avx512<Lanes<f64, 32>>>(dimension);
        }
        if has("avx2") {
            the_same::<Avx2<Lanes<f32, 64>>>(dimension);
        }
        the_same::<Lanes<f64, 16>>(dimension);
    }
}

fn examples() -> (Vec<f64>, Vec<f64>) {
    let inputs = vec![1.0, 0.5, 0.2, -1.1, -0.6, 0.4, 0.8, 0.1, 0.3, 1.2, -0.9, 1.0, 0.4, 0.4];
    (inputs, vec![0.5, -0.2, 1.0, 0.3, 0.0, 0.8, -1.0])
}

const N: u32 = 7;

/// Gradients of the single examples, and their covariance Σ.
fn population<L: FiniteSum<f64>>(landscape: &L, x: &[f64]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let terms: Vec<Vec<f64>> = (0..N)
        .map(|j| {
            let mut g = vec![0.0; x.len()];
            landscape.add_term::<f64, _, _>(1.0, &[j], x, g.as_mut_slice());
            g
        })
        .collect();
    let mean = gradient(landscape, x);
    let covariance = (0..x.len()).map(|i| {
        let entry =
            |j: usize| terms.iter().map(|g| (g[i] - mean[i]) * (g[j] - mean[j])).sum::<f64>() / f64::from(N);
        (0..x.len()).map(entry).collect()
    });
    let covariance = covariance.collect();
    (terms, covariance)
}

#[test]
fn label_noise_on_one_example_and_on_all() {
    let (inputs, targets) = examples();
    let (x, scale) = ([0.7, -0.4], 0.6);
    let network = DiagonalNetwork::new(inputs, targets, 2);
    let g = gradient(&network, &x);
    // A target moved by δξ moves the gradient by −δξ aᵢxᵢ/N.
    let shifts: Vec<Vec<f64>> = (0..N)
        .map(|j| {
            let mut shift = vec![0.0; 2];
            network.add_target_shift::<f64, _, _>(1.0, scale, &[j], &x, shift.as_mut_slice());
            shift
        })
        .collect();
    let count = f64::from(N);
    let sum =
        |i: usize, j: usize| shifts.iter().map(|shift| shift[i] * shift[j]).sum::<f64>() / (count * count);
    let all: Vec<Vec<f64>> = (0..2).map(|i| (0..2).map(|j| sum(i, j)).collect()).collect();
    for law in [Law::Gaussian, Law::Rademacher] {
        let oracle = |examples| LabelNoise { landscape: &network, law, scale, examples };
        check(&draws(&oracle(LabelExamples::All), &x, 0, 2), &g, &all, "labels of all");
        check(&draws(&oracle(LabelExamples::One), &x, 0, 3), &g, &scaled(&all, 1.0 / count), "label of one");
    }
    // The hyperbola's one example: (uv − 1 − σξ)(v, u).
    let (u, v) = (2.0, 0.75);
    let oracle =
        LabelNoise { landscape: Hyperbola, law: Law::Rademacher, scale, examples: LabelExamples::One };
    let expected = [(u * v - 1.0) * v, (u * v - 1.0) * u];
    let covariance = [[v * v, u * v], [u * v, u * u]].map(|row| row.map(|x| x * scale * scale).to_vec());
    check(&draws(&oracle, &[u, v], 0, 4), &expected, &covariance, "hyperbola");
}

#[test]
fn mini_batches_have_their_covariance_factors() {
    let (inputs, targets) = examples();
    let x = [0.7, -0.4];
    let squares = LeastSquares::new(inputs, targets, 2);
    let (_, sigma) = population(&squares, &x);
    let (g, n) = (gradient(&squares, &x), f64::from(N));
    for batch in [1, 3, 7] {
        let b = f64::from(batch);
        let oracle = |sampling| MiniBatch { landscape: &squares, batch, sampling };
        let with = draws(&oracle(Sampling::WithReplacement), &x, 0, 5);
        check(&with, &g, &scaled(&sigma, 1.0 / b), &format!("{batch} with replacement"));
        let without = draws(&oracle(Sampling::WithoutReplacement), &x, N, 6);
        let factor = (n - b) / (b * (n - 1.0));
        check(&without, &g, &scaled(&sigma, factor), &format!("{batch} without replacement"));
        // Successive batches are independent: Cov(g, g') = 0.
        if batch < N {
            let pairs = (32..without.len()).map(|k| (without[k][0] - g[0]) * (without[k - 32][0] - g[0]));
            close(mean(pairs), 0.0, "successive batches without replacement");
        }
    }
}

/// Batches of one epoch: Cov(g, g') = −Σ_b/(N/B − 1), Σ_b = Σ(N−B)/(B(N−1)); across epochs 0.
#[test]
fn batches_of_an_epoch_are_anticorrelated() {
    let inputs: Vec<f64> = (0..12).map(|i| f64::from(i * 5 % 7) - 2.5).collect();
    let targets: Vec<f64> = (0..6).map(|i| f64::from(i * i % 5)).collect();
    let squares = LeastSquares::new(inputs, targets, 2);
    let x = [0.3, -0.8];
    let g = gradient(&squares, &x);
    let terms: Vec<f64> = (0..6)
        .map(|j| {
            let mut g = vec![0.0; 2];
            squares.add_term::<f64, _, _>(1.0, &[j], &x[..], g.as_mut_slice());
            g[0]
        })
        .collect();
    let variance = terms.iter().map(|t| (t - g[0]) * (t - g[0])).sum::<f64>() / 6.0;
    for (batch, batches) in [(1, 6), (2, 3), (3, 2)] {
        let b = f64::from(batch);
        let of_batch = variance * (6.0 - b) / (b * 5.0);
        let oracle = MiniBatch { landscape: &squares, batch, sampling: Sampling::Epochs };
        let draws = draws(&oracle, &x, 6, 7);
        let value = |step: usize, lane: usize| draws[step * 32 + lane][0] - g[0];
        let steps = DRAWS / 32 / batches * batches;
        let each = |lag: usize, phase: usize| {
            let value = &value;
            (phase..steps - lag)
                .step_by(batches)
                .flat_map(move |step| (0..32).map(move |lane| value(step, lane) * value(step + lag, lane)))
        };
        close(mean(each(0, batches - 1)), of_batch, "variance of a batch");
        close(mean(each(1, 0)), -of_batch / (batches as f64 - 1.0), "batches of one epoch");
        close(mean(each(1, batches - 1)), 0.0, "last of one epoch and first of the next");
        // Every epoch's gradients add up to the whole: each example came once.
        for step in (0..steps).step_by(batches) {
            let sum: f64 = (0..batches).map(|k| value(step + k, step % 32)).sum();
            assert!(sum.abs() < 1e-12, "epoch at step {step}: {sum}");
        }
    }
}

/// Tells which examples it was asked for, in coordinate 0 as the number written in base N.
struct Naming(u32);

impl Landscape<f64> for Naming {
    fn dimension(&self) -> usize {
        1
    }
    fn loss<F: Real<Scalar = f64>, X: Vector<F> + ?Sized>(&self, _: &X) -> F {
        F::ZERO
    }
    fn gradient<F, X, G>(&self, _: &X, _: &mut G)
    where
        F: Real<Scalar = f64>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
    }
    fn hessian_vector<F, X, V, P>(&self, _: &X, _: &V, _: &mut P)
    where
        F: Real<Scalar = f64>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
    }
}

impl FiniteSum<f64> for Naming {
    fn examples(&self) -> u32 {
        self.0
    }
    fn add_term<F, X, G>(&self, _: f64, j: &F::Array<u32>, _: &X, g: &mut G)
    where
        F: Real<Scalar = f64>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let j = F::from_fn(|lane| f64::from(j.as_slice()[lane]));
        g.set(0, g.get(0) * F::splat(f64::from(self.0)) + j);
    }
    fn add_target_shift<F, X, G>(&self, _: f64, _: F, _: &F::Array<u32>, _: &X, _: &mut G)
    where
        F: Real<Scalar = f64>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
    }
}

/// How often each code came up, of `outcomes` equally likely ones: |z| of chi-square < 4.
fn uniform(codes: &[usize], outcomes: &[usize], what: &str) {
    let expected = codes.len() as f64 / outcomes.len() as f64;
    let mut counts = std::collections::HashMap::new();
    for code in codes {
        *counts.entry(*code).or_insert(0.0) += 1.0;
    }
    assert!(counts.keys().all(|code| outcomes.contains(code)), "{what}: something that cannot be");
    let square = |code| {
        let difference = counts.get(code).copied().unwrap_or(0.0) - expected;
        difference * difference / expected
    };
    let chi: f64 = outcomes.iter().map(square).sum();
    let freedom = outcomes.len() as f64 - 1.0;
    // Wilson and Hilferty's cube root is normal.
    let z = (libm::cbrt(chi / freedom) - 1.0 + 2.0 / (9.0 * freedom)) / (2.0 / (9.0 * freedom)).sqrt();
    assert!(z.abs() < 4.0, "{what}: chi² = {chi} on {freedom}, z = {z}");
}

/// Codes of the ordered choices of `k` different numbers below `n`.
fn choices(n: usize, k: usize) -> Vec<usize> {
    let mut codes = vec![(0usize, Vec::new())];
    for _ in 0..k {
        codes = codes
            .into_iter()
            .flat_map(|(code, used): (usize, Vec<usize>)| {
                (0..n)
                    .filter(|j| !used.contains(j))
                    .map(|j| (code * n + j, [&used[..], &[j]].concat()))
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    codes.into_iter().map(|(code, _)| code).collect()
}

fn codes(oracle: &MiniBatch<Naming>, seed: u64) -> Vec<usize> {
    draws(oracle, &[0.0], oracle.landscape.0, seed).iter().map(|g| g[0] as usize).collect()
}

#[test]
fn decks_are_uniform_over_permutations() {
    for n in [2, 3, 4, 5] {
        let permutations = choices(n as usize, n as usize);
        for sampling in [Sampling::WithoutReplacement, Sampling::Epochs] {
            let oracle = MiniBatch { landscape: Naming(n), batch: n, sampling };
            uniform(&codes(&oracle, 8), &permutations, &format!("{sampling:?}, all {n}"));
        }
        let oracle = MiniBatch { landscape: Naming(n), batch: n - 1, sampling: Sampling::WithoutReplacement };
        uniform(&codes(&oracle, 9), &choices(n as usize, n as usize - 1), "all but one");
        let oracle = MiniBatch { landscape: Naming(n), batch: 2, sampling: Sampling::WithReplacement };
        let pairs: Vec<usize> = (0..(n * n) as usize).collect();
        uniform(&codes(&oracle, 10), &pairs, "with replacement");
    }
    // Which of 3! orders an epoch has does not depend on the order of the one before: 36 pairs.
    let oracle = MiniBatch { landscape: Naming(3), batch: 3, sampling: Sampling::Epochs };
    let orders = codes(&oracle, 11);
    let pairs: Vec<usize> = orders[32..].iter().zip(&orders).map(|(a, b)| a * 27 + b).collect();
    let permutations = choices(3, 3);
    let possible: Vec<usize> =
        permutations.iter().flat_map(|a| permutations.iter().map(move |b| a * 27 + b)).collect();
    uniform(&pairs, &possible, "pairs of epochs");
}

#[test]
fn an_epoch_has_every_example_once() {
    for (n, batch) in [(12, 3), (12, 4), (12, 1), (12, 12), (6, 2)] {
        let oracle = MiniBatch { landscape: Naming(n), batch, sampling: Sampling::Epochs };
        let (mut stream, mut deck) = (stream(12), deck(n));
        for epoch in 0..50 {
            let mut seen = vec![vec![0; n as usize]; 32];
            for _ in 0..n / batch {
                let mut g = [Wide::ZERO];
                oracle.sample(&[Wide::ZERO], &mut stream, &mut deck, &mut g);
                for (lane, seen) in seen.iter_mut().enumerate() {
                    let mut code = g[0].lane(lane) as usize;
                    for _ in 0..batch {
                        seen[code % n as usize] += 1;
                        code /= n as usize;
                    }
                }
            }
            assert!(seen.iter().flatten().all(|&times| times == 1), "N = {n}, B = {batch}, epoch {epoch}");
            assert_eq!(Deck::<Wide>::dealt(&deck), n);
        }
    }
}

#[test]
fn svag_1_is_the_second_draw() {
    let noise = Ngos {
        landscape: Diagonal([1.0, 2.0, 3.0]),
        covariance: Covariance::Diagonal([1.0, 0.5, 2.0]),
        law: Law::Gaussian,
        scale: 1.5,
    };
    let svag = Svag { oracle: noise, weights: svag_weights(1.0).unwrap() };
    let x = [0.3, -0.2, 0.1];
    let mut plain = Stream::<f64, _>::new(Pcg32::new(5, 9));
    let mut paired = plain;
    for _ in 0..20 {
        let (mut first, mut second, mut both) = ([0.0; 3], [0.0; 3], [0.0; 3]);
        noise.sample(&x, &mut plain, &mut NoDeck, &mut first);
        noise.sample(&x, &mut plain, &mut NoDeck, &mut second);
        svag.sample(&x, &mut paired, &mut NoDeck, &mut both);
        assert_eq!(both, second);
        assert_ne!(both, first);
    }
    assert_eq!(plain, paired);
}

/// Third and fourth cumulant of centred values with standard errors; the error of κ₄ = m₄ − 3m₂² by its influence function.
fn cumulants(values: &[f64]) -> [(f64, f64); 2] {
    let (m2, _) = mean(values.iter().map(|x| x * x));
    let third = mean(values.iter().map(|x| x * x * x));
    let (fourth, error) = mean(values.iter().map(|x| x * x * (x * x - 6.0 * m2)));
    [third, (fourth + 3.0 * m2 * m2, error)]
}

#[test]
fn svag_changes_covariance_skewness_and_kurtosis_by_their_factors() {
    // One example in five at a time: a skew law, uniform over five values.
    let inputs = vec![1.0, 1.0, 1.0, 1.0, 1.0];
    let skew = MiniBatch {
        landscape: LeastSquares::new(inputs, vec![0.0, 0.1, 0.2, 0.5, 3.0], 1),
        batch: 1,
        sampling: Sampling::WithReplacement,
    };
    let (x, y) = ([0.0], [0.0, 0.1, 0.2, 0.5, 3.0]);
    let centre = -y.iter().sum::<f64>() / 5.0;
    let moment =
        |order: usize| y.iter().map(|y| (0..order).fold(1.0, |p, _| p * (-y - centre))).sum::<f64>() / 5.0;
    let (m2, m3, m4) = (moment(2), moment(3), moment(4));
    let laplace = Ngos {
        landscape: Diagonal([0.0]),
        covariance: Covariance::<[f64; 1]>::Identity,
        law: Law::Laplace,
        scale: 1.0,
    };
    for ell in [1.0, 2.0, 4.0, 16.0] {
        let weights = svag_weights(ell).unwrap();
        let what = |name: &str| format!("SVAG {ell}: {name}");
        let root = ell.sqrt();
        // Factors of skewness κ₃/σ³ and excess kurtosis κ₄/σ⁴ (MV 5.1; PAPERS): here of κ₃ and κ₄ themselves.
        let (skewness, kurtosis) =
            ((3.0 * ell - 1.0) / (2.0 * ell * root), (ell * ell + 2.0 * ell - 1.0) / (2.0 * ell * ell));
        let (cube, fourth) = (ell * root, ell * ell);
        let centred: Vec<f64> =
            draws(&Svag { oracle: skew.clone(), weights }, &x, 0, 20).iter().map(|g| g[0] - centre).collect();
        close(mean(centred.iter().copied()), 0.0, &what("mean"));
        close(mean(centred.iter().map(|x| x * x)), ell * m2, &what("variance"));
        let [third, excess] = cumulants(&centred);
        close(third, skewness * cube * m3, &what("skewness"));
        close(excess, kurtosis * fourth * (m4 - 3.0 * m2 * m2), &what("kurtosis"));
        let symmetric: Vec<f64> =
            draws(&Svag { oracle: laplace, weights }, &x, 0, 21).iter().map(|g| g[0]).collect();
        let [third, excess] = cumulants(&symmetric);
        close(mean(symmetric.iter().map(|x| x * x)), ell, &what("variance, Laplace"));
        close(third, 0.0, &what("skewness, Laplace"));
        close(excess, kurtosis * fourth * 3.0, &what("kurtosis, Laplace"));
    }
    // The covariance as a matrix.
    let sigma = covariances().swap_remove(0);
    let oracle = Ngos {
        landscape: Diagonal([1.0, 1.0, 1.0]),
        covariance: Covariance::Dense(cholesky(&rows(&sigma))),
        law: Law::Gaussian,
        scale: 1.0,
    };
    let svag = Svag { oracle, weights: svag_weights(4.0).unwrap() };
    let x = [0.5, -0.5, 1.0];
    check(&draws(&svag, &x, 0, 22), &x, &scaled(&sigma, 4.0), "SVAG 4, dense");
}

/// Forty draws as bits, and the stream and deck after them.
fn trace<F: Real<Scalar = f64>, O: Oracle<f64>>(oracle: &O, x: &[f64], cards: u32) -> (Vec<u64>, String) {
    let mut stream = Stream::<F, _>::new(Pcg32::<F>::new(31, 4));
    let mut deck = Cards {
        cards: (0..cards).map(|card| LaneArray::from_fn(|_| card)).collect::<Vec<F::Array<u32>>>(),
        dealt: 0,
    };
    let x: Vec<F> = x.iter().map(|&x| F::splat(x)).collect();
    let mut g = vec![F::splat(7.0); x.len()];
    let mut bits = Vec::new();
    for _ in 0..40 {
        oracle.sample(x.as_slice(), &mut stream, &mut deck, g.as_mut_slice());
        bits.extend(g.iter().map(|g| g.lane(0).to_bits()));
    }
    (
        bits,
        format!(
            "{:?} {:?}",
            stream.block().0,
            deck.cards.iter().map(|c| c.as_slice()[0]).collect::<Vec<_>>()
        ),
    )
}

type Arrays = Vec<f64>;

fn the_same<O: Oracle<f64>>(
    concrete: &O,
    noise: AnyNoise<Arrays, f64>,
    landscape: AnyLandscape<Arrays, f64>,
    x: &[f64],
    cards: u32,
    what: &str,
) {
    let any = AnyOracle { landscape, noise, svag: None };
    let expected = trace::<f64, O>(concrete, x, cards);
    assert_eq!(trace::<f64, _>(&any, x, cards), expected, "{what}");
    assert_eq!(trace::<Lanes<f64, 8>, _>(&any, x, cards), expected, "{what}, in lanes");
}

#[test]
fn the_enum_is_the_oracle_it_holds() {
    let (inputs, targets) = examples();
    let x = [0.4, -0.7];
    let diagonal = || Diagonal(vec![0.5, 2.0]);
    let squares = || LeastSquares::new(inputs.clone(), targets.clone(), 2);
    let network = || DiagonalNetwork::new(inputs.clone(), targets.clone(), 2);
    let (any_squares, any_network) = (
        || AnyLandscape::FiniteSum(AnyFiniteSum::LeastSquares(squares())),
        || AnyLandscape::FiniteSum(AnyFiniteSum::DiagonalNetwork(network())),
    );
    the_same(&Exact(squares()), AnyNoise::None, any_squares(), &x, 0, "exact");
    let student = Law::StudentT(StudentT::new(5.0).unwrap());
    for law in [Law::Gaussian, Law::Rademacher, Law::Uniform, Law::Laplace, student] {
        for covariance in [
            Covariance::Identity,
            Covariance::Diagonal(vec![0.3, 1.2]),
            Covariance::Dense(vec![1.0, 0.5, 0.0, 0.7]),
            Covariance::StateDependent { constant: vec![0.1, 0.2], quadratic: vec![0.5, 0.6] },
        ] {
            let noise = AnyNoise::Additive { covariance: covariance.clone(), law, scale: 0.9 };
            let what = format!("{law:?} {covariance:?}");
            let concrete = Ngos { landscape: diagonal(), covariance, law, scale: 0.9 };
            the_same(&concrete, noise.clone(), AnyLandscape::Diagonal(diagonal()), &x, 0, &what);
            let weights = svag_weights(4.0).unwrap();
            let svag = Svag { oracle: concrete, weights };
            let landscape = AnyLandscape::Diagonal(diagonal());
            let any: AnyOracle<_, f64> = AnyOracle { landscape, noise, svag: Some(weights) };
            assert_eq!(trace::<f64, _>(&any, &x, 0), trace::<f64, _>(&svag, &x, 0), "SVAG, {what}");
        }
        for examples in [LabelExamples::One, LabelExamples::All] {
            let concrete = LabelNoise { landscape: network(), law, scale: 0.9, examples };
            let noise = AnyNoise::Label { law, scale: 0.9, examples };
            the_same(&concrete, noise, any_network(), &x, 0, &format!("label {law:?} {examples:?}"));
        }
    }
    for sampling in [Sampling::WithReplacement, Sampling::WithoutReplacement, Sampling::Epochs] {
        let concrete = MiniBatch { landscape: squares(), batch: 3, sampling };
        let noise = AnyNoise::MiniBatch { batch: 3, sampling };
        the_same(&concrete, noise.clone(), any_squares(), &x, N, &format!("{sampling:?}"));
        let weights = svag_weights(2.5).unwrap();
        let svag = Svag { oracle: concrete, weights };
        let any = AnyOracle { landscape: any_squares(), noise, svag: Some(weights) };
        assert_eq!(trace::<f64, _>(&any, &x, N), trace::<f64, _>(&svag, &x, N), "SVAG, {sampling:?}");
    }
}
