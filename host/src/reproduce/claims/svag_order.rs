//! Beyond the papers: SVAG's error in the stationary variance falls like 1/ℓ.

use crate::experiment::model::{Covariance, Experiment, Landscape, Law, Noise};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, sgd, sgdm, svag};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::{Estimate, Line};
use crate::theory::stationary;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "svag-order",
    source: "MV 5.1, 5.2; the order is beyond the papers",
    statement: "SVAG(ℓ), with ℓ times the steps at η/ℓ and noise of ℓ times the covariance, takes SGD and SGDM to the stochastic \
                differential equation of the rate η: on a quadratic Var x → ηc/2h, with an error that falls like 1/ℓ, and the gap \
                between SGD and SGDM closes with it.",
    hypothesis: "From ℓ = 2 to 16 at ηh = 0.4 the error of the measured Var x has the order −1 in ℓ within 0.15 for SGD and for SGDM, \
                 and is the exact one within 15 % at ℓ = 1 and 2. Wrong if it falls otherwise.",
    experiment: run,
    mutations: &[Mutation::SvagRate, Mutation::SvagNoise, Mutation::HeavyBallRate],
};

const RATE: f64 = 0.4;
const BETA: f64 = 0.3;
const LEVELS: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 16.0];

fn setting(n: u64) -> Experiment {
    let noise = Noise::Additive { law: Law::Rademacher, covariance: Covariance::Identity };
    let mut experiment = experiment(43, n, Landscape::Diagonal { curvature: vec![1.0] }, &[0.0], noise);
    let both = [sgd("SGD", RATE, 30), sgdm("SGDM", RATE, BETA, 30)];
    experiment.runs = both.iter().flat_map(|run| LEVELS.map(|ell| svag(run, ell))).collect();
    experiment
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let experiment = setting(laboratory.budget.trajectories(1 << 20, 1 << 21));
    let ensemble = laboratory.run(&experiment)?;
    let limit = 0.5 * RATE;
    let mut findings = Findings::new("SVAG's error falls like 1/ℓ");
    let mut panel =
        Panel::new("Stationary variance on ½x², ±1 noise", Axis::log("ℓ"), Axis::log("|Var x − ηc/2h|"));
    for (i, (name, beta)) in [("SGD", 0.0), ("SGDM, β = 0.3", BETA)].into_iter().enumerate() {
        let errors: Vec<Estimate> = (0..LEVELS.len())
            .map(|level| {
                let variance = ensemble.runs[i * LEVELS.len() + level].last().variance[0];
                Estimate { value: (variance.value - limit).abs(), std_error: variance.std_error }
            })
            .collect();
        let exact: Vec<f64> = LEVELS
            .iter()
            .map(|ell| {
                let settled = stationary::sgdm(RATE / ell, beta, 1.0, *ell).map_or(f64::NAN, |v| v[0]);
                (settled - limit).abs()
            })
            .collect();
        let order = Line::power_law(&LEVELS[1..], &errors[1..])
            .map_or(Estimate { value: f64::NAN, std_error: f64::NAN }, |line| line.slope);
        findings.check(
            format!("{name}: order of the error in ℓ"),
            order,
            Hypothesis::Near { expected: -1.0, tolerance: 0.15 },
        );
        for (level, ell) in LEVELS.iter().enumerate().take(2) {
            findings.check(
                format!("{name}: error of Var x at ℓ = {ell}"),
                errors[level],
                Hypothesis::about(exact[level], 0.15),
            );
        }
        let color = Color::cycle(i);
        let values: Vec<f64> = errors.iter().map(|e| e.value).collect();
        let bars: Vec<f64> = errors.iter().map(|e| 2.0 * e.std_error).collect();
        panel = panel
            .with(Series::error_bars(LEVELS, values, &bars).label(name).color(color))
            .with(Series::theory(LEVELS, exact).label("exact"));
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
    Ok(findings)
}
