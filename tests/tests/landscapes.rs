//! Every landscape's gradient against differences of its loss, its Hessian–vector product against differences of its gradient, in
//! several dimensions at random points; one lane against many; the run-time enum against the types.

use polyak_core::landscape::{
    AnyFiniteSum, AnyLandscape, Dense, Diagonal, DiagonalNetwork, DoubleWell, FiniteSum, Hyperbola,
    Landscape, LeastSquares, Linear, MatrixSensing, Rosenbrock, Valley,
};
use polyak_core::random::{Law, PcgLane};
use polyak_core::real::{LaneArray, Lanes, Real, Scalar};
use polyak_lanes::{Avx2, Avx512};
use polyak_tests::has;

/// Numbers of mean 0 and variance 1.
struct Numbers(PcgLane);

impl Numbers {
    fn new(seed: u64) -> Self {
        Self(PcgLane::new(seed, 0))
    }

    fn next<S: Scalar>(&mut self, n: usize) -> Vec<S> {
        let mut numbers: Vec<S> = (0..n.div_ceil(4)).flat_map(|_| Law::Gaussian.quad(&mut self.0)).collect();
        numbers.truncate(n);
        numbers
    }
}

type Any<S> = AnyLandscape<Vec<S>, S>;

fn sum<S: Scalar>(any: Any<S>) -> Option<AnyFiniteSum<Vec<S>>> {
    match any {
        AnyLandscape::FiniteSum(sum) => Some(sum),
        _ => None,
    }
}

/// A symmetric matrix.
fn symmetric<S: Scalar>(numbers: &mut Numbers, d: usize) -> Vec<S> {
    let mut entries = numbers.next::<S>(d * d);
    for i in 0..d {
        for j in 0..i {
            entries[i * d + j] = entries[j * d + i];
        }
    }
    entries
}

/// Every landscape in every dimension it has here, with random numbers.
fn landscapes<S: Scalar>(seed: u64) -> Vec<(String, Any<S>)> {
    let mut numbers = Numbers::new(seed);
    let mut all = Vec::new();
    for d in [1, 2, 3, 7, 8] {
        let width = S::from_f64(1.3);
        let (rows, targets) = (numbers.next(5 * d), numbers.next(5));
        let squares = LeastSquares::new(rows.clone(), targets.clone(), d);
        let network = DiagonalNetwork::new(rows, targets, d);
        let mut add = |name: &str, landscape: Any<S>| all.push((format!("{name} in {d}"), landscape));
        add("linear", AnyLandscape::Linear(Linear(numbers.next(d))));
        add("diagonal", AnyLandscape::Diagonal(Diagonal(numbers.next(d))));
        add("dense", AnyLandscape::Dense(Dense::new(symmetric(&mut numbers, d), d)));
        add("double well", AnyLandscape::DoubleWell(DoubleWell { width, dimension: d }));
        add("least squares", AnyLandscape::FiniteSum(AnyFiniteSum::LeastSquares(squares)));
        add("diagonal network", AnyLandscape::FiniteSum(AnyFiniteSum::DiagonalNetwork(network)));
        let rank = if d % 2 == 0 { 2 } else { 1 };
        let side = d / rank;
        let matrices = (0..5).flat_map(|_| symmetric(&mut numbers, side)).collect();
        let sensing = MatrixSensing::new(matrices, numbers.next(5), side, rank);
        add("matrix sensing", AnyLandscape::FiniteSum(AnyFiniteSum::MatrixSensing(sensing)));
        if d >= 2 {
            let (a, b) = (S::from_f64(0.7), S::from_f64(3.0));
            add("rosenbrock", AnyLandscape::Rosenbrock(Rosenbrock { a, b, dimension: d }));
        }
        if d == 2 {
            add("valley", AnyLandscape::Valley(Valley));
            add("hyperbola", AnyLandscape::FiniteSum(AnyFiniteSum::Hyperbola(Hyperbola)));
        }
    }
    assert_eq!(all.len(), 5 * 7 + 4 + 2);
    all
}

fn gradient<S: Scalar, L: Landscape<S>>(landscape: &L, x: &[S]) -> Vec<S> {
    // What was in there before must not matter.
    let mut g = vec![S::from_f64(1e3); x.len()];
    landscape.gradient::<S, _, _>(x, g.as_mut_slice());
    g
}

