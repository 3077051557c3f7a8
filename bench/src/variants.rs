//! The job Q8 in any dimension, and everything that can be varied in it.

use std::path::Path;

use polyak::experiment::model::{
    Activation, Covariance, Data, Experiment, InitialMomentum, LabelExamples, Landscape, Law, Matrix,
    Momentum, Network, NetworkLoss, Noise, Optimizer, Precision, Rng, Sampling, Svag, SvagMomentum,
};
use polyak::schedule::{Part, Schedule};
use polyak_core::schedule::averaged;

/// One thing varied.
pub struct Variant {
    /// What.
    pub name: &'static str,
    /// The experiment in dimension d, where it exists.
    pub make: Box<dyn Fn(usize) -> Option<Experiment>>,
}

/// Dimensions of the tables' columns.
const DIMENSIONS: [usize; 4] = [1, 8, 64, 1024];

/// Prints a table of all [`variants`]: a row each, a column a dimension, and in a cell what `measure` says of either precision. It is given the
/// variant's name, the column's dimension and the experiment.
pub fn table(mut measure: impl FnMut(&'static str, usize, &mut Experiment) -> String) {
    println!("| varied | d = 1 | d = 8 | d = 64 | d = 1024 |\n| --- | --- | --- | --- | --- |");
    for Variant { name, make } in variants() {
        let cells = DIMENSIONS.map(|d| match make(d) {
            None => "–".to_owned(),
            Some(mut experiment) => {
                let cell = [Precision::F32, Precision::F64].map(|precision| {
                    experiment.precision = precision;
                    measure(name, d, &mut experiment)
                });
                cell.join(" / ")
            }
        });
        println!("| {name} | {} |", cells.join(" | "));
    }
}

/// "f32" or "f64".
pub fn precision(experiment: &Experiment) -> &'static str {
    match experiment.precision {
        Precision::F32 => "f32",
        Precision::F64 => "f64",
    }
}

/// The name of the network's row.
pub const NETWORK: &str = "dense network of 7, 61 or 1009 parameters, 16 examples";

/// Examples of a data set.
const EXAMPLES: usize = 16;

/// Rows of a matrix that is sensed, where d allows.
const SIDE: usize = 8;

fn base(d: usize) -> Experiment {
    let text = "trajectories = 512\nsteps = 1\n\
         [landscape]\nkind = \"quadratic\"\nstart = 1.0\ndimension = 1\ncurvature = 1.0\n\
         [noise]\nkind = \"gaussian\"\nscale = 10.0\n\
         [[run]]\nlearning_rate = 0.01\noptimizer = \"sgdm\"\nmomentum = 0.9\n[observe]\nevery = 1\n";
    let mut experiment = match Experiment::parse(text, Path::new("Q8"), &[]) {
        Ok(experiment) => experiment,
        Err(error) => panic!("{error}"),
    };
    let curvature = (0..d).map(|i| 0.1 * libm::pow(10.0, i as f64 / (d - 1).max(1) as f64)).collect();
    experiment.landscape = Landscape::Diagonal { curvature };
    experiment.start = vec![1.0; d];
    experiment
}

/// A symmetric matrix with eigenvalues in (0, 2): 1 on the diagonal, small numbers beside it.
fn dense(d: usize) -> Matrix {
    let entry = |i: usize, j: usize| if i == j { 1.0 } else { 0.5 / (d * (1 + i.abs_diff(j))) as f64 };
    Matrix { rows: d, columns: d, entries: (0..d * d).map(|k| entry(k / d, k % d)).collect() }
}

/// Inputs of size 1/√d, as a fixed sequence of numbers.
fn examples(d: usize) -> Data {
    let size = 1.0 / (d as f64).sqrt();
    let entry = |k: usize| size * ((k * 7919 % 1013) as f64 / 506.5 - 1.0);
    let entries = (0..EXAMPLES * d).map(entry).collect();
    let targets = (0..EXAMPLES).map(|j| j as f64 / EXAMPLES as f64).collect();
    Data { inputs: Matrix { rows: EXAMPLES, columns: d, entries }, targets }
}

/// Symmetric matrices of size 1/p, as a fixed sequence of numbers.
fn measurements(side: usize) -> Data {
    let entry = |j: usize, a: usize, b: usize| {
        let k = (j * side + a.min(b)) * side + a.max(b);
        ((k * 7919 % 1013) as f64 / 506.5 - 1.0) / side as f64
    };
    let place = |i: usize| entry(i / (side * side), i / side % side, i % side);
    let entries = (0..EXAMPLES * side * side).map(place).collect();
    let targets = (0..EXAMPLES).map(|j| j as f64 / EXAMPLES as f64).collect();
    Data { inputs: Matrix { rows: EXAMPLES, columns: side * side, entries }, targets }
}

