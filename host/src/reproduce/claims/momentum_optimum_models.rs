//! FF on models with many parameters: matrix sensing (diagonal) and a teacher–student network.

use polyak_core::network::{
    AnyActivation, AnyLoss, Initial, Network as CoreNetwork, Shape, Table, initialize,
};
use polyak_core::real::double::pow;

use crate::experiment::model::{
    Activation, Data, Experiment, LabelExamples, Landscape, Law as NoiseLaw, Network, NetworkLoss, Noise,
    Precision,
};
use crate::experiment::planted;
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::settling::{Drift, Law, Setting};
use crate::reproduce::setup::{experiment, sgd, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::mean_of;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "momentum-optimum-models",
    source: "FF, matrix sensing and teacher–student networks",
    statement: "Started at an interpolating point of a model with many parameters, under label noise, the heavy ball reaches the flattest \
                minimiser fastest at 1−β = C(εγ)^{2/3}, in a number of steps ∝ (εγ)^{−2/3}; C is the model's, the exponent is not.",
    hypothesis: "On sensing a diagonal matrix and on a network that learns from one of its own size, the exponent in εγ of the 1−β, above the best, with a quarter more steps than it and \
                 that of the best steps are nearer to ±2/3 than to ±1/2 and ±5/6, and where εγ is the same from different γ and ε the steps at the \
                 best momentum agree within a factor 2^{1/6}, what exponents of 2/3 and 1/2 would make; they are below 3.5·(εγ)^{−2/3}, where SGD takes \
                 (εγ)^{−2}. Wrong if another power fits, or γ and ε count apart.",
    experiment: run,
    mutations: &[Mutation::SgdmRate],
};

/// Half of the way from 2/3 to 1/2.
const HALF_WAY: f64 = 1.0 / 12.0;

fn label_noise() -> Noise {
    Noise::Label { law: NoiseLaw::Gaussian, examples: LabelExamples::All }
}

/// f(v) = ⟨diag(aⱼ), vvᵀ⟩ = Σ aⱼᵢvᵢ²: the sensing of a matrix of which aⱼ see the diagonal, 2 of 12 entries 1, by 6 measurements.
const SENSING: [usize; 3] = [6, 12, 2];

fn sensing(laboratory: &Laboratory<'_>, trajectories: u64) -> Result<Experiment, Failure> {
    let [examples, dimension, nonzero] = SENSING;
    let landscape = || Landscape::DiagonalNetwork(planted(examples, dimension, nonzero, 1, 0.0));
    // Where plain descent from 1 arrives: interpolating, and not sparse.
    let mut descent = experiment(55, 1, landscape(), &vec![1.0; dimension], label_noise());
    descent.runs = vec![with_noise(sgd("descent", 0.05, 20_000), 0.0)];
    let mut start = Vec::new();
    laboratory.faultless().ends(&descent, |sample| start = sample.end(0).to_vec())?;
    Ok(experiment(56, trajectories, landscape(), &start, label_noise()))
}

/// tr H = Σᵢ vᵢ²·(mean of aⱼᵢ²) on a minimiser, less that of the sparse one.
fn sensing_flatness(data: &Data) -> impl Fn(&[f64]) -> f64 + use<> {
    let [examples, dimension, nonzero] = SENSING;
    let square = |i: usize| {
        let column = data.inputs.entries.iter().skip(i).step_by(dimension);
        column.map(|a| a * a).sum::<f64>() / examples as f64
    };
    let weights: Vec<f64> = (0..dimension).map(square).collect();
    let least: f64 = weights.iter().take(nonzero).sum();
    move |v: &[f64]| (v.iter().zip(&weights).map(|(v, w)| w * v * v).sum::<f64>() - least).abs()
}

/// Inputs, hidden units, examples.
const STUDENT: [usize; 3] = [3, 2, 12];

