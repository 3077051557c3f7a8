//! LB sections 1 to 3: momentum pays where the batch is large enough for the best rate to pass the threshold.

use polyak_core::real::double::pow;

use crate::experiment::model::{Experiment, Landscape, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{curvatures, experiment, gaussian, heavy_ball, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::Estimate;
use crate::theory;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "large-batch",
    source: "LB sections 1 to 3",
    statement: "The heavy ball at rate ε and momentum m does as SGD at ε_eff = ε/(1−m) while ε_eff is below about 1/h_max; equal B/ε_eff \
                gives equal results; only momentum is stable far above, to ε_eff h < 2(1+m)/(1−m). So at a fixed number of \
                examples momentum wins where the batch is large, and not where it is small.",
    hypothesis: "On a quadratic in 8 dimensions (h from 0.01 to 1, gradient noise of variance 0.01/B, 65 536 examples): equal ε_eff \
                 and equal B/ε_eff give equal final losses within 5 % below the threshold, with m = 0.9 up to ε_eff = 4/h_max, where SGD diverges; the best loss with m = 0.9 is that of SGD \
                 within 6 % at B = 32 and at most 0.6 of it at B = 512; SGD grows at ε_eff h_max = 2.1 and momentum only beyond 38. \
                 The curves of loss against ε_eff part, by a fifth, within a factor of 2 of 1/h_max, for h_max = ¼, 1 and 4 at B = 32 and \
                 h_max = 1 at B = 512. In the 128 steps of B = 512 the start is not forgotten: for h_max = ¼ momentum's overshoot parts the curves at 0.3/h_max already, for 4 the loss is nearly all \
                 of the start's and they part at 2/h_max; both were seen before they were written down. Measured losses agree on either side of each parting. Swept over m = 0, ½, \
                 0.8, 0.9 the best loss stays within 6 % at B = 32, from each to the next, and falls with each at B = 512. \
                 Wrong if momentum wins at the small batch, does not at the large one, or the curves part elsewhere.",
    experiment: run,
    mutations: &[Mutation::SgdmRate, Mutation::Momentum(0.97), Mutation::Noise(1.1)],
};

const DIMENSION: usize = 8;
const EXAMPLES: u64 = 65_536;
const MOMENTUM: f64 = 0.9;

/// The heavy ball at an effective rate (SGD at m = 0), over all examples in batches of `batch`.
fn at(effective: f64, m: f64, batch: u64) -> Run {
    let run =
        heavy_ball(&format!("m = {m}, ε_eff = {effective:.4}"), effective * (1.0 - m), m, EXAMPLES / batch);
    with_noise(run, 0.1 / (batch as f64).sqrt())
}

fn setting(trajectories: u64, runs: Vec<Run>) -> Experiment {
    setting_on(1.0, trajectories, runs)
}

/// Curvatures from 0.01 to `steepest`, evenly in their logarithm.
fn setting_on(steepest: f64, trajectories: u64, runs: Vec<Run>) -> Experiment {
    let stretched = 1.0 + 0.5 * libm::log10(steepest);
    let curvature = curvatures(DIMENSION).into_iter().map(|h| 0.01 * pow(100.0 * h, stretched)).collect();
    let landscape = Landscape::Diagonal { curvature };
    let mut experiment = experiment(61, trajectories, landscape, &[1.0; DIMENSION], gaussian());
    experiment.runs = runs;
    experiment
}

/// Exact final loss.
fn exact(run: &Run) -> f64 {
    exact_on(1.0, run)
}

fn exact_on(steepest: f64, run: &Run) -> f64 {
    let experiment = setting_on(steepest, 1, vec![run.clone()]);
    theory::exact(&experiment, run, &[run.steps]).map_or(f64::NAN, |exact| exact.moments[0].loss)
}

/// The effective rate of least exact loss among quarter octaves.
fn best(m: f64, batch: u64) -> f64 {
    let rates = (-28..=16).map(|p| libm::exp2(0.25 * f64::from(p)));
    let losses = rates.map(|rate| (exact(&at(rate, m, batch)), rate)).filter(|(loss, _)| loss.is_finite());
    losses.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(f64::NAN, |(_, rate)| rate)
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("When momentum pays: large batches (LB)");
    let n = laboratory.budget.trajectories(6_144, 32_768);
    let losses = |runs: Vec<Run>| -> Result<Vec<Estimate>, Failure> {
        Ok(laboratory.run(&setting(n, runs))?.runs.iter().map(|run| run.last().loss).collect())
    };
    for (batch, hypothesis) in
        [(32, Hypothesis::Near { expected: 1.0, tolerance: 0.06 }), (512, Hypothesis::AtMost(0.6))]
    {
        let found =
            losses(vec![at(best(0.0, batch), 0.0, batch), at(best(MOMENTUM, batch), MOMENTUM, batch)])?;
        findings.check(
            format!("best loss with m = 0.9 over that of SGD, B = {batch}"),
            found[1].over(&found[0]),
            hypothesis,
        );
    }
    let (same, scaled) =
        (losses(vec![at(0.1, 0.0, 32), at(0.1, MOMENTUM, 32)])?, losses(vec![at(0.4, 0.0, 128)])?);
    // Momentum's own stationary loss is larger, too, by 2.6 %: it takes more trajectories to tell that from 5 %.
    let beyond = |run: Run| -> Result<Estimate, Failure> {
        let many = laboratory.budget.pick(4, 1, 1) * n;
        Ok(laboratory.run(&setting(many, vec![run]))?.runs[0].last().loss)
    };
    let (half, beyond) = (beyond(at(0.5, MOMENTUM, 32))?, beyond(at(4.0, MOMENTUM, 256))?);
    findings.check(
        "loss with m = 0.9 at B = 256, ε_eff = 4, four times 1/h_max, over that at B = 32, ε_eff = 0.5",
        beyond.over(&half),
        Hypothesis::about(1.0, 0.05),
    );
    findings.check(
        "loss with m = 0.9 over that of SGD at ε_eff = 0.1, B = 32",
        same[1].over(&same[0]),
        Hypothesis::about(1.0, 0.05),
    );
    findings.check(
        "SGD's loss at B = 128, ε = 0.4 over that at B = 32, ε = 0.1",
        scaled[0].over(&same[0]),
        // SGD's own stationary loss is larger by 1/(1 − εh/2).
        Hypothesis::about(1.0, 0.05),
    );
    findings.check(
        "SGD's loss at ε = 0.1, B = 32",
        same[0],
        Hypothesis::about(exact(&at(0.1, 0.0, 32)), 0.05),
    );
    thresholds(laboratory, &mut findings)?;
    partings(laboratory, &mut findings)?;
    sweep(&mut findings, &losses)?;
    let few = |runs: Vec<Run>| -> Result<Vec<Estimate>, Failure> {
        Ok(laboratory.run(&setting(n / 32, runs))?.runs.iter().map(|run| run.last().loss).collect())
    };
    draw(&mut findings, &few)?;
    Ok(findings)
}

/// Loss after 512 steps a little below and above the limits of stability.
fn thresholds(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let limit = 2.0 * (1.0 + MOMENTUM) / (1.0 - MOMENTUM);
    let runs = vec![
        at(1.9, 0.0, 128),
        at(2.1, 0.0, 128),
        at(0.97 * limit, MOMENTUM, 128),
        at(1.03 * limit, MOMENTUM, 128),
        // Where momentum still scales; at 4 the square of SGD's loss has no number.
        at(4.0, MOMENTUM, 256),
        at(2.5, 0.0, 256),
    ];
    let ensemble = laboratory.run(&setting(256, runs))?;
    for (i, run) in ensemble.runs.iter().enumerate() {
        // The first loss is that of the start, which is certain.
        let growth = run.last().loss.times(1.0 / run.points[0].loss.value);
        let hypothesis = if i % 2 == 0 { Hypothesis::AtMost(1.0) } else { Hypothesis::AtLeast(100.0) };
        findings.check(format!("final over first loss, {}", run.name), growth, hypothesis);
    }
    Ok(())
}

/// Where the curves part: from this factor between SGD's loss and momentum's on.
const APART: f64 = 1.2;

/// The lowest effective rate, in units of 1/h_max, from which SGD's exact loss is above momentum's by [`APART`].
fn parting(steepest: f64, batch: u64) -> f64 {
    let apart = |rate: f64| {
        let [plain, heavy] = [0.0, MOMENTUM].map(|m| exact_on(steepest, &at(rate / steepest, m, batch)));
        plain > APART * heavy
    };
    let mut rates = (-32..=8).map(|p| libm::exp2(0.125 * f64::from(p)));
    rates.find(|&rate| apart(rate)).unwrap_or(f64::NAN)
}

/// The curves of SGD and of momentum against ε_eff part within a factor of 2 of 1/h_max: SGD's noise is 1/(1 − ½ε_eff h) times that of small
/// rates, twice as large at 1/h_max and without bound at 2/h_max.
fn partings(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    for (steepest, batch) in [(0.25, 32), (1.0, 32), (4.0, 32), (1.0, 512)] {
        findings.check_exact(
            format!("ε_eff·h_max at which the exact curves part by a fifth, h_max = {steepest}, B = {batch}"),
            parting(steepest, batch),
            Hypothesis::Between { expected: 1.0, low: 0.5, high: 2.0 },
        );
    }
    for (steepest, batch, expected) in [(0.25, 512, 0.3), (4.0, 512, 2.0)] {
        findings.check_exact(
            format!("the same where the start is not forgotten, h_max = {steepest}, B = {batch}"),
            parting(steepest, batch),
            Hypothesis::about(expected, 0.1),
        );
    }
    let n = laboratory.budget.trajectories(6_144, 32_768);
    // On either side of where they part.
    let sides = [
        (0.25, 32, [0.5, 1.68]),
        (1.0, 32, [0.5, 1.68]),
        (4.0, 32, [0.5, 1.68]),
        (1.0, 512, [0.5, 1.68]),
        (0.25, 512, [0.15, 0.42]),
        (4.0, 512, [1.68, 2.0]),
    ];
    for (steepest, batch, rates) in sides {
        let both = |rate: f64| [0.0, MOMENTUM].map(|m| at(rate / steepest, m, batch));
        let runs = rates.into_iter().flat_map(both).collect();
        let ensemble = laboratory.run(&setting_on(steepest, n, runs))?;
        let loss = |run: usize| ensemble.runs[run].last().loss;
        let [below, above] = rates;
        for (first, rate, hypothesis) in
            [(0, below, Hypothesis::AtMost(APART)), (2, above, Hypothesis::AtLeast(APART))]
        {
            findings.check(
                format!(
                    "SGD's loss over momentum's at ε_eff = {rate}/h_max, h_max = {steepest}, B = {batch}"
                ),
                loss(first).over(&loss(first + 1)),
                hypothesis,
            );
        }
    }
    Ok(())
}

/// The best loss of each momentum over that of the one before: no gain at the small batch, one with each at the large one.
fn sweep(findings: &mut Findings, losses: Losses<'_>) -> Result<(), Failure> {
    let momenta = [0.0, 0.5, 0.8, 0.9];
    for (batch, hypothesis) in [(32, Hypothesis::about(1.0, 0.06)), (512, Hypothesis::AtMost(1.0))] {
        let found = losses(momenta.map(|m| at(best(m, batch), m, batch)).to_vec())?;
        for (pair, m) in found.windows(2).zip(momenta.windows(2)) {
            findings.check(
                format!("best loss with m = {} over that with m = {}, B = {batch}", m[1], m[0]),
                pair[1].over(&pair[0]),
                hypothesis,
            );
        }
    }
    Ok(())
}

type Losses<'a> = &'a dyn Fn(Vec<Run>) -> Result<Vec<Estimate>, Failure>;

fn draw(findings: &mut Findings, losses: Losses<'_>) -> Result<(), Failure> {
    let mut figure = std::mem::take(&mut findings.figure)
        .subtitle("lines: exact, bars: simulated ±2 standard errors; dotted: ε_{eff} = 1/h_{max}");
    for batch in [32, 512] {
        let mut panel = Panel::new(
            format!("B = {batch}, {} steps", EXAMPLES / batch),
            Axis::log("ε_{eff}"),
            Axis::log("final loss").range(5e-5, 3.0),
        );
        for (i, m) in [0.0, 0.5, 0.9].into_iter().enumerate() {
            let rates: Vec<f64> = (-32..=22).map(|p| libm::exp2(0.25 * f64::from(p))).collect();
            let curve: Vec<f64> = rates.iter().map(|&rate| exact(&at(rate, m, batch))).collect();
            let (label, color) = (format!("m = {m}"), Color::cycle(i));
            panel = panel.with(Series::line(rates, curve).label(label.clone()).color(color).width(1.4));
            let few: Vec<f64> = (-5..=5).map(|p| libm::exp2(f64::from(p))).collect();
            let found = losses(few.iter().map(|&rate| at(rate, m, batch)).collect())?;
            let values: Vec<f64> = found.iter().map(|l| l.value).collect();
            let errors: Vec<f64> = found.iter().map(|l| 2.0 * l.std_error).collect();
            panel = panel.with(Series::error_bars(few, values, &errors).label(label).color(color));
        }
        figure = figure.with(panel.with(Series::vertical(1.0)));
    }
    let momenta = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95];
    let mut sweep = Panel::new("Best loss against m", Axis::linear("m"), Axis::log("least final loss"));
    for (i, batch) in [32, 128, 512].into_iter().enumerate() {
        let least: Vec<f64> = momenta.iter().map(|&m| exact(&at(best(m, batch), m, batch))).collect();
        sweep =
            sweep.with(Series::line(momenta, least).label(format!("B = {batch}")).color(Color::cycle(3 + i)));
    }
    findings.figure = figure.with(sweep).columns(3);
    Ok(())
}
