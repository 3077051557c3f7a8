//! Networks: gradients and Hessian–vector products against differences, whole trainings against PyTorch (made by
//! `goldens/pytorch_network.py`), lanes against scalars, oracles against sums written out.

use std::cell::Cell;

use polyak_core::landscape::{AnyFiniteSum, AnyNetwork, FiniteSum, Landscape};
use polyak_core::network::{
    AnyActivation, AnyLoss, Bytes, CrossEntropy, Identity, Initial, Network, Relu, Shape, ShapeError, Table,
    Tanh, TooManyUnits, initialize,
};
use polyak_core::optimizer::{Method, Update};
use polyak_core::oracle::{
    Cards, LabelExamples, LabelNoise, MiniBatch, NoDeck, Oracle, Sampling, Svag, svag_weights,
};
use polyak_core::random::{FromRng, Law, Pcg32, PcgLane, Stream};
use polyak_core::real::{LaneArray, Lanes, Real, Scalar};
use polyak_core::trajectory::{State, advance};
use polyak_lanes::{Avx2, Avx512, Baseline};
use polyak_tests::batches::GivenBatches;
use polyak_tests::has;
use serde_json::Value;

const ACTIVATIONS: [AnyActivation; 4] =
    [AnyActivation::Relu, AnyActivation::Tanh, AnyActivation::Sigmoid, AnyActivation::Identity];

type Any<S> = AnyNetwork<Vec<S>, 128>;

fn numbers(seed: u64, n: usize) -> Vec<f64> {
    let mut numbers = Vec::new();
    let mut stream = Stream::<f64, _>::new(FromRng(PcgLane::new(seed, 0)));
    stream.draw(Law::Gaussian, n, &mut |_, z| numbers.push(z));
    numbers
}

fn rounded<S: Scalar>(numbers: &[f64]) -> Vec<S> {
    numbers.iter().map(|&x| S::from_f64(x)).collect()
}

/// Every activation with every loss, in several depths, over 5 random examples.
fn networks<S: Scalar>(seed: u64) -> Vec<(String, Any<S>)> {
    let mut all = Vec::new();
    for activation in ACTIVATIONS {
        for (loss, shapes) in [
            (AnyLoss::CrossEntropy, [&[3, 2][..], &[3, 4, 3], &[3, 4, 5, 2]]),
            (AnyLoss::SquaredError, [&[3, 1], &[3, 4, 1], &[3, 4, 2, 3]]),
            (AnyLoss::Reconstruction, [&[3, 3], &[3, 2, 3], &[3, 5, 1, 3]]),
        ] {
            for widths in shapes {
                let targets: Vec<f64> = match widths.last() {
                    Some(1) => numbers(seed + 50, 5),
                    Some(&classes) => (0..5).map(|j| (j * 7 % classes) as f64).collect(),
                    None => unreachable!(),
                };
                let table =
                    Table { inputs: rounded(&numbers(seed, 15)), targets: rounded(&targets), columns: 3 };
                let network = Network::new(Shape::new(widths).unwrap(), activation, loss, table).unwrap();
                all.push((format!("{activation:?} {loss:?} {widths:?}"), network));
            }
        }
    }
    assert_eq!(all.len(), 36);
    all
}

fn gradient<S: Scalar, L: Landscape<S>>(landscape: &L, x: &[S]) -> Vec<S> {
    let mut g = vec![S::from_f64(1e3); x.len()];
    landscape.gradient::<S, _, _>(x, g.as_mut_slice());
    g
}

/// The derivative at 0 by central differences at two distances, the error of third order taken out; that of fifth order is below
/// 10⁻¹⁰ here, that of rounding some 10⁻¹².
fn slope(f: impl Fn(f64) -> f64) -> f64 {
    let central = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    (4.0 * central(0.5e-3) - central(1e-3)) / 3.0
}

fn moved(x: &[f64], v: &[f64], by: f64) -> Vec<f64> {
    x.iter().zip(v).map(|(x, v)| x + v * by).collect()
}