/// One ReLU layer, Σ_j vⱼ·max(0, wⱼ·a + bⱼ) + c, of the teacher's size.
fn student(trajectories: u64) -> Experiment {
    let [inputs, hidden, examples] = STUDENT;
    let layers = vec![inputs, hidden, 1];
    let mut data = planted(examples, inputs, 0, 5, 0.0);
    let mut start = vec![0.0; hidden * (inputs + 2) + 1];
    if let Ok(shape) = Shape::new(&layers) {
        initialize(&shape, Initial::He, 2, start.as_mut_slice());
        let table = Table { inputs: &data.inputs.entries[..], targets: &data.targets[..], columns: inputs };
        if let Ok(teacher) =
            CoreNetwork::<_, _, _, 8>::new(shape, AnyActivation::Relu, AnyLoss::SquaredError, table)
        {
            let answer = |row: &[f64]| {
                let mut output = [0.0];
                teacher.predict(&start, row, &mut output);
                output[0]
            };
            data.targets = data.inputs.entries.chunks_exact(inputs).map(answer).collect();
        }
    }
    let units = units(&data);
    // The teacher's function with each unit's input twice as large as flatness asks for.
    for j in 0..hidden {
        let [output, input] = units(&start, j);
        let scale = 2.0 * pow(output / input, 0.25);
        let (weights, bias, out) = places(j);
        start[weights].iter_mut().for_each(|w| *w *= scale);
        start[bias] *= scale;
        start[out] /= scale;
    }
    let landscape = Landscape::Network(Network {
        layers,
        activation: Activation::Relu,
        loss: NetworkLoss::Squared,
        data,
        test: None,
    });
    experiment(57, trajectories, landscape, &start, label_noise())
}

/// Where the weights, the bias and the output weight of unit j are.
fn places(j: usize) -> (core::ops::Range<usize>, usize, usize) {
    let [inputs, hidden, _] = STUDENT;
    (j * inputs..(j + 1) * inputs, hidden * inputs + j, hidden * (inputs + 1) + j)
}

/// The two parts of tr H that scaling unit j trades: of its weights and bias, vⱼ²·mean((|a|² + 1) where it is on), and of vⱼ,
/// mean(max(0, wⱼ·a + bⱼ)²).
fn units(data: &Data) -> impl Fn(&[f64], usize) -> [f64; 2] + use<> {
    let rows: Vec<Vec<f64>> = data.inputs.entries.chunks_exact(STUDENT[0]).map(<[f64]>::to_vec).collect();
    move |x: &[f64], j: usize| {
        let (weights, bias, out) = places(j);
        let (mut on, mut squares) = (0.0, 0.0);
        for row in &rows {
            let z = x[bias] + x[weights.clone()].iter().zip(row).map(|(w, a)| w * a).sum::<f64>();
            if z > 0.0 {
                on += 1.0 + row.iter().map(|a| a * a).sum::<f64>();
                squares += z * z;
            }
        }
        let count = rows.len() as f64;
        [x[out] * x[out] * on / count, squares / count]
    }
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("How much momentum, on models with many parameters (FF)");
    let n = laboratory.budget.pick(512, 768, 8192);
    let fine = laboratory.budget.pick(1.2, 1.15, 1.05);
    let grid = |from: f64, to: f64| -> Vec<f64> {
        let count = libm::log(to / from) / libm::log(fine);
        (0..=count as i32).map(|i| from * pow(fine, f64::from(i))).collect()
    };

    let data = planted(SENSING[0], SENSING[1], SENSING[2], 1, 0.0);
    let flatness = sensing_flatness(&data);
    let drift = Drift {
        experiment: sensing(laboratory, 2 * n)?,
        scale: (SENSING[0] as f64).sqrt(),
        distance: &flatness,
        grid: grid(0.1, 1.2),
        points: 100,
        watched: |_| 4.0,
    };
    model(laboratory, &mut findings, "diagonal matrix sensing", &drift)?;

    let experiment = student(n);
    let Landscape::Network(network) = &experiment.landscape else { return Ok(findings) };
    let units = units(&network.data);
    let imbalance = |x: &[f64]| {
        (0..STUDENT[1]).map(|j| units(x, j)).map(|[output, input]| (output - input).abs()).sum::<f64>()
    };
    let experiment = Experiment { precision: Precision::F32, ..experiment.clone() };
    let drift = Drift {
        experiment,
        scale: (STUDENT[2] as f64).sqrt(),
        distance: &imbalance,
        grid: grid(0.15, 1.0),
        points: 100,
        watched: |_| 4.0,
    };
    model(laboratory, &mut findings, "teacher and student", &drift)?;
    findings.note(
        "FF's sizes and rates are not known here. These are: Σ aᵢvᵢ² of 12 entries from 6 measurements, from where plain descent arrives (the \
         sensing of a whole matrix is open); and a network of 3-2-1 ReLU units with 12 examples answered by a teacher of its size, begun at the \
         teacher with each unit's input weights twice too large. ε is the deviation of the labels over the root of their number.",
    );
    findings.figure.columns = 2;
    Ok(findings)
}

