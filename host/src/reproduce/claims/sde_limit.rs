//! MV 3.2 and theorem 3.5: SGD and SGDM share the law of one stochastic differential equation as η → 0 at σ = s/√η.

use crate::experiment::model::{Covariance, Experiment, Landscape, Law, Matrix, Noise};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::distance::{
    batched, directions, sliced_energy, sliced_energy_to_normal, sliced_wasserstein,
};
use crate::statistics::{Estimate, Line};
use crate::theory::limit;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "sde-limit",
    source: "MV 3.2, theorem 3.5",
    statement: "With noise σ = s/√η the laws of SGD and of SGDM at t = kη both go to that of dX = −∇L dt + s dW as η → 0: as whole \
                distributions, whatever the law of the noise.",
    hypothesis: "With ±1 noise, the sliced energy distance squared to the exact normal law on a dense quadratic falls with an order of \
                 at least 1.6 in η and ends below 10⁻³; on a double well that to a fine Euler–Maruyama scheme ends below 10⁻³. Wrong \
                 if either method keeps a distance.",
    experiment: run,
    mutations: &[Mutation::SquaredNoise, Mutation::HeavyBallRate, Mutation::HalfTheSteps],
};

const BETA: f64 = 0.5;
const SCALE: f64 = 0.8;
/// Batches whose scatter is the error of a distance, where that is many times the error.
const BATCHES: usize = 32;
/// So many that Student's interval is right where the laws are nearly equal and a batch's distance is skewed.
const MANY: usize = 200;

/// Both methods for t = 1.
fn pair(mut experiment: Experiment, eta: f64) -> Experiment {
    let (steps, sigma) = ((1.0 / eta) as u64, SCALE / eta.sqrt());
    experiment.runs = vec![
        with_noise(sgd("SGD", eta, steps), sigma),
        with_noise(sgdm("SGDM, β = 0.5", eta, BETA, steps), sigma),
    ];
    experiment
}

fn rademacher() -> Noise {
    Noise::Additive { law: Law::Rademacher, covariance: Covariance::Identity }
}

/// Final states of every run.
fn final_states(laboratory: &Laboratory<'_>, experiment: &Experiment) -> Result<Vec<Vec<f64>>, Failure> {
    let mut states = vec![Vec::new(); experiment.runs.len()];
    laboratory.ends(experiment, |sample| {
        for (run, states) in states.iter_mut().enumerate() {
            states.extend(sample.end(run));
        }
    })?;
    Ok(states)
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("SGD and SGDM have one limit in law (MV theorem 3.5)");
    quadratic(laboratory, &mut findings)?;
    double_well(laboratory, &mut findings)?;
    Ok(findings)
}

/// Distances of both runs at each rate.
type Distances = [Vec<(Estimate, f64)>; 2];