fn product<S: Scalar, L: Landscape<S>>(landscape: &L, x: &[S], v: &[S]) -> Vec<S> {
    let mut p = vec![S::from_f64(1e3); x.len()];
    landscape.hessian_vector::<S, _, _, _>(x, v, p.as_mut_slice());
    p
}

fn moved(x: &[f64], v: &[f64], by: f64) -> Vec<f64> {
    x.iter().zip(v).map(|(x, v)| x + v * by).collect()
}

/// The derivative at 0 of a polynomial of degree 4 or less, which every loss here is along a line: central differences at two
/// distances, the error of third order taken out.
fn slope(f: impl Fn(f64) -> f64) -> f64 {
    let central = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    (4.0 * central(0.125) - central(0.25)) / 3.0
}

#[test]
fn gradients_and_hessians_are_derivatives() {
    for seed in 0..5 {
        for (name, landscape) in landscapes::<f64>(seed) {
            let d = Landscape::<f64>::dimension(&landscape);
            let mut numbers = Numbers::new(100 + seed);
            for _ in 0..4 {
                let (x, v) = (numbers.next::<f64>(d), numbers.next::<f64>(d));
                let g = gradient(&landscape, &x);
                for (i, &g) in g.iter().enumerate() {
                    let axis: Vec<f64> = (0..d).map(|j| f64::from(u8::from(i == j))).collect();
                    let loss = |h| landscape.loss::<f64, _>(moved(&x, &axis, h).as_slice());
                    let (expected, size) = (slope(loss), loss(0.25).abs() + loss(-0.25).abs() + 1.0);
                    // Exact but for roundings: some hundred of them, divided by a distance of ⅛.
                    assert!((g - expected).abs() < 1e-12 * size, "{name}: ∂{i} {g} for {expected}");
                }
                let p = product(&landscape, &x, &v);
                for (i, &p) in p.iter().enumerate() {
                    let along = |h| gradient(&landscape, &moved(&x, &v, h))[i];
                    let (expected, size) = (slope(along), along(0.25).abs() + along(-0.25).abs() + 1.0);
                    assert!((p - expected).abs() < 1e-12 * size, "{name}: (Hv){i} {p} for {expected}");
                }
            }
        }
    }
}

#[test]
fn a_finite_sum_is_the_mean_of_its_terms() {
    for (name, landscape) in landscapes::<f64>(11) {
        let d = Landscape::<f64>::dimension(&landscape);
        let Some(sum) = sum(landscape) else { continue };
        let x = Numbers::new(1).next::<f64>(d);
        let n = FiniteSum::<f64>::examples(&sum);
        assert_eq!(n, if name.starts_with("hyperbola") { 1 } else { 5 });
        let mut g = vec![0.25; d];
        for j in 0..n {
            sum.add_term::<f64, _, _>(1.0 / f64::from(n), &[j], x.as_slice(), g.as_mut_slice());
        }
        for (g, expected) in g.iter().zip(gradient(&sum, &x)) {
            assert!((g - 0.25 - expected).abs() < 1e-13 * expected.abs().max(10.0), "{name}: {g} {expected}");
        }
    }
}

/// The gradient of one example with its target shifted, by building that data set.
#[test]
fn a_target_shift_is_the_difference_of_two_gradients() {
    let mut numbers = Numbers::new(3);
    let (n, d, shift) = (4, 3, 0.7);
    let (inputs, targets) = (numbers.next::<f64>(n * d), numbers.next::<f64>(n));
    let x = numbers.next::<f64>(d);
    for j in 0..n {
        let mut shifted = targets.clone();
        shifted[j] += shift;
        let [before, after] = [&targets, &shifted].map(|y| LeastSquares::new(inputs.clone(), y.clone(), d));
        check_shift(&before, &after, j, shift, &x);
        let [before, after] =
            [&targets, &shifted].map(|y| DiagonalNetwork::new(inputs.clone(), y.clone(), d));
        check_shift(&before, &after, j, shift, &x);
        let matrices: Vec<f64> = (0..n).flat_map(|_| symmetric(&mut numbers, 3)).collect();
        let [before, after] =
            [&targets, &shifted].map(|y| MatrixSensing::new(matrices.clone(), y.clone(), 3, 1));
        check_shift(&before, &after, j, shift, &x);
    }
    // ½(uv − 1 − s)² has gradient (uv − 1 − s)(v, u).
    let mut g = [0.0; 2];
    Hyperbola.add_target_shift::<f64, _, _>(2.0, shift, &[0], &[1.5, -0.5], &mut g);
    assert_eq!(g, [2.0 * shift * 0.5, -2.0 * shift * 1.5]);
}

