//! Beyond the papers: SVAG's error in the stationary variance falls like 1/ℓ.

use crate::experiment::model::{Covariance, Experiment, Landscape, Law, Noise};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, sgd, sgdm, svag};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::{Controlled, Estimate, Line};
use crate::theory::stationary;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "svag-order",
    source: "MV 5.1, 5.2; the order is beyond the papers",
    statement: "SVAG(ℓ), with ℓ times the steps at η/ℓ and noise of ℓ times the covariance, takes SGD and SGDM to the stochastic \
                differential equation of the rate η: on a quadratic Var x → ηc/2h, with an error that falls like 1/ℓ, and the gap \
                between SGD and SGDM closes with it.",
    hypothesis: "The exact error of SGD's Var x and the exact gap between SGD and SGDM have the order −1 in ℓ, within 0.01 at ℓ = 1024. From ℓ = 4 to 16 (8 in the reduced sample) at ηh = 0.8 \
                 the measured ones have the order of the exact ones there within 0.1 (0.2 in the reduced sample), and up to ℓ = 4 both are the exact ones within 15 %, where a level, of random numbers of its own, differs from the next by a factor of 2. Wrong if they fall otherwise.",
    experiment: run,
    mutations: &[Mutation::SvagRate, Mutation::SvagNoise, Mutation::HeavyBallRate],
};

const RATE: f64 = 0.8;
const BETA: f64 = 0.5;
/// Levels from this one on make the order.
const FIRST: usize = 2;

/// ℓ.
fn levels(laboratory: &Laboratory<'_>) -> Vec<f64> {
    let levels = [1.0, 2.0, 4.0, 8.0, 16.0];
    levels[..laboratory.budget.pick(4, 5, 5)].to_vec()
}

/// SGD and SGDM at level number `level`, of a seed of its own: the order is that of independent numbers.
fn setting(n: u64, level: usize, ell: f64) -> Experiment {
    let noise = Noise::Additive { law: Law::Rademacher, covariance: Covariance::Identity };
    let mut experiment =
        experiment(430 + level as u64, n, Landscape::Diagonal { curvature: vec![1.0] }, &[0.0], noise);
    experiment.runs = [sgd("SGD", RATE, 24), sgdm("SGDM", RATE, BETA, 24)].map(|run| svag(&run, ell)).into();
    experiment
}

/// Exact stationary variance under SVAG(ℓ).
fn settled(beta: f64, ell: f64) -> f64 {
    stationary::sgdm(RATE / ell, beta, 1.0, ell).map_or(f64::NAN, |moments| moments[0])
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let levels = levels(laboratory);
    let n = laboratory.budget.trajectories(1 << 20, 1 << 21);
    let limit = 0.5 * RATE;
    // The error of SGD, and the gap over the same numbers, of which much cancels.
    let mut sums: Vec<[Controlled; 2]> =
        levels.iter().map(|_| [Controlled::new(0), Controlled::new(0)]).collect();
    for ((level, &ell), [error, gap]) in levels.iter().enumerate().zip(&mut sums) {
        laboratory.ends(&setting(n, level, ell), |sample| {
            let (z, x) = (sample.end(0)[0], sample.end(1)[0]);
            error.add(z * z - limit, &[]);
            gap.add(z * z - x * x, &[]);
        })?;
    }
    let mut findings = laboratory.findings("SVAG's error falls like 1/ℓ");
    let mut panel =
        Panel::new("Stationary variance on ½x², ±1 noise", Axis::log("ℓ"), Axis::log("difference in Var x"));
    let names = ["error of SGD, Var x − ηc/2h", "gap between SGD and SGDM, β = 0.5"];
    for (i, name) in names.into_iter().enumerate() {
        let measured: Vec<Estimate> = sums.iter().map(|sums| sums[i].estimate(&[])).collect();
        let other = |ell: f64| if i == 0 { limit } else { settled(BETA, ell) };
        let exact: Vec<f64> = levels.iter().map(|&ell| settled(0.0, ell) - other(ell)).collect();
        let order = |values: &[Estimate]| {
            Line::power_law(&levels[FIRST..], &values[FIRST..]).map_or(Estimate::MISSING, |line| line.slope)
        };
        // Of the exact numbers with the weights of the measured ones.
        let weighted: Vec<Estimate> =
            exact.iter().zip(&measured).map(|(&value, m)| Estimate { value, ..*m }).collect();
        findings.check(
            format!("order in ℓ: {name}"),
            order(&measured),
            Hypothesis::Near {
                expected: order(&weighted).value,
                tolerance: laboratory.budget.pick(0.2, 0.1, 0.1),
            },
        );
        let difference = |ell: f64| settled(0.0, ell) - other(ell);
        findings.check_exact(
            format!("exact order in ℓ from 512 to 1024: {name}"),
            libm::log2(difference(1024.0) / difference(512.0)),
            Hypothesis::Near { expected: -1.0, tolerance: 0.01 },
        );
        for (level, ell) in levels.iter().enumerate().take(FIRST + 1) {
            findings.check(
                format!("{name}, ℓ = {ell}"),
                measured[level],
                Hypothesis::about(exact[level], 0.15),
            );
        }
        let values: Vec<f64> = measured.iter().map(|m| m.value).collect();
        let bars: Vec<f64> = measured.iter().map(|m| 2.0 * m.std_error).collect();
        panel = panel
            .with(Series::error_bars(levels.clone(), values, &bars).label(name).color(Color::cycle(i)))
            .with(Series::theory(levels.clone(), exact).label("exact"));
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
    Ok(findings)
}