fn quadratic(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(32_768, 131_072);
    let matrix = Matrix { rows: 2, columns: 2, entries: vec![1.0, 0.3, 0.3, 0.5] };
    let base = experiment(36, n, Landscape::Dense { hessian: matrix }, &[1.5, -1.0], rademacher());
    let axes = directions(2, 12);
    let rates = laboratory.budget.pick(
        [4, 8, 16, 32].to_vec(),
        [4, 8, 16, 32, 64].to_vec(),
        [4, 8, 16, 32, 64, 128].to_vec(),
    );
    let rates: Vec<f64> = rates.into_iter().map(|k| 1.0 / f64::from(k)).collect();
    let mut distances: Distances = [Vec::new(), Vec::new()];
    let (mut apart, mut ends) = (Vec::new(), Vec::new());
    for &eta in &rates {
        let experiment = pair(base.clone(), eta);
        let law =
            limit::limit(&experiment, &experiment.runs[0]).map_err(|e| Failure::Fault(e.to_string()))?;
        let covariance: Vec<f64> =
            law.covariance.iter().flat_map(|c| c.transpose().as_slice().to_vec()).collect();
        let states = final_states(laboratory, &experiment)?;
        for (distances, states) in distances.iter_mut().zip(&states) {
            distances.push(batched(states, &[0.0; 2 * BATCHES], 2, BATCHES, |x, _| {
                sliced_energy_to_normal(x, &law.mean, &covariance, &axes)
            }));
        }
        let many = |states: &Vec<f64>| {
            batched(states, &[0.0; 2 * MANY], 2, MANY, |x, _| {
                sliced_energy_to_normal(x, &law.mean, &covariance, &axes)
            })
        };
        ends = states.iter().map(many).collect();
        apart.push(sliced_wasserstein(&states[0], &states[1], &axes));
    }
    let mut panel =
        Panel::new("Dense quadratic, to the exact law", Axis::log("η"), Axis::log("sliced energy distance²"));
    let last = rates.len() - 1;
    for (i, (name, distances)) in ["SGD", "SGDM, β = 0.5"].into_iter().zip(&distances).enumerate() {
        findings.check_batches(
            format!("quadratic, {name}: distance² at η = 1/{}", 1.0 / rates[last]),
            ends[i],
            Hypothesis::AtMost(1e-3),
        );
        // The last ones may be lost in their errors.
        let seen = distances.iter().take_while(|(d, _)| d.value > 6.0 * d.std_error).count();
        let estimates: Vec<Estimate> = distances.iter().map(|(d, _)| *d).collect();
        let order =
            Line::power_law(&rates[..seen], &estimates[..seen]).map_or(Estimate::MISSING, |line| line.slope);
        findings.check(format!("quadratic, {name}: order of the distance²"), order, Hypothesis::AtLeast(1.6));
        panel = with_errors(panel, name, i, &rates, &estimates);
    }
    panel = panel
        .with(Series::line(rates.clone(), apart).label("SGD to SGDM, sliced W₂²").color(Color::cycle(2)));
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
    Ok(())
}

fn with_errors(panel: Panel, name: &str, color: usize, x: &[f64], y: &[Estimate]) -> Panel {
    let values: Vec<f64> = y.iter().map(|y| y.value).collect();
    let errors: Vec<f64> = y.iter().map(|y| 2.0 * y.std_error).collect();
    panel.with(Series::error_bars(x, values, &errors).label(name).color(Color::cycle(color)))
}

fn double_well(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(131_072, 131_072);
    let landscape = || Landscape::DoubleWell { width: 1.0 };
    // Euler and Maruyama's scheme is SGD with normal noise; a seed of its own makes it independent.
    let normal = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity };
    let fine = pair(experiment(37, n, landscape(), &[0.3], normal), 1.0 / 1024.0);
    // What it is held against is not part of the program under test.
    let reference =
        final_states(&laboratory.faultless(), &Experiment { runs: fine.runs[..1].to_vec(), ..fine.clone() })?
            .remove(0);
    let base = experiment(38, n, landscape(), &[0.3], rademacher());
    let rates: Vec<f64> = [4, 8, 16, 32, 64].iter().map(|&k| 1.0 / f64::from(k)).collect();
    let mut distances: Distances = [Vec::new(), Vec::new()];
    let mut ends = Vec::new();
    for &eta in &rates {
        let states = final_states(laboratory, &pair(base.clone(), eta))?;
        let distance = |states: &Vec<f64>, batches: usize| {
            batched(states, &reference, 1, batches, |x, y| sliced_energy(x, y, &[vec![1.0]]))
        };
        for (distances, states) in distances.iter_mut().zip(&states) {
            distances.push(distance(states, BATCHES));
        }
        ends = states.iter().map(|states| distance(states, MANY)).collect();
    }
    let mut panel =
        Panel::new("Double well, to a fine scheme", Axis::log("η"), Axis::log("energy distance²"));
    for (i, (name, distances)) in ["SGD", "SGDM, β = 0.5"].into_iter().zip(&distances).enumerate() {
        findings.check_batches(
            format!("double well, {name}: distance² at η = 1/64"),
            ends[i],
            Hypothesis::AtMost(1e-3),
        );
        findings.check_batches(
            format!("double well, {name}: distance² at η = 1/4, which can be told"),
            distances[0],
            Hypothesis::AtLeast(1e-3),
        );
        let estimates: Vec<Estimate> = distances.iter().map(|(d, _)| *d).collect();
        panel = with_errors(panel, name, i, &rates, &estimates);
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel).columns(2);
    Ok(())
}
