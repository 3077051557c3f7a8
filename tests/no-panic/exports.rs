//! Everything that `polyak-core` can do, exported from a static library as a board would link it: each landscape, oracle, law,
//! optimiser and schedule in both precisions on arrays of fixed size, with all numbers unknown to the compiler.
//! `tests/no_panic.rs` builds it and looks at its symbols.
#![no_std]

use polyak_core::landscape::{self, *};
use polyak_core::network::*;
use polyak_core::observe::{Histogram, OnlineMoments, Recorder, chunk_sum};
use polyak_core::optimizer::*;
use polyak_core::oracle::*;
use polyak_core::random::*;
use polyak_core::real::{LaneArray, Lanes, Real, Scalar, double, single};
use polyak_core::schedule::{self, *};
use polyak_core::trajectory::*;

#[panic_handler]
fn never(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// What comes from outside.
#[repr(C)]
pub struct Input<S> {
    numbers: [S; 12],
    wide: [f64; 4],
    long: [u64; 4],
    words: [u32; 4],
}

/// d.
const D: usize = 3;
type Point<S> = [S; D];

fn point<S: Scalar>(input: &Input<S>) -> Point<S> {
    let [a, b, c, ..] = input.numbers;
    [a, b, c]
}

fn matrix<S: Scalar>(input: &Input<S>) -> [S; 9] {
    let [a, b, c, d, e, f, g, h, i, ..] = input.numbers;
    [a, b, c, d, e, f, g, h, i]
}

/// Loss, gradient and Hessian–vector product into `out`.
fn visit<S: Scalar, F: Real<Scalar = S>, L: Landscape<S>>(landscape: &L, x: &[F; D], out: &mut [F; D]) {
    let mut g = [F::ZERO; D];
    landscape.gradient(x, &mut g);
    let mut p = [F::ZERO; D];
    landscape.hessian_vector(x, &g, &mut p);
    let loss: F = landscape.loss(x);
    for ((out, g), p) in out.iter_mut().zip(g).zip(p) {
        *out = *out + g + p + loss;
    }
}

/// Room for the units of a network.
const UNITS: usize = 24;

/// Any widths, activation and loss.
fn any_network<S: Scalar>(input: &Input<S>) -> Option<AnyNetwork<[S; 9], UNITS>> {
    let [depth, inputs, hidden, outputs] = input.words.map(|word| word as usize);
    let widths = [inputs, hidden, depth, hidden, outputs];
    let activation = match input.long[0] {
        0 => AnyActivation::Relu,
        1 => AnyActivation::Tanh,
        2 => AnyActivation::Sigmoid,
        _ => AnyActivation::Identity,
    };
    let loss = match input.long[1] {
        0 => AnyLoss::CrossEntropy,
        1 => AnyLoss::SquaredError,
        _ => AnyLoss::Reconstruction,
    };
    let examples = polyak_core::network::Table { inputs: matrix(input), targets: matrix(input), columns: inputs };
    Network::new(Shape::new(&widths).ok()?, activation, loss, examples).ok()
}

fn networks<S: Scalar, F: Real<Scalar = S>>(input: &Input<S>, out: &mut [F; D]) {
    let Some(network) = any_network(input) else { return };
    let mut x = point(input).map(F::splat);
    visit(&network, &x, out);
    network.predict(&x, &matrix(input).map(F::splat), out);
    x[0] = network.hits(&x);
    visit(&network, &x, out);
    let mut weights = [S::ZERO; 9];
    initialize(network.shape(), Initial::Glorot, input.long[2], &mut weights);
    for (out, weight) in out.iter_mut().zip(weights) {
        *out = *out + F::splat(weight);
    }
}

fn sensing<S: Scalar>(input: &Input<S>) -> MatrixSensing<[S; 9]> {
    let [.., side, rank] = input.words;
    MatrixSensing::new(matrix(input), matrix(input), side as usize, rank as usize)
}

fn any_finite_sum<S: Scalar>(input: &Input<S>) -> AnyFiniteSum<[S; 9], UNITS> {
    match input.words[0] {
        0 => AnyFiniteSum::Hyperbola(Hyperbola),
        1 => AnyFiniteSum::LeastSquares(LeastSquares::new(matrix(input), matrix(input), D)),
        2 => AnyFiniteSum::DiagonalNetwork(DiagonalNetwork::new(matrix(input), matrix(input), D)),
        3 => AnyFiniteSum::MatrixSensing(sensing(input)),
        _ => match any_network(input) {
            Some(network) => AnyFiniteSum::Network(network),
            None => AnyFiniteSum::Hyperbola(Hyperbola),
        },
    }
}

fn any_landscape<S: Scalar>(input: &Input<S>) -> AnyLandscape<[S; 9], S, UNITS> {
    let [a, b, ..] = input.numbers;
    let dimension = input.words[2] as usize;
    match input.words[1] {
        0 => AnyLandscape::Linear(landscape::Linear(matrix(input))),
        1 => AnyLandscape::Diagonal(Diagonal(matrix(input))),
        2 => AnyLandscape::Dense(Dense::new(matrix(input), dimension)),
        3 => AnyLandscape::Valley(Valley),
        4 => AnyLandscape::Rosenbrock(Rosenbrock { a, b, dimension }),
        5 => AnyLandscape::DoubleWell(DoubleWell { width: a, dimension }),
        _ => AnyLandscape::FiniteSum(any_finite_sum(input)),
    }
}

fn landscapes<S: Scalar, F: Real<Scalar = S>>(input: &Input<S>, out: &mut [F; D]) {
    let x = point(input).map(F::splat);
    let [a, b, ..] = input.numbers;
    let dimension = input.words[2] as usize;
    visit(&landscape::Linear(point(input)), &x, out);
    visit(&Diagonal(point(input)), &x, out);
    visit(&Dense::new(matrix(input), D), &x, out);
    visit(&Valley, &x, out);
    visit(&Hyperbola, &x, out);
    visit(&Rosenbrock { a, b, dimension }, &x, out);
    visit(&DoubleWell { width: a, dimension }, &x, out);
    visit(&LeastSquares::new(matrix(input), matrix(input), D), &x, out);
    visit(&DiagonalNetwork::new(matrix(input), matrix(input), D), &x, out);
    visit(&sensing(input), &x, out);
    visit(&any_landscape(input), &x, out);
}

fn law<S: Scalar>(input: &Input<S>) -> Law<S> {
    match input.words[3] {
        0 => Law::Gaussian,
        1 => Law::Rademacher,
        2 => Law::Uniform,
        3 => Law::Laplace,
        _ => StudentT::new(input.wide[0]).map_or(Law::Gaussian, Law::StudentT),
    }
}

fn covariance<S: Scalar>(input: &Input<S>) -> Covariance<[S; 9]> {
    match input.words[2] {
        0 => Covariance::Identity,
        1 => Covariance::Diagonal(matrix(input)),
        2 => Covariance::Dense(matrix(input)),
        _ => Covariance::StateDependent { constant: matrix(input), quadratic: matrix(input) },
    }
}

fn label_examples<S>(input: &Input<S>) -> LabelExamples {
    if input.words[1] == 0 { LabelExamples::One } else { LabelExamples::All }
}

fn sampling<S>(input: &Input<S>) -> Sampling {
    match input.words[1] {
        0 => Sampling::WithReplacement,
        1 => Sampling::WithoutReplacement,
        _ => Sampling::Epochs,
    }
}

fn method<S>(input: &Input<S>) -> Method {
    let [dampening, nu, ..] = input.wide;
    match input.words[0] {
        0 => Method::Sgd,
        1 => Method::Sgdm,
        2 => Method::HeavyBall { dampening, nesterov: input.words[1] == 0, first_step: input.words[2] == 0 },
        _ => Method::Qhm { nu },
    }
}

/// A trajectory of `oracle` with the method, the generator and the watches of `input`.
fn run<S: Scalar, F, R, O>(oracle: &O, generator: R, input: &Input<S>, out: &mut [F; D])
where
    F: Real<Scalar = S>,
    R: Generator<F>,
    O: Oracle<S>,
{
    let method = method(input);
    let update = Update {
        form: method.form(),
        maximize: input.words[3] == 0,
        weight_decay: (input.words[0] == 0).then_some(input.numbers[3]),
    };
    let [_, momentum, base, decay] = input.wide;
    let rate = InverseTime { base, decay };
    let draw = Coefficients::draw_momentum(momentum, 1.0).round();
    let steps = (0..input.long[0]).map(|k| method.coefficients(k, rate.at(k), momentum).round());
    let below = input.numbers[4];
    let mut watch = WatchAll {
        path_length: Some(PathLength::new([F::ZERO; D])),
        loss: Some(LossWatch::<F, _>::new(Diagonal(point(input)), below, below, input.words[1])),
    };
    let deck = Cards { cards: [0, 1, 2, 3].map(|card| splat_word::<F>(card)), dealt: input.words[2] };
    let x = point(input).map(F::splat);
    let mut state = State { x, m: x, stream: Stream::new(generator), deck };
    let steps = core::iter::once(draw).chain(steps);
    advance(oracle, &update, steps, &mut state, &mut [F::ZERO; D], &mut watch);
    for (out, x) in out.iter_mut().zip(state.x) {
        *out = *out + x;
        if let (Some(path), Some(loss)) = (&watch.path_length, &watch.loss) {
            *out = *out + path.length + loss.variation;
        }
    }
}

fn splat_word<F: Real>(word: u32) -> F::Array<u32> {
    LaneArray::from_fn(|_| word)
}

/// `oracle` plain and under SVAG, on both generators.
fn both<S: Scalar, F: Real<Scalar = S>, O: Oracle<S>>(oracle: O, input: &Input<S>, out: &mut [F; D]) {
    let [seed, trajectory, ..] = input.long;
    run(&oracle, Pcg32::<F>::new(seed, trajectory), input, out);
    if let Some(weights) = svag_weights(input.wide[3]) {
        let svag = Svag { oracle, weights: weights.map(S::from_f64) };
        run(&svag, Philox::<F>::new(seed, trajectory), input, out);
    }
}

fn oracles<S: Scalar, F: Real<Scalar = S>>(input: &Input<S>, out: &mut [F; D]) {
    let (law, scale, batch) = (law(input), input.numbers[5], input.words[0]);
    let squares = LeastSquares::new(matrix(input), matrix(input), D);
    let network = DiagonalNetwork::new(matrix(input), matrix(input), D);
    both(Exact(Dense::new(matrix(input), D)), input, out);
    both(Ngos { landscape: Diagonal(point(input)), covariance: covariance(input), law, scale }, input, out);
    both(LabelNoise { landscape: network, law, scale, examples: label_examples(input) }, input, out);
    both(LabelNoise { landscape: Hyperbola, law, scale, examples: label_examples(input) }, input, out);
    both(MiniBatch { landscape: squares, batch, sampling: sampling(input) }, input, out);
}

fn any_oracle<S: Scalar, F: Real<Scalar = S>>(input: &Input<S>, out: &mut [F; D]) {
    let scale = input.numbers[5];
    let noise = match input.words[3] {
        0 => AnyNoise::None,
        1 => AnyNoise::Additive { covariance: covariance(input), law: law(input), scale },
        2 => AnyNoise::Label { law: law(input), scale, examples: label_examples(input) },
        _ => AnyNoise::MiniBatch { batch: input.words[2], sampling: sampling(input) },
    };
    let svag = svag_weights(input.wide[3]).map(|weights| weights.map(S::from_f64));
    let oracle = AnyOracle { landscape: any_landscape(input), noise, svag };
    let [seed, trajectory, ..] = input.long;
    run(&oracle, Pcg32::<F>::new(seed, trajectory), input, out);
}

/// `rand_core`'s side of the generators: one lane, four words, a block carried over.
fn streams<S: Scalar>(input: &Input<S>, out: &mut [S; D]) {
    let [seed, trajectory, ..] = input.long;
    let [z, ..] = law(input).quad(&mut PcgLane::new(seed, trajectory));
    let [y, ..] = law(input).quad(&mut PhiloxLane::new(seed, trajectory));
    let any = FromRng(rand_pcg(seed, trajectory));
    let mut stream = Stream::<S, _>::resume(any, input.words[0] as u8, [z, y, z, y]);
    stream.draw(law(input), input.words[1] as usize, &mut |i: usize, z: S| {
        if let Some(out) = out.get_mut(i) {
            *out = *out + z;
        }
    });
    stream.indices(input.words[2], input.words[3] as usize, |i, j| {
        if let (Some(out), [j]) = (out.get_mut(i), j.as_slice()) {
            *out = *out + S::from_u32(*j);
        }
    });
}

/// Two slots in RAM.
struct Slots([[u8; 256]; 2]);

impl Flash for Slots {
    type Error = ();

    fn slot(&self, slot: usize) -> &[u8] {
        self.0.get(slot).map_or(&[], |slot| slot)
    }

    fn erase(&mut self, slot: usize) -> Result<(), ()> {
        self.0.get_mut(slot).ok_or(())?.fill(0xff);
        Ok(())
    }

    fn write(&mut self, slot: usize, offset: usize, bytes: &[u8]) -> Result<(), ()> {
        let slot = self.0.get_mut(slot).ok_or(())?;
        for (place, byte) in slot.iter_mut().skip(offset).zip(bytes) {
            *place = *byte;
        }
        Ok(())
    }
}

/// A state written to flash and read again, on `generator`.
fn checkpoint<S: Scalar, R: Resumable + Generator<S>>(generator: R, input: &Input<S>, out: &mut [S; D]) {
    let [tag, step, low, high] = input.long;
    let mut store = TwoSlots(Slots([[low as u8; 256], [high as u8; 256]]));
    let deck = Cards { cards: input.words.map(|card| [card]), dealt: input.words[0] };
    let mut state = State { x: point(input), m: point(input), stream: Stream::new(generator), deck };
    if store.save(tag, step, &state).is_ok() {
        if let Some(step) = store.load(high, &mut state) {
            *out = state.x.map(|x| x + S::from_u32(step as u32));
        }
    }
    if state.restore(low, store.0.slot(1)).is_err() {
        *out = state.m;
    }
}

fn checkpoints<S: Scalar>(input: &Input<S>, out: &mut [S; D]) {
    let [seed, trajectory, ..] = input.long;
    checkpoint(Pcg32::<S>::new(seed, trajectory), input, out);
    checkpoint(Philox::<S>::new(seed, trajectory), input, out);
}

fn functions<S: Scalar>(input: &Input<S>, out: &mut [S; D]) {
    let [x, ..] = input.numbers;
    let (sine, cosine) = x.sin_cos_turn();
    let value = x.logarithm() + x.exponential() + x.hyperbolic_tangent() + x.logistic() + x.root() + sine + cosine;
    let sum: S = chunk_sum(|i| input.numbers.get(i).copied().unwrap_or(value));
    let lanes: S = chunk_sum(|i| Lanes::<S, 8>::splat(input.numbers.get(i).copied().unwrap_or(value)));
    let mut recorder = Recorder::<S, 5>::new();
    for k in 0..input.words[0] {
        recorder.record(S::from_u32(k) * value);
    }
    let mut moments = OnlineMoments::<S, D>::new();
    let mut histogram = Histogram::new(input.wide[0], input.wide[1], [0; 4]);
    for _ in 0..input.words[1] {
        moments.push(&point(input));
        histogram.count(input.wide[2]);
    }
    let [covariance, ..] = moments.covariance();
    let counted = S::from_u32(moments.count() + (histogram.below + histogram.above) as u32);
    let [mean, ..] = moments.mean();
    let value = covariance.into_iter().chain(histogram.bins.map(|n| S::from_u32(n as u32))).fold(mean + counted + value, |a, b| a + b);
    let last = recorder.samples().last().copied().unwrap_or(value);
    *out = [value + S::from_low_bits(x.to_canonical_bits()), sum + lanes, last + S::from_u32(recorder.stride() as u32)];
}

macro_rules! exports {
    ($($name:ident $scalar:ty, $number:ty, $body:expr;)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(input: &Input<$scalar>, out: &mut [$number; D]) {
            $body(input, out);
        }
    )*};
}

