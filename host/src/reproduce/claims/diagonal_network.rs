//! MV section 4 and HaoChen et al. (2020): label noise finds the sparse solution, plain descent does not, momentum changes nothing.

use crate::experiment::model::{Experiment, LabelExamples, Landscape, Law, Noise, Run};
use crate::experiment::planted;
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::schedule::Schedule;
use crate::statistics::{Controlled, Estimate};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "diagonal-network",
    source: "MV section 4, after HaoChen et al. (2020)",
    statement: "An overparametrised network f(v) = ⟨v⊙v, x⟩ has many solutions. Label noise drifts along them to the sparse one, plain \
                descent stays where it arrives, and momentum changes nothing.",
    hypothesis: "Mean |vᵢ² − w*ᵢ| over the coordinates ends below 0.03 under label noise, for SGD and for β = 0.9, which agree within \
                 a tenth of what is left, as they do after a quarter and a half of the steps, and above 0.15 for plain descent. After 10 steps momentum, from rest, is still behind by 0.02 at least. Wrong if noise or momentum leads elsewhere, or momentum changes nothing on the way.",
    experiment: run,
    mutations: &[
        Mutation::Noise(0.0),
        Mutation::Noise(0.1),
        Mutation::EffectiveRate,
        Mutation::HeavyBallRate,
    ],
};

/// Sizes and protocol: the paper's, or a smaller one.
struct Protocol {
    examples: usize,
    dimension: usize,
    nonzero: usize,
    /// Steps, and the steps of each tenfold decay of the rate.
    steps: u64,
    decays: Vec<u64>,
    trajectories: u64,
}

fn protocol(laboratory: &Laboratory<'_>) -> Protocol {
    laboratory.budget.pick(
        Protocol {
            examples: 8,
            dimension: 20,
            nonzero: 2,
            steps: 60_000,
            decays: vec![45_000],
            trajectories: 128,
        },
        whole(64),
        whole(1024),
    )
}

/// The protocol of HaoChen et al.
fn whole(trajectories: u64) -> Protocol {
    let decays = vec![100_000, 200_000];
    Protocol { examples: 40, dimension: 100, nonzero: 5, steps: 300_000, decays, trajectories }
}

/// On data of the laboratory's seed.
fn setting(protocol: &Protocol, seed: u64) -> Experiment {
    let data = planted(protocol.examples, protocol.dimension, protocol.nonzero, seed.wrapping_add(1), 0.0);
    let label = Noise::Label { law: Law::Gaussian, examples: LabelExamples::One };
    let start = vec![1.0; protocol.dimension];
    let mut experiment =
        experiment(48, protocol.trajectories, Landscape::DiagonalNetwork(data), &start, label);
    experiment.precision = crate::experiment::model::Precision::F32;
    let rate = Schedule::Step { base: 0.01, factor: 0.1, at: protocol.decays.clone() };
    // The noise of one example is 1/N of that example's own gradient's: N takes it back.
    let scale = protocol.examples as f64;
    let with = |run: Run| Run { learning_rate: rate.clone(), ..with_noise(run, scale) };
    let steps = protocol.steps;
    experiment.runs = vec![
        with(sgd("SGD, label noise", 0.01, steps)),
        with(sgdm("SGDM, β = 0.9, label noise", 0.01, 0.9, steps)),
        with_noise(with(sgd("plain descent", 0.01, steps)), 0.0),
    ];
    experiment.observe.every = steps / 100;
    experiment
}

/// Steps after which momentum, from rest, is still behind.
const EARLY: u64 = 10;

/// How much farther from the sparse solution momentum is on the way: the two do not take the same steps.
fn early(
    laboratory: &Laboratory<'_>,
    experiment: &Experiment,
    off: &dyn Fn(&[f64]) -> f64,
) -> Result<Estimate, Failure> {
    let mut short = experiment.clone();
    short.runs.truncate(2);
    short.runs.iter_mut().for_each(|run| run.steps = EARLY);
    short.observe.every = EARLY;
    let mut sum = Controlled::new(0);
    laboratory.ends(&short, |sample| sum.add(off(sample.end(1)) - off(sample.end(0)), &[]))?;
    Ok(sum.estimate(&[]))
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let protocol = protocol(laboratory);
    let experiment = setting(&protocol, laboratory.seed);
    let mut findings = laboratory.findings("Label noise finds the sparse solution (MV section 4)");
    let planted = |i: usize| if i < protocol.nonzero { 1.0 } else { 0.0 };
    let off = |v: &[f64]| {
        v.iter().enumerate().map(|(i, v)| (v * v - planted(i)).abs()).sum::<f64>() / v.len() as f64
    };
    let mut sums: Vec<Vec<Controlled>> = Vec::new();
    let points = 101;
    let mut differences = vec![Controlled::new(0); points];
    sums.resize_with(3, || vec![Controlled::new(0); points]);
    let mut seen = points;
    let ensemble = laboratory.sample(&experiment, |sample| {
        for (run, sums) in sums.iter_mut().enumerate() {
            seen = sample.points(run).min(points);
            for (point, sum) in sums.iter_mut().enumerate().take(seen) {
                sum.add(off(sample.at(run, point)), &[]);
            }
        }
        for (point, difference) in differences.iter_mut().enumerate().take(seen) {
            difference.add(off(sample.at(1, point)) - off(sample.at(0, point)), &[]);
        }
    })?;
    let ends: Vec<Estimate> = sums.iter().map(|sums| sums[seen - 1].estimate(&[])).collect();
    for (run, end) in ensemble.runs.iter().zip(&ends).take(2) {
        findings.check(format!("mean |v² − w*| at the end, {}", run.name), *end, Hypothesis::AtMost(0.03));
    }
    findings.check("mean |v² − w*| at the end, plain descent", ends[2], Hypothesis::AtLeast(0.15));
    for (place, point) in [
        ("at the end", seen - 1),
        ("after a half of the steps", (seen - 1) / 2),
        ("after a quarter", (seen - 1) / 4),
    ] {
        findings.check(
            format!("SGDM less SGD under label noise {place}"),
            differences[point].estimate(&[]),
            Hypothesis::Near { expected: 0.0, tolerance: 0.1 * sums[0][point].estimate(&[]).value },
        );
    }
    findings.check(
        format!("SGDM less SGD under label noise after {EARLY} steps"),
        early(laboratory, &experiment, &off)?,
        Hypothesis::AtLeast(0.02),
    );
    findings.note(format!(
        "d = {}, {} examples, {} ones in w*, {} steps at rate 0.01 with tenfold decays at {:?}. HaoChen et al. have d = 100, 40 \
         examples, 5 ones, 300 000 steps and decays at 100 000 and 200 000: that is every budget but the reduced one of the tests.",
        protocol.dimension, protocol.examples, protocol.nonzero, protocol.steps, protocol.decays
    ));
    let mut panel =
        Panel::new("Distance from the sparse solution", Axis::linear("step"), Axis::log("mean |v² − w*|"));
    let steps: Vec<f64> = ensemble.runs[0].observed.iter().map(|&k| k as f64).collect();
    for (i, (run, sums)) in ensemble.runs.iter().zip(&sums).enumerate() {
        let values: Vec<f64> = sums.iter().take(steps.len()).map(|sum| sum.estimate(&[]).value).collect();
        panel =
            panel.with(Series::line(steps.clone(), values).label(run.name.clone()).color(Color::cycle(i)));
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
    Ok(findings)
}