#[test]
fn gradients_and_hessians_are_derivatives() {
    for seed in 0..3 {
        for (name, network) in networks::<f64>(10 * seed) {
            let d = Landscape::<f64>::dimension(&network);
            // No ReLU has its kink within the differences' reach at these points: their fifth-order error would show.
            let (x, v) = (numbers(100 + seed, d), numbers(200 + seed, d));
            let g = gradient(&network, &x);
            for (i, &g) in g.iter().enumerate() {
                let axis: Vec<f64> = (0..d).map(|j| f64::from(u8::from(i == j))).collect();
                let expected = slope(|h| network.loss::<f64, _>(moved(&x, &axis, h).as_slice()));
                assert!((g - expected).abs() < 1e-9 * (1.0 + g.abs()), "{name}: ∂{i} {g} for {expected}");
            }
            let mut p = vec![1e3; d];
            network.hessian_vector::<f64, _, _, _>(x.as_slice(), v.as_slice(), p.as_mut_slice());
            for (i, &p) in p.iter().enumerate() {
                let expected = slope(|h| gradient(&network, &moved(&x, &v, h))[i]);
                assert!((p - expected).abs() < 1e-8 * (1.0 + p.abs()), "{name}: (Hv){i} {p} for {expected}");
            }
        }
    }
}

#[test]
fn terms_add_up_to_the_gradient_and_shifted_targets_to_that_of_other_targets() {
    for (name, network) in networks::<f64>(3) {
        let d = Landscape::<f64>::dimension(&network);
        let x = numbers(4, d);
        let mut g = vec![0.0; d];
        for j in 0..5 {
            network.add_term::<f64, _, _>(0.2, &[j], x.as_slice(), g.as_mut_slice());
        }
        assert_eq!(g, gradient(&network, &x), "{name}");
        // Targets enter linearly: the difference of two data sets is that of a shift, where the target is a number.
        if name.ends_with(" 1]") {
            let Table { inputs, mut targets, columns } = network.examples().clone();
            targets[2] += 0.75;
            let (shape, loss) = (*network.shape(), AnyLoss::SquaredError);
            let activation = ACTIVATIONS.into_iter().find(|a| name.starts_with(&format!("{a:?}"))).unwrap();
            let other: Any<f64> =
                Network::new(shape, activation, loss, Table { inputs, targets, columns }).unwrap();
            let mut shifted = gradient(&network, &x);
            network.add_target_shift::<f64, _, _>(0.2, 0.75, &[2], x.as_slice(), shifted.as_mut_slice());
            for (a, b) in shifted.iter().zip(gradient(&other, &x)) {
                assert!((a - b).abs() < 1e-14 * (1.0 + b.abs()), "{name}: {a} {b}");
            }
        }
    }
}

/// A class's own target shifted by s is, for the cross-entropy, s more of the example; for a reconstruction every target moves.
#[test]
fn a_shift_is_one_of_the_target_of_the_class() {
    for (name, network) in networks::<f64>(5) {
        let d = Landscape::<f64>::dimension(&network);
        let x = numbers(6, d);
        let (mut shift, mut expected) = (vec![0.0; d], vec![0.0; d]);
        network.add_target_shift::<f64, _, _>(0.5, 0.3, &[1], x.as_slice(), shift.as_mut_slice());
        if name.contains("CrossEntropy") {
            network.add_term::<f64, _, _>(0.3 * 0.5, &[1], x.as_slice(), expected.as_mut_slice());
        } else {
            // −s w ∂(sum of the outputs meant)/∂x, by differences of predictions.
            let inputs = &network.examples().inputs[3..6];
            let (class, outputs) = (network.examples().targets[1] as usize, network.shape().outputs());
            let meant = |x: &[f64]| {
                let mut z = vec![0.0; outputs];
                network.predict::<f64, _>(x, inputs, &mut z);
                match outputs {
                    1 => z[0],
                    _ if name.contains("Reconstruction") => z.iter().sum(),
                    _ => z[class],
                }
            };
            for (i, expected) in expected.iter_mut().enumerate() {
                let axis: Vec<f64> = (0..d).map(|j| f64::from(u8::from(i == j))).collect();
                *expected = -0.15 * slope(|h| meant(&moved(&x, &axis, h)));
            }
        }
        for (a, b) in shift.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-9 * (1.0 + b.abs()), "{name}: {a} {b}");
        }
    }
}

