//! MV 3.1: at constant gradient momentum makes the path smoother and leaves the end as it is.

use crate::experiment::model::{Experiment, InitialMomentum, Landscape, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm};
use crate::reproduce::{Claim, Ensemble, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::{Controlled, Estimate, LargestGap, PointEstimates};
use crate::theory::linear::Linear;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "smoother-path",
    source: "MV 3.1",
    statement: "On a constant gradient with g ~ N(c, I) one step of SGDM has (1−β)/(1+β) times the variance of one of SGD, so its \
                path is shorter and its loss varies less; yet the variances of the end points differ by at most 2η²/(1−β), \
                whatever the number of steps.",
    hypothesis: "The measured ratio of one-step variances, path lengths and loss variations are the exact ones within 2 %; the \
                 difference of end variances, 9.5η², is the exact one within 40 % (neither 0 nor twice it), each of them the exact one within 5 %, and the end means of the two \
                 agree within 0.1 of a step's length η|c|. Wrong if any is not, or if the difference of variances exceeds the bound, at the end or on the way.",
    experiment: run,
    mutations: &[
        Mutation::Momentum(0.99),
        Mutation::HeavyBallRate,
        Mutation::NoMomentum,
        Mutation::EffectiveRate,
        Mutation::MomentumRate(1.03),
    ],
};

const RATE: f64 = 0.01;
const BETA: f64 = 0.9;
const STEPS: u64 = 1000;
const GRADIENT: [f64; 2] = [1.0, -0.5];

fn setting(trajectories: u64, steps: u64) -> Experiment {
    let landscape = Landscape::Linear { gradient: GRADIENT.to_vec() };
    let mut experiment = experiment(31, trajectories, landscape, &[0.0, 0.0], gaussian());
    let momentum =
        Run { initial_momentum: InitialMomentum::Stationary, ..sgdm("SGDM, β = 0.9", RATE, BETA, steps) };
    experiment.runs = vec![sgd("SGD", RATE, steps), momentum];
    experiment.observe.path_length = true;
    experiment.observe.loss_variation = true;
    experiment
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let n = laboratory.budget.trajectories(65_536, 262_144);
    let exact = Linear { rate: RATE, momentum: BETA, gradient: 1.0, variance: 1.0, stationary: true };
    let mut findings = laboratory.findings("Momentum smooths the path, not the end (MV 3.1)");

    // A single step is cheap, so it gets more trajectories.
    let one = laboratory.run(&setting(laboratory.budget.pick(8, 32, 32) * n, 1))?;
    let ratio = one.runs[1].last().variance[0].over(&one.runs[0].last().variance[0]);
    findings.check(
        "Var of one step, SGDM over SGD",
        ratio,
        Hypothesis::about((1.0 - BETA) / (1.0 + BETA), 0.02),
    );

    let every = STEPS / 20;
    let mut differences = LargestGap::new(21, 0);
    let mut means = [const { 0 }; 2].map(Controlled::new);
    let mut long = setting(n, STEPS);
    long.observe.every = every;
    let ensemble = laboratory.sample(&long, |sample| {
        // About the exact mean, both coordinates; what the two runs share cancels.
        differences.next_trajectory();
        for point in 0..differences.points() {
            for (i, gradient) in GRADIENT.iter().enumerate() {
                let mean = -RATE * (point as u64 * every) as f64 * gradient;
                let off = |run: usize| sample.at(run, point)[i] - mean;
                differences.add(point, off(0) * off(0) - off(1) * off(1), &[]);
            }
        }
        for (i, mean) in means.iter_mut().enumerate() {
            mean.add(sample.end(1)[i] - sample.end(0)[i], &[]);
        }
    })?;
    let largest = differences.largest(&[]).0;
    let differences: Vec<Estimate> = (0..21).map(|point| differences.at(point, &[])).collect();
    let expected = exact.sgd_variance(STEPS) - exact.variance(STEPS);
    let difference = differences[20];
    findings.check(
        format!("Var of the end of SGD less that of SGDM, {STEPS} steps"),
        difference,
        Hypothesis::about(expected, 0.4),
    );
    findings.check(
        format!("the largest of every {every} steps against the bound 2η²/(1−β)"),
        largest,
        Hypothesis::AtMost(exact.difference_bound()),
    );
    for (run, variance) in ensemble.runs.iter().zip([exact.sgd_variance(STEPS), exact.variance(STEPS)]) {
        findings.check(
            format!("Var of the end of {}, {STEPS} steps", run.name),
            run.last().variance[0],
            Hypothesis::about(variance, 0.05),
        );
    }
    let step = RATE * (GRADIENT[0] * GRADIENT[0] + GRADIENT[1] * GRADIENT[1]).sqrt();
    for (i, mean) in means.iter().enumerate() {
        findings.check(
            format!("mean of the end of SGDM less that of SGD, in steps, coordinate {i}"),
            mean.estimate(&[]).times(1.0 / step),
            Hypothesis::Near { expected: 0.0, tolerance: 0.1 },
        );
    }
    lengths(&mut findings, &ensemble, exact.step_variance().sqrt());
    let paths = paths(laboratory)?;
    findings.figure = draw(findings.figure, &ensemble, &paths, (&differences, &exact));
    Ok(findings)
}

