//! LB sections 1 to 3 and appendix B: momentum pays where the batch is large enough for the best rate to pass the threshold.

use crate::experiment::model::{Experiment, Landscape, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{curvatures, experiment, gaussian, heavy_ball, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::Estimate;
use crate::theory::{self, linear::Linear};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "large-batch",
    source: "LB sections 1 to 3, appendix B",
    statement: "The heavy ball at rate ε and momentum m does as SGD at ε_eff = ε/(1−m) while ε_eff is below about 1/h_max; equal B/ε_eff \
                gives equal results; only momentum is stable far above, to ε_eff h < 2(1+m)/(1−m). So at a fixed number of \
                examples momentum wins where the batch is large, and not where it is small. The noise summed over many steps has the \
                covariance of SGD's.",
    hypothesis: "On a quadratic in 8 dimensions (h from 0.01 to 1, gradient noise of variance 0.01/B, 65 536 examples): equal ε_eff \
                 and equal B/ε_eff give equal final losses within 5 % below the threshold; the best loss with m = 0.9 is that of SGD \
                 within 6 % at B = 32 and at most 0.6 of it at B = 512; SGD grows at ε_eff h_max = 2.1 and momentum only beyond 38. \
                 Wrong if momentum wins at the small batch, or does not at the large one.",
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
    let landscape = Landscape::Diagonal { curvature: curvatures(DIMENSION) };
    let mut experiment = experiment(61, trajectories, landscape, &[1.0; DIMENSION], gaussian());
    experiment.runs = runs;
    experiment
}

/// Exact final loss.
fn exact(run: &Run) -> f64 {
    let experiment = setting(1, vec![run.clone()]);
    theory::exact(&experiment, run, &[run.steps]).map_or(f64::NAN, |exact| exact.moments[0].loss)
}

/// The effective rate of least exact loss among quarter octaves.
fn best(m: f64, batch: u64) -> f64 {
    let rates = (-28..=16).map(|p| libm::exp2(0.25 * f64::from(p)));
    let losses = rates.map(|rate| (exact(&at(rate, m, batch)), rate)).filter(|(loss, _)| loss.is_finite());
    losses.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(f64::NAN, |(_, rate)| rate)
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = Findings::new("When momentum pays: large batches (LB)");
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
    findings.check(
        "loss with m = 0.9 over that of SGD at ε_eff = 0.1, B = 32",
        same[1].over(&same[0]),
        Hypothesis::about(1.0, 0.05),
    );
    findings.check(
        "SGD's loss at B = 128, ε = 0.4 over that at B = 32, ε = 0.1",
        scaled[0].over(&same[0]),
        // SGD's own stationary loss is larger by 1/(1 − εh/2).
        Hypothesis::about(1.0, 0.15),
    );
    findings.check(
        "SGD's loss at ε = 0.1, B = 32",
        same[0],
        Hypothesis::about(exact(&at(0.1, 0.0, 32)), 0.05),
    );
    thresholds(laboratory, &mut findings)?;
    summed_noise(laboratory, &mut findings)?;
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
    ];
    let ensemble = laboratory.run(&setting(256, runs))?;
    for (i, run) in ensemble.runs.iter().enumerate() {
        let growth = run.last().loss.value / run.points[0].loss.value;
        let hypothesis = if i % 2 == 0 { Hypothesis::AtMost(1.0) } else { Hypothesis::AtLeast(100.0) };
        findings.check_exact(format!("final over first loss, {}", run.name), growth, hypothesis);
    }
    Ok(())
}

/// Appendix B: without a gradient the heavy ball's displacement has the covariance of SGD's at ε_eff, up to its memory at both ends.
fn summed_noise(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let (steps, rate) = (1000, 0.01);
    let n = laboratory.budget.trajectories(262_144, 262_144);
    let mut experiment = experiment(62, n, Landscape::Linear { gradient: vec![0.0] }, &[0.0], gaussian());
    experiment.runs = vec![heavy_ball("heavy ball", rate * (1.0 - MOMENTUM), MOMENTUM, steps)];
    let variance = laboratory.run(&experiment)?.runs[0].last().variance[0];
    let unit = rate * rate * steps as f64;
    let closed = Linear { rate, momentum: MOMENTUM, gradient: 0.0, variance: 1.0, stationary: false };
    findings.check(
        format!("Var of {steps} summed steps over {steps}·ε_eff²"),
        variance.times(1.0 / unit),
        Hypothesis::about(closed.variance(steps) / unit, 0.02),
    );
    findings.check_exact(
        "the same in the limit of many steps, exactly",
        closed.variance(1_000_000) / (rate * rate * 1e6),
        Hypothesis::about(1.0, 0.001),
    );
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