/// The bits of each lane are a scalar's.
fn bits_agree<S: Scalar, F: Real<Scalar = S>>(what: &str, wide: &[F], lane: usize, narrow: &[S]) {
    let bits = |x: S| x.to_canonical_bits();
    assert_eq!(wide.len(), narrow.len());
    let same = wide.iter().zip(narrow).all(|(a, &b)| bits(a.lane(lane)) == bits(b));
    assert!(same, "{what} in lane {lane}");
}

/// A point for each lane, and these side by side.
fn points<S: Scalar, F: Real<Scalar = S>>(d: usize) -> (Vec<Vec<S>>, Vec<F>) {
    let points: Vec<Vec<S>> = (0..F::LANES as u64).map(|lane| rounded(&numbers(20 + lane, d))).collect();
    let side_by_side = (0..d).map(|i| F::from_fn(|lane| points[lane][i])).collect();
    (points, side_by_side)
}

/// Each lane has its own example, its own point and the bits of a scalar.
fn lanes_agree<S: Scalar, F: Real<Scalar = S>>() {
    for (name, network) in networks::<S>(7) {
        let d = Landscape::<S>::dimension(&network);
        let (points, x) = points::<S, F>(d);
        let opposite = F::LANES - 1;
        let v: Vec<F> = (0..d).map(|i| F::from_fn(|lane| points[opposite - lane][i])).collect();
        // Three in a row of the examples, and with 5 one that there is not.
        let one = |k: usize| F::Array::from_fn(|lane| (lane * 3 + k) as u32 % 6);
        let (j, several) = (one(0), [0, 1, 2, 3, 4, 5, 6].map(one));
        let (mut term, mut terms) = (x.clone(), x.clone());
        let (mut shift, mut whole, mut product) = (x.clone(), x.clone(), x.clone());
        let weight = S::from_f64(0.3);
        network.add_term(weight, &j, x.as_slice(), term.as_mut_slice());
        network.add_terms(weight, &several, x.as_slice(), terms.as_mut_slice());
        network.add_target_shift(weight, x[0], &j, x.as_slice(), shift.as_mut_slice());
        network.gradient(x.as_slice(), whole.as_mut_slice());
        network.hessian_vector(x.as_slice(), v.as_slice(), product.as_mut_slice());
        let (loss, hits): (F, F) = (network.loss(x.as_slice()), network.hits(x.as_slice()));
        for lane in 0..F::LANES {
            let point = points[lane].as_slice();
            let check = |what: &str, wide: &[F], narrow: &[S]| {
                bits_agree(&format!("{name}: {what}"), wide, lane, narrow);
            };
            let own = |j: &F::Array<u32>| S::Array::from_fn(|_| j.as_slice()[lane]);
            let mut g = point.to_vec();
            network.add_term::<S, _, _>(weight, &own(&j), point, g.as_mut_slice());
            check("term", &term, &g);
            let mut g = point.to_vec();
            for j in &several {
                network.add_term::<S, _, _>(weight, &own(j), point, g.as_mut_slice());
            }
            check("terms", &terms, &g);
            let mut g = point.to_vec();
            network.add_target_shift::<S, _, _>(weight, point[0], &own(&j), point, g.as_mut_slice());
            check("shift", &shift, &g);
            check("gradient", &whole, &gradient(&network, point));
            let mut p = point.to_vec();
            let along = points[opposite - lane].as_slice();
            network.hessian_vector::<S, _, _, _>(point, along, p.as_mut_slice());
            check("product", &product, &p);
            check("loss", &[loss], &[network.loss::<S, _>(point)]);
            check("hits", &[hits], &[network.hits::<S, _>(point)]);
            let any = AnyFiniteSum::Network(network.clone());
            check("loss of any", &[loss], &[any.loss::<S, _>(point)]);
        }
    }
}

