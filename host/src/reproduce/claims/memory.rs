//! Beyond the papers: what β does to the gap between SGD and SGDM, on the way and at the end.

use crate::experiment::model::{Experiment, Landscape};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::exact_gaps::largest_gaps;
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::{Controlled, Estimate};
use crate::theory::stationary;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "memory",
    source: "beyond the papers: the role of β in MV theorem 3.5",
    statement: "On a quadratic with σ = 1/√η the gap in the mean, which is SGDM's delay from m₀ = 0, peaks at x₀hηβ/(1−β): it grows with the \
                memory without bound. The gap in the stationary variance is ηβ/(2(1+β)): never more than η/4, however long the memory. \
                So β counts on the way and hardly at the end.",
    hypothesis: "Theory against theory, for β = 0.5, 0.9, 0.99: the exact peak of the mean's gap over ηβ/(1−β), and the exact gap of the stationary variances over \
                 ηβ/(2(1+β)), go to 1 like η: they are 1 within 1 % at η = 2⁻²⁰. Simulation against theory: the measured peak of the mean's gap at η = 1/8 (β = 0.5, 0.9) is the exact \
                 one within 2 %, the gap of the variances within 15 %, half of what is between the two β. Wrong if β enters otherwise: 1 % of β at 0.9 is 8 % of the peak.",
    experiment: run,
    mutations: &[
        Mutation::Momentum(0.99),
        Mutation::Momentum(0.9),
        Mutation::NoMomentum,
        Mutation::HeavyBallRate,
    ],
};

const TIME: f64 = 8.0;

/// From x₀ = 1 on ½x².
fn setting(n: u64, eta: f64, beta: f64, steps: u64) -> Experiment {
    let mut experiment = experiment(44, n, Landscape::Diagonal { curvature: vec![1.0] }, &[1.0], gaussian());
    let sigma = 1.0 / eta.sqrt();
    experiment.runs =
        vec![with_noise(sgd("SGD", eta, steps), sigma), with_noise(sgdm("SGDM", eta, beta, steps), sigma)];
    experiment
}

/// The largest exact gap in the mean within `steps`, and its step.
fn peak(eta: f64, beta: f64, steps: u64) -> (f64, u64) {
    largest_gaps(&setting(1, eta, beta, steps), [1, 0])[0]
}

/// Exact Var x of SGD less that of SGDM where they settle.
fn settled(eta: f64, beta: f64) -> f64 {
    let variance = |beta| stationary::sgdm(eta, beta, 1.0, 1.0 / eta).map_or(f64::NAN, |moments| moments[0]);
    variance(0.0) - variance(beta)
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("What β does to the gap between SGD and SGDM");
    let small = libm::exp2(-20.0);
    for beta in [0.5, 0.9, 0.99] {
        // The delay is complete after a few memories.
        let (gap, _) = peak(small, beta, (20.0 / (1.0 - beta)) as u64);
        findings.check_exact(
            format!("exact peak of the mean's gap over ηβ/(1−β), β = {beta}"),
            gap * (1.0 - beta) / (small * beta),
            Hypothesis::about(1.0, 0.01),
        );
        findings.check_exact(
            format!("exact gap of the stationary variances over ηβ/(2(1+β)), β = {beta}"),
            settled(small, beta) * 2.0 * (1.0 + beta) / (small * beta),
            Hypothesis::about(1.0, 0.01),
        );
    }
    let eta = 1.0 / 8.0;
    let n = laboratory.budget.trajectories(1 << 19, 1 << 21);
    let mut measured: [Vec<Estimate>; 2] = [Vec::new(), Vec::new()];
    let tried = [0.5, 0.9];
    for beta in tried {
        let (gap, step) = peak(eta, beta, (TIME / eta) as u64);
        let mean = measure(laboratory, setting(n, eta, beta, step), &[], |x, z| x - z)?;
        let square = |x: f64, z: f64| z * z - x * x;
        let steps = ((TIME + 10.0 * eta / (1.0 - beta)) / eta) as u64;
        let variance = measure(laboratory, setting(n, eta, beta, steps), &[0.0, settled_sgd(eta)], square)?;
        for (name, found, exact, tolerance) in [
            ("peak of the mean's gap", mean, gap, 0.02),
            ("gap of the final variances", variance, settled(eta, beta), 0.15),
        ] {
            findings.check(
                format!("measured over exact {name}, β = {beta}, η = 1/8"),
                found.times(1.0 / exact),
                Hypothesis::about(1.0, tolerance),
            );
        }
        measured[0].push(mean);
        measured[1].push(variance);
    }
    let memories: Vec<f64> = (2..=100).map(f64::from).collect();
    let names = ["peak of the mean's gap", "gap of the final variances"];
    let mut panel =
        Panel::new("½x², x₀ = 1, σ = 1/√η, η = 1/8", Axis::log("memory 1/(1−β)"), Axis::log("gap"));
    for (i, (name, found)) in names.into_iter().zip(&measured).enumerate() {
        let exact = |memory: &f64| {
            let beta = 1.0 - 1.0 / memory;
            if i == 0 { peak(eta, beta, (TIME / eta) as u64).0 } else { settled(eta, beta) }
        };
        let values: Vec<f64> = found.iter().map(|gap| gap.value).collect();
        let errors: Vec<f64> = found.iter().map(|gap| 2.0 * gap.std_error).collect();
        let color = Color::cycle(i);
        panel = panel
            .with(
                Series::line(memories.clone(), memories.iter().map(exact).collect::<Vec<_>>())
                    .label(name)
                    .color(color),
            )
            .with(
                Series::error_bars(tried.map(|beta| 1.0 / (1.0 - beta)), values, &errors)
                    .label(name)
                    .color(color),
            );
    }
    findings.figure =
        std::mem::take(&mut findings.figure).subtitle("lines: exact; bars: ±2 standard errors").with(panel);
    Ok(findings)
}

/// Var x of SGD where it settles.
fn settled_sgd(eta: f64) -> f64 {
    stationary::sgdm(eta, 0.0, 1.0, 1.0 / eta).map_or(f64::NAN, |moments| moments[0])
}

/// E of a difference between SGDM's x and SGD's z at the end; z and z² have the means `known`, if any, and are controls.
fn measure(
    laboratory: &Laboratory<'_>,
    experiment: Experiment,
    known: &[f64],
    difference: impl Fn(f64, f64) -> f64,
) -> Result<Estimate, Failure> {
    let mut sum = Controlled::new(known.len());
    laboratory.ends(&experiment, |sample| {
        let (z, x) = (sample.end(0)[0], sample.end(1)[0]);
        sum.add(difference(x, z), &[z, z * z][..known.len()]);
    })?;
    Ok(sum.estimate(known))
}