/// Collapse and exponents of one model.
fn model(
    laboratory: &Laboratory<'_>,
    findings: &mut Findings,
    name: &str,
    drift: &Drift<'_>,
) -> Result<(), Failure> {
    // The first two have one product.
    let pairs = laboratory.budget.pick(
        vec![[0.08, 0.025], [0.04, 0.05], [0.01, 0.05]],
        vec![[0.08, 0.025], [0.04, 0.05], [0.02, 0.05], [0.01, 0.05], [0.005, 0.05]],
        vec![
            [0.08, 0.025],
            [0.04, 0.05],
            [0.02, 0.05],
            [0.01, 0.05],
            [0.005, 0.05],
            [0.0025, 0.05],
            [0.00125, 0.05],
        ],
    );
    let settings = pairs
        .into_iter()
        .map(|pair| Setting::measure(laboratory, drift, pair))
        .collect::<Result<Vec<_>, _>>()?;
    let law = Law::of(&settings);
    let [_, steps, slower] = law.exponents();
    let near = |expected: f64| Hypothesis::Near { expected, tolerance: HALF_WAY };
    findings.check(
        format!("{name}: exponent in εγ of the 1−β with a quarter more steps than the best"),
        slower,
        near(2.0 / 3.0),
    );
    findings.check(format!("{name}: exponent of its number of steps in εγ"), steps, near(-2.0 / 3.0));
    findings.check(
        format!("{name}: steps at the best momentum, {} over {}", settings[0].name(), settings[1].name()),
        law.steps[0].over(&law.steps[1]),
        Hypothesis::Between { expected: 1.0, low: pow(2.0, -1.0 / 6.0), high: pow(2.0, 1.0 / 6.0) },
    );
    let longest =
        settings.iter().map(|setting| setting.shortest(drift)).fold(0.0, |a, b| if b > a { b } else { a });
    findings.check_exact(
        format!("{name}: steps·(εγ)^{{2/3}} at the best momentum, the largest"),
        longest,
        Hypothesis::AtMost(3.5),
    );
    let mut collapse = Panel::new(name, Axis::log("C = (1−β)/(εγ)^{2/3}"), Axis::log("K(εγ)^{2/3}"));
    for (i, setting) in settings.iter().enumerate() {
        let (x, y): (Vec<f64>, Vec<f64>) =
            setting.settling.iter().map(|(c, k)| (*c, mean_of(k).0.value * setting.unit)).unzip();
        collapse = collapse.with(Series::line(x, y).label(setting.name()).color(Color::cycle(i)).width(1.4));
    }
    findings.figure = std::mem::take(&mut findings.figure).with(collapse);
    let c: Vec<String> = settings.iter().map(|setting| format!("{:.2}", setting.best()[0].0.value)).collect();
    findings.note(format!(
        "{name}: the fewest steps are at C = {}; where that is the lowest C tried, {:.2}, the least may lie lower still: the steps are flat there, so the \
         power of the best 1−β itself is checked on the hyperbola alone (`momentum-optimum`).",
        c.join(", "),
        drift.grid[0]
    ));
    Ok(())
}