#[test]
fn lanes_have_the_bits_of_scalars() {
    lanes_agree::<f32, Lanes<f32, 8>>();
    lanes_agree::<f64, Lanes<f64, 8>>();
    // Where they take four examples at a time.
    lanes_agree::<f32, Baseline<Lanes<f32, 64>>>();
    lanes_agree::<f64, Baseline<Lanes<f64, 32>>>();
    // Where the passes are functions of their own, for an instruction set.
    if has("avx2") {
        lanes_agree::<f32, Avx2<Lanes<f32, 8>>>();
        lanes_agree::<f32, Avx2<Lanes<f32, 64>>>();
        lanes_agree::<f64, Avx2<Lanes<f64, 32>>>();
    }
    if has("avx512") {
        lanes_agree::<f64, Avx512<Lanes<f64, 8>>>();
        lanes_agree::<f32, Avx512<Lanes<f32, 64>>>();
        lanes_agree::<f64, Avx512<Lanes<f64, 32>>>();
    }
}

/// Batches of lanes are those of scalars: by ones, by fours with some left over, and of more examples than are held at a time.
fn batches_agree<S: Scalar, F: Real<Scalar = S>>() {
    const STEPS: usize = 3;
    let (name, network) = networks::<S>(11).swap_remove(1);
    let d = Landscape::<S>::dimension(&network);
    let (points, x) = points::<S, F>(d);
    for (sampling, batch) in [
        (Sampling::WithReplacement, 3),
        (Sampling::WithReplacement, 32),
        (Sampling::WithReplacement, 39),
        (Sampling::WithoutReplacement, 5),
        (Sampling::Epochs, 4),
    ] {
        let oracle = MiniBatch { landscape: &network, batch, sampling };
        let cards = (0..5).map(|card| F::Array::from_fn(|_| card)).collect::<Vec<F::Array<u32>>>();
        let mut deck = Cards { cards, dealt: 0 };
        let mut stream = Stream::<F, _>::new(Pcg32::new(5, 70));
        let mut wide = vec![F::ZERO; STEPS * d];
        for g in wide.chunks_exact_mut(d) {
            oracle.sample::<F, _, _, _, _>(x.as_slice(), &mut stream, &mut deck, g);
        }
        for (lane, point) in points.iter().enumerate() {
            let cards = (0..5).map(|card| S::Array::from_fn(|_| card)).collect::<Vec<S::Array<u32>>>();
            let mut deck = Cards { cards, dealt: 0 };
            let mut stream = Stream::<S, _>::new(Pcg32::new(5, 70 + lane as u64));
            let mut narrow = vec![S::ZERO; STEPS * d];
            for g in narrow.chunks_exact_mut(d) {
                oracle.sample::<S, _, _, _, _>(point.as_slice(), &mut stream, &mut deck, g);
            }
            bits_agree(&format!("{name}: {sampling:?}, {batch}"), &wide, lane, &narrow);
        }
    }
}

#[test]
fn batches_in_lanes_have_the_bits_of_scalars() {
    batches_agree::<f32, Lanes<f32, 8>>();
    batches_agree::<f32, Baseline<Lanes<f32, 64>>>();
    if has("avx2") {
        batches_agree::<f64, Avx2<Lanes<f64, 32>>>();
    }
    if has("avx512") {
        batches_agree::<f32, Avx512<Lanes<f32, 64>>>();
    }
}

