//! A network that learns from one of its own size, from an interpolating point.

use polyak_core::network::{
    AnyActivation, AnyLoss, Initial, Network as CoreNetwork, Shape, Table, initialize,
};
use polyak_core::real::double::pow;

use super::{HALF_WAY, label_noise};
use crate::experiment::model::{Activation, Data, Experiment, Landscape, Network, NetworkLoss, Precision};
use crate::experiment::planted;
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::settling::{Drift, Law, Setting};
use crate::reproduce::setup;
use crate::reproduce::{Failure, Findings, Hypothesis, Laboratory};
use crate::statistics::mean_of;

/// Inputs, hidden units, examples.
pub const SIZES: [usize; 3] = [3, 2, 12];

/// One ReLU layer, Σ_j vⱼ·max(0, wⱼ·a + bⱼ) + c, of the teacher's size.
pub fn experiment(trajectories: u64) -> Experiment {
    let [inputs, hidden, examples] = SIZES;
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
    setup::experiment(57, trajectories, landscape, &start, label_noise())
}

/// Where the weights, the bias and the output weight of unit j are.
fn places(j: usize) -> (core::ops::Range<usize>, usize, usize) {
    let [inputs, hidden, _] = SIZES;
    (j * inputs..(j + 1) * inputs, hidden * inputs + j, hidden * (inputs + 1) + j)
}

/// The two parts of tr H that scaling unit j trades: of its weights and bias, vⱼ²·mean((|a|² + 1) where it is on), and of vⱼ,
/// mean(max(0, wⱼ·a + bⱼ)²).
pub fn units(data: &Data) -> impl Fn(&[f64], usize) -> [f64; 2] + use<> {
    let rows: Vec<Vec<f64>> = data.inputs.entries.chunks_exact(SIZES[0]).map(<[f64]>::to_vec).collect();
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

/// The student's checks.
pub fn check(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let fine: f64 = laboratory.budget.pick(1.2, 1.15, 1.05);
    let count = libm::log(1.0 / 0.15) / libm::log(fine);
    let experiment = experiment(laboratory.budget.pick(512, 768, 8192));
    let Landscape::Network(network) = &experiment.landscape else { return Ok(()) };
    let units = units(&network.data);
    let imbalance = |x: &[f64]| {
        (0..SIZES[1]).map(|j| units(x, j)).map(|[output, input]| (output - input).abs()).sum::<f64>()
    };
    let experiment = Experiment { precision: Precision::F32, ..experiment.clone() };
    let drift = Drift {
        experiment,
        scale: (SIZES[2] as f64).sqrt(),
        distance: &imbalance,
        grid: (0..=count as i32).map(|i| 0.15 * pow(fine, f64::from(i))).collect(),
        points: 100,
        watched: |_| 4.0,
    };
    settle(laboratory, findings, &drift)
}

/// Collapse and exponents.
fn settle(laboratory: &Laboratory<'_>, findings: &mut Findings, drift: &Drift<'_>) -> Result<(), Failure> {
    let name = "teacher and student";
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