exports! {
    landscapes_single f32, f32, landscapes;
    landscapes_double f64, f64, landscapes;
    landscapes_lanes f32, Lanes<f32, 4>, landscapes;
    networks_single f32, f32, networks;
    networks_double f64, f64, networks;
    networks_lanes f32, Lanes<f32, 4>, networks;
    oracles_single f32, f32, oracles;
    oracles_double f64, f64, oracles;
    oracles_lanes f64, Lanes<f64, 2>, oracles;
    any_oracle_single f32, f32, any_oracle;
    any_oracle_double f64, f64, any_oracle;
    streams_single f32, f32, streams;
    streams_double f64, f64, streams;
    checkpoints_single f32, f32, checkpoints;
    checkpoints_double f64, f64, checkpoints;
    functions_single f32, f32, functions;
    functions_double f64, f64, functions;
}

/// Every schedule at step `k`, and the averaged rates.
#[unsafe(no_mangle)]
pub extern "C" fn schedules(input: &Input<f64>, out: &mut [f64; 8]) {
    let [a, b, c, d] = input.wide;
    let [k, steps, every, after] = input.long;
    let step = StepDecay { base: a, factor: b, at: input.long };
    let linear = schedule::Linear { from: a, to: b, steps };
    let cosine = Cosine { from: a, to: b, steps };
    let exponential = Exponential { base: a, factor: b, every, after };
    let inverse = InverseTime { base: a, decay: b };
    let join = Join { first: step, steps: after, second: schedule::Table(input.wide) };
    let power = Power { rate: cosine, lambda: c, alpha: d };
    let stretched = Stretched { inner: join, ell: c, divisor: d };
    let scaled = Scaled { inner: power, ell: c };
    averaged(&exponential, &scaled, out);
    let values = [step.at(k), linear.at(k), cosine.at(k), exponential.at(k), inverse.at(k)];
    let more = [join.at(k), power.at(k), stretched.at(k), scaled.at(k), Constant(a).at(k), scaled_momentum(a, b)];
    let conversions =
        [heavy_ball_from_sgdm(a, b), sgdm_from_heavy_ball(a, b), heavy_ball_momentum(a, b), sgdm_momentum(a, b)];
    for (out, value) in out.iter_mut().zip(values.iter().chain(&more).chain(&conversions)) {
        *out += *value;
    }
    let [sum, ..] = out;
    *sum += double::pow(a, b) + double::minus_two_ln_uniform(k) + f64::from(single::minus_two_ln_uniform(k as u32));
}