/// Types for activation and loss, and bytes for numbers, do not change a bit.
#[test]
fn types_have_the_bits_of_enums() {
    const SHAPE: [usize; 3] = [4, 6, 3];
    let pixels: [u8; 20] = std::array::from_fn(|i| (i * 37 % 17) as u8);
    let classes = [0u8, 2, 1, 1, 2];
    let shape = Shape::new(&SHAPE).unwrap();
    let bytes = Bytes { inputs: &pixels, targets: &classes, columns: 4, scale: 0.0625f32 };
    let typed = Network::<_, _, _, 13>::new(shape, Tanh, CrossEntropy, bytes).unwrap();
    let table = Table {
        inputs: pixels.iter().map(|&pixel| f32::from(pixel) * 0.0625).collect(),
        targets: classes.iter().map(|&class| f32::from(class)).collect(),
        columns: 4,
    };
    let any: Any<f32> = Network::new(shape, AnyActivation::Tanh, AnyLoss::CrossEntropy, table).unwrap();
    let x: Vec<f32> = rounded(&numbers(8, shape.parameters()));
    assert_eq!(gradient(&typed, &x), gradient(&any, &x));
    assert_eq!(typed.loss::<f32, _>(x.as_slice()), any.loss::<f32, _>(x.as_slice()));
}

fn goldens() -> Value {
    serde_json::from_str(include_str!("../goldens/pytorch_network.json")).unwrap()
}

fn from_bits(value: &Value) -> f64 {
    f64::from_bits(u64::from_str_radix(value.as_str().unwrap(), 16).unwrap())
}

fn digits(text: &str) -> Table<Vec<f64>> {
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<f64> = line.split(',').map(|number| number.parse().unwrap()).collect();
        inputs.extend(row[..64].iter().map(|pixel| pixel / 16.0));
        targets.push(row[64]);
    }
    Table { inputs, targets, columns: 64 }
}

/// 120 steps of batches of 32 digits. The two programs add up in different orders: some 10⁻¹⁶ a step, which the
/// training of the deepest network here amplifies to less than 10⁻¹¹.
#[test]
fn whole_trainings_are_those_of_pytorch() {
    let goldens = goldens();
    let train = digits(include_str!("../../examples/data/digits.csv"));
    let test = digits(include_str!("../../examples/data/digits-test.csv"));
    assert_eq!((train.targets.len(), test.targets.len()), (1440, 357));
    let cases = goldens["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let name = format!("{} {} {}", case["activation"], case["loss"], case["layers"]);
        let activation = match case["activation"].as_str().unwrap() {
            "relu" => AnyActivation::Relu,
            "tanh" => AnyActivation::Tanh,
            _ => AnyActivation::Sigmoid,
        };
        let loss = match case["loss"].as_str().unwrap() {
            "cross-entropy" => AnyLoss::CrossEntropy,
            "squared" => AnyLoss::SquaredError,
            _ => AnyLoss::Reconstruction,
        };
        let widths: Vec<usize> =
            case["layers"].as_array().unwrap().iter().map(|width| width.as_u64().unwrap() as usize).collect();
        let shape = Shape::new(&widths).unwrap();
        let over = |table: &Table<Vec<f64>>| Network::new(shape, activation, loss, table.clone()).unwrap();
        let network: AnyNetwork<Vec<f64>, 192> = over(&train);
        let batch = goldens["batch"].as_u64().unwrap() as u32;
        let losses = case["losses"].as_array().unwrap();
        let chosen = |k: usize| (0..batch).map(|i| (k as u32 * batch + i) * 173 % 1440).collect();
        let batches: Vec<Vec<u32>> = (0..losses.len()).map(chosen).collect();
        let oracle = GivenBatches { landscape: &network, batches: batches.clone(), drawn: Cell::new(0) };
        let options = &case["options"];
        let number = |key: &str| options[key].as_f64().unwrap();
        let nesterov = options["nesterov"].as_bool().unwrap();
        let method = Method::HeavyBall { dampening: number("dampening"), nesterov, first_step: true };
        let decay = Some(number("weight_decay")).filter(|&decay| decay != 0.0);
        let update = Update { form: method.form(), maximize: false, weight_decay: decay };
        let d = shape.parameters();
        let x: Vec<f64> = (0..d).map(|i| ((i * 7919 % 1000) as f64 / 1000.0 - 0.5) * 0.4).collect();
        let stream = Stream::<f64, _>::new(Pcg32::new(1, 0));
        let mut state = State { x: x.as_slice().to_vec(), m: vec![0.0; d], stream, deck: NoDeck };
        let mut g = vec![0.0; d];
        for (k, (golden, chosen)) in losses.iter().zip(&batches).enumerate() {
            let part = |values: &[f64], width: usize| -> Vec<f64> {
                let row = |&j: &u32| values[j as usize * width..][..width].to_vec();
                chosen.iter().flat_map(row).collect()
            };
            let table =
                Table { inputs: part(&train.inputs, 64), targets: part(&train.targets, 1), columns: 64 };
            let (loss, golden) = (over(&table).loss::<f64, _>(state.x.as_slice()), from_bits(golden));
            assert!((loss - golden).abs() < 1e-11 * golden, "{name}, step {k}: loss {loss} for {golden}");
            let coefficients = method.coefficients(k as u64, number("lr"), number("momentum")).round();
            let mut slices = State {
                x: state.x.as_mut_slice(),
                m: state.m.as_mut_slice(),
                stream: state.stream,
                deck: NoDeck,
            };
            let steps = std::iter::once(coefficients);
            advance(&oracle, &update, steps, &mut slices, g.as_mut_slice(), &mut ());
        }
        for (i, golden) in case["weights"].as_array().unwrap().iter().enumerate() {
            let (weight, golden) = (state.x[7 * i], from_bits(golden));
            assert!((weight - golden).abs() < 1e-11, "{name}: weight {} {weight} for {golden}", 7 * i);
        }
        let (whole, golden) = (network.loss::<f64, _>(state.x.as_slice()), from_bits(&case["whole"]));
        assert!((whole - golden).abs() < 1e-11 * golden, "{name}: {whole} for {golden}");
        if let Some(hits) = case["hits"].as_f64() {
            assert_eq!(over(&test).hits::<f64, _>(state.x.as_slice()), hits, "{name}");
        }
    }
}