fn check_shift<L: FiniteSum<f64>>(before: &L, after: &L, j: usize, shift: f64, x: &[f64]) {
    let n = f64::from(before.examples());
    let mut change = vec![0.0; x.len()];
    before.add_target_shift::<f64, _, _>(1.0 / n, shift, &[j as u32], x, change.as_mut_slice());
    for (i, change) in change.iter().enumerate() {
        let expected = gradient(after, x)[i] - gradient(before, x)[i];
        assert!((change - expected).abs() < 1e-14 && *change != 0.0, "{change} for {expected}");
    }
}

/// Loss, gradient, product and, for a finite sum, a term and a shift of each lane's own example; as bits.
fn all_of<S: Scalar, F: Real<Scalar = S>>(
    landscape: &Any<S>,
    x: &[F],
    v: &[F],
    j: &F::Array<u32>,
) -> Vec<Vec<u64>> {
    let d = x.len();
    let (mut g, mut p, mut t) = (vec![F::ZERO; d], vec![F::ZERO; d], vec![F::ZERO; d]);
    let loss: F = landscape.loss(x);
    landscape.gradient::<F, _, _>(x, g.as_mut_slice());
    landscape.hessian_vector::<F, _, _, _>(x, v, p.as_mut_slice());
    if let AnyLandscape::FiniteSum(sum) = landscape {
        sum.add_term::<F, _, _>(S::from_f64(0.3), j, x, t.as_mut_slice());
        sum.add_target_shift::<F, _, _>(S::from_f64(0.2), v[0], j, x, t.as_mut_slice());
    }
    let numbers: Vec<F> = [vec![loss], g, p, t].concat();
    (0..F::LANES).map(|lane| numbers.iter().map(|f| f.lane(lane).to_canonical_bits()).collect()).collect()
}

fn lanes_are_scalars<S: Scalar, F: Real<Scalar = S>>() {
    for (name, landscape) in landscapes::<S>(5) {
        let d = Landscape::<S>::dimension(&landscape);
        let mut numbers = Numbers::new(8);
        let points: Vec<(Vec<S>, Vec<S>)> = (0..16).map(|_| (numbers.next(d), numbers.next(d))).collect();
        let x: Vec<F> = (0..d).map(|i| Real::from_fn(|lane| points[lane].0[i])).collect();
        let v: Vec<F> = (0..d).map(|i| Real::from_fn(|lane| points[lane].1[i])).collect();
        // Each lane's own example, and one for all.
        for example in [|lane: usize| lane as u32 % 5, |_: usize| 3] {
            let wide = all_of::<S, F>(&landscape, &x, &v, &LaneArray::from_fn(example));
            for (lane, (x, v)) in points.iter().enumerate() {
                let one = all_of::<S, S>(&landscape, x, v, &LaneArray::from_fn(|_| example(lane)));
                assert_eq!(one[0], wide[lane], "{name}, lane {lane}");
            }
        }
    }
}

#[test]
fn every_lane_computes_what_a_scalar_does() {
    lanes_are_scalars::<f32, Lanes<f32, 16>>();
    lanes_are_scalars::<f64, Lanes<f64, 16>>();
    if has("avx512") {
        lanes_are_scalars::<f32, Avx512<Lanes<f32, 16>>>();
        lanes_are_scalars::<f64, Avx512<Lanes<f64, 16>>>();
    }
    if has("avx2") {
        lanes_are_scalars::<f32, Avx2<Lanes<f32, 16>>>();
        lanes_are_scalars::<f64, Avx2<Lanes<f64, 16>>>();
    }
}