/// Path lengths and loss variations against those of independent steps N(−ηc, s²I), s = η for SGD.
fn lengths(findings: &mut Findings, ensemble: &Ensemble, deviation: f64) {
    let size = RATE * (GRADIENT[0] * GRADIENT[0] + GRADIENT[1] * GRADIENT[1]).sqrt();
    let steps = STEPS as f64;
    for (run, s) in ensemble.runs.iter().zip([RATE, deviation]) {
        let (length, variation) = (run.last().path_length, run.last().loss_variation);
        findings.check(
            format!("path length of {}", run.name),
            length.unwrap_or(Estimate::MISSING),
            Hypothesis::about(steps * rice_mean(size, s), 0.02),
        );
        // A step changes the loss by c·Δx ~ N(−η|c|², s²|c|²).
        findings.check(
            format!("loss variation of {}", run.name),
            variation.unwrap_or(Estimate::MISSING),
            Hypothesis::about(steps * (size / RATE) * folded_mean(size, s), 0.02),
        );
    }
}

/// E|Z| for Z ~ N(m, s²).
fn folded_mean(m: f64, s: f64) -> f64 {
    let z = m / s;
    s * (2.0 / core::f64::consts::PI).sqrt() * libm::exp(-0.5 * z * z)
        + m * libm::erf(z * core::f64::consts::FRAC_1_SQRT_2)
}

/// E|Z| in the plane for Z ~ N(μ, s²I), |μ| = m: s√(π/2)·e^{−q}[(1 + 2q)I₀(q) + 2qI₁(q)], q = m²/4s² (Rice).
fn rice_mean(m: f64, s: f64) -> f64 {
    let q = 0.25 * (m / s) * (m / s);
    let (mut zero, mut one) = (0.0, 0.0);
    let mut term = libm::exp(-q);
    for k in 0..200 {
        let k = f64::from(k);
        zero += term;
        one += term * 0.5 * q / (k + 1.0);
        term *= 0.25 * q * q / ((k + 1.0) * (k + 1.0));
    }
    s * (core::f64::consts::PI / 2.0).sqrt() * ((1.0 + 2.0 * q) * zero + 2.0 * q * one)
}

/// One trajectory's first steps, less the drift, in units of η.
fn paths(laboratory: &Laboratory<'_>) -> Result<[Vec<f64>; 2], Failure> {
    let mut few = setting(1, 120);
    few.observe.every = 1;
    let mut paths = [Vec::new(), Vec::new()];
    laboratory.sample(&few, |sample| {
        for (run, path) in paths.iter_mut().enumerate() {
            let off = |k: usize| sample.at(run, k)[0] / RATE + k as f64 * GRADIENT[0];
            path.extend((0..=120).map(off));
        }
    })?;
    Ok(paths)
}

fn draw(
    figure: crate::plot::Figure,
    ensemble: &Ensemble,
    paths: &[Vec<f64>; 2],
    (differences, exact): (&[Estimate], &Linear),
) -> crate::plot::Figure {
    let title = "One path of each, same noise, less the drift";
    let mut path = Panel::new(title, Axis::linear("step k"), Axis::linear("(x_{0} + kηc_{0}) / η"));
    let mut length =
        Panel::new("Path length on the way", Axis::linear("step k"), Axis::linear("mean path length"));
    let steps: Vec<f64> = ensemble.runs[0].observed.iter().map(|&k| k as f64).collect();
    for (i, run) in ensemble.runs.iter().enumerate() {
        let color = Color::cycle(i);
        let first: Vec<f64> = (0..paths[i].len()).map(|k| k as f64).collect();
        path =
            path.with(Series::line(first, paths[i].clone()).label(run.name.clone()).color(color).width(1.4));
        let mean = |point: &PointEstimates| point.path_length.map_or(f64::NAN, |length| length.value);
        let values: Vec<f64> = run.points.iter().map(mean).collect();
        length = length.with(Series::line(steps.clone(), values).label(run.name.clone()).color(color));
    }
    let unit = 1.0 / (RATE * RATE);
    let fine: Vec<u64> = (0..=STEPS).step_by(5).collect();
    let curve: Vec<f64> = fine.iter().map(|&k| unit * (exact.sgd_variance(k) - exact.variance(k))).collect();
    let values: Vec<f64> = differences.iter().map(|d| unit * d.value).collect();
    let errors: Vec<f64> = differences.iter().map(|d| 2.0 * unit * d.std_error).collect();
    let gap =
        Panel::new("Var of SGD less Var of SGDM", Axis::linear("step k"), Axis::linear("difference / η²"))
            .with(
                Series::error_bars(steps, values, &errors)
                    .label("measured, ±2 standard errors")
                    .color(Color::cycle(2)),
            )
            .with(Series::theory(fine.iter().map(|&k| k as f64).collect::<Vec<_>>(), curve).label("exact"))
            .with(Series::horizontal(exact.difference_bound() * unit).label("bound 2/(1−β)"));
    figure.with(path).with(length).with(gap).columns(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_lengths_at_their_ends() {
        assert!((folded_mean(0.0, 2.0) - 2.0 * (2.0 / core::f64::consts::PI).sqrt()).abs() < 1e-15);
        assert!((folded_mean(50.0, 1.0) - 50.0).abs() < 1e-12);
        assert!((rice_mean(0.0, 2.0) - 2.0 * (core::f64::consts::PI / 2.0).sqrt()).abs() < 1e-15);
        // m + s²/2m + … far out.
        assert!((rice_mean(20.0, 1.0) - 20.0 - 0.025).abs() < 1e-4);
    }
}