/// Every oracle of a finite sum trains it: one step of each from the same point, against the sums written out.
#[test]
fn oracles_draw_from_its_examples() {
    let (_, network) = networks::<f64>(9).swap_remove(4);
    let d = Landscape::<f64>::dimension(&network);
    let x = numbers(10, d);
    let stream = || Stream::<f64, _>::new(Pcg32::new(3, 4));
    let mut deck = Cards { cards: (0..5).map(|card| [card]).collect::<Vec<[u32; 1]>>(), dealt: 0 };
    let mut epoch = vec![0.0; d];
    let batches = MiniBatch { landscape: &network, batch: 1, sampling: Sampling::Epochs };
    let mut words = stream();
    for _ in 0..5 {
        let mut g = vec![1e3; d];
        batches.sample::<f64, _, _, _, _>(x.as_slice(), &mut words, &mut deck, g.as_mut_slice());
        epoch.iter_mut().zip(&g).for_each(|(sum, g)| *sum += g / 5.0);
    }
    for (a, b) in epoch.iter().zip(gradient(&network, &x)) {
        assert!((a - b).abs() < 1e-14, "an epoch is the whole data set: {a} {b}");
    }
    let batch = MiniBatch { landscape: &network, batch: 2, sampling: Sampling::WithReplacement };
    let (mut chosen, mut g, mut expected) = (Vec::new(), vec![1e3; d], vec![0.0; d]);
    batch.sample::<f64, _, _, _, _>(x.as_slice(), &mut stream(), &mut NoDeck, g.as_mut_slice());
    stream().indices(5, 2, |_, j| chosen.push(j));
    for j in &chosen {
        network.add_term::<f64, _, _>(0.5, j, x.as_slice(), expected.as_mut_slice());
    }
    assert_eq!(g, expected);
    // SVAG(5): −1 times the first batch and 2 times the second.
    let svag = Svag { oracle: batch, weights: svag_weights(5.0).unwrap() };
    svag.sample::<f64, _, _, _, _>(x.as_slice(), &mut stream(), &mut NoDeck, g.as_mut_slice());
    let mut words = stream();
    expected.fill(0.0);
    for weight in [-0.5, 1.0] {
        let mut chosen = Vec::new();
        words.indices(5, 2, |_, j| chosen.push(j));
        for j in &chosen {
            network.add_term::<f64, _, _>(weight, j, x.as_slice(), expected.as_mut_slice());
        }
    }
    assert_eq!(g, expected);
    let label =
        LabelNoise { landscape: &network, law: Law::Rademacher, scale: 0.5, examples: LabelExamples::All };
    label.sample::<f64, _, _, _, _>(x.as_slice(), &mut stream(), &mut NoDeck, g.as_mut_slice());
    let (mut noise, mut expected) = (Vec::new(), gradient(&network, &x));
    stream().draw(Law::Rademacher, 5, &mut |_, z| noise.push(z));
    for (j, &z) in (0..).zip(&noise) {
        network.add_target_shift::<f64, _, _>(0.1, z, &[j], x.as_slice(), expected.as_mut_slice());
    }
    assert_eq!(g, expected);
}