/// Inputs and hidden units of the network that stands for dimension d.
fn network_units(d: usize) -> Option<[usize; 2]> {
    match d {
        8 => Some([1, 2]),
        64 => Some([4, 10]),
        1024 => Some([16, 56]),
        _ => None,
    }
}

/// Multiply-adds of its gradient over all examples: forwards, by the weights and, from the output on, by the units, each example.
pub fn network_products(d: usize) -> Option<f64> {
    let [inputs, hidden] = network_units(d)?;
    let weights = inputs * hidden + hidden;
    Some((EXAMPLES * (2 * weights + hidden)) as f64)
}

fn variant(name: &'static str, change: impl Fn(&mut Experiment, usize) + 'static) -> Variant {
    let make = move |d| {
        let mut experiment = base(d);
        change(&mut experiment, d);
        Some(experiment)
    };
    Variant { name, make: Box::new(make) }
}

/// A landscape of two coordinates only: measured once, in the column d = 8.
fn plane(name: &'static str, landscape: Landscape) -> Variant {
    let make = move |d| {
        let mut experiment = (d == 8).then(|| base(2))?;
        experiment.landscape = landscape.clone();
        experiment.runs[0].noise_scale = 0.1;
        Some(experiment)
    };
    Variant { name, make: Box::new(make) }
}

/// Everything, Q8 first. Where a landscape needs data it has 16 examples.
pub fn variants() -> Vec<Variant> {
    let mut all = vec![variant("nothing (diagonal, Gaussian, SGDM, pcg32)", |_, _| {})];
    all.extend(landscapes());
    all.extend(noises());
    all.extend(optimizers());
    all.extend(schedules());
    all
}

fn landscapes() -> Vec<Variant> {
    vec![
        variant("linear landscape", |e, d| e.landscape = Landscape::Linear { gradient: vec![0.1; d] }),
        variant("dense H", |e, d| e.landscape = Landscape::Dense { hessian: dense(d) }),
        plane("valley (d = 2)", Landscape::Valley),
        plane("hyperbola (d = 2)", Landscape::Hyperbola),
        Variant {
            name: "Rosenbrock",
            make: Box::new(|d| {
                let mut experiment = (d > 1).then(|| base(d))?;
                experiment.landscape = Landscape::Rosenbrock { a: 1.0, b: 1.0 };
                experiment.runs[0].noise_scale = 0.1;
                Some(experiment)
            }),
        },
        variant("double well", |e, _| {
            e.landscape = Landscape::DoubleWell { width: 1.0 };
            e.runs[0].noise_scale = 0.1;
        }),
        variant("least squares, 16 examples", |e, d| e.landscape = Landscape::LeastSquares(examples(d))),
        variant("diagonal network, 16 examples", |e, d| {
            e.landscape = Landscape::DiagonalNetwork(examples(d));
            e.runs[0].noise_scale = 0.1;
        }),
        variant("matrix sensing, 16 matrices of at most 8 x 8", |e, d| {
            let rank = d / d.min(SIDE);
            e.landscape = Landscape::MatrixSensing { data: measurements(d.min(SIDE)), rank };
            e.start = vec![1.0 / (rank as f64).sqrt(); d];
            e.runs[0].noise_scale = 0.1;
        }),
        Variant {
            name: NETWORK,
            make: Box::new(|d| {
                let [inputs, hidden] = network_units(d)?;
                let parameters = (inputs + 1) * hidden + hidden + 1;
                let mut experiment = base(parameters);
                experiment.landscape = Landscape::Network(Network {
                    layers: vec![inputs, hidden, 1],
                    activation: Activation::Relu,
                    loss: NetworkLoss::Squared,
                    data: examples(inputs),
                    test: None,
                });
                experiment.start = (0..parameters).map(|k| (k * 7919 % 1013) as f64 / 5065.0 - 0.1).collect();
                experiment.runs[0].noise_scale = 0.1;
                Some(experiment)
            }),
        },
    ]
}