/// Loss, gradient and product as bits.
fn bits<L: Landscape<f32>>(landscape: &L, x: &[f32], v: &[f32]) -> Vec<u32> {
    let loss: f32 = landscape.loss(x);
    let numbers = [vec![loss], gradient(landscape, x), product(landscape, x, v)].concat();
    numbers.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn the_enum_is_the_type_it_holds() {
    for (name, any) in landscapes::<f32>(21) {
        let d = Landscape::<f32>::dimension(&any);
        let mut numbers = Numbers::new(9);
        let (x, v) = (numbers.next::<f32>(d), numbers.next::<f32>(d));
        let concrete = match &any {
            AnyLandscape::Linear(concrete) => bits(concrete, &x, &v),
            AnyLandscape::Diagonal(concrete) => bits(concrete, &x, &v),
            AnyLandscape::Dense(concrete) => bits(concrete, &x, &v),
            AnyLandscape::Valley(concrete) => bits(concrete, &x, &v),
            AnyLandscape::Rosenbrock(concrete) => bits(concrete, &x, &v),
            AnyLandscape::DoubleWell(concrete) => bits(concrete, &x, &v),
            AnyLandscape::FiniteSum(AnyFiniteSum::Hyperbola(concrete)) => bits(concrete, &x, &v),
            AnyLandscape::FiniteSum(AnyFiniteSum::LeastSquares(concrete)) => bits(concrete, &x, &v),
            AnyLandscape::FiniteSum(AnyFiniteSum::DiagonalNetwork(concrete)) => bits(concrete, &x, &v),
            AnyLandscape::FiniteSum(AnyFiniteSum::MatrixSensing(concrete)) => bits(concrete, &x, &v),
            // Tested in network.rs.
            AnyLandscape::FiniteSum(AnyFiniteSum::Network(_)) => panic!("no room for units"),
        };
        assert_eq!(bits(&any, &x, &v), concrete, "{name}");
        // As does a reference.
        assert_eq!(bits(&&any, &x, &v), concrete, "{name}");
    }
}

#[test]
fn sensing_a_diagonal_matrix_is_the_diagonal_network() {
    let mut numbers = Numbers::new(6);
    for d in [1, 2, 5] {
        let (rows, targets) = (numbers.next::<f64>(4 * d), numbers.next::<f64>(4));
        let entry = |j: usize, n: usize| if n / d == n % d { rows[j * d + n / d] } else { 0.0 };
        let matrices: Vec<f64> = (0..4).flat_map(|j| (0..d * d).map(move |n| entry(j, n))).collect();
        let (x, v) = (numbers.next::<f64>(d), numbers.next::<f64>(d));
        let network = DiagonalNetwork::new(rows.clone(), targets.clone(), d);
        let sensing = MatrixSensing::new(matrices, targets, d, 1);
        let same = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14 * (1.0 + a.abs().max(b.abs()) * 10.0))
        };
        assert!(same(&gradient(&network, &x), &gradient(&sensing, &x)));
        assert!(same(&product(&network, &x, &v), &product(&sensing, &x, &v)));
        let (a, b): (f64, f64) = (network.loss(x.as_slice()), sensing.loss(x.as_slice()));
        assert!(same(&[a], &[b]), "{a} {b}");
    }
}

#[test]
fn a_dense_diagonal_matrix_is_the_diagonal_one() {
    let mut numbers = Numbers::new(4);
    for d in [1, 2, 5] {
        let h = numbers.next::<f64>(d);
        let dense: Vec<f64> = (0..d * d).map(|n| if n / d == n % d { h[n / d] } else { 0.0 }).collect();
        let (x, v) = (numbers.next::<f64>(d), numbers.next::<f64>(d));
        let (diagonal, dense) = (Diagonal(h), Dense::new(dense, d));
        assert_eq!(gradient(&diagonal, &x), gradient(&dense, &x));
        assert_eq!(product(&diagonal, &x, &v), product(&dense, &x, &v));
        let (a, b): (f64, f64) = (diagonal.loss(x.as_slice()), dense.loss(x.as_slice()));
        // x·x·h and x·(h·x) round differently.
        assert!((a - b).abs() <= 1e-15 * x.iter().map(|x| x * x).sum::<f64>() * 5.0, "{a} {b}");
    }
}