#[test]
fn shapes_that_are_none_are_refused() {
    assert_eq!(Shape::new(&[3]), Err(ShapeError::Layers));
    assert_eq!(Shape::new(&[1; 10]), Err(ShapeError::Layers));
    assert_eq!(Shape::new(&[3, 0, 1]), Err(ShapeError::Width));
    assert_eq!(Shape::new(&[3, 65536]), Err(ShapeError::Width));
    assert_eq!(Shape::new(&[65535, 65535]), Err(ShapeError::Parameters));
    let deep = Shape::new(&[1; 9]).unwrap();
    assert_eq!((deep.parameters(), deep.units(), deep.outputs()), (16, 9, 1));
    let shape = Shape::new(&[3, 5, 2]).unwrap();
    assert_eq!(shape.widths().collect::<Vec<_>>(), [3, 5, 2]);
    let empty = Table { inputs: [0.0f32; 0], targets: [0.0; 0], columns: 3 };
    assert_eq!(Network::<_, _, _, 9>::new(shape, Relu, CrossEntropy, empty), Err(TooManyUnits));
    assert!(Network::<_, _, _, 10>::new(shape, Identity, CrossEntropy, empty).is_ok());
}

/// Deviations of He's and others' weights, z-scores of 2048 and 320 of them; biases 0; the same numbers in both precisions.
#[test]
fn initial_weights_have_their_variance() {
    let shape = Shape::new(&[64, 32, 10]).unwrap();
    for (initial, variances) in [
        (Initial::He, [2.0 / 64.0, 2.0 / 32.0]),
        (Initial::LeCun, [1.0 / 64.0, 1.0 / 32.0]),
        (Initial::Glorot, [2.0 / 96.0, 2.0 / 42.0]),
    ] {
        let (mut x, mut y) = (vec![1.0f64; shape.parameters()], vec![1.0f32; shape.parameters()]);
        initialize(&shape, initial, 5, x.as_mut_slice());
        initialize(&shape, initial, 5, y.as_mut_slice());
        assert!(x.iter().zip(&y).all(|(&x, &y)| x == f64::from(y)));
        for (layer, variance) in shape.layers().zip(variances) {
            let n = layer.inputs * layer.outputs;
            let weights = &x[layer.parameters..][..n];
            let square = weights.iter().map(|w| w * w).sum::<f64>() / n as f64;
            let z = (square / variance - 1.0) / (2.0 / n as f64).sqrt();
            assert!(z.abs() < 4.0, "{initial:?}: z = {z}");
            assert!(x[layer.bias(0)..][..layer.outputs].iter().all(|&bias| bias == 0.0));
        }
    }
}