fn noises() -> Vec<Variant> {
    let law = |name, law| {
        variant(name, move |e, _| e.noise = Noise::Additive { law, covariance: Covariance::Identity })
    };
    let label = |name, examples_with_noise| {
        variant(name, move |e, d| {
            e.landscape = Landscape::LeastSquares(examples(d));
            e.noise = Noise::Label { law: Law::Gaussian, examples: examples_with_noise };
            e.runs[0].noise_scale = 0.1;
        })
    };
    let batch = |name, sampling| {
        variant(name, move |e, d| {
            e.landscape = Landscape::LeastSquares(examples(d));
            e.noise = Noise::MiniBatch { batch: 4, sampling };
        })
    };
    let covariance = |name, make: fn(usize) -> Covariance| {
        variant(name, move |e, d| e.noise = Noise::Additive { law: Law::Gaussian, covariance: make(d) })
    };
    vec![
        variant("philox", |e, _| e.rng = Rng::Philox),
        variant("no noise", |e, _| e.noise = Noise::None),
        law("Rademacher", Law::Rademacher),
        law("uniform", Law::Uniform),
        law("Laplace", Law::Laplace),
        law("Student t, ν = 5", Law::StudentT { degrees_of_freedom: 5.0 }),
        covariance("diagonal Σ", |d| Covariance::Diagonal(vec![0.5; d])),
        covariance("dense Σ", |d| Covariance::Dense(dense(d))),
        variant("dense H and Σ", |e, d| {
            e.landscape = Landscape::Dense { hessian: dense(d) };
            e.noise = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Dense(dense(d)) };
        }),
        covariance("state-dependent Σ", |d| Covariance::StateDependent {
            constant: vec![0.5; d],
            quadratic: vec![0.1; d],
        }),
        label("label noise on one example", LabelExamples::One),
        label("label noise on all", LabelExamples::All),
        batch("batches of 4, with replacement", Sampling::WithReplacement),
        batch("batches of 4, without", Sampling::WithoutReplacement),
        batch("batches of 4, epochs", Sampling::Epochs),
    ]
}

fn optimizers() -> Vec<Variant> {
    let optimizer = |name, optimizer| variant(name, move |e, _| e.runs[0].optimizer = optimizer);
    let heavy_ball = |dampening, nesterov| Optimizer::HeavyBall { dampening, nesterov, first_step: true };
    vec![
        optimizer("SGD", Optimizer::Sgd),
        optimizer("heavy ball", heavy_ball(0.0, false)),
        optimizer("heavy ball, dampening", heavy_ball(0.5, false)),
        optimizer("Nesterov", heavy_ball(0.0, true)),
        optimizer("QHM", Optimizer::Qhm { nu: 0.7 }),
        variant("weight decay", |e, _| e.runs[0].weight_decay = 0.1),
        variant("maximise", |e, d| {
            e.landscape = Landscape::Linear { gradient: vec![0.1; d] };
            e.runs[0].maximize = true;
        }),
        variant("m₀ drawn", |e, _| e.runs[0].initial_momentum = InitialMomentum::Stationary),
        variant("SVAG 4", |e, _| {
            e.runs[0].svag = Some(Svag { ell: 4.0, momentum: SvagMomentum::Keep });
        }),
        variant("SVAG 4, 1 − β divided", |e, _| {
            e.runs[0].svag = Some(Svag { ell: 4.0, momentum: SvagMomentum::Scale });
        }),
    ]
}

fn schedules() -> Vec<Variant> {
    let rate =
        |name, schedule: Schedule| variant(name, move |e, _| e.runs[0].learning_rate = schedule.clone());
    let part = |steps, schedule| Part { steps, schedule };
    vec![
        rate("step decay", Schedule::Step { base: 0.01, factor: 0.5, at: vec![100, 200] }),
        rate("linear rate", Schedule::Linear { from: 0.001, to: 0.01, steps: 1_000_000 }),
        rate("cosine", Schedule::Cosine { from: 0.01, to: 0.001, steps: 1_000_000 }),
        rate("exponential", Schedule::Exponential { base: 0.01, factor: 0.999, every: 10, after: 0 }),
        rate("inverse time", Schedule::InverseTime { base: 0.01, decay: 0.001 }),
        rate("table", Schedule::Table((0..1000).map(|k| 0.01 + 1e-6 * k as f64).collect())),
        rate(
            "join",
            Schedule::Join(vec![
                part(Some(100), Schedule::Linear { from: 0.0, to: 0.01, steps: 100 }),
                part(None, Schedule::Constant(0.01)),
            ]),
        ),
        rate("averaged", {
            let linear = Schedule::Linear { from: 0.001, to: 0.01, steps: 1_000_000 };
            let beta = Schedule::Constant(0.9);
            let mut values = vec![0.0; 1000];
            averaged(&linear, &beta, &mut values);
            Schedule::Averaged {
                learning_rate: Box::new(linear),
                momentum: Box::new(Momentum::Schedule(beta)),
                values,
            }
        }),
        variant("β by a power of the rate", |e, _| {
            e.runs[0].momentum = Momentum::Power { lambda: 1.0, alpha: 0.5 };
        }),
        variant("β by C γ^(2/3)", |e, _| {
            e.runs[0].optimizer = Optimizer::HeavyBall { dampening: 0.0, nesterov: false, first_step: true };
            e.runs[0].momentum = Momentum::FlatterFaster { constant: 1.0 };
        }),
    ]
}
